"""Records of people we were asked to forget are skipped, and their absence is no evidence of anything."""

import tomllib
from datetime import timedelta

import pandas as pd
import pytest

from tasks.connectors.fake import Fake
from tasks.connectors.skipping import skipping
from tasks.core import overlay
from tasks.core.errors import SettingsError
from tasks.core.model import SALESFORCE, Address, Snapshot
from tasks.core.policy import parse
from tasks.core.state import LINKS
from tasks.core.subjects import Subject
from tasks.core.suppression import Suppressed, digests, reported
from tasks.ledger import Ledger
from tests.unit.ledgers import LATER, NOON, ledger, postgresql, table
from tests.unit.test_policy import SHIPPED

__all__ = ["ledger", "postgresql"]

POLICY = parse(tomllib.loads(SHIPPED))
KEY = b"k" * 32
ANN = Subject(
    frozenset({"salesforce:Contact:1"}),
    frozenset({"salesforce:Contact:1", "hubspot:contacts:7"}),
    frozenset({"+14152000001"}),
    frozenset({"ann@x.io"}),
)
KNOWN = Suppressed(POLICY, KEY, frozenset(digests(KEY, ANN)))
COLUMNS = ("record_id", "Phone", "MobilePhone", "Email")


def pulled(*rows: tuple[object, ...], watermark: str | None = "w", gone: dict[str, str] | None = None) -> Snapshot:
    frame = table(COLUMNS, list(rows)).assign(as_of=pd.Timestamp(NOON - timedelta(hours=1)))
    return Snapshot("salesforce", NOON, {"Contact": frame}, gone=gone or {}, watermark=watermark)


def ids(snapshot: Snapshot) -> list[str]:
    return snapshot.frames["Contact"]["record_id"].tolist()


def test_a_record_is_skipped_for_its_id_number_or_address() -> None:
    """In any format, in any of the policy's fields."""
    seen = KNOWN.skip(
        pulled(
            ("1", None, None, None),
            ("2", "(415) 200-0001", None, None),
            ("3", "+14152000009", "1-415-200-0001", None),
            ("4", None, None, " ANN@x.io"),
            ("5", "+14152000002", "", "joann@x.io"),
        )
    )
    assert ids(seen) == ["5"]
    assert seen.skipped == {f"salesforce:Contact:{n}" for n in (1, 2, 3, 4)}
    assert [(f.set, f.rows) for f in reported([seen, pulled()])] == [("salesforce", 4)]


def test_what_is_told_of_their_deletion_is_skipped_too() -> None:
    gone = {"salesforce:Contact:1": "", "salesforce:Contact:8": "salesforce:Contact:1", "salesforce:Contact:9": "x"}
    assert KNOWN.skip(pulled(gone=gone)).gone == {"salesforce:Contact:8": "", "salesforce:Contact:9": "x"}


def test_without_anybody_to_skip_a_snapshot_is_the_very_same() -> None:
    snapshot = pulled(("1", None, None, None))
    assert Suppressed(POLICY).skip(snapshot) is snapshot


def test_another_key_knows_nobody() -> None:
    other = Suppressed(POLICY, b"x" * 32, KNOWN.known)
    assert ids(other.skip(pulled(("1", "+14152000001", None, "ann@x.io")))) == ["1"]


def test_a_record_that_takes_a_forgotten_number_leaves_without_being_called_deleted() -> None:
    """Somebody else's record gets it: it isn't kept, and neither is it gone, however it was looked at."""
    old = pulled(("5", "+14152000002", None, None), ("6", "+14152000003", None, None))
    after = overlay.lay(old, KNOWN.skip(pulled(("5", "+14152000001", None, None))))
    assert (ids(after), dict(after.gone)) == (["6"], {})
    links = table(LINKS, [("salesforce:Contact:5", "salesforce", "Contact", "5", "p", "representative")], "ref")
    nothing = pd.Series([], index=pd.Index([], dtype="str"), dtype="datetime64[ns, UTC]")
    assert overlay.in_doubt(after, links, nothing) == {}
    looked = overlay.looked(
        old, ["salesforce:Contact:5"], KNOWN.skip(pulled(("5", "+14152000001", None, None), watermark=None))
    )
    assert (ids(looked), dict(looked.gone)) == (["6"], {})


def test_a_connector_never_shows_them() -> None:
    """Whatever it is asked; everything else passes through."""
    fake = Fake(SALESFORCE, {"Contact": COLUMNS[1:]})
    record = fake.put("Contact", {"Phone": "+14152000001"})
    shown = skipping(fake, KNOWN)
    assert fake.pull(NOON).frames["Contact"]["record_id"].tolist() == [record]
    assert ids(shown.pull(NOON)) == ids(shown.peek([Address("Contact", record)], NOON)) == []
    assert (shown.system, shown.calls) == ("salesforce", fake.calls)


def test_digests_are_kept_and_the_key_is_not(ledger: Ledger) -> None:
    """A copy of the database tells nobody; and a lost key is noticed, whatever became of its file."""
    kept = ledger.suppressions
    assert kept.load() == (b"", frozenset())
    for _ in range(2):
        kept.add(digests(kept.key(), ANN), NOON)
    key, known = kept.load()
    assert set(digests(key, ANN)) < known
    path = ledger.connections.database.home / "suppressions.key"
    assert path.read_text().strip() == key.hex()
    for broken in ("00" * 32, "no key", None):
        path.unlink() if broken is None else path.write_text(broken)
        with pytest.raises(SettingsError, match=r"suppressions\.key"):
            kept.load()
        with pytest.raises(SettingsError, match=r"suppressions\.key"):
            kept.add(["x"], LATER)
