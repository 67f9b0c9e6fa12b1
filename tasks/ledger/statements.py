"""Finds a statement of `sql/` by name. A statement is one file: a header of comments, then the SQL."""

from functools import cache
from importlib.resources import files

from sqlalchemy import TextClause, text


@cache
def _body(folder: str, name: str) -> str:
    lines = files("sql").joinpath(folder, f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def statement(name: str, **parts: str) -> TextClause:
    """The ledger's statement of that name; `parts` fill its `{holes}`, which only ever hold checked identifiers."""
    body = _body("ledger", name)
    return text(body.format(**parts) if parts else body)


def views() -> dict[str, TextClause]:
    """The analysts' views: name → the statement that creates it."""
    stems = sorted(file.name.removesuffix(".sql") for file in files("sql").joinpath("audit").iterdir())
    return {f"audit_{stem}": text(_body("audit", stem)) for stem in stems}
