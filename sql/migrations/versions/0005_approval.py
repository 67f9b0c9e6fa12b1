"""Of a plan: how each cell ended, on what it stood, what it holds; people's decisions; where golden came from; and whom
we were asked to forget."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("outcome", "version"):
        op.add_column("change_fields", sa.Column(name, sa.Text))
    for name, nothing in (("policy", ""), ("overrides", "[]")):
        op.add_column("plans", sa.Column(name, sa.Text, nullable=False, server_default=nothing))
    for name in ("concluded_at", "erased_at", "thinned_at"):
        op.add_column("plans", sa.Column(name, sa.Text))
    op.create_table(
        "decisions",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("person", "field", "value", "sides", "who", "reason")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("plan", "at")),
        *(sa.Column(name, sa.Text) for name in ("run", "ending")),
    )
    op.create_index("decisions_by_cell", "decisions", ["person", "field"])
    op.create_table(
        "suppressions",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("digest", "since")),
        sa.PrimaryKeyConstraint("digest"),
    )
