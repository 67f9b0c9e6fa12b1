"""The process of a local Prefect server: `prefect server start`, until whoever started it is gone, however it went.

It runs as a file of its own, outside the package: see `flows.local_server`.
"""

import os
import runpy
import signal
import threading

STDIN = 0


def _end_with_starter() -> None:
    """The starter holds the other end of our stdin. When it lets go, by will or by `kill -9`, this read returns."""
    os.read(STDIN, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_starter, daemon=True).start()
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
