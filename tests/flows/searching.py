"""Looking for somebody in all that a ledger keeps: every byte of the home, every cell of its Parquet, every table."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from sqlalchemy import create_engine, inspect

APART = ("sandbox",)


def found(home: Path, words: Sequence[str], database: str | None = None) -> list[str]:
    """Where any of those words stands, whatever the case of its letters."""
    wanted = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return [*_in_files(home, wanted), *(_in_tables(database, wanted) if database else ())]


def _in_files(home: Path, wanted: re.Pattern[str]) -> Iterator[str]:
    for path in sorted(path for path in home.rglob("*") if path.is_file() and APART[0] not in path.parts):
        text = path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            text += pd.read_parquet(path).reset_index().to_csv()
        for hit in sorted({match[0] for match in wanted.finditer(text)}):
            yield f"{path.relative_to(home)}: {hit}"


def _in_tables(database: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """What a dump of that database would say."""
    engine = create_engine(database)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                if hit := wanted.search(" ".join(map(str, row))):
                    yield f"{table}: {hit[0]}"
    engine.dispose()
