"""A plan on Dask where Prefect watches: its parts are task runs of the flow run, by prefect-dask."""

from pathlib import Path

import pytest
from distributed import LocalCluster

from flows.plan import plan
from tests.deployed.town import Town, eventually
from tests.flows.worlds import connected, policy_with

pytestmark = pytest.mark.prefect
BY_PARTS = ("normalise", "diff", "resolve")


def test_each_part_is_a_task_run(prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each worker; and the plan is the one that is made here."""
    with (
        connected(tmp_path, people=20) as office,
        LocalCluster(n_workers=2, processes=False, protocol="tcp", dashboard_address=None) as cluster,
    ):
        office.person.freeze_exports(True)  # or the second plan would see a younger one, and be told less of some
        here = plan(full=True, initial=True).plan
        monkeypatch.setenv("TANDEM_POLICY", str(policy_with(tmp_path, engine='"dask"')))
        monkeypatch.setenv("TANDEM_DASK_ADDRESS", cluster.scheduler_address)
        monkeypatch.setenv("PREFECT_API_URL", prefect_server)
        there = plan(full=True, initial=True).plan
        assert there.checksum == here.checksum
        town = Town(prefect_server, {}, office.running, {})
        run = town.latest_run("plan")
        found = eventually(lambda: town.verbs(run), lambda names: names.count("resolve") == 2)
        assert all(found.count(verb) % 2 == 0 for verb in BY_PARTS)
        assert found.count("match") * 2 == found.count("normalise")
