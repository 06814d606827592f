"""Figures: whole days of the answered clocks, frozen years, the notice of the week."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from helpdesk.audit.ddl import create_statements, drop_statements

revision = "20261123_0010"
down_revision = "20261122_2110"
branch_labels = None
depends_on = None

BEFORE = (
    "received", "clarification_asked", "answered", "corrected", "target_passed", "unread_answer",
    "closed_out_of_scope", "closed_as_duplicate", "closed_by_faq", "new_in_delegation", "urgent",
    "clarification_given", "transmitted", "assigned", "answer_copy", "relay_waiting", "correction_reason",
    "followed_up", "day_eight", "untriaged", "written_confirmation_due", "law_changed", "handed_over", "sensitive",
    "review_due", "identifying_reported", "entry_to_approve", "juri_call_offered", "juri_booked", "juri_changed",
    "juri_cancelled", "juri_reminder", "juri_place_offered", "juri_to_confirm", "juri_to_vouch", "juri_to_decide",
    "juri_unhosted", "juri_account_due", "juri_part", "sign_in_link", "welcome", "digest",
)  # fmt: skip
AT = BEFORE.index("sign_in_link")
PARIS = ZoneInfo("Europe/Paris")
CHECK = (
    "(answered_at IS NULL) = (gross_days IS NULL) AND (answered_at IS NULL) = (net_days IS NULL) "
    "AND (answered_at IS NULL OR (0 <= net_days AND net_days <= gross_days))"
)
ROWS_AT_A_TIME = 1000


def upgrade() -> None:
    _allow((*BEFORE[:AT], "weekly_figures", *BEFORE[AT:]))
    op.create_table(
        "frozen_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by_id", sa.Integer(), nullable=False),
        sa.Column("definitions", sa.JSON(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_frozen_year_number")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["person.id"], name=op.f("fk_frozen_year_frozen_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_year")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_frozen_year_year_number")),
    )
    op.create_index(op.f("ix_frozen_year_frozen_by_id"), "frozen_year", ["frozen_by_id"], unique=False)
    dialect_name = op.get_bind().dialect.name
    for statement in create_statements("frozen_year", dialect_name):
        op.execute(statement)
    with op.batch_alter_table("response_clock") as batch_op:
        batch_op.add_column(sa.Column("gross_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("net_days", sa.Integer(), nullable=True))
    _count_days(op.get_bind())
    with op.batch_alter_table("response_clock") as batch_op:
        batch_op.create_check_constraint(op.f("ck_response_clock_days_when_answered"), CHECK)


def downgrade() -> None:
    with op.batch_alter_table("response_clock") as batch_op:
        batch_op.drop_constraint(op.f("ck_response_clock_days_when_answered"), type_="check")
        batch_op.drop_column("net_days")
        batch_op.drop_column("gross_days")
    dialect_name = op.get_bind().dialect.name
    for statement in drop_statements("frozen_year", dialect_name):
        op.execute(statement)
    op.drop_table("frozen_year")
    op.execute("UPDATE mail SET notice = 'digest' WHERE notice = 'weekly_figures'")
    _allow(BEFORE)


def _allow(notices: tuple[str, ...]) -> None:
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_notice"), type_="check")
        batch_op.create_check_constraint(op.f("ck_mail_notice"), f"notice IN ({', '.join(map(repr, notices))})")


def _count_days(connection: sa.Connection) -> None:
    """The whole days of what is answered already."""
    clock = sa.table(
        "response_clock",
        *(sa.column(name) for name in ("ticket_id", "round", "waiting_seconds", "gross_days", "net_days")),
        sa.column("started_at", sa.DateTime(timezone=True)),
        sa.column("answered_at", sa.DateTime(timezone=True)),
    )
    columns = (clock.c.ticket_id, clock.c.round, clock.c.started_at, clock.c.answered_at, clock.c.waiting_seconds)
    rows = connection.execute(sa.select(*columns).where(clock.c.answered_at.is_not(None))).all()
    change = (
        sa.update(clock)
        .where(clock.c.ticket_id == sa.bindparam("of_ticket"), clock.c.round == sa.bindparam("of_round"))
        .values(gross_days=sa.bindparam("gross"), net_days=sa.bindparam("net"))
    )
    for start in range(0, len(rows), ROWS_AT_A_TIME):
        connection.execute(change, [_days(row) for row in rows[start : start + ROWS_AT_A_TIME]])


def _days(row: sa.Row) -> dict[str, int]:
    gross = (_paris_day(row.answered_at) - _paris_day(row.started_at)).days
    waited = -(-timedelta(seconds=row.waiting_seconds) // timedelta(days=1))
    return {"of_ticket": row.ticket_id, "of_round": row.round, "gross": gross, "net": max(gross - waited, 0)}


def _paris_day(moment: datetime) -> date:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(PARIS).date()
