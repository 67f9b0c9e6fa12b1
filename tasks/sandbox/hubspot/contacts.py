"""The contacts of the portal: their rows, and what may happen to them.

A row is `{id, created, updated, archived, archived_at, merged_into, searchable_from, properties, history}`; `history`
holds, per property, `[value, timestamp, sourceType, sourceId]` with the newest first.
"""

from collections.abc import Mapping
from datetime import datetime

from tasks.sandbox.hubspot import rules
from tasks.sandbox.hubspot.draft import Draft, Row, Taken
from tasks.sandbox.hubspot.errors import Conflict, already_held, invalid, invalid_values, rule_broken
from tasks.sandbox.hubspot.phones import calculated
from tasks.sandbox.hubspot.properties import CONSTANTS, definitions
from tasks.sandbox.hubspot.values import kept, problems
from tasks.sandbox.hubspot.wire import stamp
from tasks.sandbox.world import World

PORTAL = 44237313
FIRST_ID = 171_591_000_198  # real ids have outgrown 32 bits
LAG_SEARCHES = 3  # searches that miss a lagging record

Source = tuple[str, str]
API: Source = ("INTEGRATION", CONSTANTS["hs_object_source_id"])
SCREEN: Source = ("CRM_UI", "userId:76070032")


def value(row: Row, name: str) -> str | None:
    """A property's value; null where nothing is set."""
    found: str | None = row["properties"].get(name, CONSTANTS.get(name))
    return found


def merged_ids(row: Row) -> list[str]:
    """The ids of the contacts that this one absorbed."""
    return [i for i in row["properties"].get("hs_merged_object_ids", "").split(";") if i]


def _derived(row: Row) -> dict[str, str | None]:
    properties = row["properties"]
    email = properties.get("email")
    name = " ".join(n for n in (properties.get("firstname"), properties.get("lastname")) if n)
    return {
        "hs_all_contact_vids": ";".join((row["id"], *merged_ids(row))),
        "hs_email_domain": email.partition("@")[2] if email else None,
        "hs_full_name_or_email": name or email,
        **calculated(properties.get("phone"), properties.get("mobilephone")),
    }


def changed(row: Row, values: Mapping[str, str], at: datetime, source: Source) -> Row:
    """The row after a write: values, history, derived properties and the modification time."""
    when = stamp(at)
    properties, history = dict(row["properties"]), dict(row["history"])
    for name, text in values.items():
        if properties.get(name, "") != text:
            history[name] = [[text, when, *source], *history.get(name, ())]
            properties[name] = text
    properties["lastmodifieddate"] = when
    new = {**row, "updated": when, "properties": properties, "history": history}
    derived = {name: text or "" for name, text in _derived(new).items()}
    new["properties"] = {name: text for name, text in (properties | derived).items() if text}
    return new


def _blank(record_id: str, at: datetime) -> Row:
    when = stamp(at)
    system = {"createdate": when, "hs_object_id": record_id}
    times = {"created": when, "updated": when, "archived_at": None, "merged_into": None, "searchable_from": 0}
    return {"id": record_id, **times, "archived": False, "properties": system, "history": {}}


def archived(row: Row, at: datetime, merged_into: str | None = None) -> Row:
    return {**row, "archived": True, "archived_at": stamp(at), "merged_into": merged_into}


