"""A place may be passed on to another person: whether a type allows it, and from which party a registration had its seat.

Every type that exists allows it. Rebuilds `registration` on SQLite; on PostgreSQL both columns are added at once, and the new foreign
key is checked in one pass over the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ORIGIN = "fk_registration_event_id_transferred_from_id_registration"
INDEX = "ix_registration_transferred"


def upgrade() -> None:
    with op.batch_alter_table("ticket_type") as batch:
        batch.add_column(sa.Column("transferable", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("ticket_type") as batch:
        batch.alter_column("transferable", server_default=None)
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("transferred_from_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f(ORIGIN), "registration", ["event_id", "transferred_from_id"], ["event_id", "id"])
    clause = sa.text("transferred_from_id IS NOT NULL")
    op.create_index(INDEX, "registration", ["event_id", "transferred_from_id"], sqlite_where=clause, postgresql_where=clause)


def downgrade() -> None:
    op.drop_index(INDEX, "registration")
    with op.batch_alter_table("registration") as batch:
        batch.drop_constraint(op.f(ORIGIN), type_="foreignkey")
        batch.drop_column("transferred_from_id")
    with op.batch_alter_table("ticket_type") as batch:
        batch.drop_column("transferable")
