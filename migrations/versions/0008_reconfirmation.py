"""Whether those who have a seat still come: when each party was asked last, and when it said yes.

Who has a seat already is asked from the next instant on. Rebuilds `registration` on SQLite; on PostgreSQL both columns are added at
once, and one statement writes a row for each seated party. Stop the web and the worker of the code before it meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEX = "ix_registration_ask"


def upgrade() -> None:
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("ask_after", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("reconfirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE registration SET ask_after = confirmed_at WHERE state = 'confirmed'")
    clause = sa.text("state = 'confirmed'")
    op.create_index(INDEX, "registration", ["event_id", "ask_after", "id"], sqlite_where=clause, postgresql_where=clause)


def downgrade() -> None:
    op.drop_index(INDEX, "registration")
    with op.batch_alter_table("registration") as batch:
        batch.drop_column("reconfirmed_at")
        batch.drop_column("ask_after")
