"""Verb: say what changed since the last digest, and what waits for whom: as text and as HTML, ready to be mailed."""

from tasks.core.digest import Digest
from tasks.ledger.files import make_folder, write_bytes
from tasks.orchestrate import task
from tasks.report.letter import Letter, letter
from tasks.session import Session

FOLDER = "digest"  # in the home: the latest, as text and as HTML


@task
def gather(session: Session) -> Digest:
    """What there is to tell. The ledger is asked, and no system."""
    return session.ledger.digests.until(session.now())


@task
def write_letter(session: Session, digest: Digest) -> Letter:
    """Write it to the home, in place of the last one; from now on all of that is told."""
    written = letter(digest)
    folder = make_folder(session.settings.home / FOLDER)
    for name, content in (("digest.txt", written.text), ("digest.html", written.html)):
        write_bytes(folder / name, content.encode())
    session.ledger.digests.told(digest)
    return written
