"""README's commands really run: typed in its order, against a sandbox."""

import re
from pathlib import Path

import pytest

from flows.cli.command import run
from tasks.sandbox.server import sandbox
from tasks.settings import VARIABLES

README = (Path(__file__).parents[2] / "README.md").read_text()


def typed() -> list[list[str]]:
    """The words after `tandem` of every line under "Try it by hand", but for the sandbox itself."""
    section = README.split("## Try it by hand")[1].split("\n## ")[0]
    lines = re.findall(r"^\.venv/bin/tandem (.+)$", section, flags=re.MULTILINE)
    return [words for line in lines if (words := line.split())[0] != "sandbox"]


def test_readme_s_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each exits 0, and the last one finds nothing left to do."""
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with sandbox(people=30) as world:
        for name, (system, key) in VARIABLES.items():
            monkeypatch.setenv(name, world.ready[system][key])
        assert len(typed()) >= 5
        for words in typed():
            capsys.readouterr()
            assert run(words) == 0, (words, capsys.readouterr().err)
    assert "Converged: nothing left to do." in capsys.readouterr().out
