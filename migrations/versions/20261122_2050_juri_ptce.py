"""Juri-PTCE: sessions, slots, appointments, the waiting list, parts, and the notices about them."""

import sqlalchemy as sa
from alembic import op

from helpdesk.juri_ptce.ddl import create_statements, drop_statements

revision = "20261122_2050"
down_revision = "20261122_1910"
branch_labels = None
depends_on = None

BEFORE = (
    "received", "clarification_asked", "answered", "corrected", "target_passed", "unread_answer",
    "closed_out_of_scope", "closed_as_duplicate", "closed_by_faq", "new_in_delegation", "urgent",
    "clarification_given", "transmitted", "assigned", "answer_copy", "relay_waiting", "correction_reason",
    "followed_up", "day_eight", "untriaged", "written_confirmation_due", "law_changed", "handed_over", "sensitive",
    "review_due", "identifying_reported", "entry_to_approve", "sign_in_link", "welcome", "digest",
)  # fmt: skip
ADDED = (
    "juri_call_offered", "juri_booked", "juri_changed", "juri_cancelled", "juri_reminder", "juri_place_offered",
    "juri_to_confirm", "juri_to_vouch", "juri_to_decide", "juri_unhosted", "juri_account_due", "juri_part",
)  # fmt: skip
AT = BEFORE.index("sign_in_link")


