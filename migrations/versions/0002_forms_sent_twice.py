"""Forms of the back office sent twice make one thing: their keys, and the page to which each led.

Makes one new table: it locks nothing that is in use, and the code before it does not know of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_key",
        sa.Column("key", sa.String(length=130), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form_key")),
    )
    op.create_index(op.f("ix_form_key_at"), "form_key", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_form_key_at"), table_name="form_key")
    op.drop_table("form_key")
