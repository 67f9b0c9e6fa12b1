"""What a person is told when something happens that Tandem doesn't know: one sentence, and where the details are."""

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path


def complaint(error: Exception) -> str:
    """A sentence naming the kind of error and the private file that has its details; never the details."""
    said = f"Tandem met a problem it doesn't know: {type(error).__name__}."
    try:
        path = _keep(error)
    except Exception:  # a full disk, a bad setting: the sentence is still worth saying
        return f"{said} Its details could not be kept; run the same command again, then `tandem status`."
    return f"{said} The details are in {path}; run the same command again, or see `tandem status`."


def _keep(error: Exception) -> Path:
    from tasks.core.masking import mask
    from tasks.ledger.files import make_folder, write_bytes
    from tasks.settings import Settings

    folder = make_folder(make_folder(Settings.load().home) / "logs")
    path = folder / f"problem-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    details = [f"tandem {' '.join(sys.argv[1:])}\n\n", *traceback.format_exception(error)]
    write_bytes(path, mask("".join(details)).encode())
    return path
