"""Credentials as Prefect keeps them: block types for the three systems and the ledger, and what is saved in them.

`prefect block register --module tasks.blocks` makes the types known to a server; documents of them are filled in there.
Imported only where Prefect is in charge.
"""

from collections.abc import Mapping
from typing import Any

from prefect import get_client
from prefect.blocks.core import Block
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import Field, SecretStr

from tasks.core.errors import SettingsError

NAME = "tandem"  # of the documents that hold the systems' credentials


class Salesforce(Block):
    """A connected app of one org. It needs one way to log in: a secret, a refresh token, or a key with a user name."""

    _block_type_name = "Tandem Salesforce"
    _block_type_slug = "tandem-salesforce"

    url: str = Field(description="The org's My Domain: https://….my.salesforce.com")
    client_id: str = Field(description="The connected app's consumer key")
    client_secret: SecretStr | None = Field(default=None, description="Its consumer secret")
    refresh_token: SecretStr | None = Field(default=None, description="Or a refresh token of the app")
    jwt_key: SecretStr | None = Field(default=None, description="Or the private key of its certificate, as PEM")
    username: str | None = Field(default=None, description="The user as whom the key logs in")


class HubSpot(Block):
    """A service key or private app of one portal."""

    _block_type_name = "Tandem HubSpot"
    _block_type_slug = "tandem-hubspot"

    url: str = Field(default="https://api.hubapi.com", description="Where HubSpot's API is")
    token: SecretStr = Field(description="The service key, or the private app's token")
    api_version: str | None = Field(default=None, description="The API's version, such as 2026-09, or v3")


class Aloware(Block):
    """An account's API token, and where its exports are."""

    _block_type_name = "Tandem Aloware"
    _block_type_slug = "tandem-aloware"

    url: str = Field(description="The account's host")
    token: SecretStr = Field(description="The API token of its Integrations page")
    contacts_export: str | None = Field(default=None, description="Path or URL of the contacts export")
    communications_export: str | None = Field(default=None, description="Path or URL of the communications export")
    catalogue_url: str | None = Field(default=None, description="Only where the dispositions can be written")


class Ledger(Block):
    """Where Tandem's memory is."""

    _block_type_name = "Tandem Ledger"
    _block_type_slug = "tandem-ledger"

    database_url: SecretStr = Field(description="postgresql://user:password@host/name")


SYSTEMS: dict[str, type[Block]] = {"SALESFORCE": Salesforce, "HUBSPOT": HubSpot, "ALOWARE": Aloware}


def credentials(api_url: str, system: str) -> dict[str, str]:
    """What is saved for that system ("SALESFORCE" …), by the names of the variables; nothing where nothing is.

    Raises SettingsError where the server doesn't answer.
    """
    saved = _saved(api_url, SYSTEMS[system], NAME)
    return {f"{system}_{name.upper()}": str(value) for name, value in saved.items() if value}


def database(api_url: str, name: str) -> str:
    """The ledger's address in the document of that name. Raises SettingsError where there is none."""
    saved = _saved(api_url, Ledger, name)
    if not saved.get("database_url"):
        raise SettingsError(f"TANDEM_DATABASE_URL names the block {name}, which Prefect doesn't have: save it there.")
    return str(saved["database_url"])


def _saved(api_url: str, kind: type[Block], name: str) -> Mapping[str, Any]:
    """What that document has; nothing where there is none, or where the types were never registered."""
    with temporary_settings({PREFECT_API_URL: api_url}), get_client(sync_client=True) as client:
        if client.api_healthcheck() is not None:
            raise SettingsError(
                "Prefect, whose blocks may have what the environment lacks, does not answer at PREFECT_API_URL: start "
                "its server, or set the variables and unset this one."
            )
        try:
            return client.read_block_document_by_name(name, kind.get_block_type_slug()).data
        except ObjectNotFound:
            return {}
