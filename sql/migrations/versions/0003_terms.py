"""Under which policy and metadata differences were settled, and of which property the bases are."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    names = ("place", "property", "policy", "vendor")
    columns = [sa.Column(name, sa.Text, nullable=False) for name in names]
    op.create_table("terms", *columns, sa.PrimaryKeyConstraint("place"))
