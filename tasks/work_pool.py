"""The work pool of a Prefect server, and the flow runs in it that nobody works on any more.

Imported only where Prefect is in charge.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from prefect import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Crashed
from prefect.workers.process import ProcessWorker

AT_WORK = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
PAGE = 200


def open_pool(api_url: str, pool: str) -> None:
    """Make the work pool if it isn't there: processes, at most one run at a time, whichever deployment asks."""
    with temporary_settings({PREFECT_API_URL: api_url}), get_client(sync_client=True) as client:
        try:
            client.read_work_pool(pool)
        except ObjectNotFound:
            template = ProcessWorker.get_default_base_job_template()
            wanted = WorkPoolCreate(name=pool, type="process", base_job_template=template, concurrency_limit=1)
            client.create_work_pool(wanted)


def clear_pool(api_url: str, pool: str) -> None:
    """End what was left in the pool, where it is known that no worker lives: runs that were cut short, which would
    hold its only slot for ever, and runs of a timer that fell due meanwhile. Those that a person asked for stay."""
    now = datetime.now(UTC)
    cut_short = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)))
    missed = FlowRunFilter(
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Scheduled", "Late"])),
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": now}),
    )
    with temporary_settings({PREFECT_API_URL: api_url}), get_client(sync_client=True) as client:
        for run in list(_all(client, pool, cut_short)):
            client.set_flow_run_state(run.id, Crashed(message="Its worker was stopped meanwhile."), force=True)
        for run in [run for run in _all(client, pool, missed) if run.auto_scheduled]:
            reason = "It was due while there was no worker; the next one sees all that it would have seen."
            client.set_flow_run_state(run.id, Cancelled(message=reason), force=True)


def _all(client: Any, pool: str, wanted: FlowRunFilter) -> Iterator[Any]:
    """Flow runs of the pool, page by page."""
    mine, offset = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])), 0
    while found := client.read_flow_runs(flow_run_filter=wanted, work_pool_filter=mine, limit=PAGE, offset=offset):
        yield from found
        offset += len(found)
