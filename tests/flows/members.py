"""People of a seeded office, by what the ledger knows of them."""

from dataclasses import dataclass, field

from tasks.core.model import SYSTEMS
from tasks.core.state import REPRESENTATIVE
from tasks.session import open_session


@dataclass
class Member:
    """Somebody with a record in every system: the record's object and id by system."""

    records: dict[str, tuple[str, str]]
    before: dict[str, str] = field(default_factory=dict)


def everywhere() -> list[Member]:
    """People with a representative in each system whose names are known and agreed on, in a stable order."""
    with open_session() as session:
        state = session.state()
    speaking = state.links[state.links["role"] == REPRESENTATIVE].sort_index()
    found = []
    for _, links in speaking.groupby("person"):
        bases = state.bases.loc[links.index, ["first_name", "last_name"]]
        if len(links) == len(SYSTEMS) and (bases.nunique() == 1).all() and (bases != "").all(axis=None):
            found.append(Member({row.system: (row.object, row.record_id) for row in links.itertuples()}))
    return found
