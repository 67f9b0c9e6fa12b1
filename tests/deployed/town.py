"""A sandbox town whose Tandem is deployed to a real Prefect server (`prefect_server` and `town` are in `conftest`).

Prefect is imported only inside functions: it reads its settings when it is imported, and others have no use for it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import pytest

from flows.children import Child, free_port
from flows.connections import connect
from flows.deployed import POOL, deploy, listener, worker
from tasks.sandbox.acting import Person, subscribe
from tasks.sandbox.server import Ready, sandbox
from tasks.settings import VARIABLES, own_prefect_environment
from tests.unit.ledgers import create_ledger

CHECKOUT = Path(__file__).parents[2]
PREFECT = (sys.executable, "-m", "prefect", "--no-prompt")
T = TypeVar("T")
PATIENCE = 120.0  # seconds; a run of 30 people takes ten, and a minute on a busy machine


def eventually(read: Callable[[], T], right: Callable[[T], bool]) -> T:
    """What is read once it is right: Prefect's server learns of task runs and log lines a moment after they were."""
    deadline = time.monotonic() + PATIENCE
    while not right(found := read()):
        assert time.monotonic() < deadline, f"still {found}"
        time.sleep(0.1)
    return found


@contextmanager
def deployed(server: str, home: Path) -> Iterator["Town"]:
    """Thirty people in three systems, all connected; deployed as the checkout says."""
    with sandbox(people=30) as running:
        mine = {
            "TANDEM_HOME": str(home / "tandem"),
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            **{name: running.ready[system][key] for name, (system, key) in VARIABLES.items()},
        }
        if ledger := create_ledger():
            mine["TANDEM_DATABASE_URL"] = ledger
        town = Town(server, own_prefect_environment(mine | {"PREFECT_API_URL": server}), running, mine)
        with town.at_its_desk():
            for system in ("salesforce", "hubspot", "aloware"):
                connect(system)
        _open_pool(server)
        deploy(town.environment)
        town.prefect("deployment", "schedule", "pause", "--all")  # a quarter of an hour may strike any moment
        yield town


def _open_pool(server: str) -> None:
    from tasks import work_pool

    work_pool.open_pool(server, POOL)


