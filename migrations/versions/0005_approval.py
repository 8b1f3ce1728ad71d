"""An organiser may decide about each party that asks for a ticket type. Nobody decides about those of before.

Adds a column to a short table. Going down, who still awaits a decision is cancelled: the code before it knows no way to decide.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket_type") as batch:
        batch.add_column(sa.Column("approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("ticket_type") as batch:
        batch.alter_column("approval", server_default=None)


def downgrade() -> None:
    op.execute("UPDATE registration SET state = 'cancelled', cause = 'organiser' WHERE state = 'pending_approval'")
    with op.batch_alter_table("ticket_type") as batch:
        batch.drop_column("approval")
