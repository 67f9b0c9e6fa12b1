"""Hands, their keys: how each system is reached. Secrets never show in a repr, a log or a message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

HUBSPOT_API = "2026-09"  # the version of its API that we speak unless told otherwise


@dataclass(frozen=True)
class SalesforceLogin:
    """A connected app; `url` is the org's My Domain.

    With a secret alone it logs in as itself (client credentials), with a refresh token as whoever gave it, with a key
    (PEM) as `username`.
    """

    url: str
    client_id: str
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    jwt_key: SecretStr | None = None
    username: str = ""
    allow_duplicates: bool = False  # save what a duplicate rule only warns about


@dataclass(frozen=True)
class HubSpotLogin:
    """A service key or a private app's token, which HubSpot takes alike. `api_version` is a date, or `v3`."""

    url: str
    token: SecretStr
    api_version: str = HUBSPOT_API


@dataclass(frozen=True)
class AlowareLogin:
    """An API token, and where the exports and a writable catalogue are, if there are any.

    `export`, of contacts, is a path or a URL; `export_columns` maps our names (write names, `id`, `created_at`,
    `updated_at`) to its headers; `export_as_of` says when it was made, in place of what its file says. `communications`
    and its columns likewise. `timezone` is the account's zone, in which the exports' times are written.
    """

    url: str
    token: SecretStr
    catalogue_url: str | None = None
    export: str | None = None
    export_columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "America/New_York"
    export_as_of: datetime | None = None
    communications: str | None = None
    communications_columns: Mapping[str, str] = field(default_factory=dict)
    calls_per_minute: int = 4000


Login = SalesforceLogin | HubSpotLogin | AlowareLogin
