"""The demo is what README says it is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.prefect
def test_the_demo_tells_the_story_that_readme_shows(tmp_path: Path) -> None:
    """It ends converged, and every line of README's excerpt stands in its output."""
    told = subprocess.run(
        [Path(sys.executable).with_name("tandem"), "demo", "--people", "30"],
        cwd=ROOT,
        env={**os.environ, "TANDEM_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    lines = {line.rstrip() for line in told.stdout.splitlines()}
    excerpt = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)[0]
    assert [line for line in excerpt.splitlines() if line not in lines] == []
    assert told.stdout.rstrip().endswith("converged: nothing left to do")
