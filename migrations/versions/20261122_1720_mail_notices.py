"""Two more kinds of mail: an answer to read again since the law changed, questions entrusted all together."""

from alembic import op

revision = "20261122_1720"
down_revision = "20261122_1000"
branch_labels = None
depends_on = None

TO_THE_STRUCTURE = (
    "received", "clarification_asked", "answered", "corrected", "target_passed", "unread_answer",
    "closed_out_of_scope", "closed_as_duplicate",
)  # fmt: skip
TO_THE_STAFF = (
    "new_in_delegation", "urgent", "clarification_given", "transmitted", "assigned", "answer_copy", "relay_waiting",
    "correction_reason", "followed_up", "day_eight", "untriaged", "written_confirmation_due", "sensitive",
)  # fmt: skip
TO_A_PERSON = ("sign_in_link", "welcome", "digest")
BEFORE = (*TO_THE_STRUCTURE, *TO_THE_STAFF, *TO_A_PERSON)
AFTER = (*TO_THE_STRUCTURE, *TO_THE_STAFF[:-1], "law_changed", "handed_over", "sensitive", *TO_A_PERSON)


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    op.execute("UPDATE mail SET notice = 'followed_up' WHERE notice = 'law_changed'")
    op.execute("UPDATE mail SET notice = 'assigned' WHERE notice = 'handed_over'")
    _allow(BEFORE)


def _allow(notices: tuple[str, ...]) -> None:
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_notice"), type_="check")
        batch_op.create_check_constraint(op.f("ck_mail_notice"), f"notice IN ({', '.join(map(repr, notices))})")
