"""Of whom the ledger learned something when: so that a run which follows another reads only what is known of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table("touched", sa.Column("name", sa.Text, primary_key=True), sa.Column("at", sa.Text, nullable=False))
    op.create_index("touched_by_time", "touched", ["at"])
