"""Where a quota is above its limit, those who have its seats are asked who could give theirs back: when, in which words, and who was told."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quota", sa.Column("volunteers_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("quota", sa.Column("volunteers_above", sa.Integer(), nullable=True))
    op.add_column("quota", sa.Column("volunteers_words", sa.Text(), nullable=True))
    op.add_column("registration", sa.Column("volunteers_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("registration", "volunteers_at")
    for name in ("volunteers_words", "volunteers_above", "volunteers_at"):
        op.drop_column("quota", name)
