"""What the three emulators share: store, clock, credentials, and switches for facts that sources dispute."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tasks.sandbox.faults import Faults
from tasks.sandbox.store import Store


class Clock:
    """Wall-clock time in UTC with millisecond grain that never stands still: each call is later than the last one."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        moment = datetime.now(UTC)
        moment -= timedelta(microseconds=moment.microsecond % 1000)
        self._last = max(moment, self._last + timedelta(milliseconds=1))
        return self._last


@dataclass
class Switches:
    """Behaviours on which the sources disagree (the fact sheets say where)."""

    duplicate_key: str = "duplicateResut"  # the spelling seen in real v50-v56 answers
    all_or_none_status: int = 200  # documented; 400 is what one client's tests record
    bulk_header_on_every_page: bool = True  # two clients rely on it; one text says that only the first page has it
    bulk_early_results_status: int = 204  # results asked for before a job is done; not documented any more
    wrong_secret_status: int = 400  # a wrong client secret: 400 or 401
    refresh_token_rotation: bool = False  # an org's option: each refresh token works once
    forms_exists_status: int = 409  # an existing phone without force_update: 409, 400, or 200 and only blanks filled
    lookup_wrapper: str = ""  # a looked-up contact is flat; one client is ready for it under "contact" or "data"
    hubspot_primary_id_preservation: bool = False  # a beta: merges keep the primary's id instead of making a new one
    hubspot_merged_ids_resolve: bool = True  # a merged-away id leads to the survivor, or is not found
    hubspot_merged_ids_silent: bool = False  # a batch update says nothing at all of a merged-away id
    hubspot_search_daily_headers: bool = True  # recorded on searches in 2022; documented as absent
    hubspot_ids_as_texts: bool = False  # searches compare record ids as texts, "10" before "9"
    hubspot_traced_updates: bool = True  # trace ids let rows of a batch update fail alone; documented for creates
    hubspot_echoed_traces: bool = False  # results repeat trace ids: described, but in no recording
    hubspot_conflict_names_first: bool = False  # a whole refused batch names the first holder, or (recorded) none


@dataclass
class World:
    """One mirror world. `urls` maps system → origin once the servers listen."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    faults: Faults = field(default_factory=Faults)
    urls: dict[str, str] = field(default_factory=dict)
    timezone: str = "America/New_York"
    real_limits: bool = False  # `--limits real`: vendors' rate limits are enforced

    def credential(self, name: str) -> str:
        """A made-up secret that stays the same over restarts: `salesforce.client_secret`, `hubspot.token` …"""
        known = self.store.fact(f"credential.{name}")
        if known is None:
            known = secrets.token_hex(16)
            self.store.remember(f"credential.{name}", known)
        return str(known)
