"""The Prefect side of `tasks.orchestrate`, imported only where Prefect is in charge."""

import inspect
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import Flow, Task, get_client, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.runtime import deployment, flow_run
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed
from prefect.utilities.annotations import opaque

from tasks.core.errors import SettingsError, TandemError
from tasks.core.masking import mask
from tasks.settings import Settings

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
        with temporary_settings({PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            _check_answers()
            return super().__call__(*args, **kwargs)


def announce(event: str, resource: str) -> None:
    """Emit that event of that resource; Prefect sends it from a thread of its own."""
    emit_event(event=event, resource={"prefect.resource.id": resource})


def run_name() -> str:
    """What this flow run is called: the flow, and what was asked of it (`reconcile · initial`)."""
    asked = [word for name, value in flow_run.parameters.items() if (word := _asked(name, value))]
    return " · ".join([flow_run.flow_name, *asked])


def rename(words: Sequence[str]) -> None:
    """Call this flow run by what was asked of it and by those words (`reconcile · initial · 14 changes`)."""
    with _through_the_window(), get_client(sync_client=True) as client:
        client.update_flow_run(UUID(flow_run.id), name=" · ".join([run_name(), *words]))


def show(key: str, page: str, words: str) -> None:
    """Keep a Markdown page as an artifact of this flow run; `words` say on its card what it says."""
    with _through_the_window():
        create_markdown_artifact(markdown=page, key=key, description=mask(words))


@contextmanager
def _through_the_window() -> Iterator[None]:
    """What can't be shown stops no run: the UI is a window, and the ledger knows all of it."""
    try:
        yield
    except Exception as error:
        get_run_logger().warning("Prefect's server couldn't be told of it: %s", type(error).__name__)


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


def _check_answers() -> None:
    with get_client(sync_client=True) as client:
        if client.api_healthcheck() is not None:
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
