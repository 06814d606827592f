"""What open questions are close to, found by the worker."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1910"
down_revision = "20261122_1750"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_near",
        sa.Column("corpus", sa.String(length=20), nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("near_corpus", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("near_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corpus", "entry_id", "near_corpus", "rank", name=op.f("pk_search_near")),
    )
    op.create_table(
        "search_near_made",
        sa.Column("corpus", sa.String(length=20), nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("near_corpus", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("corpus", "entry_id", "near_corpus", name=op.f("pk_search_near_made")),
    )


def downgrade() -> None:
    op.drop_table("search_near_made")
    op.drop_table("search_near")