def upgrade() -> None:
    _allow((*BEFORE[:AT], *ADDED, *BEFORE[AT:]))
    op.create_table(
        "juri_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("month_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "scheduled",
                "cancelled",
                name="juri_session_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "problem",
            sa.Enum(
                "holiday",
                "august",
                "early_january",
                name="day_problem",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("video_link", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_juri_session_cancelled")
        ),
        sa.CheckConstraint("cut_off_at <= starts_at", name=op.f("ck_juri_session_cut_off")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_juri_session_times")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juri_session")),
        sa.UniqueConstraint("month_on", name=op.f("uq_juri_session_month_on")),
    )
    op.create_index(op.f("ix_juri_session_starts_at"), "juri_session", ["starts_at"], unique=False)
    op.create_index("ix_juri_session_status_starts", "juri_session", ["status", "starts_at"], unique=False)
    op.create_table(
        "juri_calendar_feed",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_juri_calendar_feed_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_juri_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_juri_calendar_feed_token_hash")),
    )
    op.create_table(
        "juri_ptce_profile",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("is_network_member", sa.Boolean(), nullable=False),
        sa.Column("has_charter", sa.Boolean(), nullable=False),
        sa.Column("vouched_by_id", sa.Integer(), nullable=True),
        sa.Column("vouched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_juri_ptce_profile_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vouched_by_id"], ["person.id"], name=op.f("fk_juri_ptce_profile_vouched_by_id_person")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_juri_ptce_profile")),
    )
    op.create_table(
        "juri_session_host",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_absent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juri_session_host_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["juri_session.id"],
            name=op.f("fk_juri_session_host_session_id_juri_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_juri_session_host")),
    )
    op.create_index(op.f("ix_juri_session_host_person_id"), "juri_session_host", ["person_id"], unique=False)
    op.create_table(
        "juri_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_juri_slot_times")),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_juri_slot_seats")),
        sa.ForeignKeyConstraint(["session_id"], ["juri_session.id"], name=op.f("fk_juri_slot_session_id_juri_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juri_slot")),
        sa.UniqueConstraint("session_id", "starts_at", name=op.f("uq_juri_slot_session_id_starts_at")),
    )
    op.create_index(op.f("ix_juri_slot_starts_at"), "juri_slot", ["starts_at"], unique=False)
    op.create_table(
        "juri_call_offer",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column(
            "medium",
            sa.Enum("phone", "video", name="offer_medium", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("offered_by_id", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["offered_by_id"], ["person.id"], name=op.f("fk_juri_call_offer_offered_by_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["juri_session.id"], name=op.f("fk_juri_call_offer_session_id_juri_session")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_juri_call_offer_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_juri_call_offer")),
    )
    op.create_index(op.f("ix_juri_call_offer_session_id"), "juri_call_offer", ["session_id"], unique=False)
    op.create_table(
        "juri_details",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("involves_authority", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("wished_session_id", sa.Integer(), nullable=True),
        sa.Column("may_be_published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_juri_details_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wished_session_id"], ["juri_session.id"], name=op.f("fk_juri_details_wished_session_id_juri_session")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_juri_details")),
    )
    op.create_index(op.f("ix_juri_details_wished_session_id"), "juri_details", ["wished_session_id"], unique=False)
    op.create_table(
        "juri_part",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("federation", "rtes", name="part_side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answerer_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("approved_at IS NULL OR text <> ''", name=op.f("ck_juri_part_approved_has_text")),
        sa.ForeignKeyConstraint(["answerer_id"], ["person.id"], name=op.f("fk_juri_part_answerer_id_person")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_juri_part_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "side", name=op.f("pk_juri_part")),
    )
    op.create_index(op.f("ix_juri_part_answerer_id"), "juri_part", ["answerer_id"], unique=False)
    op.create_table(
        "juri_appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "requested",
                "confirmed",
                "held",
                "absent",
                "cancelled_by_ptce",
                "cancelled_by_service",
                "moved",
                "lapsed",
                name="appointment_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "medium",
            sa.Enum("phone", "video", name="medium", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("video_link", sa.Text(), nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("booked_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        sa.Column("is_late_cancel", sa.Boolean(), nullable=False),
        sa.Column("days_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hours_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("account_due_on", sa.Date(), nullable=True),
        sa.Column("account_message_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(status = 'offered') <= (expires_at IS NOT NULL)", name=op.f("ck_juri_appointment_offer_expires")
        ),
        sa.CheckConstraint(
            "account_message_id IS NULL OR status IN ('held', 'absent')",
            name=op.f("ck_juri_appointment_account_of_held"),
        ),
        sa.CheckConstraint("seat >= 1", name=op.f("ck_juri_appointment_seat")),
        sa.ForeignKeyConstraint(
            ["account_message_id"], ["message.id"], name=op.f("fk_juri_appointment_account_message_id_message")
        ),
        sa.ForeignKeyConstraint(["booked_by_id"], ["person.id"], name=op.f("fk_juri_appointment_booked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_juri_appointment_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["juri_slot.id"], name=op.f("fk_juri_appointment_slot_id_juri_slot")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_juri_appointment_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juri_appointment")),
        sa.UniqueConstraint("uid", "sequence", name=op.f("uq_juri_appointment_uid_sequence")),
    )
    op.create_index(op.f("ix_juri_appointment_expires_at"), "juri_appointment", ["expires_at"], unique=False)
    op.create_index(op.f("ix_juri_appointment_organisation_id"), "juri_appointment", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_juri_appointment_slot_id"), "juri_appointment", ["slot_id"], unique=False)
    op.create_index("ix_juri_appointment_status", "juri_appointment", ["status"], unique=False)
    op.create_index(op.f("ix_juri_appointment_ticket_id"), "juri_appointment", ["ticket_id"], unique=False)
    op.create_index(
        "uq_juri_appointment_slot_seat",
        "juri_appointment",
        ["slot_id", "seat"],
        unique=True,
        sqlite_where=sa.text("status IN ('offered', 'requested', 'confirmed', 'held', 'absent')"),
        postgresql_where=sa.text("status IN ('offered', 'requested', 'confirmed', 'held', 'absent')"),
    )
    op.create_index(
        "uq_juri_appointment_ticket_to_come",
        "juri_appointment",
        ["ticket_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('requested', 'confirmed')"),
        postgresql_where=sa.text("status IN ('requested', 'confirmed')"),
    )
    op.create_table(
        "juri_part_attachment",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("federation", "rtes", name="attachment_side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_juri_part_attachment_attachment_id_attachment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id", "side"],
            ["juri_part.ticket_id", "juri_part.side"],
            name=op.f("fk_juri_part_attachment_ticket_id_side_juri_part"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "side", "attachment_id", name=op.f("pk_juri_part_attachment")),
    )
    op.create_index(
        op.f("ix_juri_part_attachment_attachment_id"), "juri_part_attachment", ["attachment_id"], unique=False
    )
    op.create_table(
        "juri_attendance",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_occupying", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_juri_attendance_times")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["juri_appointment.id"],
            name=op.f("fk_juri_attendance_appointment_id_juri_appointment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juri_attendance_person_id_person")),
        sa.PrimaryKeyConstraint("appointment_id", "person_id", name=op.f("pk_juri_attendance")),
    )
    op.create_index("ix_juri_attendance_person_starts", "juri_attendance", ["person_id", "starts_at"], unique=False)
    op.create_table(
        "juri_waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "offered",
                "accepted",
                "expired",
                "declined",
                "left",
                name="waiting_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "medium",
            sa.Enum("phone", "video", name="waiting_medium", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'offered') <= (appointment_id IS NOT NULL)", name=op.f("ck_juri_waiting_offer")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["juri_appointment.id"], name=op.f("fk_juri_waiting_appointment_id_juri_appointment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juri_waiting_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["juri_session.id"], name=op.f("fk_juri_waiting_session_id_juri_session")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_juri_waiting_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juri_waiting")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_juri_waiting_appointment_id")),
    )
    op.create_index(op.f("ix_juri_waiting_ticket_id"), "juri_waiting", ["ticket_id"], unique=False)
    op.create_index(
        "uq_juri_waiting_queued",
        "juri_waiting",
        ["session_id", "ticket_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('waiting', 'offered')"),
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    for statement in create_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("juri_waiting")
    op.drop_table("juri_attendance")
    op.drop_table("juri_part_attachment")
    op.drop_table("juri_appointment")
    op.drop_table("juri_part")
    op.drop_table("juri_details")
    op.drop_table("juri_call_offer")
    op.drop_table("juri_slot")
    op.drop_table("juri_session_host")
    op.drop_table("juri_ptce_profile")
    op.drop_table("juri_calendar_feed")
    op.drop_table("juri_session")
    op.execute(f"UPDATE mail SET notice = 'digest' WHERE notice IN ({', '.join(map(repr, ADDED))})")  # noqa: S608
    _allow(BEFORE)


def _allow(notices: tuple[str, ...]) -> None:
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_notice"), type_="check")
        batch_op.create_check_constraint(op.f("ck_mail_notice"), f"notice IN ({', '.join(map(repr, notices))})")
