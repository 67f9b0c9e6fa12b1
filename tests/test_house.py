"""The house keeps its own rules: ceilings, numbered budgets for exemptions, words, and a README that is true."""

import ast
import re
import subprocess
from pathlib import Path

import click
import pytest

from flows.cli.command import tandem

ROOT = Path(__file__).parents[1]
LISTING = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
FILES = subprocess.run(LISTING, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
PYTHON = [ROOT / name for name in FILES if name.endswith(".py") and (ROOT / name).exists()]
PRODUCT = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in ("flows", "tasks", "sql")]

TOP = {"pyproject.toml", "README.md", "prefect.yaml", "flows", "tasks", "sql", "tests", "Makefile", "LICENSE"}
TOP |= {"CHANGELOG.md", "CONTRIBUTING.md", "requirements.lock"}

# An exemption costs one of these. A new one needs a better reason than the last, and a new number here.
BUDGETS = {"type: ignore": 1, "noqa": 0, "no cover": 0, "pytest.mark.xfail": 0, "pytest.mark.skip(": 0}


def test_the_top_level_holds_only_what_the_design_names() -> None:
    """Everything has a room; nothing lies in the hall."""
    tops = {name.split("/")[0] for name in FILES}
    assert {name for name in tops if not name.startswith(".")} <= TOP


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    """A file is read in one sitting, a function at one glance."""
    text = path.read_text()
    tests = path.is_relative_to(ROOT / "tests")
    assert text.count("\n") <= (500 if tests else 350)
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: n for name, n in lengths.items() if n > 70}


def test_exemptions_are_counted() -> None:
    """Each is allowed by number, so that a new one is seen."""
    code = [path.read_text() for path in PYTHON if path != Path(__file__)]
    found = {words: sum(text.count(words) for text in code) for words in BUDGETS}
    assert found == BUDGETS


def test_nothing_is_left_open_in_the_code() -> None:
    """What isn't built says so to its user; it doesn't hide in a comment."""
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [str(path) for path in PRODUCT if marks.search(path.read_text())] == []


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_which_room_it_is(path: Path) -> None:
    """A reader who opens a file is told what it is for."""
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_the_lock_has_hashes_and_no_addresses() -> None:
    """It installs from any index."""
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--hash=sha256:" in lock


def _sql(folder: str) -> list[Path]:
    return sorted((ROOT / "sql" / folder).glob("*.sql"))


@pytest.mark.parametrize("path", _sql("ledger"), ids=lambda p: p.name)
def test_a_statement_says_its_purpose_and_has_its_caller(path: Path) -> None:
    """One statement a file, headed by purpose, parameters and caller; and the caller does call it."""
    text = path.read_text()
    heading = dict(re.findall(r"^-- (Purpose|Parameters|Caller): (.+)$", text, flags=re.MULTILINE))
    assert set(heading) == {"Purpose", "Parameters", "Caller"}
    statement = re.sub(r"^--.*$", "", text, flags=re.MULTILINE)
    assert statement.strip().rstrip(";").count(";") == 0
    caller = (ROOT / heading["Caller"].split(",")[0].strip()).read_text()
    verb, _, table = path.stem.partition("_")  # a caller may put a table's or a part's name behind the verb
    assert path.stem in caller or f"{verb}_{{" in caller or (f"{verb}_" in caller and table in caller), path.name


COMMANDS = sorted(tandem.commands.items())


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_has_help_and_is_documented(name: str, command: click.Command) -> None:
    """`tandem --help` and the operator's guide list the same commands."""
    assert command.help
    assert f"`tandem {name}" in (ROOT / "flows" / "README.md").read_text()


def _commands_of(document: str) -> list[str]:
    """Lines that a reader would type: those of the fenced shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), flags=re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("document", ["README.md", "flows/README.md", "CONTRIBUTING.md"])
def test_documents_name_only_commands_that_exist(document: str) -> None:
    """Every `tandem …` and `make …` that a document shows is a word that the program knows."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    for line in _commands_of(document):
        words = re.sub(r"^(\S*/)?tandem", "tandem", line).split()
        if words[0] == "tandem":
            assert words[1] in tandem.commands, line
        if words[0] == "make":
            assert words[1] in targets, line
