"""Indexes for all that is looked up once for every change of a plan, or for everybody of a run.

Without them a plan of 20,000 changes took minutes to be concluded, and each run read all that was ever planned.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

IN_CRM = "system <> 'aloware'"
UNBORN = "kind = 'create' AND system <> 'aloware' AND status NOT IN ('applied', 'refused')"


def upgrade() -> None:
    op.create_index("change_fields_by_change", "change_fields", ["plan", "change"])
    op.create_index("outbox_by_plan", "outbox", ["plan", "change"])
    some("people_by_survivor", "people", ["survivor"], "survivor IS NOT NULL")
    some("changes_unborn", "changes", ["plan", "id"], UNBORN)
    some("links_in_crm", "links", ["person"], IN_CRM)
    some("links_history_in_crm", "links_history", ["person"], IN_CRM)
    cell = ["system", "object", "property", sa.text("COALESCE(record_id, person)")]
    since("refused_by_cell", "refused", cell)
    since("conflicts_by_id", "conflicts", ["id"])


def some(name: str, table: str, columns: list[str], where: str) -> None:
    """An index of some rows: a statement that says the same condition uses it."""
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def since(name: str, table: str, columns: list[object]) -> None:
    """An index that also knows which row was first."""
    op.drop_index(name, table)
    op.create_index(name, table, [*columns, "since"])
