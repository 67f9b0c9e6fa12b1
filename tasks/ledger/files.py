"""The ledger's files: frames as Parquet and what goes with them, readable by their owner alone."""

import os
from collections.abc import Collection
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.core.errors import SettingsError, UsageError


class FileLost(UsageError):
    """Somebody deleted or damaged a file of the ledger."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the ledger's file {path} is gone or damaged: make a new plan with `tandem plan`")


def make_folder(path: Path) -> Path:
    """That folder, created private if it isn't there, as are those that lead to it."""
    try:
        for folder in (folder for folder in reversed(path.parents) if not folder.exists()):
            folder.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the folder {path} can't be created: {error.strerror}; check TANDEM_HOME") from None
    return path


def save(path: Path, content: bytes) -> None:
    """Write a private file; a half-written one never stands under its name. Raises OSError where it can't be."""
    partial = path.with_name(f"{path.name}.partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    partial.replace(path)


def write_bytes(path: Path, content: bytes) -> None:
    """Write one of the ledger's files. Raises SettingsError where it can't be."""
    try:
        save(path, content)
    except OSError as error:
        raise SettingsError(
            f"the file {path} can't be written: {error.strerror}; make room or set TANDEM_HOME, then run this again"
        ) from None


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    write_bytes(path, parquet(frame))


def parquet(frame: pd.DataFrame) -> bytes:
    """The frame as a file. Zstandard leaves half of what Parquet's usual compression does, in nearly the same time."""
    content: bytes = frame.to_parquet(compression="zstd")
    return content


def read_bytes(path: Path) -> bytes:
    """Raises FileLost for a file that isn't there any more."""
    try:
        return path.read_bytes()
    except OSError:
        raise FileLost(path) from None


def read_frame(path: Path, ids: Collection[str] | None = None) -> pd.DataFrame:
    """The frame in that file, or its rows with one of those ids as `record_id`. Raises FileLost as `read_bytes` does,
    and for one that is damaged."""
    wanted = None if ids is None else [("record_id", "in", sorted(ids))]
    content = read_bytes(path)
    try:
        return pd.read_parquet(BytesIO(content), filters=wanted)
    except pa.ArrowInvalid:
        raise FileLost(path) from None


def count_rows(path: Path) -> int:
    """How many rows the frame in that file has, without reading it. Raises FileLost as `read_frame` does."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid):
        raise FileLost(path) from None
