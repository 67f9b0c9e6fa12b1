"""The process of a child: `python -m MODULE …`, until whoever started it is gone, however it went.

It runs as a file of its own, outside the package: see `flows.children`.
"""

import os
import runpy
import signal
import sys
import threading
from pathlib import Path

STDIN = 0


def _end_with_starter() -> None:
    """The starter holds the other end of our stdin. When it lets go, by will or by `kill -9`, this read returns."""
    os.read(STDIN, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_starter, daemon=True).start()
    sys.path.insert(0, str(Path(__file__).parents[1]))  # the checkout that started us, whatever else is installed
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
