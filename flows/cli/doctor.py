"""`doctor`: is everything there that Tandem stands on, and what to do where it isn't."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from tasks.core.assessing.checks import Check

STYLES = {"ok": "bold green", "look": "bold yellow", "wrong": "bold red"}


@click.command()
def doctor() -> None:
    """Check settings, permissions, limits and clocks.

    Goes on whatever it finds. Exit code 10 when a setting or the policy is wrong, 11 when a system is.
    """
    from flows.cli.screen import Screen, working
    from flows.doctor import doctor
    from tasks.core.assessing.checks import exit_code

    with working():
        found = list(doctor())
    _show(Screen(), found)
    raise click.exceptions.Exit(exit_code(found))


def _show(page: "Screen", found: "list[Check]") -> None:
    from flows.cli.screen import printable

    page.table(
        "What Tandem stands on",
        ("subject", "check", "state", "what, and what to do"),
        [(check.subject, check.name, check.state, printable(check.says)) for check in found],
    )
    number = {state: sum(check.state == state for check in found) for state in STYLES}
    page.say()
    if number["wrong"]:
        page.say(f"{number['wrong']} wrong, {number['look']} worth a look.", style=STYLES["wrong"])
    else:
        page.say(f"Nothing is wrong, {number['look']} worth a look.", style=STYLES["ok"])


COMMANDS = (doctor,)
