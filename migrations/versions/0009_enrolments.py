"""People enrol in sessions of the programme: places and lines of their own, counted by the same ledger.

Going back, enrolments end: what they took is taken out of the ledger again, and the quotas of sessions stay behind, empty. Rebuilds
`programme_session` on SQLite; stop the web and the worker of the code before it meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = "'waitlisted', 'offered', 'confirmed', 'cancelled', 'declined', 'expired', 'revoked'"
LIVE = "'waitlisted', 'offered', 'confirmed'"
PARTIAL = (
    ("uq_enrolment_live", ["slot_id", "attendee_id"], True, f"state IN ({LIVE})"),
    ("ix_enrolment_line", ["event_id", "slot_id", "line_class", "seq"], False, "state = 'waitlisted'"),
    ("ix_enrolment_due", ["event_id", "expires_at", "id"], False, "expires_at IS NOT NULL"),
)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("quota_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("moved_at", moment, nullable=True),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_slot_order")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_slot_event_id_event")),
        sa.ForeignKeyConstraint(["event_id", "quota_id"], ["quota.event_id", "quota.id"], name=op.f("fk_slot_event_id_quota_id_quota")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_slot_event_id_id")),
        sa.UniqueConstraint("event_id", "quota_id", name=op.f("uq_slot_event_id_quota_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_slot_public_id")),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("attendee_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("line_class", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("swap", sa.Boolean(), nullable=False),
        sa.Column("asked_at", moment, nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("answer_by", moment, nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_enrolment_state")),
        sa.CheckConstraint("line_class BETWEEN 0 AND 5", name=op.f("ck_enrolment_line_class")),
        sa.CheckConstraint("state <> 'offered' OR expires_at IS NOT NULL", name=op.f("ck_enrolment_expiry")),
        sa.ForeignKeyConstraint(["event_id", "slot_id"], ["slot.event_id", "slot.id"], name=op.f("fk_enrolment_event_id_slot_id_slot")),
        sa.ForeignKeyConstraint(
            ["event_id", "attendee_id"], ["attendee.event_id", "attendee.id"], name=op.f("fk_enrolment_event_id_attendee_id_attendee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_enrolment_event_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_enrolment_public_id")),
    )
    for name, columns, unique, where in PARTIAL:
        op.create_index(name, "enrolment", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_enrolment_attendee", "enrolment", ["attendee_id"])
    op.create_index("ix_enrolment_slot", "enrolment", ["event_id", "slot_id", "state"])
    # Not rebuilt: the triggers of the ledger stay as they are.
    op.execute("ALTER TABLE seat_entry ADD COLUMN enrolment_id INTEGER")
    with op.batch_alter_table("programme_session") as batch:
        batch.add_column(sa.Column("slot_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_programme_session_event_id_slot_id_slot"), "slot", ["event_id", "slot_id"], ["event_id", "id"])


def downgrade() -> None:
    op.execute(
        "INSERT INTO seat_entry (event_id, quota_id, registration_id, delta, cause, at) "
        "SELECT enrolment.event_id, slot.quota_id, attendee.registration_id, -1, 'cancelled', enrolment.changed_at FROM enrolment "
        "JOIN slot ON slot.id = enrolment.slot_id JOIN attendee ON attendee.id = enrolment.attendee_id "
        "WHERE enrolment.state IN ('offered', 'confirmed')"
    )
    op.execute("UPDATE quota SET used = 0, seat_limit = 0, ceiling = 0 WHERE id IN (SELECT quota_id FROM slot)")
    with op.batch_alter_table("programme_session") as batch:
        batch.drop_constraint(op.f("fk_programme_session_event_id_slot_id_slot"), type_="foreignkey")
        batch.drop_column("slot_id")
    op.execute("ALTER TABLE seat_entry DROP COLUMN enrolment_id")
    for name in ("ix_enrolment_slot", "ix_enrolment_attendee"):
        op.drop_index(name, "enrolment")
    for name, *_rest in PARTIAL:
        op.drop_index(name, "enrolment")
    op.drop_table("enrolment")
    op.drop_table("slot")
