"""How many calls carrying out a plan was expected to take."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("plans", sa.Column("forecast", sa.Text, nullable=False, server_default="{}"))
