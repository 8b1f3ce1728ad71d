"""The first forum: every table of the rooms, and the triggers that keep history from being rewritten.

Makes new tables only: it locks nothing that is in use.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = ("journal_entry", "passage", "scan", "seat_entry")


def forbid_rewriting(table: str) -> None:
    """Let SQL itself refuse to change or delete rows of this table."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_frozen()")


def upgrade() -> None:
    op.create_table(
        "command_key",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_command_key")),
    )
    op.create_table(
        "duty_slot",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_duty_slot")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("chain", "position", name=op.f("uq_journal_entry_chain_position")),
    )
    op.create_table(
        "limit_counter",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limit_counter")),
    )
    with op.batch_alter_table("limit_counter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_limit_counter_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.String(length=16), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=650), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=22), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'leased', 'sent', 'failed', 'held')", name=op.f("ck_message_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_message_subject", ["event_id", "subject_id"], unique=False)

    op.create_table(
        "organiser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("legal_name", sa.String(length=800), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("register_number", sa.String(length=160), nullable=False),
        sa.Column("publication_director", sa.String(length=320), nullable=False),
        sa.Column("data_protection_contact", sa.String(length=254), nullable=False),
        sa.Column("host_name", sa.String(length=800), nullable=False),
        sa.Column("host_address", sa.Text(), nullable=False),
        sa.Column("host_phone", sa.String(length=160), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser")),
        sa.UniqueConstraint("slug", name=op.f("uq_organiser_slug")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("canonical_email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("canonical_email", name=op.f("uq_user_account_canonical_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_user_account_public_id")),
    )
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'manager', 'staff')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_membership_organiser_id_organiser")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_membership_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("user_id", "organiser_id", name=op.f("uq_membership_user_id_organiser_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(length=16), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('reset', 'setup', 'invitation')", name=op.f("ck_one_time_link_purpose")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_one_time_link_organiser_id_organiser")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_one_time_link_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_one_time_link_secret_sha256")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=640), nullable=False),
        sa.Column("short_name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("website", sa.String(length=2000), nullable=False),
        sa.Column("logo", sa.JSON(), nullable=True),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_organisation_organiser_id_organiser")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("organiser_id", "slug", name=op.f("uq_organisation_organiser_id_slug")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=640), nullable=False),
        sa.Column("biography", sa.JSON(), nullable=False),
        sa.Column("portrait", sa.JSON(), nullable=True),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_person_organiser_id_organiser")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("organiser_id", "slug", name=op.f("uq_person_organiser_id_slug")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_name", ["organiser_id", "name"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("short_name", sa.String(length=160), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_series_organiser_id_organiser")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sign_in_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_sign_in_secret_sha256")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=480), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.String(length=320), nullable=False),
        sa.Column("access", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_venue_organiser_id_organiser")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("organiser_id", "slug", name=op.f("uq_venue_organiser_id_slug")),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("period", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_edition_organiser_id_organiser")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_edition_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("series_id", "year", "number", name=op.f("uq_edition_series_id_year_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_edition_slug")),
    )
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "space",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=480), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ticket_capacity", sa.Integer(), nullable=True),
        sa.Column("safety_capacity", sa.Integer(), nullable=True),
        sa.Column("safety_source", sa.String(length=1200), nullable=False),
        sa.Column("safety_author", sa.String(length=480), nullable=False),
        sa.Column("safety_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("safety_capacity IS NULL OR safety_capacity > 0", name=op.f("ck_space_safety_capacity")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_space_organiser_id_organiser")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_space_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_space_venue_id_name")),
    )
    with op.batch_alter_table("space", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_space_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out', 'both')", name=op.f("ck_gate_direction")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_gate_space_id_space")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint("space_id", "name", name=op.f("uq_gate_space_id_name")),
    )
    op.create_table(
        "track",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_track_edition_id_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track")),
        sa.UniqueConstraint("edition_id", "slug", name=op.f("uq_track_edition_id_slug")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("description_html", sa.JSON(), nullable=False),
        sa.Column("cover", sa.JSON(), nullable=True),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("doors_wall", sa.DateTime(), nullable=False),
        sa.Column("starts_wall", sa.DateTime(), nullable=False),
        sa.Column("ends_wall", sa.DateTime(), nullable=False),
        sa.Column("doors_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(length=12), nullable=False),
        sa.Column("flagship", sa.Boolean(), nullable=False),
        sa.Column("spoken", sa.JSON(), nullable=False),
        sa.Column("bring", sa.JSON(), nullable=False),
        sa.Column("access", sa.JSON(), nullable=False),
        sa.Column("photo_notice", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("overbooking_reason", sa.Text(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("next_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'postponed', 'called_off', 'archived')", name=op.f("ck_event_state")),
        sa.CheckConstraint("visibility IN ('public', 'unlisted', 'invitation')", name=op.f("ck_event_visibility")),
        sa.CheckConstraint("doors_at <= starts_at AND starts_at < ends_at", name=op.f("ck_event_dates")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_event_edition_id_edition")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_event_organiser_id_organiser")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_event_space_id_space")),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_event_track_id_track")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_coming", ["state", "visibility", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_organiser_id"), ["organiser_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_space_id"), ["space_id"], unique=False)

    op.create_table(
        "device_enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("gate", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('scan', 'desk', 'supervisor', 'screen')", name=op.f("ck_device_enrolment_role")),
        sa.CheckConstraint("uses_left >= 0 AND uses_left <= uses AND uses BETWEEN 1 AND 50", name=op.f("ck_device_enrolment_uses")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_device_enrolment_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_enrolment")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_device_enrolment_event_id_id")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_device_enrolment_secret_sha256")),
    )
    op.create_table(
        "event_door",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("occupancy", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("arrived >= 0", name=op.f("ck_event_door_arrived")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_door_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_door")),
    )
    op.create_table(
        "event_gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("type_numbers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_gate_event_id_event")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_event_gate_gate_id_gate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_gate")),
        sa.UniqueConstraint("event_id", "gate_id", name=op.f("uq_event_gate_event_id_gate_id")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_event_gate_event_id_id")),
    )
    op.create_table(
        "partnership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("tier", sa.JSON(), nullable=False),
        sa.Column("tier_order", sa.Integer(), nullable=False),
        sa.Column("logo_size", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("logo_size IN ('small', 'medium', 'large')", name=op.f("ck_partnership_logo_size")),
        sa.CheckConstraint(
            "type IN ('organiser', 'co_organiser', 'carrier', 'governance', 'partner', 'support', 'media', 'label', 'host')",
            name=op.f("ck_partnership_type"),
        ),
        sa.CheckConstraint("(edition_id IS NULL) <> (event_id IS NULL)", name=op.f("ck_partnership_of_one")),
        sa.CheckConstraint("tier_order >= 0", name=op.f("ck_partnership_tier_order")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_partnership_edition_id_edition")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_partnership_event_id_event")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_partnership_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("edition_id", "type", "organisation_id", name=op.f("uq_partnership_edition_id_type_organisation_id")),
        sa.UniqueConstraint("event_id", "type", "organisation_id", name=op.f("uq_partnership_event_id_type_organisation_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_partnership_public_id")),
    )
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partnership_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "programme_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_wall", sa.DateTime(), nullable=True),
        sa.Column("ends_wall", sa.DateTime(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("abstract", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('address', 'plenary', 'keynote', 'round_table', 'workshop', 'press', 'award', 'break')",
            name=op.f("ck_programme_session_kind"),
        ),
        sa.CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name=op.f("ck_programme_session_times")),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_programme_session_capacity")),
        sa.CheckConstraint("starts_at IS NULL OR starts_at < ends_at", name=op.f("ck_programme_session_order")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_programme_session_event_id_event")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_programme_session_space_id_space")),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_programme_session_track_id_track")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_session")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_programme_session_event_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_programme_session_public_id")),
    )
    with op.batch_alter_table("programme_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_session_space_id"), ["space_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_programme_session_track_id"), ["track_id"], unique=False)

    op.create_table(
        "quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("seat_limit", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.Column("protects_id", sa.Integer(), nullable=True),
        sa.Column("protected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(protects_id IS NULL) = (protected_until IS NULL)", name=op.f("ck_quota_protection")),
        sa.CheckConstraint("seat_limit >= 0 AND ceiling >= seat_limit", name=op.f("ck_quota_seat_limit")),
        sa.CheckConstraint("used >= 0 AND used <= ceiling", name=op.f("ck_quota_used")),
        sa.ForeignKeyConstraint(
            ["event_id", "protects_id"], ["quota.event_id", "quota.id"], name=op.f("fk_quota_event_id_protects_id_quota")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_quota_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_quota_event_id_id")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_quota_event_id_name")),
    )
    op.create_table(
        "ticket_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_party", sa.Integer(), nullable=False),
        sa.Column("waitlist_limit", sa.Integer(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("max_party BETWEEN 1 AND 50", name=op.f("ck_ticket_type_max_party")),
        sa.CheckConstraint("waitlist_limit IS NULL OR waitlist_limit >= 0", name=op.f("ck_ticket_type_waitlist_limit")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_ticket_type_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_type")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_ticket_type_event_id_id")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_ticket_type_event_id_number")),
        sa.UniqueConstraint("event_id", "slug", name=op.f("uq_ticket_type_event_id_slug")),
    )
    op.create_table(
        "appearance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("programme_session_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id", "programme_session_id"],
            ["programme_session.event_id", "programme_session.id"],
            name=op.f("fk_appearance_event_id_programme_session_id_programme_session"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_appearance_event_id_event")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_appearance_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appearance_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appearance")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_appearance_event_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appearance_public_id")),
    )
    with op.batch_alter_table("appearance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appearance_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appearance_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_appearance_programme_session_id", ["event_id", "programme_session_id"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("credential_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("label", sa.String(length=320), nullable=False),
        sa.Column("gate", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("battery_pct", sa.Integer(), nullable=True),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('scan', 'desk', 'supervisor', 'screen')", name=op.f("ck_device_role")),
        sa.CheckConstraint("state IN ('active', 'ended', 'revoked')", name=op.f("ck_device_state")),
        sa.CheckConstraint("battery_pct IS NULL OR battery_pct BETWEEN 0 AND 100", name=op.f("ck_device_battery_pct")),
        sa.ForeignKeyConstraint(
            ["event_id", "enrolment_id"],
            ["device_enrolment.event_id", "device_enrolment.id"],
            name=op.f("fk_device_event_id_enrolment_id_device_enrolment"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_device_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("credential_sha256", name=op.f("uq_device_credential_sha256")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_device_event_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_device_public_id")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.LargeBinary(length=16), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ticket_type_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=320), nullable=False),
        sa.Column("last_name", sa.String(length=320), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("canonical_email", sa.String(length=254), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("line_class", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("split_from_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'waitlisted' OR seq IS NOT NULL", name=op.f("ck_registration_line")),
        sa.CheckConstraint(
            "state IN ('pending_approval', 'held', 'waitlisted', 'offered', 'confirmed', 'cancelled', 'declined', 'expired', 'rejected', 'revoked')",
            name=op.f("ck_registration_state"),
        ),
        sa.CheckConstraint("line_class BETWEEN 0 AND 5", name=op.f("ck_registration_line_class")),
        sa.CheckConstraint("size BETWEEN 1 AND 50", name=op.f("ck_registration_size")),
        sa.ForeignKeyConstraint(
            ["event_id", "split_from_id"],
            ["registration.event_id", "registration.id"],
            name=op.f("fk_registration_event_id_split_from_id_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_registration_event_id_ticket_type_id_ticket_type"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_registration_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_registration_event_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_registration_public_id")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_registration_token_sha256")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index("ix_registration_address", ["canonical_email"], unique=False)
        batch_op.create_index(
            "ix_registration_line",
            ["event_id", "ticket_type_id", "size", "line_class", "seq"],
            unique=False,
            sqlite_where=sa.text("state = 'waitlisted'"),
            postgresql_where=sa.text("state = 'waitlisted'"),
        )
        batch_op.create_index("ix_registration_list", ["event_id", "state", "id"], unique=False)
        batch_op.create_index(
            "ix_registration_position",
            ["event_id", "line_class", "seq", "size", "ticket_type_id"],
            unique=False,
            sqlite_where=sa.text("state = 'waitlisted'"),
            postgresql_where=sa.text("state = 'waitlisted'"),
        )
        batch_op.create_index(
            "uq_registration_live",
            ["event_id", "canonical_email"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('confirmed', 'held', 'offered', 'pending_approval', 'waitlisted') AND split_from_id IS NULL AND canonical_email <> ''"
            ),
            postgresql_where=sa.text(
                "state IN ('confirmed', 'held', 'offered', 'pending_approval', 'waitlisted') AND split_from_id IS NULL AND canonical_email <> ''"
            ),
        )
        batch_op.create_index("uq_registration_seq", ["event_id", "seq"], unique=True)

    op.create_table(
        "ticket_type_quota",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("ticket_type_id", sa.Integer(), nullable=False),
        sa.Column("quota_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id", "quota_id"], ["quota.event_id", "quota.id"], name=op.f("fk_ticket_type_quota_event_id_quota_id_quota")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_ticket_type_quota_event_id_ticket_type_id_ticket_type"),
        ),
        sa.PrimaryKeyConstraint("ticket_type_id", "quota_id", name=op.f("pk_ticket_type_quota")),
    )
    with op.batch_alter_table("ticket_type_quota", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_type_quota_quota_id", ["event_id", "quota_id"], unique=False)

    op.create_table(
        "attendee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=320), nullable=False),
        sa.Column("last_name", sa.String(length=320), nullable=False),
        sa.Column("organisation", sa.String(length=480), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id", "registration_id"],
            ["registration.event_id", "registration.id"],
            name=op.f("fk_attendee_event_id_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_attendee_event_id_id")),
        sa.UniqueConstraint("registration_id", "position", name=op.f("uq_attendee_registration_id_position")),
    )
    with op.batch_alter_table("attendee", schema=None) as batch_op:
        batch_op.create_index("ix_attendee_arrived", ["event_id", "arrived_at"], unique=False)

    op.create_table(
        "seat_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("quota_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_seat_entry_delta")),
        sa.ForeignKeyConstraint(
            ["event_id", "quota_id"], ["quota.event_id", "quota.id"], name=op.f("fk_seat_entry_event_id_quota_id_quota")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "registration_id"],
            ["registration.event_id", "registration.id"],
            name=op.f("fk_seat_entry_event_id_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_entry")),
    )
    with op.batch_alter_table("seat_entry", schema=None) as batch_op:
        batch_op.create_index("ix_seat_entry_quota_id", ["event_id", "quota_id"], unique=False)
        batch_op.create_index("ix_seat_entry_registration_id", ["event_id", "registration_id"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("attendee_id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(length=16), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("human_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id", "attendee_id"], ["attendee.event_id", "attendee.id"], name=op.f("fk_ticket_event_id_attendee_id_attendee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("attendee_id", "serial", name=op.f("uq_ticket_attendee_id_serial")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_ticket_code_sha256")),
        sa.UniqueConstraint("event_id", "human_sha256", name=op.f("uq_ticket_event_id_human_sha256")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_ticket_event_id_id")),
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(length=6), nullable=False),
        sa.Column("gate", sa.String(length=320), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=13), nullable=False),
        sa.Column("moves", sa.String(length=3), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("ref", sa.JSON(), nullable=False),
        sa.Column("shown", sa.String(length=13), nullable=True),
        sa.Column("override_reason", sa.String(length=20), nullable=True),
        sa.Column("override_text", sa.Text(), nullable=True),
        sa.Column("raw_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mono_ms", sa.BigInteger(), nullable=True),
        sa.Column("offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("clock", sa.String(length=7), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("clock IN ('live', 'wall', 'unknown')", name=op.f("ck_scan_clock")),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_scan_direction")),
        sa.CheckConstraint("moves IS NULL OR moves IN ('in', 'out')", name=op.f("ck_scan_moves")),
        sa.CheckConstraint(
            "shown IS NULL OR shown IN ('OK', 'OK_RETURN', 'OK_NOTE', 'OK_OUT', 'NOT_SYNCED', 'ALREADY', 'OTHER_EVENT', 'OTHER_DAY', 'OTHER_SESSION', 'TOO_EARLY', 'TOO_LATE', 'WRONG_GATE', 'RELEASED', 'WAITLISTED', 'OFFERED', 'PENDING', 'STANDBY_WAIT', 'STANDBY_OVER', 'CANCELLED', 'REVOKED', 'TRANSFERRED', 'UNKNOWN', 'GAUGE_FULL', 'DEVICE_OFF')",
            name=op.f("ck_scan_shown"),
        ),
        sa.CheckConstraint(
            "verdict IN ('OK', 'OK_RETURN', 'OK_NOTE', 'OK_OUT', 'NOT_SYNCED', 'ALREADY', 'OTHER_EVENT', 'OTHER_DAY', 'OTHER_SESSION', 'TOO_EARLY', 'TOO_LATE', 'WRONG_GATE', 'RELEASED', 'WAITLISTED', 'OFFERED', 'PENDING', 'STANDBY_WAIT', 'STANDBY_OVER', 'CANCELLED', 'REVOKED', 'TRANSFERRED', 'UNKNOWN', 'GAUGE_FULL', 'DEVICE_OFF')",
            name=op.f("ck_scan_verdict"),
        ),
        sa.CheckConstraint("via IN ('camera', 'hid', 'typed', 'file', 'list', 'paper')", name=op.f("ck_scan_via")),
        sa.ForeignKeyConstraint(
            ["event_id", "device_id"], ["device.event_id", "device.id"], name=op.f("fk_scan_event_id_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_id"], ["ticket.event_id", "ticket.id"], name=op.f("fk_scan_event_id_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_scan_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("event_id", "client_id", name=op.f("uq_scan_event_id_client_id")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_scan_event_id_id")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("ix_scan_received_at", ["event_id", "received_at"], unique=False)
        batch_op.create_index("ix_scan_ticket_id", ["event_id", "ticket_id"], unique=False)

    op.create_table(
        "passage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("attendee_id", sa.Integer(), nullable=True),
        sa.Column("gate", sa.String(length=320), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(direction = 'in' AND delta > 0) OR (direction = 'out' AND delta < 0)", name=op.f("ck_passage_delta")),
        sa.CheckConstraint("cause IN ('scan', 'override')", name=op.f("ck_passage_cause")),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_passage_direction")),
        sa.CheckConstraint("first = false OR (attendee_id IS NOT NULL AND direction = 'in')", name=op.f("ck_passage_first")),
        sa.ForeignKeyConstraint(
            ["event_id", "attendee_id"], ["attendee.event_id", "attendee.id"], name=op.f("fk_passage_event_id_attendee_id_attendee")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "device_id"], ["device.event_id", "device.id"], name=op.f("fk_passage_event_id_device_id_device")
        ),
        sa.ForeignKeyConstraint(["event_id", "scan_id"], ["scan.event_id", "scan.id"], name=op.f("fk_passage_event_id_scan_id_scan")),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_id"], ["ticket.event_id", "ticket.id"], name=op.f("fk_passage_event_id_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_passage_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_passage_scan_id")),
    )
    with op.batch_alter_table("passage", schema=None) as batch_op:
        batch_op.create_index("ix_passage_attendee_id", ["event_id", "attendee_id"], unique=False)
        batch_op.create_index("ix_passage_gate", ["event_id", "gate"], unique=False)
        batch_op.create_index(
            "uq_passage_first",
            ["event_id", "attendee_id", "day"],
            unique=True,
            sqlite_where=sa.text("first"),
            postgresql_where=sa.text("first"),
        )

    for table in APPEND_ONLY:
        forbid_rewriting(table)


def downgrade() -> None:
    with op.batch_alter_table("passage", schema=None) as batch_op:
        batch_op.drop_index("uq_passage_first", sqlite_where=sa.text("first"), postgresql_where=sa.text("first"))
        batch_op.drop_index("ix_passage_gate")
        batch_op.drop_index("ix_passage_attendee_id")

    op.drop_table("passage")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index("ix_scan_ticket_id")
        batch_op.drop_index("ix_scan_received_at")

    op.drop_table("scan")
    op.drop_table("ticket")
    with op.batch_alter_table("seat_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_seat_entry_registration_id")
        batch_op.drop_index("ix_seat_entry_quota_id")

    op.drop_table("seat_entry")
    with op.batch_alter_table("attendee", schema=None) as batch_op:
        batch_op.drop_index("ix_attendee_arrived")

    op.drop_table("attendee")
    with op.batch_alter_table("ticket_type_quota", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_type_quota_quota_id")

    op.drop_table("ticket_type_quota")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index("uq_registration_seq")
        batch_op.drop_index(
            "uq_registration_live",
            sqlite_where=sa.text(
                "state IN ('confirmed', 'held', 'offered', 'pending_approval', 'waitlisted') AND split_from_id IS NULL AND canonical_email <> ''"
            ),
            postgresql_where=sa.text(
                "state IN ('confirmed', 'held', 'offered', 'pending_approval', 'waitlisted') AND split_from_id IS NULL AND canonical_email <> ''"
            ),
        )
        batch_op.drop_index(
            "ix_registration_position", sqlite_where=sa.text("state = 'waitlisted'"), postgresql_where=sa.text("state = 'waitlisted'")
        )
        batch_op.drop_index("ix_registration_list")
        batch_op.drop_index(
            "ix_registration_line", sqlite_where=sa.text("state = 'waitlisted'"), postgresql_where=sa.text("state = 'waitlisted'")
        )
        batch_op.drop_index("ix_registration_address")

    op.drop_table("registration")
    op.drop_table("device")
    with op.batch_alter_table("appearance", schema=None) as batch_op:
        batch_op.drop_index("ix_appearance_programme_session_id")
        batch_op.drop_index(batch_op.f("ix_appearance_person_id"))
        batch_op.drop_index(batch_op.f("ix_appearance_organisation_id"))

    op.drop_table("appearance")
    op.drop_table("ticket_type")
    op.drop_table("quota")
    with op.batch_alter_table("programme_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programme_session_track_id"))
        batch_op.drop_index(batch_op.f("ix_programme_session_space_id"))

    op.drop_table("programme_session")
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_organisation_id"))

    op.drop_table("partnership")
    op.drop_table("event_gate")
    op.drop_table("event_door")
    op.drop_table("device_enrolment")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_space_id"))
        batch_op.drop_index(batch_op.f("ix_event_organiser_id"))
        batch_op.drop_index(batch_op.f("ix_event_edition_id"))
        batch_op.drop_index("ix_event_coming")

    op.drop_table("event")
    op.drop_table("track")
    op.drop_table("gate")
    with op.batch_alter_table("space", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_space_organiser_id"))

    op.drop_table("space")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edition_organiser_id"))

    op.drop_table("edition")
    op.drop_table("venue")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_user_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_organiser_id"))

    op.drop_table("series")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_name")

    op.drop_table("person")
    op.drop_table("organisation")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_user_id"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_organiser_id"))

    op.drop_table("membership")
    op.drop_table("worker_beat")
    op.drop_table("user_account")
    op.drop_table("organiser")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_subject")
        batch_op.drop_index("ix_message_due")

    op.drop_table("message")
    with op.batch_alter_table("limit_counter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_limit_counter_expires_at"))

    op.drop_table("limit_counter")
    op.drop_table("journal_entry")
    op.drop_table("duty_slot")
    op.drop_table("command_key")
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION IF EXISTS {table}_frozen()")
