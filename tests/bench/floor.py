"""The floor: what comparing three systems with what is known must cost at least, when nobody has rules.

Snapshots and base are read from disk, numbers by North America's table and the library for the rest, of which every
text was asked before; e-mails, names and statuses are brought to one form; numbers that several records of a system
share are found; one join finds every cell that differs. No person, no decision, no plan, no check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from tasks.core import nanp
from tests.bench.stage_phones import library

Properties = Mapping[str, Mapping[str, str]]  # `system/object` → field → property

SHARED = "SELECT system, phone, list(ref) FROM records WHERE phone <> '' GROUP BY system, phone HAVING count(*) > 1"


@dataclass
class Floor:
    """`known`: what the library said of a text before."""

    snapshots: Path
    base: Path
    properties: Properties
    statuses: Mapping[str, str]
    known: dict[str, str | None] = field(default_factory=dict)

    def run(self) -> pd.DataFrame:
        """Every cell that differs from the base, as a row."""
        records = pd.concat([self.records(place) for place in self.properties], ignore_index=True)
        duckdb.sql(SHARED).fetchall()
        base = pd.read_parquet(self.base)
        return joined(records, base, [name for name in base.columns if name != "ref"])

    def records(self, place: str) -> pd.DataFrame:
        """One object's records in canonical form."""
        properties = self.properties[place]
        rows = pd.read_parquet(self.snapshots / f"{place}.parquet", columns=["record_id", *properties.values()])
        said = {name: self._canonical(name, rows[prop].fillna("")) for name, prop in properties.items()}
        system = place.partition("/")[0]
        return pd.DataFrame({"ref": f"{place.replace('/', ':')}:" + rows["record_id"], "system": system, **said})

    def _canonical(self, name: str, raw: "pd.Series[str]") -> "pd.Series[str]":
        if name in ("phone", "mobile_phone"):
            return self._numbers(raw)
        text = raw.str.strip()
        if name == "lead_status":
            return text.replace(dict(self.statuses))
        return text.str.lower() if name == "email" else text

    def _numbers(self, raw: "pd.Series[str]") -> "pd.Series[str]":
        numbers, decided = nanp.read(raw, "US")
        codes, texts = pd.factorize(raw[~decided])
        said = pd.array([self._said(text) for text in texts], dtype="str")
        numbers[~decided] = said.take(codes)
        return numbers

    def _said(self, text: str) -> str | None:
        if text not in self.known:
            self.known[text] = library(text) if text else ""
        return self.known[text]


def joined(now: pd.DataFrame, base: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """Every cell that differs, as a row."""
    each = " UNION ALL ".join(
        f"SELECT ref, '{name}' AS field, b_{name} AS before, n_{name} AS after FROM both_sides "
        f"WHERE b_{name} IS DISTINCT FROM n_{name}"
        for name in fields
    )
    columns = ", ".join(f"b.{name} AS b_{name}, n.{name} AS n_{name}" for name in fields)
    differs = " OR ".join(f"b.{name} IS DISTINCT FROM n.{name}" for name in fields)
    sides = (
        f"SELECT coalesce(b.ref, n.ref) AS ref, {columns} FROM base b FULL JOIN now n ON b.ref = n.ref WHERE {differs}"
    )
    return duckdb.sql(f"WITH both_sides AS MATERIALIZED ({sides}) {each}").df()
