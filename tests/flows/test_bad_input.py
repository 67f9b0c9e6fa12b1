"""What goes wrong before or beside the work, through the `tandem` command: an exit code, one sentence that names the
next step, no traceback, no secret, and a ledger that is exactly what it was."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from flows.cli.command import run
from tasks.session import open_session
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Office, connected, impatient, number, office

TRIED = (
    "alembic_version",
    "lease",
    "runs",
    "snapshots",
    "journal",
)  # tables that say what was tried, not what is known


@pytest.fixture(scope="module")
def steady_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("steady"), people=20) as running:
        yield running


@pytest.fixture
def steady(steady_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A connected office in which everybody agrees, and systems that one gives up on after a moment."""
    impatient(monkeypatch)
    return steady_office.entered(monkeypatch)


class Refusals:
    """Runs commands that must fail, and looks at how they do."""

    def __init__(self, office: Office, captured: pytest.CaptureFixture[str]) -> None:
        self._office, self._captured = office, captured

    def __call__(self, command: str, code: int, *words: str) -> str:
        """The sentence said: it holds those words, and nothing was learned or begun."""
        before = known(self._office)
        self._captured.readouterr()
        assert run(command.split()) == code
        out, said = self._captured.readouterr()
        assert out == ""
        assert len(said.strip().splitlines()) == 1, said
        assert "Traceback" not in said
        assert said.rstrip().endswith((".", "!", "?")), said
        for name in ("SALESFORCE_CLIENT_SECRET", "HUBSPOT_TOKEN", "ALOWARE_TOKEN"):
            assert self._office.environment[name] not in said
        for word in words:
            assert word.lower() in said.lower(), said
        assert known(self._office) == before
        return said


def known(office: Office) -> list[str]:
    """All that the ledger holds, save what was tried."""
    if not office.home.exists():
        return []
    with office.database() as connection:
        tables = sorted(set(inspect(connection).get_table_names()) - set(TRIED))
        rows = ((name, row) for name in tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}"))
        return sorted(f"{name}: {row}" for name, row in rows)


@pytest.fixture
def refuses(steady: Office, capsys: pytest.CaptureFixture[str]) -> Refusals:
    return Refusals(steady, capsys)


Edit = Callable[[str], str]


