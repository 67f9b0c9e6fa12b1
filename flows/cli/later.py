"""Commands whose words are settled and whose work is not built yet: they accept their arguments and say so."""

from typing import Any

import click

from tasks.core.errors import UsageError


def _argument(name: str, **more: Any) -> click.Argument:
    return click.Argument([name], **more)


def _option(name: str, **more: Any) -> click.Option:
    return click.Option([name], **more)


def _flag(name: str) -> click.Option:
    return click.Option([name], is_flag=True)


def _command(name: str, purpose: str, *params: click.Parameter) -> click.Command:
    def callback(**words: Any) -> None:
        raise UsageError(f"not built yet: `tandem {name}`; `tandem --help` lists what is")

    return click.Command(
        name,
        params=list(params),
        callback=callback,
        help=f"{purpose} Not built yet.",
        short_help=f"{purpose} Not built yet.",
    )


COMMANDS = (
    _command(
        "approve",
        "Let held changes go.",
        _argument("plan"),
        _option("--override", multiple=True, metavar="NAME"),
        _option("--reason", required=True, metavar="TEXT"),
        _option("--except", multiple=True, metavar="CHANGE"),
        _option("--by", metavar="WHO"),
    ),
    _command("reject", "Drop a held plan.", _argument("plan"), _option("--reason", required=True, metavar="TEXT")),
    _command("decide", "Answer conflicts from a CSV.", _argument("file")),
    _command("log-communications", "Log calls as Salesforce Tasks.", _flag("--json")),
    _command("verify", "Look for drift.", _flag("--json")),
    _command("undo", "Take a run back.", _argument("run"), _flag("--json")),
    _command("why", "Where a value came from.", _argument("who"), _argument("field", required=False)),
    _command("history", "What happened to a person.", _argument("who")),
    _command("replay", "Plan a run again.", _argument("run"), _option("--policy", metavar="FILE")),
    _command("report", "A run as an HTML page.", _argument("run"), _option("--out", metavar="FILE")),
    _command("assess", "How well the systems agree.", _option("--out", metavar="DIR")),
    _command("doctor", "Check settings and permissions."),
    _command("forget", "Erase a person from the ledger.", _argument("who")),
    _command("subject", "All that is known of a person.", _argument("who"), _option("--out", required=True)),
    _command("listen", "Receive Aloware's webhooks.", _option("--port", type=int, default=8810)),
    _command("up", "Server, schedules and worker in one."),
)
