"""Hands on Aloware's contacts export: a CSV that a person made, hours or days old.

Here is how old its contacts are; what it holds is `aloware_sheet`'s.
"""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from tasks.connectors import aloware_sheet as sheet
from tasks.connectors.aloware_file import ExportFile
from tasks.connectors.logins import AlowareLogin
from tasks.core.errors import PolicyError

VARIABLE = "ALOWARE_CONTACTS_EXPORT"


def contacts(export: ExportFile, wanted: Sequence[str], login: AlowareLogin, now: datetime) -> pd.DataFrame:
    """The contacts that it lists as a snapshot's frame, as of when it was made. Raises SettingsError for a file that is
    no contacts export, PolicyError for a header that the policy should name and doesn't, or a time that is to come."""
    if login.export_as_of is not None and login.export_as_of > now:
        raise PolicyError(
            f'[aloware] export_as_of = "{login.export_as_of.isoformat()}" is still to come, which no export '
            "can be of: correct it, or remove the key."
        )
    with export.opened() as (file, made):
        try:
            frame = sheet.frame(file, wanted, login.export_columns, login.timezone)
        except sheet.Unreadable as error:
            raise export.unreadable(error) from error
    frame["as_of"] = pd.Series(
        _as_of(login.export_as_of or made, frame, now), index=frame.index, dtype="datetime64[us, UTC]"
    )
    return frame


def _as_of(made: datetime | None, frame: pd.DataFrame, now: datetime) -> datetime:
    """When it was made, if somebody says so; else its newest edit, for it is no older. Never the future, whatever
    another clock says: an observation must not look newer than a look-up."""
    newest = frame["modified_at"].max()
    known = made or (None if pd.isna(newest) else newest.to_pydatetime())
    return min(known or now, now)
