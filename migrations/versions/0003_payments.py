"""The payments engine: accounts, what is owed, what moved, what became of it, and the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from foundation import db
from payments.ledger.models import balance_ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "allocations",
    "cash_entries",
    "cod_handover_lines",
    "cod_handovers",
    "inbox_messages",
    "inbox_results",
    "ledger_accounts",
    "ledger_journals",
    "ledger_postings",
    "payout_exports",
    "provider_events",
    "statement_originals",
    "telling_decisions",
    "told_movements",
)


def upgrade() -> None:
    op.create_table(
        "couriers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_couriers")),
        sa.UniqueConstraint("name", name=op.f("uq_couriers_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_couriers_public_id")),
    )
    op.create_table(
        "provider_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column(
            "about",
            sa.Enum(
                "payment", "refund", "dispute", "other", name="about", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("provider_id", sa.String(length=100), nullable=False),
        sa.Column("charge", sa.String(length=14), nullable=False),
        sa.Column("received_at", db.UtcDateTime(), nullable=False),
        sa.Column(
            "headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_events")),
        sa.UniqueConstraint(
            "provider", "event_id", name=op.f("uq_provider_events_provider_event_id")
        ),
    )
    op.create_index(
        "ix_provider_events_payment", "provider_events", ["provider", "provider_id"], unique=False
    )
    op.create_table(
        "bank_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bank_bin", sa.String(length=6), nullable=False),
        sa.Column("number", sa.String(length=19), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "active",
                "declined",
                "closed",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column(
            "proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("proposed_at", db.UtcDateTime(), nullable=False),
        sa.Column(
            "confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["people.id"], name=op.f("fk_bank_accounts_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bank_accounts_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["people.id"], name=op.f("fk_bank_accounts_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_accounts_public_id")),
    )
    op.create_index("ix_bank_accounts_number", "bank_accounts", ["number"], unique=False)
    op.create_index(
        "ix_bank_accounts_organisation", "bank_accounts", ["organisation_id", "state"], unique=False
    )
    op.create_index(
        "uq_bank_accounts_live",
        "bank_accounts",
        ["bank_bin", "number"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "uq_bank_accounts_main",
        "bank_accounts",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("main"),
        postgresql_where=sa.text("main"),
    )
    op.create_table(
        "bank_feeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "provider",
            sa.Enum("sepay", "casso", "payos", name="provider", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("key_encrypted", sa.String(length=400), nullable=False),
        sa.Column("old_key_encrypted", sa.String(length=400), nullable=True),
        sa.Column("old_key_until", db.UtcDateTime(), nullable=True),
        sa.Column("poll_key_encrypted", sa.String(length=400), nullable=True),
        sa.Column("polled_until", sa.String(length=80), nullable=False),
        sa.Column("polled_at", db.UtcDateTime(), nullable=True),
        sa.Column("poll_error", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum("active", "off", name="feedstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bank_feeds_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_feeds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_feeds_public_id")),
    )
    op.create_index(
        "ix_bank_feeds_organisation", "bank_feeds", ["organisation_id", "state"], unique=False
    )
    op.create_table(
        "cash_desks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_cash_desks_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_desks")),
        sa.UniqueConstraint(
            "organisation_id", "name", name=op.f("uq_cash_desks_organisation_id_name")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_cash_desks_public_id")),
    )
    op.create_table(
        "cod_handovers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column(
            "handed_by",
            sa.Enum("cash", "bank", name="handedby", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column(
            "by_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "received > 0 AND received <= owed", name=op.f("ck_cod_handovers_within")
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_cod_handovers_by_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"], ["couriers.id"], name=op.f("fk_cod_handovers_courier_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["organisations.id"], name=op.f("fk_cod_handovers_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cod_handovers")),
        sa.UniqueConstraint("operator_id", "key", name=op.f("uq_cod_handovers_operator_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cod_handovers_public_id")),
    )
    op.create_index("ix_cod_handovers_courier", "cod_handovers", ["courier_id", "id"], unique=False)
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "bank",
                "cash",
                "card",
                "courier",
                "suspense",
                "received",
                "payer_balance",
                "returns_due",
                "not_ours",
                "frozen",
                "gone",
                "owed_to_seller",
                "owed_by_operator",
                "in_transit",
                "fees",
                "cash_difference",
                "opening",
                name="accountkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_ledger_accounts_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "subject",
            name=op.f("uq_ledger_accounts_organisation_id_kind_subject"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_accounts_public_id")),
    )
    op.create_table(
        "ledger_journals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("posted_at", db.UtcDateTime(), nullable=False),
        sa.Column("memo", sa.String(length=200), nullable=False),
        sa.Column(
            "reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_ledger_journals_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["ledger_journals.id"], name=op.f("fk_ledger_journals_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_journals")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_journals_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_journals_reverses_id")),
    )
    op.create_index(
        "ix_ledger_journals_day", "ledger_journals", ["organisation_id", "day", "id"], unique=False
    )
    op.create_table(
        "payout_holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "placed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("placed_at", db.UtcDateTime(), nullable=False),
        sa.Column(
            "lifted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("lifted_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount IS NULL OR amount > 0", name=op.f("ck_payout_holds_positive")),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["people.id"], name=op.f("fk_payout_holds_lifted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by_id"], ["people.id"], name=op.f("fk_payout_holds_placed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["organisations.id"], name=op.f("fk_payout_holds_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_holds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_holds_public_id")),
    )
    op.create_index(
        "ix_payout_holds_seller", "payout_holds", ["seller_id", "lifted_at"], unique=False
    )
    op.create_table(
        "statement_originals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", db.UtcDateTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_statement_originals_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_originals")),
        sa.UniqueConstraint(
            "organisation_id", "sha256", name=op.f("uq_statement_originals_organisation_id_sha256")
        ),
    )
    op.create_table(
        "cash_shifts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cashier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="shiftstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("opened_at", db.UtcDateTime(), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column(
            "opening_notes",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("opening_reason", sa.String(length=200), nullable=False),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column(
            "closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column(
            "closing_notes",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("closing_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closing IS NOT NULL)", name=op.f("ck_cash_shifts_closed_counted")
        ),
        sa.CheckConstraint("opening >= 0", name=op.f("ck_cash_shifts_opening")),
        sa.ForeignKeyConstraint(
            ["cashier_id"], ["people.id"], name=op.f("fk_cash_shifts_cashier_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["people.id"], name=op.f("fk_cash_shifts_closed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["desk_id"], ["cash_desks.id"], name=op.f("fk_cash_shifts_desk_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_cash_shifts_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_shifts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cash_shifts_public_id")),
    )
    op.create_index("ix_cash_shifts_cashier", "cash_shifts", ["cashier_id", "state"], unique=False)
    op.create_index(
        "ix_cash_shifts_organisation",
        "cash_shifts",
        ["organisation_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "uq_cash_shifts_open",
        "cash_shifts",
        ["desk_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "inbox_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", db.UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column(
            "headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["bank_feeds.id"], name=op.f("fk_inbox_messages_feed_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_messages")),
    )
    op.create_index("ix_inbox_messages_feed", "inbox_messages", ["feed_id", "id"], unique=False)
    op.create_table(
        "ledger_postings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_postings_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["journal_id"], ["ledger_journals.id"], name=op.f("fk_ledger_postings_journal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_postings")),
    )
    op.create_index(
        "ix_ledger_postings_account",
        "ledger_postings",
        ["account_id", "day", "id", "amount"],
        unique=False,
    )
    op.create_index("ix_ledger_postings_journal", "ledger_postings", ["journal_id"], unique=False)
    op.create_table(
        "payment_intents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reference", sa.String(length=19), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("excess", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column("payer", sa.String(length=80), nullable=True),
        sa.Column("payer_name", sa.String(length=120), nullable=False),
        sa.Column("sought", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "part_paid",
                "paid",
                "overpaid",
                "expired",
                "cancelled",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("settles_late", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "replaced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=True),
        sa.Column("settled_at", db.UtcDateTime(), nullable=True),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_intents_positive")),
        sa.CheckConstraint("excess >= 0", name=op.f("ck_payment_intents_excess")),
        sa.CheckConstraint(
            "refunded >= 0 AND refunded <= settled", name=op.f("ck_payment_intents_refunded_within")
        ),
        sa.CheckConstraint(
            "settled >= 0 AND settled <= amount", name=op.f("ck_payment_intents_settled_within")
        ),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_payment_intents_bank_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_payment_intents_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"],
            ["payment_intents.id"],
            name=op.f("fk_payment_intents_replaced_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_intents")),
        sa.UniqueConstraint(
            "organisation_id", "key", name=op.f("uq_payment_intents_organisation_id_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_intents_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_intents_reference")),
    )
    op.create_index(
        "ix_payment_intents_expiry", "payment_intents", ["state", "expires_at"], unique=False
    )
    op.create_index(
        "ix_payment_intents_state",
        "payment_intents",
        ["organisation_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "statement_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "original_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("account_said", sa.String(length=40), nullable=False),
        sa.Column("layout", sa.String(length=400), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "previewed",
                "importing",
                "imported",
                "discarded",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("in_count", sa.Integer(), nullable=False),
        sa.Column("total_in", sa.BigInteger(), nullable=False),
        sa.Column("total_out", sa.BigInteger(), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column(
            "sample", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("known_count", sa.Integer(), nullable=False),
        sa.Column("merged_count", sa.Integer(), nullable=False),
        sa.Column("unclear_count", sa.Integer(), nullable=False),
        sa.Column("matched_count", sa.Integer(), nullable=False),
        sa.Column(
            "uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("uploaded_at", db.UtcDateTime(), nullable=False),
        sa.Column(
            "imported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("imported_at", db.UtcDateTime(), nullable=True),
        sa.Column("run", sa.String(length=14), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_statement_files_bank_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["imported_by_id"], ["people.id"], name=op.f("fk_statement_files_imported_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_statement_files_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["original_id"], ["statement_originals.id"], name=op.f("fk_statement_files_original_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["people.id"], name=op.f("fk_statement_files_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_files")),
        sa.UniqueConstraint(
            "bank_account_id", "sha256", name=op.f("uq_statement_files_bank_account_id_sha256")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_statement_files_public_id")),
    )
    op.create_index(
        "ix_statement_files_name", "statement_files", ["bank_account_id", "name"], unique=False
    )
    op.create_index(
        "ix_statement_files_organisation",
        "statement_files",
        ["organisation_id", "id"],
        unique=False,
    )
    op.create_table(
        "inbox_results",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "result",
            sa.Enum(
                "taken",
                "nothing",
                "test",
                "no_account",
                "unreadable",
                "conflict",
                name="result",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("processed_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["inbox_messages.id"], name=op.f("fk_inbox_results_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_results")),
    )
    op.create_index("ix_inbox_results_message", "inbox_results", ["message_id", "id"], unique=False)
    op.create_index("ix_inbox_results_result", "inbox_results", ["result", "id"], unique=False)
    op.create_table(
        "inbox_waiting",
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["inbox_messages.id"], name=op.f("fk_inbox_waiting_message_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox_waiting")),
    )
    op.create_table(
        "ledger_unbalanced",
        sa.Column(
            "journal_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "never_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default=sa.text("-1"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "journal_id > 0 AND never_id = -1", name=op.f("ck_ledger_unbalanced_points_nowhere")
        ),
        sa.ForeignKeyConstraint(
            ["never_id"],
            ["ledger_unbalanced.journal_id"],
            name=op.f("fk_ledger_unbalanced_never_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("journal_id", name=op.f("pk_ledger_unbalanced")),
    )
    op.create_table(
        "movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "bank", "cash", "card", "courier", name="channel", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "direction",
            sa.Enum("in", "out", name="direction", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.Column("frozen", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("happened_at", db.UtcDateTime(), nullable=True),
        sa.Column("heard_at", db.UtcDateTime(), nullable=False),
        sa.Column("bank_reference", sa.String(length=80), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("counter_name", sa.String(length=160), nullable=False),
        sa.Column("counter_account", sa.String(length=40), nullable=False),
        sa.Column("sought", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "matched",
                "decided",
                "frozen",
                "reversed",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "new",
                "exact",
                "under",
                "over",
                "split",
                "late",
                "duplicate",
                "wrong_account",
                "several",
                "unknown_reference",
                "no_reference",
                "undone",
                "given_back",
                "paid_out",
                name="outcome",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "about_intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "taken_back_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "allocated >= 0 AND frozen >= 0 AND allocated + frozen <= amount",
            name=op.f("ck_movements_allocated_within"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_movements_positive")),
        sa.ForeignKeyConstraint(
            ["about_intent_id"], ["payment_intents.id"], name=op.f("fk_movements_about_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_accounts.id"], name=op.f("fk_movements_bank_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_movements_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["taken_back_by_id"], ["movements.id"], name=op.f("fk_movements_taken_back_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint("public_id", name=op.f("uq_movements_public_id")),
    )
    op.create_index(
        "ix_movements_alike",
        "movements",
        ["bank_account_id", "direction", "amount", "booked_on"],
        unique=False,
    )
    op.create_index(
        "ix_movements_day", "movements", ["organisation_id", "booked_on", "id"], unique=False
    )
    op.create_index(
        "ix_movements_reference",
        "movements",
        ["bank_account_id", "direction", "bank_reference", "occurrence"],
        unique=False,
    )
    op.create_index(
        "ix_movements_state",
        "movements",
        ["organisation_id", "direction", "state", "id"],
        unique=False,
    )
    op.create_index(
        "uq_movements_key",
        "movements",
        ["key"],
        unique=True,
        sqlite_where=sa.text("key IS NOT NULL"),
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_table(
        "payment_intent_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=160), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intents.id"], name=op.f("fk_payment_intent_lines_intent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_intent_lines")),
        sa.UniqueConstraint(
            "intent_id", "position", name=op.f("uq_payment_intent_lines_intent_id_position")
        ),
    )
    op.create_index(
        "ix_payment_intent_lines_subject", "payment_intent_lines", ["kind", "subject"], unique=False
    )
    op.create_table(
        "allocations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("from_payer", sa.String(length=80), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "intent",
                "balance",
                "return",
                "not_ours",
                name="allocationkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payer", sa.String(length=80), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "by_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'balance') = (payer IS NOT NULL)", name=op.f("ck_allocations_payer_named")
        ),
        sa.CheckConstraint(
            "(kind = 'intent') = (intent_id IS NOT NULL)", name=op.f("ck_allocations_intent_named")
        ),
        sa.CheckConstraint(
            "(amount < 0) = (undoes_id IS NOT NULL)", name=op.f("ck_allocations_undone")
        ),
        sa.CheckConstraint(
            "(movement_id IS NULL) <> (from_payer IS NULL)", name=op.f("ck_allocations_one_source")
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_allocations_something")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_allocations_by_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intents.id"], name=op.f("fk_allocations_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_allocations_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_allocations_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["allocations.id"], name=op.f("fk_allocations_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_allocations_public_id")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_allocations_undoes_id")),
    )
    op.create_index(
        "ix_allocations_from_payer", "allocations", ["organisation_id", "from_payer"], unique=False
    )
    op.create_index("ix_allocations_intent", "allocations", ["intent_id", "id"], unique=False)
    op.create_index("ix_allocations_movement", "allocations", ["movement_id", "id"], unique=False)
    op.create_index(
        "ix_allocations_payer", "allocations", ["organisation_id", "payer"], unique=False
    )
    op.create_table(
        "card_charges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "pending",
                "succeeded",
                "failed",
                "cancelled",
                "unknown",
                name="chargestate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("failure", sa.String(length=60), nullable=False),
        sa.Column("agreed_at", db.UtcDateTime(), nullable=True),
        sa.Column("disputed_at", db.UtcDateTime(), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("next_ask_at", db.UtcDateTime(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_card_charges_positive")),
        sa.CheckConstraint(
            "received >= 0 AND refunded >= 0", name=op.f("ck_card_charges_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intents.id"], name=op.f("fk_card_charges_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_card_charges_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["organisations.id"], name=op.f("fk_card_charges_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_card_charges_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_charges")),
        sa.UniqueConstraint("key", name=op.f("uq_card_charges_key")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_card_charges_movement_id")),
        sa.UniqueConstraint(
            "provider", "provider_id", name=op.f("uq_card_charges_provider_provider_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_card_charges_public_id")),
    )
    op.create_index("ix_card_charges_due", "card_charges", ["state", "next_ask_at"], unique=False)
    op.create_index("ix_card_charges_intent", "card_charges", ["intent_id", "id"], unique=False)
    op.create_index(
        "ix_card_charges_organisation", "card_charges", ["organisation_id", "id"], unique=False
    )
    op.create_index(
        "uq_card_charges_open",
        "card_charges",
        ["intent_id", "provider"],
        unique=True,
        sqlite_where=sa.text("state IN ('created', 'pending', 'failed', 'unknown')"),
        postgresql_where=sa.text("state IN ('created', 'pending', 'failed', 'unknown')"),
    )
    op.create_table(
        "cod_collections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("parcel", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("handed", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "owed",
                "collected",
                "handed_over",
                "returned",
                name="codstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("collected_at", db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_cod_collections_positive")),
        sa.CheckConstraint(
            "handed >= 0 AND handed <= amount", name=op.f("ck_cod_collections_handed_within")
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"], ["couriers.id"], name=op.f("fk_cod_collections_courier_id")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intents.id"], name=op.f("fk_cod_collections_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_cod_collections_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["organisations.id"], name=op.f("fk_cod_collections_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_cod_collections_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cod_collections")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_cod_collections_movement_id")),
        sa.UniqueConstraint(
            "organisation_id", "key", name=op.f("uq_cod_collections_organisation_id_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_cod_collections_public_id")),
    )
    op.create_index(
        "ix_cod_collections_courier", "cod_collections", ["courier_id", "state", "id"], unique=False
    )
    op.create_index("ix_cod_collections_intent", "cod_collections", ["intent_id"], unique=False)
    op.create_index(
        "ix_cod_collections_organisation",
        "cod_collections",
        ["organisation_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "payout_batches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=19), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "exported",
                "sent",
                "closed",
                "dropped",
                name="batchstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column(
            "approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("approved_at", db.UtcDateTime(), nullable=True),
        sa.Column("gone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_payout_batches_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["gone_id"], ["movements.id"], name=op.f("fk_payout_batches_gone_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_payout_batches_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["organisations.id"], name=op.f("fk_payout_batches_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batches")),
        sa.UniqueConstraint("gone_id", name=op.f("uq_payout_batches_gone_id")),
        sa.UniqueConstraint(
            "operator_id", "number", name=op.f("uq_payout_batches_operator_id_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_batches_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payout_batches_reference")),
    )
    op.create_index(
        "ix_payout_batches_state", "payout_batches", ["operator_id", "state", "id"], unique=False
    )
    op.create_table(
        "told_movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("source_kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("told_id", sa.String(length=120), nullable=False),
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column(
            "told",
            sa.Enum(
                "new",
                "repeat",
                "merged",
                "conflict",
                "unclear",
                name="told",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "direction",
            sa.Enum("in", "out", name="direction", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.String(length=80), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("heard_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_told_movements_bank_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_told_movements_movement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_movements")),
        sa.UniqueConstraint(
            "bank_account_id",
            "source_kind",
            "told_id",
            name=op.f("uq_told_movements_bank_account_id_source_kind_told_id"),
        ),
    )
    op.create_index(
        "ix_told_movements_movement", "told_movements", ["movement_id", "source"], unique=False
    )
    op.create_table(
        "cash_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "taken",
                "undone",
                "given_back",
                "banked",
                "put_in",
                "taken_out",
                name="entrykind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column(
            "by_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_cash_entries_something")),
        sa.CheckConstraint(
            "given = 0 OR given >= amount", name=op.f("ck_cash_entries_given_enough")
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocations.id"], name=op.f("fk_cash_entries_allocation_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_cash_entries_by_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intents.id"], name=op.f("fk_cash_entries_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_cash_entries_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_cash_entries_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["cash_shifts.id"], name=op.f("fk_cash_entries_shift_id")
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["cash_entries.id"], name=op.f("fk_cash_entries_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cash_entries_public_id")),
        sa.UniqueConstraint("shift_id", "key", name=op.f("uq_cash_entries_shift_id_key")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_cash_entries_undoes_id")),
    )
    op.create_index("ix_cash_entries_intent", "cash_entries", ["intent_id"], unique=False)
    op.create_index("ix_cash_entries_shift", "cash_entries", ["shift_id", "id"], unique=False)
    op.create_table(
        "cod_handover_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "handover_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["cod_collections.id"],
            name=op.f("fk_cod_handover_lines_collection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["cod_handovers.id"], name=op.f("fk_cod_handover_lines_handover_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cod_handover_lines")),
        sa.UniqueConstraint(
            "handover_id",
            "collection_id",
            name=op.f("uq_cod_handover_lines_handover_id_collection_id"),
        ),
    )
    op.create_index(
        op.f("ix_cod_handover_lines_collection_id"),
        "cod_handover_lines",
        ["collection_id"],
        unique=False,
    )
    op.create_table(
        "payout_exports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "by_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("exported_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batches.id"], name=op.f("fk_payout_exports_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_payout_exports_by_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_exports")),
        sa.UniqueConstraint("batch_id", "nth", name=op.f("uq_payout_exports_batch_id_nth")),
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("bank_bin", sa.String(length=6), nullable=False),
        sa.Column("account_number", sa.String(length=19), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=19), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sent",
                "confirmed",
                "failed",
                "returned",
                "dropped",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.Column("gone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("back_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "arrived_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("left_at", db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "fee >= 0 AND net > 0 AND amount = net + fee", name=op.f("ck_payouts_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["arrived_id"], ["movements.id"], name=op.f("fk_payouts_arrived_id")
        ),
        sa.ForeignKeyConstraint(["back_id"], ["movements.id"], name=op.f("fk_payouts_back_id")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batches.id"], name=op.f("fk_payouts_batch_id")
        ),
        sa.ForeignKeyConstraint(["gone_id"], ["movements.id"], name=op.f("fk_payouts_gone_id")),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["organisations.id"], name=op.f("fk_payouts_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("arrived_id", name=op.f("uq_payouts_arrived_id")),
        sa.UniqueConstraint("back_id", name=op.f("uq_payouts_back_id")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_payouts_batch_id_position")),
        sa.UniqueConstraint("batch_id", "seller_id", name=op.f("uq_payouts_batch_id_seller_id")),
        sa.UniqueConstraint("gone_id", name=op.f("uq_payouts_gone_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payouts_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payouts_reference")),
    )
    op.create_index("ix_payouts_seller", "payouts", ["seller_id", "id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "source",
            sa.Enum("movement", "balance", "intent", name="source", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payer", sa.String(length=80), nullable=True),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "means",
            sa.Enum("bank", "card", "cash", name="means", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("bank_bin", sa.String(length=6), nullable=False),
        sa.Column("account_number", sa.String(length=19), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=19), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "approved",
                "sent",
                "confirmed",
                "declined",
                "failed",
                "withdrawn",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asks_authority", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("requested_at", db.UtcDateTime(), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(means = 'bank') = (account_number <> '')", name=op.f("ck_refunds_account_named")
        ),
        sa.CheckConstraint(
            "(source = 'movement') = (movement_id IS NOT NULL) AND (source = 'intent') = (intent_id IS NOT NULL) AND (source = 'balance') = (payer IS NOT NULL)",
            name=op.f("ck_refunds_one_source"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_positive")),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocations.id"], name=op.f("fk_refunds_allocation_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_refunds_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intents.id"], name=op.f("fk_refunds_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_refunds_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_refunds_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["people.id"], name=op.f("fk_refunds_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("allocation_id", name=op.f("uq_refunds_allocation_id")),
        sa.UniqueConstraint("organisation_id", "key", name=op.f("uq_refunds_organisation_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refunds_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_refunds_reference")),
    )
    op.create_index(
        "ix_refunds_authority", "refunds", ["asks_authority", "state", "id"], unique=False
    )
    op.create_index("ix_refunds_intent", "refunds", ["intent_id"], unique=False)
    op.create_index("ix_refunds_movement", "refunds", ["movement_id"], unique=False)
    op.create_index("ix_refunds_state", "refunds", ["organisation_id", "state", "id"], unique=False)
    op.create_table(
        "telling_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "told_movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "by_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_telling_decisions_by_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_telling_decisions_movement_id")
        ),
        sa.ForeignKeyConstraint(
            ["told_movement_id"],
            ["told_movements.id"],
            name=op.f("fk_telling_decisions_told_movement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling_decisions")),
        sa.UniqueConstraint("told_movement_id", name=op.f("uq_telling_decisions_told_movement_id")),
    )
    op.create_index(
        "ix_telling_decisions_movement", "telling_decisions", ["movement_id"], unique=False
    )
    op.create_table(
        "refund_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("began_at", db.UtcDateTime(), nullable=False),
        sa.Column("sent_at", db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.Column("gone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("back_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["back_id"], ["movements.id"], name=op.f("fk_refund_attempts_back_id")
        ),
        sa.ForeignKeyConstraint(
            ["gone_id"], ["movements.id"], name=op.f("fk_refund_attempts_gone_id")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_attempts_refund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_attempts")),
        sa.UniqueConstraint("back_id", name=op.f("uq_refund_attempts_back_id")),
        sa.UniqueConstraint("gone_id", name=op.f("uq_refund_attempts_gone_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refund_attempts_public_id")),
        sa.UniqueConstraint(
            "refund_id", "number", name=op.f("uq_refund_attempts_refund_id_number")
        ),
    )
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in db.append_only_ddl(table, dialect):
            op.execute(statement)
    for statement in balance_ddl(dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("refund_attempts")
    op.drop_index("ix_telling_decisions_movement", table_name="telling_decisions")
    op.drop_table("telling_decisions")
    op.drop_index("ix_refunds_state", table_name="refunds")
    op.drop_index("ix_refunds_movement", table_name="refunds")
    op.drop_index("ix_refunds_intent", table_name="refunds")
    op.drop_index("ix_refunds_authority", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_payouts_seller", table_name="payouts")
    op.drop_table("payouts")
    op.drop_table("payout_exports")
    op.drop_index(op.f("ix_cod_handover_lines_collection_id"), table_name="cod_handover_lines")
    op.drop_table("cod_handover_lines")
    op.drop_index("ix_cash_entries_shift", table_name="cash_entries")
    op.drop_index("ix_cash_entries_intent", table_name="cash_entries")
    op.drop_table("cash_entries")
    op.drop_index("ix_told_movements_movement", table_name="told_movements")
    op.drop_table("told_movements")
    op.drop_index("ix_payout_batches_state", table_name="payout_batches")
    op.drop_table("payout_batches")
    op.drop_index("ix_cod_collections_organisation", table_name="cod_collections")
    op.drop_index("ix_cod_collections_intent", table_name="cod_collections")
    op.drop_index("ix_cod_collections_courier", table_name="cod_collections")
    op.drop_table("cod_collections")
    op.drop_index(
        "uq_card_charges_open",
        table_name="card_charges",
        sqlite_where=sa.text("state IN ('created', 'pending', 'failed', 'unknown')"),
        postgresql_where=sa.text("state IN ('created', 'pending', 'failed', 'unknown')"),
    )
    op.drop_index("ix_card_charges_organisation", table_name="card_charges")
    op.drop_index("ix_card_charges_intent", table_name="card_charges")
    op.drop_index("ix_card_charges_due", table_name="card_charges")
    op.drop_table("card_charges")
    op.drop_index("ix_allocations_payer", table_name="allocations")
    op.drop_index("ix_allocations_movement", table_name="allocations")
    op.drop_index("ix_allocations_intent", table_name="allocations")
    op.drop_index("ix_allocations_from_payer", table_name="allocations")
    op.drop_table("allocations")
    op.drop_index("ix_payment_intent_lines_subject", table_name="payment_intent_lines")
    op.drop_table("payment_intent_lines")
    op.drop_index(
        "uq_movements_key",
        table_name="movements",
        sqlite_where=sa.text("key IS NOT NULL"),
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.drop_index("ix_movements_state", table_name="movements")
    op.drop_index("ix_movements_reference", table_name="movements")
    op.drop_index("ix_movements_day", table_name="movements")
    op.drop_index("ix_movements_alike", table_name="movements")
    op.drop_table("movements")
    op.drop_table("ledger_unbalanced")
    op.drop_table("inbox_waiting")
    op.drop_index("ix_inbox_results_result", table_name="inbox_results")
    op.drop_index("ix_inbox_results_message", table_name="inbox_results")
    op.drop_table("inbox_results")
    op.drop_index("ix_statement_files_organisation", table_name="statement_files")
    op.drop_index("ix_statement_files_name", table_name="statement_files")
    op.drop_table("statement_files")
    op.drop_index("ix_payment_intents_state", table_name="payment_intents")
    op.drop_index("ix_payment_intents_expiry", table_name="payment_intents")
    op.drop_table("payment_intents")
    op.drop_index("ix_ledger_postings_journal", table_name="ledger_postings")
    op.drop_index("ix_ledger_postings_account", table_name="ledger_postings")
    op.drop_table("ledger_postings")
    op.drop_index("ix_inbox_messages_feed", table_name="inbox_messages")
    op.drop_table("inbox_messages")
    op.drop_index(
        "uq_cash_shifts_open",
        table_name="cash_shifts",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_cash_shifts_organisation", table_name="cash_shifts")
    op.drop_index("ix_cash_shifts_cashier", table_name="cash_shifts")
    op.drop_table("cash_shifts")
    op.drop_table("statement_originals")
    op.drop_index("ix_payout_holds_seller", table_name="payout_holds")
    op.drop_table("payout_holds")
    op.drop_index("ix_ledger_journals_day", table_name="ledger_journals")
    op.drop_table("ledger_journals")
    op.drop_table("ledger_accounts")
    op.drop_index("ix_cod_handovers_courier", table_name="cod_handovers")
    op.drop_table("cod_handovers")
    op.drop_table("cash_desks")
    op.drop_index("ix_bank_feeds_organisation", table_name="bank_feeds")
    op.drop_table("bank_feeds")
    op.drop_index(
        "uq_bank_accounts_main",
        table_name="bank_accounts",
        sqlite_where=sa.text("main"),
        postgresql_where=sa.text("main"),
    )
    op.drop_index(
        "uq_bank_accounts_live",
        table_name="bank_accounts",
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.drop_index("ix_bank_accounts_organisation", table_name="bank_accounts")
    op.drop_index("ix_bank_accounts_number", table_name="bank_accounts")
    op.drop_table("bank_accounts")
    op.drop_index("ix_provider_events_payment", table_name="provider_events")
    op.drop_table("provider_events")
    op.drop_table("couriers")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_note_balance()")
        op.execute("DROP FUNCTION ledger_keep_unbalanced()")
