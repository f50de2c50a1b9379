"""Categories, products, OCOP certificates and the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from foundation import db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "level",
            sa.Enum("group", "kind", "sub_kind", name="level", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("alcohol", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["categories.id"], name=op.f("fk_categories_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("code", name=op.f("uq_categories_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_index(op.f("ix_categories_group_id"), "categories", ["group_id"], unique=False)
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"], unique=False)
    op.create_table(
        "product_search_a",
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "published_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("until5", sa.Date(), nullable=True),
        sa.Column("until4", sa.Date(), nullable=True),
        sa.Column("until3", sa.Date(), nullable=True),
        sa.Column("by_piece", sa.Boolean(), nullable=False),
        sa.Column("commune_code", sa.String(length=8), nullable=False),
        sa.Column(
            "document", postgresql.TSVECTOR().with_variant(sa.Text(), "sqlite"), nullable=False
        ),
        sa.Column("ballast", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_search_a")),
    )
    op.create_index(
        "ix_product_search_a_document",
        "product_search_a",
        ["document"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_product_search_a_newest",
        "product_search_a",
        [sa.literal_column("published_at DESC"), sa.literal_column("product_id DESC")],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_index(
        "ix_product_search_a_price",
        "product_search_a",
        ["price", sa.literal_column("published_at DESC"), sa.literal_column("product_id DESC")],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_index(
        "ix_product_search_a_price_down",
        "product_search_a",
        [
            sa.literal_column("price DESC"),
            sa.literal_column("published_at DESC"),
            sa.literal_column("product_id DESC"),
        ],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_index(
        "ix_product_search_a_unit_price",
        "product_search_a",
        [
            "by_piece",
            "unit_price",
            sa.literal_column("published_at DESC"),
            sa.literal_column("product_id DESC"),
        ],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_table(
        "product_search_b",
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "published_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("until5", sa.Date(), nullable=True),
        sa.Column("until4", sa.Date(), nullable=True),
        sa.Column("until3", sa.Date(), nullable=True),
        sa.Column("by_piece", sa.Boolean(), nullable=False),
        sa.Column("commune_code", sa.String(length=8), nullable=False),
        sa.Column(
            "document", postgresql.TSVECTOR().with_variant(sa.Text(), "sqlite"), nullable=False
        ),
        sa.Column("ballast", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_search_b")),
    )
    op.create_index(
        "ix_product_search_b_document",
        "product_search_b",
        ["document"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_product_search_b_newest",
        "product_search_b",
        [sa.literal_column("published_at DESC"), sa.literal_column("product_id DESC")],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_index(
        "ix_product_search_b_price",
        "product_search_b",
        ["price", sa.literal_column("published_at DESC"), sa.literal_column("product_id DESC")],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_index(
        "ix_product_search_b_price_down",
        "product_search_b",
        [
            sa.literal_column("price DESC"),
            sa.literal_column("published_at DESC"),
            sa.literal_column("product_id DESC"),
        ],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_index(
        "ix_product_search_b_unit_price",
        "product_search_b",
        [
            "by_piece",
            "unit_price",
            sa.literal_column("published_at DESC"),
            sa.literal_column("product_id DESC"),
        ],
        unique=False,
        postgresql_include=["seller_id"],
    )
    op.create_table(
        "search_dirty",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_dirty")),
    )
    op.create_index(op.f("ix_search_dirty_done"), "search_dirty", ["done"], unique=False)
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.String(length=1), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("building", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    op.create_table(
        "search_words_a",
        sa.Column(
            "token",
            sa.String(length=100, collation="C").with_variant(sa.String(length=100), "sqlite"),
            nullable=False,
        ),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search_words_a")),
    )
    op.create_table(
        "search_words_b",
        sa.Column(
            "token",
            sa.String(length=100, collation="C").with_variant(sa.String(length=100), "sqlite"),
            nullable=False,
        ),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search_words_b")),
    )
    op.create_table(
        "ocop_certificates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column(
            "issuer_level",
            sa.Enum(
                "district", "province", "central", name="issuerlevel", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("issuer", sa.String(length=160), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        sa.Column("scan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scan_sha256", sa.String(length=64), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "verified",
                "rejected",
                "revoked",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("submitted_at", db.UtcDateTime(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("lapses_on > issued_on", name=op.f("ck_ocop_certificates_lapses_later")),
        sa.CheckConstraint("stars BETWEEN 3 AND 5", name=op.f("ck_ocop_certificates_stars_shown")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_ocop_certificates_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["stored_files.id"], name=op.f("fk_ocop_certificates_scan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocop_certificates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ocop_certificates_public_id")),
    )
    op.create_index(
        "ix_ocop_certificates_lapses", "ocop_certificates", ["state", "lapses_on"], unique=False
    )
    op.create_index(
        "ix_ocop_certificates_organisation",
        "ocop_certificates",
        ["organisation_id", "state"],
        unique=False,
    )
    op.create_index("ix_ocop_certificates_scan", "ocop_certificates", ["scan_sha256"], unique=False)
    op.create_table(
        "product_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column(
            "content",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("applied_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_product_imports_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_product_imports_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_imports")),
        sa.UniqueConstraint("token", name=op.f("uq_product_imports_token")),
    )
    op.create_index(
        op.f("ix_product_imports_created_at"), "product_imports", ["created_at"], unique=False
    )
    op.create_index(
        op.f("ix_product_imports_organisation_id"),
        "product_imports",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("commune_code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("ingredients", sa.Text(), nullable=False),
        sa.Column("storage", sa.String(length=300), nullable=False),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("adults_only", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "published",
                "paused",
                "withdrawn",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("taken_down", sa.Boolean(), nullable=False),
        sa.Column(
            "withdrawn_from",
            sa.Enum(
                "draft",
                "in_review",
                "published",
                "paused",
                "withdrawn",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("fold_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(), nullable=False),
        sa.Column("submitted_at", db.UtcDateTime(), nullable=True),
        sa.Column("published_at", db.UtcDateTime(), nullable=True),
        sa.Column(
            "edited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_products_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["admin_units.code"], name=op.f("fk_products_commune_code")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["people.id"], name=op.f("fk_products_edited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_products_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("public_id", name=op.f("uq_products_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
    )
    op.create_index("ix_products_category", "products", ["category_id", "state"], unique=False)
    op.create_index("ix_products_commune", "products", ["commune_code", "state"], unique=False)
    op.create_index("ix_products_newest", "products", ["state", "published_at", "id"], unique=False)
    op.create_index(
        "ix_products_seller", "products", ["organisation_id", "state", "id"], unique=False
    )
    op.create_table(
        "ocop_certificate_products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "certificate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["ocop_certificates.id"],
            name=op.f("fk_ocop_certificate_products_certificate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_ocop_certificate_products_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocop_certificate_products")),
        sa.UniqueConstraint(
            "certificate_id",
            "product_id",
            name=op.f("uq_ocop_certificate_products_certificate_id_product_id"),
        ),
    )
    op.create_index(
        op.f("ix_ocop_certificate_products_product_id"),
        "ocop_certificate_products",
        ["product_id"],
        unique=False,
    )
    op.create_table(
        "ocop_lapse_warnings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "certificate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("sent_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["ocop_certificates.id"],
            name=op.f("fk_ocop_lapse_warnings_certificate_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocop_lapse_warnings")),
        sa.UniqueConstraint(
            "certificate_id",
            "days_ahead",
            name=op.f("uq_ocop_lapse_warnings_certificate_id_days_ahead"),
        ),
    )
    op.create_table(
        "product_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alt", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_product_photos_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_photos_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_photos")),
        sa.UniqueConstraint(
            "product_id", "file_id", name=op.f("uq_product_photos_product_id_file_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_product_photos_public_id")),
    )
    op.create_index(
        "ix_product_photos_product", "product_photos", ["product_id", "position"], unique=False
    )
    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=14), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("net_amount", sa.Integer(), nullable=False),
        sa.Column(
            "net_unit",
            sa.Enum("g", "ml", "piece", name="netunit", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("net_amount > 0", name=op.f("ck_variants_net_positive")),
        sa.CheckConstraint("price > 0", name=op.f("ck_variants_price_positive")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_variants_stock_not_negative")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_variants_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("public_id", name=op.f("uq_variants_public_id")),
    )
    op.create_index("ix_variants_product", "variants", ["product_id", "position"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        # Words are kept apart from the row: counting facets then reads a tenth of the pages.
        for table in ("product_search_a", "product_search_b"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN document SET STORAGE EXTERNAL")
            op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 128)")


def downgrade() -> None:
    op.drop_index("ix_variants_product", table_name="variants")
    op.drop_table("variants")
    op.drop_index("ix_product_photos_product", table_name="product_photos")
    op.drop_table("product_photos")
    op.drop_table("ocop_lapse_warnings")
    op.drop_index(
        op.f("ix_ocop_certificate_products_product_id"), table_name="ocop_certificate_products"
    )
    op.drop_table("ocop_certificate_products")
    op.drop_index("ix_products_seller", table_name="products")
    op.drop_index("ix_products_newest", table_name="products")
    op.drop_index("ix_products_commune", table_name="products")
    op.drop_index("ix_products_category", table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_product_imports_organisation_id"), table_name="product_imports")
    op.drop_index(op.f("ix_product_imports_created_at"), table_name="product_imports")
    op.drop_table("product_imports")
    op.drop_index("ix_ocop_certificates_scan", table_name="ocop_certificates")
    op.drop_index("ix_ocop_certificates_organisation", table_name="ocop_certificates")
    op.drop_index("ix_ocop_certificates_lapses", table_name="ocop_certificates")
    op.drop_table("ocop_certificates")
    op.drop_table("search_words_b")
    op.drop_table("search_words_a")
    op.drop_table("search_state")
    op.drop_index(op.f("ix_search_dirty_done"), table_name="search_dirty")
    op.drop_table("search_dirty")
    op.drop_index(
        "ix_product_search_b_unit_price",
        table_name="product_search_b",
        postgresql_include=["seller_id"],
    )
    op.drop_index(
        "ix_product_search_b_price_down",
        table_name="product_search_b",
        postgresql_include=["seller_id"],
    )
    op.drop_index(
        "ix_product_search_b_price", table_name="product_search_b", postgresql_include=["seller_id"]
    )
    op.drop_index(
        "ix_product_search_b_newest",
        table_name="product_search_b",
        postgresql_include=["seller_id"],
    )
    op.drop_index(
        "ix_product_search_b_document", table_name="product_search_b", postgresql_using="gin"
    )
    op.drop_table("product_search_b")
    op.drop_index(
        "ix_product_search_a_unit_price",
        table_name="product_search_a",
        postgresql_include=["seller_id"],
    )
    op.drop_index(
        "ix_product_search_a_price_down",
        table_name="product_search_a",
        postgresql_include=["seller_id"],
    )
    op.drop_index(
        "ix_product_search_a_price", table_name="product_search_a", postgresql_include=["seller_id"]
    )
    op.drop_index(
        "ix_product_search_a_newest",
        table_name="product_search_a",
        postgresql_include=["seller_id"],
    )
    op.drop_index(
        "ix_product_search_a_document", table_name="product_search_a", postgresql_using="gin"
    )
    op.drop_table("product_search_a")
    op.drop_index(op.f("ix_categories_parent_id"), table_name="categories")
    op.drop_index(op.f("ix_categories_group_id"), table_name="categories")
    op.drop_table("categories")
