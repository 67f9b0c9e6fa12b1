"""The Prefect side of `tasks.orchestrate`, imported only where Prefect is in charge."""

import inspect
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import Flow, Task, get_client
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.runtime import deployment, flow_run
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from prefect.states import Completed
from prefect.utilities.annotations import opaque

from tasks import progress, stopping, window
from tasks.core.errors import SettingsError, TandemError
from tasks.core.masking import mask
from tasks.settings import Settings

DRAIN = 5.0  # seconds at most; usual is none
GONE = "Prefect's server has gone away: its UI doesn't show how this run ended. The ledger does: `tandem status`."

P = ParamSpec("P")
R = TypeVar("R")


class Sentence(Flow[P, R]):
    """A flow which, when this process calls it, is a flow run of the server in PREFECT_API_URL, or plain without one.

    A worker doesn't call it: it hands the flow to Prefect's engine itself.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        url = Settings.load().prefect_api_url
        if not url:
            return self.fn(*args, **kwargs)
        # A heartbeat tells the server that a process far away lives. Stopping it takes a second, and we are right here.
        here = {PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
        with temporary_settings(here), _awaited() as ending:
            _check_answers()
            try:
                return super().__call__(*args, **kwargs)
            except Exception:
                if not ending.done() or _answers():
                    raise
                sys.stderr.write(f"{GONE}\n")
                stopping.hurry()
                return ending.result()


_ending: ContextVar["Future[Any] | None"] = ContextVar("ending", default=None)


@contextmanager
def _awaited() -> Iterator["Future[Any]"]:
    """How the sentence that is called inside ends, whether or not Prefect's server hears of it."""
    ending: Future[Any] = Future()
    token = _ending.set(ending)
    try:
        yield ending
    finally:
        _ending.reset(token)


def _heard(function: Callable[P, R], args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
    """What it gives or raises, which whoever awaits it is told, too."""
    ending = _ending.get() or Future()
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        ending.set_exception(error)
        raise
    ending.set_result(result)
    return result


def hang_up() -> None:
    """Send what this process still has for its server: threads of Prefect's hold back events and log lines for a while.

    Without this they would try to reach a server that is gone, and keep the process for a minute.
    """
    EventsWorker.drain_all(timeout=DRAIN)
    APILogWorker.drain_all(timeout=DRAIN)


def announce(event: str, resource: str) -> None:
    """Emit that event of that resource; Prefect sends it from a thread of its own."""
    emit_event(event=event, resource={"prefect.resource.id": resource})


def run_name() -> str:
    """What this flow run is called: the flow, and what was asked of it (`reconcile · initial`)."""
    asked = [word for name, value in flow_run.parameters.items() if (word := _asked(name, value))]
    return " · ".join([flow_run.flow_name, *asked])


def rename(words: Sequence[str]) -> None:
    """Call this flow run by what was asked of it and by those words (`reconcile · initial · 14 changes`)."""
    with window.looked_through(), get_client(sync_client=True) as client:
        client.update_flow_run(UUID(flow_run.id), name=" · ".join([run_name(), *words]))


def watched(function: Callable[P, R]) -> Callable[P, R]:
    """The same; as a flow run it shows how far it is."""

    @wraps(function)
    def sentence(*args: P.args, **kwargs: P.kwargs) -> R:
        if FlowRunContext.get() is None:
            return function(*args, **kwargs)
        with progress.showing(window.Gauge()):
            return _heard(function, args, kwargs)

    return sentence


def ended(name: str, message: str) -> State[Any]:
    """A completed run's state, by another name."""
    return Completed(name=name, message=message)


def deployed() -> bool:
    """Whether a deployment's run is under way."""
    return bool(deployment.id)


def _asked(name: str, value: object) -> str:
    if isinstance(value, str):
        return mask(value)
    return name.replace("_", " ") if value else ""


def task_run(function: Callable[P, R], args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
    """Run a verb as a task of the flow run that is under way.

    Frames go from one verb to the next in memory. `opaque`: Prefect looks for futures inside whatever it is given, and
    there are none.
    """
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    result: R = _verb(function)(**{name: opaque(value) for name, value in given.items()})
    return result


def elsewhere(verb: Callable[..., Any]) -> Any:
    """The verb as a task that a worker of a cluster runs for this flow run."""
    return _verb(inspect.unwrap(verb))


@cache
def _verb(function: Callable[..., Any]) -> Any:
    """The verb as Prefect knows it: never hashed, cached or stored, and named with its system where it has one."""
    named = f"{function.__name__} {{system}}" if "system" in inspect.signature(function).parameters else None
    return Task(
        function,
        name=function.__name__,
        task_run_name=named or function.__name__,
        cache_policy=NO_CACHE,
        persist_result=False,
    )


def _answers() -> bool:
    with get_client(sync_client=True) as client:
        return client.api_healthcheck() is None


def _check_answers() -> None:
    if not _answers():
        raise SettingsError(
            "Prefect does not answer at the address in PREFECT_API_URL: "
            "start its server, or unset the variable to run without it."
        )


class Masked(logging.Filter):
    """Keeps Prefect's log to what a person may read: masked, and of an error of ours the sentence, no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), ()
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TandemError):
            record.exc_info = None
        elif error is not None:
            record.exc_text = mask("".join(traceback.format_exception(error)))
        return True


for _name in ("prefect.flow_runs", "prefect.task_runs"):
    logging.getLogger(_name).addFilter(Masked())

# What can't be sent would be dumped on the terminal, again and again; whether the server is there is asked above.
logging.getLogger("prefect._internal.concurrency").addFilter(lambda record: False)
logging.raiseExceptions = False
