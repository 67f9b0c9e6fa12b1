"""What the inbox heard, the calls and messages that it tells of, and contacts that something happened to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "source", "text")),
        sa.Column("outcome", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_by_outcome", "inbox", ["outcome"])
    op.create_table(
        "communications",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "parts", "heard_at", "state", "reason")),
        *(sa.Column(name, sa.Text) for name in ("person", "who", "task", "logged", "run")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("communications_by_state", "communications", ["state"])
    op.create_table(
        "contacts_heard",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("number", "at")),
        sa.PrimaryKeyConstraint("number"),
    )