@dataclass(frozen=True)
class Town:
    """Where it all runs. `environment` is an operator's: that of the worker and of every command; `variables` are those
    of it that are the town's own."""

    url: str
    environment: dict[str, str]
    sandbox: Ready
    variables: dict[str, str]

    @contextmanager
    def at_its_desk(self) -> Iterator[None]:
        """This process has the town's variables, until the block ends."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.variables.items():
                patch.setenv(name, value)
            yield

    def prefect(self, *words: str) -> str:
        """What Prefect's own command prints."""
        done = subprocess.run(
            [*PREFECT, *words], cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tandem(self, *words: str, **changed: str) -> "subprocess.CompletedProcess[str]":
        """The `tandem` command, with those variables changed."""
        program = [sys.executable, "-c", "from flows.cli import main; main()", *words]
        environment = self.environment | changed
        return subprocess.run(program, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    @contextmanager
    def working(self, **changed: str) -> Iterator[Child]:
        """A process worker, with those variables changed, until the block ends."""
        with worker(self.environment | changed, self._log("worker")) as started:
            yield started

    @contextmanager
    def listening(self) -> Iterator[None]:
        """`tandem listen`, which Aloware tells of all that happens, until the block ends."""
        port, password = free_port(), "let me in"
        environment = self.environment | {"TANDEM_INBOX_BEARER": password}
        with listener(port, environment, self._log("listener")):
            subscribe(self.sandbox.control, f"http://127.0.0.1:{port}/aloware", password)
            yield

    def _log(self, name: str) -> Path:
        return Path(self.environment["PREFECT_HOME"]).with_name(f"{name}.log")

    def call(self, phone: str) -> str:
        """Somebody with that number is called; the communication's id."""
        contact = next(c["id"] for c in self._control("GET", "/aloware/contacts") if c["phone_number"] == phone)
        sent = {"contact_id": contact, "type": "call", "direction": "outbound", "talk_time": 63}
        return str(self._control("POST", "/aloware/communications", sent)["id"])

    def in_both(self) -> list[str]:
        """Numbers that one Contact, no Lead and one Aloware contact have."""
        person = Person(self.sandbox.control, self.sandbox.ready)
        contacts, leads = (person.ask_salesforce(f"SELECT Phone FROM {name}") for name in ("Contact", "Lead"))
        numbers = [row["Phone"] for row in contacts]
        known = {c["phone_number"] for c in self._control("GET", "/aloware/contacts")}
        taken = {row["Phone"] for row in leads}
        person.close()
        return [number for number in numbers if number in known - taken and numbers.count(number) == 1]

    def tasks(self, communication: str) -> list[dict[str, Any]]:
        """The Tasks of a communication in Salesforce."""
        person = Person(self.sandbox.control, self.sandbox.ready)
        found = person.ask_salesforce(f"SELECT Id FROM Task WHERE CallObject = 'aloware:{communication}'")
        person.close()
        return found

    def run(self, deployment: str, parameters: dict[str, Any], **changed: str) -> Any:
        """A flow run of that deployment, as a person starts it in the UI, with those variables, once it rests."""
        with self.client() as client:
            found = client.read_deployment_by_name(deployment)
            run = client.create_flow_run_from_deployment(
                found.id, parameters=parameters, job_variables={"env": changed} if changed else None
            )
        return self.rested(run.id)

    def rested(self, run: Any, *but: str) -> Any:
        """That flow run once it has ended or is suspended, and isn't in one of those states."""

        def rests(found: Any) -> bool:
            state = found.state
            return bool(state and (state.is_final() or state.is_paused()) and state.name not in but)

        with self.client() as client:
            found = eventually(lambda: client.read_flow_run(run), rests)
        if found.state.is_paused():
            eventually(lambda: self.form(found), bool)
        return found

    def form(self, run: Any) -> str:
        """What the UI shows above a suspended run's form: stored a moment after the run is suspended, and last."""
        key = run.state.state_details.run_input_keyset["description"]
        with self.client() as client:
            stored = client.filter_flow_run_input(run.id, key, limit=1, exclude_keys=set())
        return str(stored[0].decoded_value) if stored else ""

    def resume(self, run: Any, **answer: Any) -> Any:
        """What the server says when that suspended run is answered so, as by the form."""
        with self.client() as client:
            return client.resume_flow_run(run.id, run_input=answer)

    def latest_run(self, flow: str) -> Any:
        """The flow run of that flow which was created last."""
        from prefect.client.schemas.filters import FlowFilter, FlowFilterName
        from prefect.client.schemas.sorting import FlowRunSort

        with self.client() as client:
            mine = FlowFilter(name=FlowFilterName(any_=[flow]))
            return client.read_flow_runs(flow_filter=mine, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=1)[0]

    def verbs(self, run: Any) -> list[str]:
        """The names of those tasks of a flow run that are known by now, in the order in which they started."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
        from prefect.client.schemas.sorting import TaskRunSort

        with self.client() as client:
            mine = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
            tasks = client.read_task_runs(flow_run_filter=mine, sort=TaskRunSort.EXPECTED_START_TIME_ASC)
            return [task.name for task in tasks]

    def pages(self, run: Any) -> dict[str, str]:
        """A flow run's artifacts: key → Markdown."""
        return {artifact.key: artifact.data for artifact in self._artifacts(run)}

    def where(self, run: Any, key: str) -> str:
        """The address at which the UI shows that one of them."""
        artifact = next(artifact for artifact in self._artifacts(run) if artifact.key == key)
        return f"{self.url.removesuffix('/api')}/artifacts/artifact/{artifact.id}"

    def _artifacts(self, run: Any) -> list[Any]:
        from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey

        with self.client() as client:
            mine = ArtifactFilter(
                flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]), key=ArtifactFilterKey(exists_=True)
            )
            return list(client.read_artifacts(artifact_filter=mine))

    def log(self, run: Any) -> str:
        """What the UI shows by now as a flow run's log."""
        from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId

        with self.client() as client:
            mine = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
            return "\n".join(line.message for line in client.read_logs(mine))

    def client(self) -> Any:
        from prefect.client.orchestration import SyncPrefectClient

        return SyncPrefectClient(api=self.url)

    def misspell(self, people: int = 5, name: str = "Mispelt") -> None:
        """Agents each misspell a first name in Aloware: something to put right, and if they are few too little for a
        breaker."""
        for contact in self._control("GET", "/aloware/contacts")[:people]:
            self._control("PATCH", f"/aloware/contacts/{contact['id']}", {"first_name": name})

    def first_names(self) -> list[str]:
        return [contact["first_name"] for contact in self._control("GET", "/aloware/contacts")]

    def forget_requests(self) -> None:
        self._control("DELETE", "/requests")

    def writes(self) -> dict[str, int]:
        """System → calls since then that could have changed a row there."""
        return {system: calls["write"] for system, calls in self._control("GET", "/requests")["counts"].items()}

    def _control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        data = json.dumps(body).encode() if body else None
        with urlopen(Request(self.sandbox.control + path, data=data, method=method), timeout=10) as answer:
            return json.load(answer)
