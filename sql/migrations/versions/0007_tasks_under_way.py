"""When the system was asked to create a communication's Task, as long as no answer came."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("communications", sa.Column("asked_at", sa.Text))
