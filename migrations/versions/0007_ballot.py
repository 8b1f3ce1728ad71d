"""A draw may decide the order of a line: who takes part waits without a place until then.

Going back, who waits for a draw is given a place in the order of registering. Rebuilds `registration` and `event` on SQLite; stop the
web and the worker of the code before it meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "ck_registration_line"


def upgrade() -> None:
    op.create_table(
        "ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("seed", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("draws_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(800), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(drawn_at IS NULL) = (first_seq IS NULL)", name=op.f("ck_ballot_drawn")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_ballot_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("event_id", name=op.f("uq_ballot_event_id")),
    )
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("ballot_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("lot", sa.Integer(), nullable=True))
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.create_check_constraint(op.f(NAME), "state <> 'waitlisted' OR seq IS NOT NULL OR lot = 0")
    for name, columns, where in (
        ("ix_registration_undrawn", ["event_id", "id"], "notice = 'undrawn'"),
        ("ix_registration_lot", ["event_id", "lot"], "lot > 0"),
    ):
        op.create_index(name, "registration", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in ("ix_registration_undrawn", "ix_registration_lot"):
        op.drop_index(name, "registration")
    undrawn = "state = 'waitlisted' AND seq IS NULL"
    op.execute(
        "UPDATE registration SET seq = (SELECT next_seq FROM event WHERE event.id = registration.event_id) "
        "+ (SELECT count(*) FROM registration AS earlier WHERE earlier.event_id = registration.event_id "
        f"AND earlier.{undrawn.replace('AND ', 'AND earlier.')} AND earlier.id < registration.id) WHERE {undrawn}"
    )
    op.execute(
        "UPDATE event SET next_seq = 1 + (SELECT max(seq) FROM registration WHERE registration.event_id = event.id) "
        "WHERE next_seq <= (SELECT max(seq) FROM registration WHERE registration.event_id = event.id)"
    )
    op.execute("UPDATE registration SET notice = '' WHERE notice = 'undrawn'")
    with op.batch_alter_table("registration") as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.create_check_constraint(op.f(NAME), "state <> 'waitlisted' OR seq IS NOT NULL")
        batch.drop_column("lot")
    with op.batch_alter_table("event") as batch:
        batch.drop_column("ballot_at")
    op.drop_table("ballot")
