"""The ledger as it was first: what is known, what was planned, what was written, and who holds it.

Times are ISO 8601 text in UTC with microseconds: they sort, and read alike on SQLite and PostgreSQL.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_connections()
    create_runs()
    create_memory()
    create_plans()
    create_outbox()
    create_journal()


def required(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def optional(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text) for name in names]


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def key(*names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names)


def create_connections() -> None:
    op.create_table(
        "connections",
        *required("system", "account", "connected_at"),
        *optional("disconnected_at"),
        number("generation"),
        flag("paused"),
        key("system"),
    )
    op.create_table("directions", *required("scope", "direction", "changed_at"), flag("rebase"), key("scope"))


def create_runs() -> None:
    op.create_table(
        "runs", *required("id", "mode", "started_at"), *optional("finished_at", "outcome", "plan"), key("id")
    )
    op.create_table(
        "snapshots",
        *required("run", "system", "path", "digest", "taken_at"),
        *optional("watermark"),
        number("rows"),
        key("run", "system"),
    )
    op.create_table("watermarks", *required("system", "value", "run"), key("system"))


def create_memory() -> None:
    link = ("system", "object", "record_id")
    op.create_table("links", *required(*link, "since", "run"), *optional("person", "role"), key(*link))
    op.create_index("links_by_person", "links", ["person"])
    op.create_table("links_history", *required(*link, "since", "run"), *optional("person", "role"))
    op.create_index("links_history_by_record", "links_history", list(link))
    op.create_index("links_history_by_person", "links_history", ["person"])
    op.create_table("people", *required("person", "since", "run"), *optional("key", "born"), key("person"))
    op.create_index("people_by_key", "people", ["key"])
    op.create_table("numbers", *required("person", "number", "since", "run"), *optional("until"))
    op.create_index("numbers_by_number", "numbers", ["number"])
    op.create_index("numbers_by_person", "numbers", ["person"])
    op.create_table("golden", *required("person"), key("person"))
    op.create_table("bases", *required("ref", "system", "object", "record_id"), key("ref"))
    op.create_table(
        "settled",
        *required("ref", "field", "since", "run"),
        *optional("golden", "value", "reason"),
        key("ref", "field"),
    )


def create_plans() -> None:
    op.create_table(
        "plans",
        *required("id", "run", "mode", "checksum", "created_at", "status", "verdict", "inputs", "linked", "path"),
        number("settled"),
        key("id"),
    )
    op.create_index("plans_by_time", "plans", ["created_at"])
    op.create_table(
        "changes",
        *required("plan", "id", "status", "note"),
        *optional("system", "object", "record_id", "person", "kind", "phone", "reason", "rule"),
        number("position"),
        key("plan", "id"),
    )
    op.create_index("changes_by_person", "changes", ["person"])
    cell = ("field", "property", "before", "after")
    planned("change_fields", "change", *cell, "value", "sources")
    planned("refused", "system", "object", "record_id", "person", "kind", "phone", *cell, "reason", "since")
    op.create_index(
        "refused_by_cell", "refused", ["system", "object", "property", sa.text("COALESCE(record_id, person)")]
    )
    planned("conflicts", "id", "person", "field", "sides", "winner", "rule", "since")
    op.create_index("conflicts_by_id", "conflicts", ["id"])
    op.create_index("conflicts_by_person", "conflicts", ["person"])
    planned("collisions", "kind", "phone", "records", "chosen")
    planned("quarantine", "system", "object", "record_id", "reason")


def planned(table: str, *columns: str) -> None:
    """A part of a plan: rows in the order in which they were planned."""
    op.create_table(table, *required("plan"), number("position"), *optional(*columns), key("plan", "position"))


def create_outbox() -> None:
    op.create_table(
        "outbox",
        *required("run", "plan", "change", "system", "object", "kind", "phone", "payload", "intended_at"),
        *optional("record_id", "outcome", "received_at", "receipt_record_id", "reason"),
        key("run", "plan", "change"),
    )
    op.create_index("outbox_by_outcome", "outbox", ["outcome"])


def create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        *required("at", "who", "what", "subject", "details"),
        *optional("run"),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_by_run", "journal", ["run"])
    op.create_table(
        "lease",
        *required("name", "host", "boot", "started", "since", "run", "renewed_at"),
        number("pid"),
        key("name"),
    )
