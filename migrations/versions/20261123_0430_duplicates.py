"""Duplicates by the day they came: what leaves them out of the figures reads them alone."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_0430"
down_revision = "20261123_0010"
branch_labels = None
depends_on = None

IS_DUPLICATE = sa.text("close_reason IN ('duplicate')")


def upgrade() -> None:
    op.create_index(
        "ix_ticket_duplicate_received",
        "ticket",
        ["received_at"],
        sqlite_where=IS_DUPLICATE,
        postgresql_where=IS_DUPLICATE,
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_duplicate_received", "ticket")
