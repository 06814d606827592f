"""The shared search index, the searches without results, and the outbox's work of indexing."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1750"
down_revision = "20261122_1740"
branch_labels = None
depends_on = None

BYTES_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "search_index",
        sa.Column("corpus", sa.String(length=20), nullable=False),
        sa.Column("analysis_version", sa.Integer(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("title_terms", sa.Integer(), nullable=False),
        sa.Column("body_terms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corpus", name=op.f("pk_search_index")),
    )
    op.create_table(
        "search_entry",
        sa.Column("corpus", sa.String(length=20), nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("facets", sa.JSON(), nullable=False),
        sa.Column("title_terms", sa.Integer(), nullable=False),
        sa.Column("body_terms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corpus", "entry_id", name=op.f("pk_search_entry")),
    )
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.create_index(
            "ix_search_entry_lengths", ["corpus", "entry_id", "title_terms", "body_terms"], unique=False
        )
    op.create_table(
        "search_posting",
        sa.Column("corpus", sa.String(length=20), nullable=False),
        sa.Column("term", BYTES_TEXT, nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_count", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("body_count", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "corpus", "term", "entry_id", "title_count", "body_count", name=op.f("pk_search_posting")
        ),
    )
    with op.batch_alter_table("search_posting") as batch_op:
        batch_op.create_index("ix_search_posting_entry", ["corpus", "entry_id"], unique=False)
    op.create_table(
        "search_miss",
        sa.Column("corpus", sa.String(length=20), nullable=False),
        sa.Column("searched_on", sa.Date(), nullable=False),
        sa.Column("query", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corpus", "searched_on", "query", name=op.f("pk_search_miss")),
    )
    _allow("kind IN ('mail', 'index')")


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'index'")
    _allow("kind IN ('mail')")
    for table in ("search_miss", "search_posting", "search_entry", "search_index"):
        op.drop_table(table)


def _allow(kinds: str) -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_constraint(op.f("ck_outbox_outbox_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_outbox_outbox_kind"), kinds)
