"""The ledger's files: frames as Parquet and what goes with them, readable by their owner alone."""

import os
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from tasks.core.errors import SettingsError, TandemError


def make_folder(path: Path) -> Path:
    """That folder, created private if it isn't there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the folder {path} can't be created: {error.strerror}; check TANDEM_HOME") from None
    return path


def write_bytes(path: Path, content: bytes) -> None:
    """Write a private file; a half-written one never stands under its name."""
    partial = path.with_name(f"{path.name}.partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    partial.replace(path)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    write_bytes(path, frame.to_parquet())


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise TandemError(f"the file {path} can't be read: it belongs to the ledger; run `tandem plan` again") from None


def read_frame(path: Path) -> pd.DataFrame:
    return pd.read_parquet(BytesIO(read_bytes(path)))


def count_rows(path: Path) -> int:
    """How many rows the frame in that file has, without reading it."""
    return int(pq.read_metadata(path).num_rows)
