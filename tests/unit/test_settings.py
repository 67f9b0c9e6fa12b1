"""The environment's words for logging in to Salesforce: one way, wholly, or a sentence that says what is wrong."""

from pathlib import Path

import pytest

from tasks.core.errors import SettingsError
from tasks.session import open_session
from tasks.settings import Settings

NAMES = ("URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "JWT_KEY", "USERNAME")
PEM = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing of Salesforce but where it is, and which app we are."""
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path))
    for name in NAMES:
        monkeypatch.delenv(f"SALESFORCE_{name}", raising=False)
    monkeypatch.setenv("SALESFORCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("SALESFORCE_CLIENT_ID", "app")
    return monkeypatch


def check(environment: pytest.MonkeyPatch, **given: str) -> None:
    for name, value in given.items():
        environment.setenv(f"SALESFORCE_{name}", value)
    with open_session() as session:
        session.check_settings(["salesforce"])


@pytest.mark.parametrize(
    "given",
    [
        {"CLIENT_SECRET": "s"},
        {"REFRESH_TOKEN": "r"},
        {"REFRESH_TOKEN": "r", "CLIENT_SECRET": "s"},
        {"JWT_KEY": PEM, "USERNAME": "me@x.example"},
        {"JWT_KEY": PEM, "USERNAME": "me@x.example", "CLIENT_SECRET": "s"},
    ],
)
def test_each_way_to_log_in_is_enough(environment: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    check(environment, **given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Set SALESFORCE_CLIENT_SECRET in the environment"),
        ({"JWT_KEY": PEM}, "Set SALESFORCE_USERNAME in the environment"),
        ({"USERNAME": "me@x.example", "CLIENT_SECRET": "s"}, "SALESFORCE_USERNAME goes with SALESFORCE_JWT_KEY"),
        (
            {"REFRESH_TOKEN": "r", "JWT_KEY": PEM, "USERNAME": "me@x.example"},
            "SALESFORCE_REFRESH_TOKEN and SALESFORCE_JWT_KEY are two ways to log in: unset one",
        ),
        ({"JWT_KEY": "/nowhere/key.pem", "USERNAME": "me@x.example"}, "SALESFORCE_JWT_KEY names no key file"),
    ],
)
def test_a_combination_that_makes_no_sense_is_named(
    environment: pytest.MonkeyPatch, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        check(environment, **given)


def test_a_key_is_given_as_such_on_one_line_or_by_its_path(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(PEM)
    for given in (PEM, PEM.replace("\n", "\\n"), str(path)):
        environment.setenv("SALESFORCE_JWT_KEY", given)
        key = Settings.load().key("SALESFORCE_JWT_KEY")
        assert key is not None
        assert key.get_secret_value() == PEM
        assert "abc" not in repr(key)
