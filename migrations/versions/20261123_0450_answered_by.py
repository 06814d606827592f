"""An answered clock has somebody who answered, and no other has."""

from alembic import op

revision = "20261123_0450"
down_revision = "20261123_0430"
branch_labels = None
depends_on = None

NAME = "ck_response_clock_answered_by_someone"


def upgrade() -> None:
    with op.batch_alter_table("response_clock") as batch_op:
        batch_op.create_check_constraint(op.f(NAME), "(answered_at IS NULL) = (answered_by IS NULL)")


def downgrade() -> None:
    with op.batch_alter_table("response_clock") as batch_op:
        batch_op.drop_constraint(op.f(NAME), type_="check")
