"""How many parties of each shape wait, counted as they come and go: a long line is not walked along to know its length.

Makes one new table and fills it; it locks nothing that is in use. Stop the web and the worker of the code before it meanwhile:
that code does not count.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_shape",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("ticket_type_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("line_class", sa.Integer(), nullable=False),
        sa.Column("parties", sa.Integer(), nullable=False),
        sa.CheckConstraint("parties >= 0", name=op.f("ck_line_shape_parties")),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_line_shape_event_id_ticket_type_id_ticket_type"),
        ),
        sa.PrimaryKeyConstraint("event_id", "ticket_type_id", "size", "line_class", name=op.f("pk_line_shape")),
    )
    op.execute(
        "INSERT INTO line_shape (event_id, ticket_type_id, size, line_class, parties) "
        "SELECT event_id, ticket_type_id, size, line_class, count(*) FROM registration WHERE state = 'waitlisted' "
        "GROUP BY event_id, ticket_type_id, size, line_class"
    )


def downgrade() -> None:
    op.drop_table("line_shape")
