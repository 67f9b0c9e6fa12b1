"""All that a run of `tandem` imports: preloaded by the server from which processes to be killed are forked."""

import great_expectations
import psycopg
from tqdm.std import TqdmDefaultWriteLock

import flows.cli.command
import flows.cli.plan_view
import flows.cli.run_view
import flows.reconcile
import tasks.quality
import tests.flows.worlds

__all__ = ["flows", "great_expectations", "psycopg", "tasks", "tests"]

TqdmDefaultWriteLock.create_mp_lock()  # else each process makes one, and can't give it back when it is killed