class TestThePolicy:
    @pytest.mark.parametrize(
        ("edit", "words"),
        [
            (lambda text: text.replace("priority =", "priorty ="), ("priorty", "[salesforce]")),
            (lambda text: text.replace('priority = "contact"', 'priority = "account"'), ("priority", "account")),
            (lambda text: text + "\n[fields.email", ("TOML",)),
            (lambda text: text + '\n[fields.other]\nhubspot = "email"\n', ("email", "twice", "fields.other")),
            (lambda text: text + '\n[fields.other]\nhubspot = "shoe_size"\n', ("shoe_size", "tandem mapping")),
            (lambda text: text.replace("[fields.phone]", "[fields.phon]\nx = 1\n[fields.phone]"), ("fields.phon",)),
            (
                lambda text: text.replace('modules = ["contacts", "leads"]', 'modules = ["leads"]'),
                ("priority", "contact", "a module that is off"),
            ),
            (
                lambda text: text.replace("[fields.email]", '[fields.email]\nrule = "newest"'),
                ("fields.email.rule", "newest", "priority, recency, rank, hold"),
            ),
            (
                lambda text: text.replace("[fields.email]", '[fields.email]\ndirection = "two-way"'),
                ("fields.email", "two-way", "inbound", "tandem direction salesforce.update two-way"),
            ),
            (
                lambda text: text + '\n[fields.vip]\ntype = "boolean"\ncontact = "Birthdate"\n',
                ("fields.vip", "Birthdate", "date", "boolean", "tandem mapping"),
            ),
            (
                lambda text: text + '\n[fields.fax]\ntype = "phone"\ncontact = "DoNotCall"\n',
                ("fields.fax", "DoNotCall", "boolean", "phone"),
            ),
            (
                lambda text: text + '\n[fields.stage]\ntype = "status"\nlead = "Status"\n',
                ("fields.stage", "status", "lead"),
            ),
            (
                lambda text: text + '\n[hubspot.where]\nshoe_size = ["42"]\n',
                ("shoe_size", "where", "hubspot", "tandem mapping"),
            ),
            (
                lambda text: text.replace('priority = "contact"', 'priority = "contact"\naccount = "005000000000001"'),
                ("[salesforce] account", "001"),
            ),
            (
                lambda text: text.replace("\nsalesforce = 0.2 ", "\nsalesforce = 0 "),
                ("[budgets] salesforce = 0.0", "above 0"),
            ),
        ],
        ids=[
            "unknown key",
            "bad value",
            "not TOML",
            "mapped twice",
            "no such property",
            "unknown key of a field",
            "priority of a module that is off",
            "unknown survivor rule",
            "two-way in an inbound scope",
            "boolean on a date",
            "phone on a checkbox",
            "status in Salesforce",
            "scope by an unknown property",
            "an account that is a user",
            "a budget of zero",
        ],
    )
    def test_that_cannot_be_carried_out_is_refused_by_name(
        self, edit: Edit, words: tuple[str, ...], refuses: Refusals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        policy = tmp_path / "policy.toml"
        policy.write_text(edit(DEFAULT_POLICY.read_text(encoding="utf-8")), encoding="utf-8")
        monkeypatch.setenv("TANDEM_POLICY", str(policy))
        refuses("reconcile", 10, *words)

    def test_that_is_not_there_is_refused(self, refuses: Refusals, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TANDEM_POLICY", "/nowhere/policy.toml")
        refuses("plan", 10, "TANDEM_POLICY")

    def test_is_judged_before_anything_is_connected(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "policy.toml").write_text("[salesforce]\nfoo = 1", encoding="utf-8")
        monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
        monkeypatch.delenv("TANDEM_DATABASE_URL", raising=False)
        monkeypatch.setenv("TANDEM_POLICY", str(tmp_path / "policy.toml"))
        assert run(["reconcile"]) == 10
        assert "foo" in capsys.readouterr().err
        monkeypatch.delenv("TANDEM_POLICY")
        assert run(["reconcile"]) == 2
        assert "tandem connect" in capsys.readouterr().err


class TestSettings:
    @pytest.mark.parametrize("missing", ["SALESFORCE_CLIENT_SECRET", "HUBSPOT_TOKEN", "ALOWARE_URL"])
    def test_missing_credentials_are_named(
        self, missing: str, refuses: Refusals, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(missing, "")
        refuses("plan", 10, f"Set {missing}")

    @pytest.mark.parametrize("variable", ["SALESFORCE_URL", "HUBSPOT_URL", "ALOWARE_URL", "ALOWARE_CATALOGUE_URL"])
    def test_plain_http_is_for_loopback_only(
        self, variable: str, refuses: Refusals, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, "http://api.example.com")
        refuses("plan", 10, variable, "https://")

    def test_a_bad_timeout_is_refused(self, refuses: Refusals, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TANDEM_HTTP_TIMEOUT", "soon")
        refuses("plan", 10, "TANDEM_HTTP_TIMEOUT")

    def test_a_ledger_from_a_newer_version_is_left_alone(self, refuses: Refusals, steady: Office) -> None:
        with steady.database() as database:
            version = database.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            database.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        refuses("plan", 10, "newer", "pgrade")
        with steady.database() as database:
            database.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


class TestSystems:
    @pytest.mark.parametrize(
        ("variable", "system"),
        [("SALESFORCE_CLIENT_SECRET", "Salesforce"), ("HUBSPOT_TOKEN", "HubSpot"), ("ALOWARE_TOKEN", "Aloware")],
    )
    def test_a_wrong_token_is_refused_by_the_system(
        self, variable: str, system: str, refuses: Refusals, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, "wrong-and-secret")
        said = refuses("reconcile", 11, system, variable)
        assert "wrong-and-secret" not in said

    @pytest.mark.parametrize("variable", ["SALESFORCE_URL", "HUBSPOT_URL", "ALOWARE_URL"])
    def test_one_that_cannot_be_reached_stops_the_run(
        self, variable: str, refuses: Refusals, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        refuses("reconcile", 11, "could not be reached", "check the URL")

    @pytest.mark.parametrize("variable", ["SALESFORCE_URL", "HUBSPOT_URL", "ALOWARE_URL"])
    def test_a_web_page_where_json_was_due_is_no_answer(
        self, variable: str, refuses: Refusals, steady: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Aloware answers any path it doesn't know with a page and status 200."""
        monkeypatch.setenv(variable, f"{steady.environment['ALOWARE_URL']}/nowhere")
        refuses("reconcile", 11, "HTML", "check the URL")

    def test_an_unknown_system_and_one_that_was_never_connected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with office(tmp_path) as fresh:
            refuses = Refusals(fresh, capsys)
            refuses("connect pipedrive", 2, "salesforce, hubspot, aloware")
            refuses("pause hubspot", 2, "tandem connect hubspot")
            refuses("direction hubspot.update two-way", 2, "tandem connect hubspot")

    def test_a_first_connection_that_fails_leaves_nothing_connected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with office(tmp_path) as fresh:
            with monkeypatch.context() as patch:
                patch.setenv("HUBSPOT_TOKEN", "wrong-and-secret")
                Refusals(fresh, capsys)("connect hubspot", 11, "HUBSPOT_TOKEN")
            Refusals(fresh, capsys)("plan", 2, "tandem connect")
            assert run(["connect", "hubspot"]) == 0


class TestWords:
    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("direction hubspot.disposition outbound", ("outbound", "two-way")),
            ("direction hubspot.everything two-way", ("hubspot.disposition",)),
            ("apply p-unknown", ("p-unknown", "tandem ")),
            ("show p-unknown", ("p-unknown", "tandem ")),
            ("pull salesforce accounts", ("tandem pull --help",)),
            ("plan --only nobody", ("--only",)),
            ("reconcil", ("tandem --help",)),
            ("undo r-unknown", ("r-unknown", "tandem status")),
        ],
    )
    def test_that_mean_nothing_here_are_a_usage_error(
        self, command: str, words: tuple[str, ...], refuses: Refusals
    ) -> None:
        refuses(command, 2, *words)

    def test_a_plan_is_applied_once(self, refuses: Refusals, steady: Office) -> None:
        phone = number()
        steady.person.create_in_salesforce("Contact", LastName="Once", Phone=phone)
        assert run(["plan"]) == 0
        with open_session() as session:
            plan = session.ledger.plans.recent(1)[0].id
        assert run(["apply", plan]) == 0
        steady.person.forget_requests()
        refuses(f"apply {plan}", 2, "applied already", "tandem plan")
        assert steady.person.writes() == []


class TestASystemThatLostItsRecords:
    def test_is_not_believed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with connected(tmp_path, people=20) as emptied:
            before = emptied.person.aloware_numbers()
            for name in ("Contact", "Lead"):
                emptied.person.delete_all_in_salesforce(name)
            emptied.person.forget_requests()
            assert [run(["reconcile"]), run(["reconcile", "--initial"])] == [20, 20]
            assert "salesforce.shrunk-snapshot" in capsys.readouterr().out
            assert emptied.person.writes() == []
            assert emptied.person.aloware_numbers() == before


class TestTwoRunsAtOnce:
    def test_the_second_is_told_who_holds_the_ledger_and_takes_over_when_that_one_is_killed(
        self, refuses: Refusals, steady: Office
    ) -> None:
        steady.person.break_next("hubspot", "timeout", "/contacts")
        phone = number()
        steady.person.create_in_salesforce("Contact", LastName="Waits", Phone=phone)
        tandem = [sys.executable, "-c", "from flows.cli import main; main()", "reconcile"]
        steady.person.forget_requests()
        first = subprocess.Popen(tandem, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while steady.running.world.faults.pending and first.poll() is None:
                threading.Event().wait(0.02)
            refuses("reconcile", 23, "another run holds the ledger", str(first.pid), "since")
            with open_session(read_only=True) as session:
                at_work = session.ledger.lease.holder(session.now())
                latest = session.ledger.runs.latest()
            assert latest is not None
            assert latest.id == at_work, "the one that was refused is no run"
        finally:
            first.kill()
            first.wait()
        assert run(["reconcile"]) == 0
        assert steady.contact(phone)["last_name"] == "Waits"
