"""A contacts export of gigabytes: written to disk, read by Aloware's connector, deleted.

`python -m tests.bench.export --gb 2` prints how many rows it had and how many contacts came of it, how long reading
took, and how much memory: what the run goes on with, and the peak. Ends with exit code 1 if a contact is missing or
there twice.
"""

import argparse
import resource
import sys
import tempfile
import time
import tomllib
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

import pandas as pd
from pydantic import SecretStr

from tasks.connectors.logins import AlowareLogin
from tasks.connectors.opening import open_connector
from tasks.core.model import ALOWARE
from tasks.core.policy import Policy, parse
from tasks.settings import DEFAULT_POLICY

AGAIN = 50  # every so many-th contact is listed once more, under a newer name
AT_ONCE = 20_000  # rows written at a time
NOTES = f'"Called twice, ""no answer"".\n{"Wants a quote for the roof, and one for the shed. " * 8}"'


def main() -> int:
    """Write, read and measure the export that the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--gb", type=float, default=0.2, help="how large, in gigabytes")
    size = asked.parse_args().gb
    policy = parse(tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        place = Path(folder) / "contacts.csv"
        people, rows = written(place, int(size * 1e9), policy)
        before, began = peak(), time.monotonic()
        contacts = read(place, policy)
        took = time.monotonic() - began
    frame = contacts.memory_usage(deep=True).sum() / 1e6
    print_row("GB", "rows", "contacts", "seconds", "frame MB", "before MB", "peak MB")
    print_row(f"{size:g}", f"{rows:,}", f"{len(contacts):,}", *(f"{n:,.0f}" for n in (took, frame, before, peak())))
    newest = contacts["first_name"].eq("Newer").sum()
    return int(len(contacts) != people or newest != rows - people or not contacts["record_id"].is_unique)


def written(place: Path, size: int, policy: Policy) -> tuple[int, int]:
    """An export of that many bytes, under the policy's headers; how many people it is of, and in how many rows."""
    headers = dict(policy.aloware.export_columns)
    blank = dict.fromkeys(headers, "")
    people = rows = 0
    numbers = count()
    with place.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(headers.values()) + "\n")
        while file.tell() < size:
            some = list(islice(numbers, AT_ONCE))
            again = some[::AGAIN]
            file.writelines(_line(n, blank, "Ann") for n in some)
            file.writelines(_line(n, blank, "Newer") for n in again)
            people, rows = people + len(some), rows + len(some) + len(again)
    return people, rows


def _line(n: int, blank: dict[str, str], first_name: str) -> str:
    told = {
        "id": f"{700_000 + n}",
        "phone_number": f"+1{2_000_000_000 + n}",
        "first_name": first_name,
        "last_name": f"Lee-{n % 9_973}",
        "email": f"ann.{n}@customers.example",
        "company_name": f"Acme {n % 977}",
        "disposition_status_id": str(n % 9),
        "city": "Łódź",
        "notes": NOTES,
        "updated_at": f"2026-{n % 12 + 1:02}-{n % 28 + 1:02} 12:30:00",
        "created_at": "2025-01-01 12:30:00",
    }
    return ",".join((blank | told).values()) + "\n"


def read(place: Path, policy: Policy) -> pd.DataFrame:
    """What a pull makes of it. No call is made: the export is a file."""
    login = AlowareLogin(
        "https://nobody.example",
        SecretStr("none"),
        export=str(place),
        export_columns=policy.aloware.export_columns,
        timezone=policy.aloware.export_timezone,
    )
    connector = open_connector(login, policy.wanted(ALOWARE))
    try:
        return connector.pull(datetime.now(UTC)).frames["contacts"]
    finally:
        connector.close()


def peak() -> float:
    """The most memory that this process ever held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def print_row(*cells: str) -> None:
    sys.stdout.write("{:>5} {:>11} {:>11} {:>8} {:>9} {:>10} {:>8}\n".format(*cells))


if __name__ == "__main__":
    sys.exit(main())
