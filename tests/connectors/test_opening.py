"""Opening a connector sends nothing, refuses unsafe addresses by their variable, and hides the secrets."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from tasks.connectors.logins import AlowareLogin, HubSpotLogin, Login, SalesforceLogin
from tasks.connectors.opening import catalogue, open_connector
from tasks.connectors.read_only import ReadOnly
from tasks.core.errors import SettingsError, UsageError
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Capability, Disposition

SECRET = SecretStr("s3cr3t")
LOGINS: dict[str, Login] = {
    SALESFORCE: SalesforceLogin("https://org.example/", "id", SECRET),
    HUBSPOT: HubSpotLogin("https://hub.example", SECRET),
    ALOWARE: AlowareLogin("https://alo.example/", SECRET, "https://alo.example/catalogue"),
}


@pytest.mark.parametrize("system", LOGINS)
def test_opening_sends_nothing(system: str) -> None:
    connector = open_connector(LOGINS[system], {})
    assert connector.system == system
    assert connector.calls == {"read": 0, "write": 0}
    connector.close()


@pytest.mark.parametrize("system", LOGINS)
def test_an_unsafe_address_is_refused_by_its_variable(system: str) -> None:
    with pytest.raises(SettingsError, match=f"{system.upper()}_URL"):
        open_connector(replace(LOGINS[system], url="http://far.example"), {})


@pytest.mark.parametrize(
    ("field", "variable"),
    [
        ("catalogue_url", "ALOWARE_CATALOGUE_URL"),
        ("export", "ALOWARE_CONTACTS_EXPORT"),
        ("communications", "ALOWARE_COMMUNICATIONS_EXPORT"),
    ],
)
def test_aloware_s_other_addresses_are_checked_too(field: str, variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        open_connector(replace(LOGINS[ALOWARE], **{field: "http://far.example/x"}), {})


@pytest.mark.parametrize("login", LOGINS.values())
def test_secrets_do_not_show(login: Login) -> None:
    assert "s3cr3t" not in repr(login)


def test_read_only_guards_the_catalogue() -> None:
    guarded = ReadOnly(open_connector(LOGINS[ALOWARE], {}))
    book = catalogue(guarded)
    assert Capability.CATALOGUE in guarded.capabilities
    assert book is not None
    with pytest.raises(UsageError, match="reading only"):
        book.save_disposition(Disposition("", "New"))
    assert guarded.calls == {"read": 0, "write": 0}
