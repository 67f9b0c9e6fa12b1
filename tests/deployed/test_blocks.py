"""Credentials in Prefect's blocks: registered and filled in there, read where the environment lacks them."""

from collections.abc import Iterator

import pytest

from flows.cli.command import run
from flows.connections import connect
from tasks.core.errors import ConnectorError, SettingsError
from tasks.session import open_session
from tasks.settings import INBOX, VARIABLES, Settings
from tests.deployed.town import Town
from tests.flows.worlds import Office, office

pytestmark = pytest.mark.prefect
SLUGS = ("tandem-aloware", "tandem-hubspot", "tandem-ledger", "tandem-salesforce")


@pytest.fixture(scope="module")
def saved(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose credentials are in blocks of that server, filled in as its forms do."""
    home = tmp_path_factory.mktemp("saved")
    with office(home) as made:
        town = Town(prefect_server, made.environment | {"PREFECT_API_URL": prefect_server}, made.running, {})
        told = town.prefect("block", "register", "--module", "tasks.blocks")
        assert "Successfully registered 4 blocks" in told
        fill_in(prefect_server, "HubSpot", url=value(made, "HUBSPOT_URL"), token=value(made, "HUBSPOT_TOKEN"))
        salesforce = {name: value(made, f"SALESFORCE_{name.upper()}") for name in ("url", "client_id", "client_secret")}
        fill_in(prefect_server, "Salesforce", **salesforce)
        fill_in(prefect_server, "Ledger", database_url=f"sqlite:///{home}/elsewhere.db")
        yield made


@pytest.fixture
def desk(saved: Office, prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Office:
    """That office's operator, who has exported nothing but where the server, the home and the ledger's block are."""
    saved.entered(monkeypatch)
    for name in VARIABLES:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    monkeypatch.setenv("TANDEM_DATABASE_URL", "prefect://tandem")
    return saved


def value(made: Office, variable: str) -> str:
    system, key = VARIABLES[variable]
    return str(made.running.ready[system][key])


def fill_in(server: str, kind: str, **values: str) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks import blocks

    with temporary_settings({PREFECT_API_URL: server}):
        getattr(blocks, kind)(**values).save("tandem", overwrite=True)


def test_what_the_environment_lacks_comes_from_the_blocks(desk: Office, saved: Office) -> None:
    """And the ledger is where its block says."""
    assert connect("hubspot").account == "44237313"
    assert connect("salesforce").account.startswith("00D")
    assert (desk.home.parent / "elsewhere.db").exists()
    assert not (desk.home / "tandem.db").exists()


def test_the_environment_wins_variable_by_variable(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_TOKEN", "pat-na1-old")
    with pytest.raises(ConnectorError, match="HUBSPOT_TOKEN"):
        connect("hubspot")


def test_a_secret_that_is_changed_in_its_block_is_used_by_the_next_command(desk: Office, prefect_server: str) -> None:
    url, token = value(desk, "HUBSPOT_URL"), value(desk, "HUBSPOT_TOKEN")
    fill_in(prefect_server, "HubSpot", url=url, token="pat-na1-not-yet")
    with pytest.raises(ConnectorError):
        connect("hubspot")
    fill_in(prefect_server, "HubSpot", url=url, token=token)
    assert connect("hubspot").account == "44237313"


def test_what_is_nowhere_is_named(desk: Office) -> None:
    with pytest.raises(SettingsError, match="Set ALOWARE_URL and ALOWARE_TOKEN in the environment"):
        connect("aloware")


def test_no_other_ledger_is_taken_when_the_block_is_out_of_reach(
    desk: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANDEM_DATABASE_URL", "prefect://other")
    assert run(["status"]) == 10
    assert "names the block other" in capsys.readouterr().err
    monkeypatch.setenv("TANDEM_DATABASE_URL", "prefect://tandem")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert run(["status"]) == 10
    assert "does not answer at PREFECT_API_URL" in capsys.readouterr().err
    assert not (desk.home / "tandem.db").exists()


def test_secrets_show_in_no_page_of_the_server(desk: Office, prefect_server: str) -> None:
    from prefect import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: prefect_server}), get_client(sync_client=True) as client:
        known = {slug: client.read_block_type_by_slug(slug) for slug in SLUGS}
        document = client.read_block_document_by_name("tandem", "tandem-hubspot", include_secrets=False)
    assert all(kind is not None for kind in known.values())
    assert value(desk, "HUBSPOT_TOKEN") not in str(document.data)


def test_with_a_whole_environment_no_server_is_asked(saved: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    saved.entered(monkeypatch)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with open_session(read_only=True) as session:
        session.check_settings()
        assert session.settings.optional("ALOWARE_CATALOGUE_URL")


def test_the_listener_asks_no_server_for_its_passwords(saved: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is posted while Prefect is down never comes again: the inbox must open all the same."""
    saved.entered(monkeypatch)
    for name in VARIABLES:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    settings = Settings.load()
    assert not any(settings.optional(name) for name in INBOX)
