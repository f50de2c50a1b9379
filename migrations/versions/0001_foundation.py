"""People, organisations, places, files, notifications, the outbox and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from foundation import db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "admin_units",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("former_name", sa.String(length=80), nullable=True),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "province",
                "city",
                "ward",
                "commune",
                "special_zone",
                name="unitkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("province_code", sa.String(length=8), nullable=True),
        sa.Column(
            "fold_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "sort_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["province_code"], ["admin_units.code"], name=op.f("fk_admin_units_province_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_admin_units")),
        sa.UniqueConstraint("slug", name=op.f("uq_admin_units_slug")),
    )
    op.create_index(op.f("ix_admin_units_fold_key"), "admin_units", ["fold_key"], unique=False)
    op.create_index(
        "ix_admin_units_province", "admin_units", ["province_code", "sort_key"], unique=False
    )
    op.create_index(op.f("ix_admin_units_sort_key"), "admin_units", ["sort_key"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("door", sa.String(length=32), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_door", "attempts", ["door", "key_hash", "at"], unique=False)
    op.create_table(
        "job_periods",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_periods")),
        sa.UniqueConstraint("name", name=op.f("uq_job_periods_name")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "args",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "queued",
                "running",
                "done",
                "failed",
                name="runstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column(
            "result",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("next_try_at", db.UtcDateTime(), nullable=False),
        sa.Column("started_at", db.UtcDateTime(), nullable=True),
        sa.Column("finished_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_runs_public_id")),
    )
    op.create_index("ix_job_runs_waiting", "job_runs", ["state", "next_try_at"], unique=False)
    op.create_table(
        "old_units",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column(
            "fold_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "district_fold_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "province_fold_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_units")),
        sa.UniqueConstraint(
            "code",
            "name",
            "district",
            "province",
            name=op.f("uq_old_units_code_name_district_province"),
        ),
    )
    op.create_index(op.f("ix_old_units_code"), "old_units", ["code"], unique=False)
    op.create_index(
        "ix_old_units_district",
        "old_units",
        ["district_fold_key", "province_fold_key"],
        unique=False,
    )
    op.create_index(
        "ix_old_units_fold", "old_units", ["fold_key", "district_fold_key"], unique=False
    )
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "body",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("occurred_at", db.UtcDateTime(), nullable=False),
        sa.Column("delivered_at", db.UtcDateTime(), nullable=True),
        sa.Column("next_try_at", db.UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    op.create_index(
        "ix_outbox_events_waiting",
        "outbox_events",
        ["delivered_at", "next_try_at", "id"],
        unique=False,
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=160), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("totp_secret_encrypted", sa.String(length=255), nullable=True),
        sa.Column("totp_confirmed_at", db.UtcDateTime(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("recovery_code_hashes", sa.String(length=2000), nullable=True),
        sa.Column("blocked_at", db.UtcDateTime(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_people_reachable")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_people_phone")),
        sa.UniqueConstraint("public_id", name=op.f("uq_people_public_id")),
    )
    op.create_table(
        "place_words",
        sa.Column(
            "word",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_place_words")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column(
            "actor_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("subject_kind", sa.String(length=48), nullable=False),
        sa.Column(
            "subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_person_id"], ["people.id"], name=op.f("fk_audit_entries_actor_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_index(
        "ix_audit_entries_organisation", "audit_entries", ["organisation_id", "id"], unique=False
    )
    op.create_index(
        "ix_audit_entries_subject",
        "audit_entries",
        ["subject_kind", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("once_key", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("email", "sms", "zalo", name="channel", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "failed", name="messagestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("next_try_at", db.UtcDateTime(), nullable=False),
        sa.Column("worthless_at", db.UtcDateTime(), nullable=True),
        sa.Column("sent_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("once_key", name=op.f("uq_messages_once_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
    )
    op.create_index("ix_messages_waiting", "messages", ["state", "next_try_at"], unique=False)
    op.create_table(
        "notification_preferences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("group", sa.String(length=32), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", "sms", "zalo", name="channel", native_enum=False, length=32),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_preferences_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_preferences")),
        sa.UniqueConstraint(
            "person_id", "group", name=op.f("uq_notification_preferences_person_id_group")
        ),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("once_key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("read_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notifications_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("once_key", name=op.f("uq_notifications_once_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notifications_public_id")),
    )
    op.create_index("ix_notifications_inbox", "notifications", ["person_id", "id"], unique=False)
    op.create_table(
        "old_areas",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("province", "district", name="areakind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column(
            "fold_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "province_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "district_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column("new_province_code", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["new_province_code"], ["admin_units.code"], name=op.f("fk_old_areas_new_province_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_areas")),
        sa.UniqueConstraint(
            "province_key",
            "district_key",
            "name",
            name=op.f("uq_old_areas_province_key_district_key_name"),
        ),
    )
    op.create_index(op.f("ix_old_areas_fold_key"), "old_areas", ["fold_key"], unique=False)
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target", sa.String(length=254), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "sign_up",
                "sign_in",
                "reset",
                "change_contact",
                name="codepurpose",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(length=160), nullable=False),
        sa.Column(
            "payload",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_one_time_codes_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_one_time_codes_public_id")),
    )
    op.create_index(
        "ix_one_time_codes_target", "one_time_codes", ["target", "purpose", "id"], unique=False
    )
    op.create_table(
        "outbox_hearings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listener", sa.String(length=80), nullable=False),
        sa.Column("heard_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["outbox_events.id"],
            name=op.f("fk_outbox_hearings_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_hearings")),
        sa.UniqueConstraint(
            "event_id", "listener", name=op.f("uq_outbox_hearings_event_id_listener")
        ),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("second_factor_at", db.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_ins_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "stored_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("photo", "document", "drawing", name="filekind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["people.id"], name=op.f("fk_stored_files_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stored_files_public_id")),
    )
    op.create_index(
        op.f("ix_stored_files_organisation_id"), "stored_files", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_stored_files_sha256"), "stored_files", ["sha256"], unique=False)
    op.create_table(
        "successions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "old_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("new_code", sa.String(length=8), nullable=False),
        sa.Column(
            "extent",
            sa.Enum("whole", "part", name="extent", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["new_code"], ["admin_units.code"], name=op.f("fk_successions_new_code")
        ),
        sa.ForeignKeyConstraint(
            ["old_unit_id"], ["old_units.id"], name=op.f("fk_successions_old_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_successions")),
        sa.UniqueConstraint(
            "old_unit_id", "new_code", name=op.f("uq_successions_old_unit_id_new_code")
        ),
    )
    op.create_index(op.f("ix_successions_new_code"), "successions", ["new_code"], unique=False)
    op.create_index(
        op.f("ix_successions_old_unit_id"), "successions", ["old_unit_id"], unique=False
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cooperative",
                "enterprise",
                "household_business",
                "farmer",
                "school",
                "hospital",
                "utility",
                "authority",
                name="kind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "needs_more",
                "verified",
                "rejected",
                "suspended",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400, collation="C").with_variant(sa.String(length=400), "sqlite"),
            nullable=False,
        ),
        sa.Column("fold_key", sa.String(length=200), nullable=False),
        sa.Column("tax_code", sa.String(length=14), nullable=True),
        sa.Column("personal_number_encrypted", sa.String(length=255), nullable=True),
        sa.Column("personal_number_hash", sa.String(length=64), nullable=True),
        sa.Column("personal_number_masked", sa.String(length=16), nullable=True),
        sa.Column("representative", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("commune_code", sa.String(length=8), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("printed_address", sa.String(length=400), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("logo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("submitted_at", db.UtcDateTime(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "tax_code IS NULL OR personal_number_hash IS NULL",
            name=op.f("ck_organisations_one_tax_identity"),
        ),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["admin_units.code"], name=op.f("fk_organisations_commune_code")
        ),
        sa.ForeignKeyConstraint(
            ["logo_id"], ["stored_files.id"], name=op.f("fk_organisations_logo_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint(
            "personal_number_hash", name=op.f("uq_organisations_personal_number_hash")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisations_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisations_slug")),
        sa.UniqueConstraint("tax_code", name=op.f("uq_organisations_tax_code")),
    )
    op.create_index(
        op.f("ix_organisations_commune_code"), "organisations", ["commune_code"], unique=False
    )
    op.create_index(op.f("ix_organisations_fold_key"), "organisations", ["fold_key"], unique=False)
    op.create_index(op.f("ix_organisations_sort_key"), "organisations", ["sort_key"], unique=False)
    op.create_index(
        "ix_organisations_state_kind", "organisations", ["state", "kind", "id"], unique=False
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "manager",
                "seller",
                "accountant",
                "cashier",
                "class_teacher",
                "officer",
                "trainer",
                "viewer",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("accepted_at", db.UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["people.id"], name=op.f("fk_invitations_invited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitations_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(
        op.f("ix_invitations_organisation_id"), "invitations", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_invitations_phone"), "invitations", ["phone"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "manager",
                "seller",
                "accountant",
                "cashier",
                "class_teacher",
                "officer",
                "trainer",
                "viewer",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_memberships_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_memberships_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "organisation_id", "person_id", name=op.f("uq_memberships_organisation_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_memberships_organisation_id"), "memberships", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_memberships_person_id"), "memberships", ["person_id"], unique=False)
    op.create_table(
        "organisation_documents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "paper",
            sa.Enum(
                "business_registration",
                "commune_confirmation",
                "founding_decision",
                "medical_licence",
                "food_safety",
                "other",
                name="paper",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("added_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_organisation_documents_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_documents_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_documents")),
    )
    op.create_index(
        op.f("ix_organisation_documents_organisation_id"),
        "organisation_documents",
        ["organisation_id"],
        unique=False,
    )
    for table in ("audit_entries",):
        for statement in db.append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        op.f("ix_organisation_documents_organisation_id"), table_name="organisation_documents"
    )
    op.drop_table("organisation_documents")
    op.drop_index(op.f("ix_memberships_person_id"), table_name="memberships")
    op.drop_index(op.f("ix_memberships_organisation_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index(op.f("ix_invitations_phone"), table_name="invitations")
    op.drop_index(op.f("ix_invitations_organisation_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index("ix_organisations_state_kind", table_name="organisations")
    op.drop_index(op.f("ix_organisations_sort_key"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_fold_key"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_commune_code"), table_name="organisations")
    op.drop_table("organisations")
    op.drop_index(op.f("ix_successions_old_unit_id"), table_name="successions")
    op.drop_index(op.f("ix_successions_new_code"), table_name="successions")
    op.drop_table("successions")
    op.drop_index(op.f("ix_stored_files_sha256"), table_name="stored_files")
    op.drop_index(op.f("ix_stored_files_organisation_id"), table_name="stored_files")
    op.drop_table("stored_files")
    op.drop_index(op.f("ix_sign_ins_person_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_table("outbox_hearings")
    op.drop_index("ix_one_time_codes_target", table_name="one_time_codes")
    op.drop_table("one_time_codes")
    op.drop_index(op.f("ix_old_areas_fold_key"), table_name="old_areas")
    op.drop_table("old_areas")
    op.drop_index("ix_notifications_inbox", table_name="notifications")
    op.drop_table("notifications")
    op.drop_table("notification_preferences")
    op.drop_index("ix_messages_waiting", table_name="messages")
    op.drop_table("messages")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.drop_index("ix_audit_entries_organisation", table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_at"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("place_words")
    op.drop_table("people")
    op.drop_index("ix_outbox_events_waiting", table_name="outbox_events")
    op.drop_table("outbox_events")
    op.drop_index("ix_old_units_fold", table_name="old_units")
    op.drop_index("ix_old_units_district", table_name="old_units")
    op.drop_index(op.f("ix_old_units_code"), table_name="old_units")
    op.drop_table("old_units")
    op.drop_index("ix_job_runs_waiting", table_name="job_runs")
    op.drop_table("job_runs")
    op.drop_table("job_periods")
    op.drop_index("ix_attempts_door", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index(op.f("ix_admin_units_sort_key"), table_name="admin_units")
    op.drop_index("ix_admin_units_province", table_name="admin_units")
    op.drop_index(op.f("ix_admin_units_fold_key"), table_name="admin_units")
    op.drop_table("admin_units")
