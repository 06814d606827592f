"""More kinds of mail, about entries: to read again, reported as identifying, to approve, sent as an answer."""

from alembic import op

revision = "20261122_1740"
down_revision = "20261122_1730"
branch_labels = None
depends_on = None

BEFORE = (
    "received", "clarification_asked", "answered", "corrected", "target_passed", "unread_answer",
    "closed_out_of_scope", "closed_as_duplicate", "new_in_delegation", "urgent", "clarification_given", "transmitted",
    "assigned", "answer_copy", "relay_waiting", "correction_reason", "followed_up", "day_eight", "untriaged",
    "written_confirmation_due", "law_changed", "handed_over", "sensitive", "sign_in_link", "welcome", "digest",
)  # fmt: skip
ADDED = ("review_due", "identifying_reported", "entry_to_approve")
TO_THE_STRUCTURE = ("closed_by_faq",)
FIRST, AT = BEFORE.index("new_in_delegation"), BEFORE.index("sign_in_link")


def upgrade() -> None:
    _allow((*BEFORE[:FIRST], *TO_THE_STRUCTURE, *BEFORE[FIRST:AT], *ADDED, *BEFORE[AT:]))


def downgrade() -> None:
    gone = ", ".join(map(repr, (*TO_THE_STRUCTURE, *ADDED)))
    op.execute(f"UPDATE mail SET notice = 'digest' WHERE notice IN ({gone})")  # noqa: S608
    _allow(BEFORE)


def _allow(notices: tuple[str, ...]) -> None:
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_notice"), type_="check")
        batch_op.create_check_constraint(op.f("ck_mail_notice"), f"notice IN ({', '.join(map(repr, notices))})")
