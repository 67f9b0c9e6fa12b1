"""When a record was last written is looked up by its reference, and not among all that was ever written."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

RECORD = "(system || ':' || object || ':' || COALESCE(receipt_record_id, record_id))"


def upgrade() -> None:
    op.drop_index("outbox_by_outcome", "outbox")
    op.create_index("outbox_by_outcome", "outbox", ["outcome", sa.text(RECORD), "received_at"])
