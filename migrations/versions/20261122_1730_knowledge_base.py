"""The knowledge base."""

import sqlalchemy as sa
from alembic import op

from helpdesk.audit.ddl import create_statements, drop_statements

revision = "20261122_1730"
down_revision = "20261122_1720"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reader_visit",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("previous_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reader_visit_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reader_visit")),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "faq",
                "note",
                "guide",
                "news",
                "review",
                name="article_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "ptce",
                "members",
                "internal",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "unpublished",
                "published",
                "under_review",
                "withdrawn",
                name="article_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum("written", "answer", "import", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("import_key", sa.String(length=64), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_ticket_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("up_to_date_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'under_review') = (review_opened_at IS NOT NULL)", name=op.f("ck_article_under_review")
        ),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_article_withdrawn")),
        sa.CheckConstraint("state = 'unpublished' OR published_at IS NOT NULL", name=op.f("ck_article_published")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_article_created_by_id_person")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_article_owner_id_person")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["article.id"], name=op.f("fk_article_replaced_by_id_article")),
        sa.ForeignKeyConstraint(
            ["source_ticket_id"], ["ticket.id"], name=op.f("fk_article_source_ticket_id_ticket"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("import_key", name=op.f("uq_article_import_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_slug")),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_article_source_ticket_id"), ["source_ticket_id"], unique=False)
        batch_op.create_index("ix_article_state_published", ["state", "published_at"], unique=False)
        batch_op.create_index("ix_article_state_review_on", ["state", "review_on"], unique=False)

    op.create_table(
        "article_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "created",
                "edited",
                "anonymised",
                "submitted",
                "sent_back",
                "abandoned",
                "published",
                "review_opened",
                "confirmed",
                "withdrawn",
                "restored",
                "redacted",
                "visibility_changed",
                "owner_changed",
                "question_cut",
                name="article_event_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_article_event_actor_id_person")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_event_article_id_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_event")),
    )
    with op.batch_alter_table("article_event", schema=None) as batch_op:
        batch_op.create_index("ix_article_event_article_id_id", ["article_id", "id"], unique=False)

    op.create_table(
        "article_slug",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_slug_article_id_article")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_article_slug")),
    )
    with op.batch_alter_table("article_slug", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_slug_article_id"), ["article_id"], unique=False)

    op.create_table(
        "article_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft",
                "anonymisation",
                "approval",
                "published",
                "superseded",
                "abandoned",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("in_brief", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("change_note", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("up_to_date_on", sa.Date(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("editor_ids", sa.JSON(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("source_message_id", sa.Integer(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(stage IN ('published', 'superseded')) = (published_at IS NOT NULL)",
            name=op.f("ck_article_version_published_at"),
        ),
        sa.CheckConstraint(
            "redacted_at IS NULL OR stage IN ('superseded', 'abandoned')", name=op.f("ck_article_version_redacted")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR approved_by_id IS NOT NULL", name=op.f("ck_article_version_approved")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_article_version_approved_by_id_person")
        ),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_version_article_id_article")),
        sa.ForeignKeyConstraint(
            ["source_message_id"],
            ["message.id"],
            name=op.f("fk_article_version_source_message_id_message"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_article_version_author_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_article_version_article_id_number")),
    )
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.create_index("ix_article_version_stage", ["stage", "updated_at"], unique=False)
        batch_op.create_index(
            "uq_article_version_open",
            ["article_id"],
            unique=True,
            sqlite_where=sa.text("stage IN ('draft', 'anonymisation', 'approval')"),
            postgresql_where=sa.text("stage IN ('draft', 'anonymisation', 'approval')"),
        )
        batch_op.create_index(
            "uq_article_version_published",
            ["article_id"],
            unique=True,
            sqlite_where=sa.text("stage = 'published'"),
            postgresql_where=sa.text("stage = 'published'"),
        )
        batch_op.create_index(
            "uq_article_version_source",
            ["source_message_id"],
            unique=True,
            sqlite_where=sa.text("stage <> 'abandoned'"),
            postgresql_where=sa.text("stage <> 'abandoned'"),
        )

    op.create_table(
        "mark_decision",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("replace", "keep", name="mark_choice", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("replacement", sa.String(length=200), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_mark_decision_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_mark_decision_decided_by_id_person")),
        sa.PrimaryKeyConstraint("article_id", "fingerprint", name=op.f("pk_mark_decision")),
    )
    op.create_table(
        "reading_count",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_reading_count_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "on", name=op.f("pk_reading_count")),
    )
    with op.batch_alter_table("reading_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reading_count_on"), ["on"], unique=False)

    op.create_table(
        "article_attachment",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_article_attachment_attachment_id_attachment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_article_attachment_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "attachment_id", name=op.f("pk_article_attachment")),
    )
    op.create_table(
        "article_reference",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("text_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_article_reference_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_article_reference")),
    )
    with op.batch_alter_table("article_reference", schema=None) as batch_op:
        batch_op.create_index("ix_article_reference_key", ["key"], unique=False)
        batch_op.create_index("ix_article_reference_text", ["text_id"], unique=False)

    op.create_table(
        "article_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "missing",
                "identifying",
                "law_change",
                name="report_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_article_report_done")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_report_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_article_report_done_by_id_person")),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["person.id"], name=op.f("fk_article_report_reported_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_article_report_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_report")),
    )
    with op.batch_alter_table("article_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_report_article_id"), ["article_id"], unique=False)
        batch_op.create_index(
            "ix_article_report_to_do",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "article_topic",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_article_topic_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "code", name=op.f("pk_article_topic")),
    )
    with op.batch_alter_table("article_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_topic_code"), ["code"], unique=False)

    op.create_table(
        "article_typology",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_article_typology_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "code", name=op.f("pk_article_typology")),
    )
    with op.batch_alter_table("article_typology", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_typology_code"), ["code"], unique=False)

    op.create_table(
        "review_item",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("typology", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_review_item_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_review_item_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_review_item")),
    )
    with op.batch_alter_table("review_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_item_article_id"), ["article_id"], unique=False)

    op.create_table(
        "suggestion",
        sa.Column("asking", sa.String(length=64), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_suggestion_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_suggestion_version_id_article_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("asking", "article_id", name=op.f("pk_suggestion")),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestion_shown_at"), ["shown_at"], unique=False)

    op.create_table(
        "vote",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_useful", sa.Boolean(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_vote_person_id_person")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_version.id"], name=op.f("fk_vote_version_id_article_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", "person_id", name=op.f("pk_vote")),
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vote_person_id"), ["person_id"], unique=False)

    for statement in create_statements("article_event", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements("article_event", op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vote_person_id"))

    op.drop_table("vote")
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_shown_at"))

    op.drop_table("suggestion")
    with op.batch_alter_table("review_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_item_article_id"))

    op.drop_table("review_item")
    with op.batch_alter_table("article_typology", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_typology_code"))

    op.drop_table("article_typology")
    with op.batch_alter_table("article_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_topic_code"))

    op.drop_table("article_topic")
    with op.batch_alter_table("article_report", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_article_report_to_do",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_article_report_article_id"))

    op.drop_table("article_report")
    with op.batch_alter_table("article_reference", schema=None) as batch_op:
        batch_op.drop_index("ix_article_reference_text")
        batch_op.drop_index("ix_article_reference_key")

    op.drop_table("article_reference")
    op.drop_table("article_attachment")
    with op.batch_alter_table("reading_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reading_count_on"))

    op.drop_table("reading_count")
    op.drop_table("mark_decision")
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_article_version_source",
            sqlite_where=sa.text("stage <> 'abandoned'"),
            postgresql_where=sa.text("stage <> 'abandoned'"),
        )
        batch_op.drop_index(
            "uq_article_version_published",
            sqlite_where=sa.text("stage = 'published'"),
            postgresql_where=sa.text("stage = 'published'"),
        )
        batch_op.drop_index(
            "uq_article_version_open",
            sqlite_where=sa.text("stage IN ('draft', 'anonymisation', 'approval')"),
            postgresql_where=sa.text("stage IN ('draft', 'anonymisation', 'approval')"),
        )
        batch_op.drop_index("ix_article_version_stage")

    op.drop_table("article_version")
    with op.batch_alter_table("article_slug", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_slug_article_id"))

    op.drop_table("article_slug")
    with op.batch_alter_table("article_event", schema=None) as batch_op:
        batch_op.drop_index("ix_article_event_article_id_id")

    op.drop_table("article_event")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("ix_article_state_review_on")
        batch_op.drop_index("ix_article_state_published")
        batch_op.drop_index(batch_op.f("ix_article_source_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_article_owner_id"))

    op.drop_table("article")
    op.drop_table("reader_visit")
