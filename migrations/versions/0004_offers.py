"""A seat may be offered: wishes of those who wait, clocks of offers, settings of the line.

The line is counted by the new shapes. Everybody who waits is taken to wish what was the rule before: to be confirmed without being
asked until a week before doors. Rebuilds indexes of `registration`; stop the web and the worker of the code before it meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WISHES = "auto_until IN ('never', 'offers', 'last_day', 'freeze')"
EXPIRY = "state NOT IN ('held', 'offered') OR expires_at IS NOT NULL"
LINE = ("event_id", "ticket_type_id", "size", "line_class")
ELIGIBLE = "state = 'waitlisted' AND expires_at IS NULL"


def _index(name: str, columns: tuple[str, ...], where: str | None, *, unique: bool = False) -> None:
    clause = sa.text(where) if where else None
    op.create_index(name, "registration", list(columns), unique=unique, sqlite_where=clause, postgresql_where=clause)


def _line_shape(*more: sa.Column) -> None:
    op.create_table(
        "line_shape",
        *[sa.Column(name, sa.Integer(), nullable=False) for name in LINE],
        *more,
        sa.Column("parties", sa.Integer(), nullable=False),
        sa.CheckConstraint("parties >= 0", name=op.f("ck_line_shape_parties")),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_line_shape_event_id_ticket_type_id_ticket_type"),
        ),
        sa.PrimaryKeyConstraint(*LINE, *[column.name for column in more], name=op.f("pk_line_shape")),
    )
    columns = ", ".join([*LINE, *[column.name for column in more]])
    op.execute(
        f"INSERT INTO line_shape ({columns}, parties) SELECT {columns}, count(*) FROM registration "
        f"WHERE state = 'waitlisted' GROUP BY {columns}"
    )


def upgrade() -> None:
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("line", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("event") as batch:
        batch.alter_column("line", server_default=None)
    op.drop_index("ix_registration_line", "registration")
    op.drop_index("uq_registration_seq", "registration")
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("auto_until", sa.String(8), nullable=False, server_default="offers"))
        batch.add_column(sa.Column("accept_partial", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ("asked_at", "started_at", "answer_by", "remind_at"):
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name in ("extensions", "lapses"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("notice", sa.String(8), nullable=False, server_default=""))
    with op.batch_alter_table("registration") as batch:
        for name in ("auto_until", "accept_partial", "extensions", "lapses", "notice"):
            batch.alter_column(name, server_default=None)
        batch.create_check_constraint(op.f("ck_registration_auto_until"), WISHES)
        batch.create_check_constraint(op.f("ck_registration_expiry"), EXPIRY)
    _index("ix_registration_line", (*LINE, "auto_until", "accept_partial", "seq"), ELIGIBLE)
    _index("ix_registration_due", ("event_id", "expires_at", "id"), "expires_at IS NOT NULL")
    _index("ix_registration_reminder", ("event_id", "remind_at"), "remind_at IS NOT NULL")
    _index("uq_registration_seq", ("event_id", "seq"), "split_from_id IS NULL", unique=True)
    _index("ix_registration_part", ("event_id", "split_from_id"), "split_from_id IS NOT NULL")
    op.drop_table("line_shape")
    _line_shape(sa.Column("auto_until", sa.String(8), nullable=False), sa.Column("accept_partial", sa.Boolean(), nullable=False))


def downgrade() -> None:
    op.drop_table("line_shape")
    for name in ("ix_registration_line", "ix_registration_due", "ix_registration_reminder", "uq_registration_seq", "ix_registration_part"):
        op.drop_index(name, "registration")
    with op.batch_alter_table("registration") as batch:
        batch.drop_constraint(op.f("ck_registration_auto_until"), type_="check")
        batch.drop_constraint(op.f("ck_registration_expiry"), type_="check")
    with op.batch_alter_table("registration") as batch:
        for name in ("auto_until", "accept_partial", "asked_at", "started_at", "answer_by", "remind_at", "extensions", "lapses", "notice"):
            batch.drop_column(name)
    _index("ix_registration_line", (*LINE, "seq"), "state = 'waitlisted'")
    _index("uq_registration_seq", ("event_id", "seq"), None, unique=True)
    with op.batch_alter_table("event") as batch:
        batch.drop_column("line")
        batch.drop_column("settled_at")
    _line_shape()
