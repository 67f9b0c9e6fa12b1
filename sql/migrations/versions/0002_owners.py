"""Who turned out to be whom, and how a number is somebody's: as their key, otherwise, or from whom they absorbed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("people", sa.Column("survivor", sa.Text))
    op.add_column("numbers", sa.Column("kind", sa.Text, nullable=False, server_default="key"))
