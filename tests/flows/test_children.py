"""Processes of our own: whoever watches them is told which has ended and why, and none outlives the block."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.children import Child, child
from flows.up import watch
from tasks.core.errors import TandemError


def started(here: ExitStack, folder: Path, name: str, *words: str) -> Child:
    return here.enter_context(child(name, words, os.environ, folder / f"{name}.log"))


def test_one_that_is_killed_is_named_and_the_rest_ends(tmp_path: Path) -> None:
    with ExitStack() as here:
        stays, dies = (started(here, tmp_path, name, "http.server", "0") for name in ("This", "That"))
        dies.process.kill()
        with pytest.raises(TandemError, match=r"^That was killed \(SIGKILL\)\. All it said is in "):
            watch([stays, dies])
        assert stays.process.poll() is None
    assert stays.process.returncode in (0, -signal.SIGTERM)


def test_one_that_ends_says_its_last_words(tmp_path: Path) -> None:
    with ExitStack() as here, pytest.raises(TandemError, match=r"^It has ended: .*No module named nonsense"):
        watch([started(here, tmp_path, "It", "nonsense")])
