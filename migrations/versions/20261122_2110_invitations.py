"""Invitations: the calendar file of a mail, and what each person's calendar was last told of a call."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_2110"
down_revision = "20261122_2050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    method = sa.Enum("request", "cancel", name="calendar_method", native_enum=False, create_constraint=True, length=40)
    with op.batch_alter_table("mail") as batch_op:
        batch_op.add_column(sa.Column("calendar", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("calendar_method", method, nullable=True))
        batch_op.create_check_constraint(op.f("ck_mail_calendar"), "(calendar IS NULL) = (calendar_method IS NULL)")
    op.create_table(
        "juri_invitation",
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juri_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("uid", "person_id", name=op.f("pk_juri_invitation")),
    )
    op.create_index(op.f("ix_juri_invitation_person_id"), "juri_invitation", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("juri_invitation")
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_calendar"), type_="check")
        batch_op.drop_constraint(op.f("ck_mail_calendar_method"), type_="check")
        batch_op.drop_column("calendar_method")
        batch_op.drop_column("calendar")
