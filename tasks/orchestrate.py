"""`@flow` and `@task`: Prefect's where Prefect is in charge, otherwise the plain function.

The sentences in `flows/` are written once. With PREFECT_API_URL set they are flow runs that a team watches; without it
the same functions run plainly, without importing Prefect (1.5 s). The Prefect side is `tasks.flow_runs`.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from tasks.settings import Settings, prepare_prefect

P = ParamSpec("P")
R = TypeVar("R")


def task(function: Callable[P, R]) -> Callable[P, R]:
    """A verb: inside a flow run one of its task runs, anywhere else the plain function."""

    @wraps(function)
    def verb(*args: P.args, **kwargs: P.kwargs) -> R:
        if not in_flow_run():
            return function(*args, **kwargs)
        from tasks import flow_runs

        return flow_runs.task_run(function, args, kwargs)

    return verb


def flow(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A sentence of verbs, known in the UI by `name`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        if "prefect" in sys.modules:  # a worker, or `prefect deploy`: it looks for a flow of its own kind
            return _sentence(name, function)

        @wraps(function)
        def sentence(*args: P.args, **kwargs: P.kwargs) -> R:
            run = _sentence(name, function) if Settings.load().prefect_api_url else function
            return run(*args, **kwargs)

        return sentence

    return decorate


def announce(event: str, resource: str) -> None:
    """Tell the server in PREFECT_API_URL that something happened there, for deployments that wait for it."""
    if "prefect" not in sys.modules:
        prepare_prefect(Settings.load().home)
    from tasks import flow_runs

    flow_runs.announce(event, resource)


def name_run(*words: str) -> None:
    """Say in the name of the flow run that is under way what it turned out to be about."""
    from tasks import flow_runs

    flow_runs.rename(words)


def ended(name: str, message: str) -> Any:
    """How the flow run under way ended, where "completed" would say too little; to be returned by its flow."""
    from tasks import flow_runs

    return flow_runs.ended(name, message)


def in_flow_run() -> bool:
    """Whether Prefect is watching."""
    context = sys.modules.get("prefect.context")
    return context is not None and context.FlowRunContext.get() is not None


def in_deployment() -> bool:
    """Whether this is a run of a deployment: one that nobody sits in front of."""
    if not in_flow_run():
        return False
    from tasks import flow_runs

    return flow_runs.deployed()


def _sentence(name: str, function: Callable[P, R]) -> Callable[P, R]:
    if "prefect" not in sys.modules:
        prepare_prefect(Settings.load().home)
    from tasks import flow_runs

    return flow_runs.Sentence(
        flow_runs.watched(function), name=name, flow_run_name=flow_runs.run_name, persist_result=False
    )
