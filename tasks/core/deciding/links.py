"""Links: where people find a person's record in a CRM, kept in a field of the Aloware contact.

| situation                | golden | salesforce | hubspot | aloware   | becomes | word      |
| ------------------------ | ------ | ---------- | ------- | --------- | ------- | --------- |
| nobody is there          | -      | -          | -       | (> blank) | -       | unchanged |
| an agent's own text      | -      | -          | -       | (> X)     | -       | unchanged |
| a record that we met     | -      | > A        | -       | (> X)     | A       | link      |
| it stays who speaks      | A      | A          | -       | A         | A       | unchanged |
| an agent's edit is drift | A      | A          | -       | (A > X)   | A       | unchanged |
| another record speaks    | A      | A > B      | -       | A         | B       | link      |
| be it one we never met   | A      | > B        | -       | A         | B       | link      |
| the record is gone       | A      | -          | -       | A         | A       | unchanged |

`>` as in `deciding.resolve`'s table. An address is the record's own word: no rule, direction or agent has a say in it.
"""

import numpy as np
import pandas as pd

from tasks.core.deciding.sides import UNCHANGED
from tasks.core.model import ALOWARE, HUBSPOT, LINK, SALESFORCE, SYSTEMS
from tasks.core.policy import Field
from tasks.core.state import KEPT_DRIFT


def decide(cells: pd.DataFrame, field: Field, drift: str) -> pd.DataFrame:
    """`resolve.decide` for a field of type `link`. The link to a record that is gone stays as it is: Aloware can't
    blank it, and what an agent makes of it is left alone."""
    crm = HUBSPOT if field.hubspot else SALESFORCE
    address = cells[crm]
    leads = address.notna() & (address != "")
    moves = leads & (address != cells["golden"]) & ~cells[f"{crm}_settled"].eq(cells["golden"])  # unless undone
    golden = cells["golden"].mask(moves, address)
    out = pd.DataFrame({"golden": golden, "golden_from": cells["golden_from"].mask(moves, crm)}, index=cells.index)
    out["rule"] = np.where(moves, LINK, UNCHANGED)
    out["winner"] = pd.Series(crm, index=cells.index, dtype="str").where(moves)
    out["conflict"], out["waits"], out["survivor"] = False, False, LINK
    out["fresh"] = moves & cells[f"{crm}_base"].isna()
    for system in SYSTEMS:
        out[f"{system}_write"], out[f"{system}_late"] = False, False
        out[f"{system}_settle"] = pd.Series(pd.NA, index=cells.index, dtype="str")
    there, base = cells[ALOWARE], cells[f"{ALOWARE}_base"]
    differs = leads & (golden != "") & there.notna() & (there != golden) & ~cells[f"{ALOWARE}_settled"].eq(golden)
    kept = differs & ~moves & base.notna() & (there != base) & (drift == "keep")
    out[f"{ALOWARE}_settle"] = out[f"{ALOWARE}_settle"].mask(kept, KEPT_DRIFT)
    out[f"{ALOWARE}_write"] = differs & ~kept & cells[f"{ALOWARE}_writable"]
    out[f"{ALOWARE}_late"] = differs & ~kept & cells[f"{ALOWARE}_paused"]
    return out.astype(dict.fromkeys(("golden", "golden_from", "rule", "winner"), "str"))