class Contacts:
    """All contacts of one world, for one request: `path` is what a scripted index lag may match."""

    def __init__(self, world: World, path: str | None = None) -> None:
        self.world, self._path = world, path
        self._lag: bool | None = None
        self.rows = world.store.table("hubspot.contacts")
        self._identities = world.store.table("hubspot.identities")
        self.known = definitions(world)

    def draft(self) -> Draft:
        unique = [d["name"] for d in self.known.rows() if d["hasUniqueValue"] and not d.get("hubspotDefined")]
        return Draft(self.rows, self._identities, unique)

    def check(self, values: Mapping[str, str]) -> None:
        if wrong := problems(self.world, values):
            raise invalid_values(wrong)

    def locate(self, draft: Draft, key: str, id_property: str | None) -> Row | None:
        """The live contact of that id, address or unique value. A merged-away id leads to the survivor."""
        if id_property in (None, "", "hs_object_id"):
            return self.live(draft, key)
        definition = self.known.get(id_property)
        if id_property != "email" and not (definition and definition["hasUniqueValue"]):
            raise invalid(f"Property '{id_property}' is not a unique property and cannot be used as idProperty")
        values = kept(self.world, {id_property: key})
        holder = draft.holder(id_property, values[id_property])
        return draft.get(holder) if holder else None

    def live(self, draft: Draft, record_id: str) -> Row | None:
        row = draft.get(record_id)
        while row and row["merged_into"] and self.world.switches.hubspot_merged_ids_resolve:
            row = draft.get(row["merged_into"])
        return row if row and not row["archived"] else None

    def unmentioned(self, record_id: str) -> bool:
        """Whether a batch update is silent about that id (fact sheet, section 3: merged-away ids, says a witness)."""
        row = self.rows.get(record_id)
        return bool(row and row["merged_into"]) and self.world.switches.hubspot_merged_ids_silent

    def in_archive(self, record_id: str) -> Row | None:
        row = self.rows.get(record_id)
        return row if row and row["archived"] else None

    def create(self, draft: Draft, values: Mapping[str, str], source: Source = API, at: datetime | None = None) -> Row:
        """A new contact; `Conflict` names the holder of a taken address."""
        at = at or self.world.clock.now()
        record_id = str(self.world.store.next("hubspot.id", FIRST_ID))
        row = self.lagging(changed(_blank(record_id, at), {"lifecyclestage": "lead"} | dict(values), at, source))
        self._enforce(row, born=True)
        if row["properties"].get("lifecyclestage") == "lead":
            # Computed dates are epoch milliseconds in recent answers (fact sheet, section 2.1: recorded).
            row["properties"]["hs_lifecyclestage_lead_date"] = str(int(at.timestamp() * 1000))
        try:
            draft.put(row)
        except Taken as taken:
            raise Conflict(taken.holder) from None
        return row

    def update(self, draft: Draft, row: Row, values: Mapping[str, str], source: Source = API) -> Row:
        new = self.lagging(changed(row, values, self.world.clock.now(), source))
        self._enforce(new, born=False)
        try:
            draft.put(new)
        except Taken as taken:
            raise already_held(PORTAL, taken.name, taken.value, row["id"], taken.holder) from None
        return new

    def _enforce(self, row: Row, born: bool) -> None:
        if self._path is not None and (missing := rules.missing(self.world, self._path, row["properties"], born)):
            raise rule_broken(missing)

    def archive(self, draft: Draft, record_id: str, at: datetime | None = None) -> None:
        """Archiving what is not there, or no longer, is no error."""
        if (row := draft.get(record_id)) and not row["archived"]:
            draft.put(archived(row, at or self.world.clock.now()))

    def erase(self, row: Row) -> None:
        """Permanent deletion: not even the archive keeps the contact, nor those merged into it."""
        draft = self.draft()
        self.archive(draft, row["id"])
        draft.commit()
        for record_id in (row["id"], *merged_ids(row)):
            if record_id in self.rows:
                self.rows.remove(record_id)

    def lagging(self, row: Row) -> Row:
        """Under the fault `lag` what this request writes stays out of the next searches."""
        if self._lag is None:
            self._lag = self._path is not None and self.world.faults.take("hubspot", "lag", self._path)
        next_search = int(self.world.store.fact("hubspot.searches", 1))
        return {**row, "searchable_from": next_search + LAG_SEARCHES} if self._lag else row


def seed(world: World, values: Mapping[str, str], at: datetime, archived: bool = False) -> str:
    """A contact that a person made at that time, without validation. Its id. Raises `Conflict` on a known address."""
    contacts = Contacts(world)
    draft = contacts.draft()
    row = contacts.create(draft, kept(world, values), SCREEN, at)
    if archived:
        contacts.archive(draft, row["id"], at)
    draft.commit()
    return str(row["id"])
