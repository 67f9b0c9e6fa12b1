"""The daily letter: what changed since the last one, and what waits for whom. Nothing is changed, and nobody named."""

import click

from tasks.digest import gather, write_letter
from tasks.orchestrate import flow
from tasks.publish import publish_digest
from tasks.report.letter import Letter
from tasks.session import open_session


@flow(name="digest")
def digest() -> Letter:
    """Write the letter to the folder `digest` of the home, as text and as HTML, ready to be mailed."""
    with open_session(read_only=True) as session:
        letter = write_letter(session, gather(session))
        publish_digest(letter.subject, letter.text)
        return letter


if __name__ == "__main__":
    click.echo(digest().text)
