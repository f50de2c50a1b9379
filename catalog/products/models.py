"""Products, the sizes they are sold in, and their photos."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from catalog.categories.models import Category
from catalog.products.rules import NetUnit, State
from foundation.db import Base, Dong, Key, PublicId
from foundation.organisations.models import Organisation
from foundation.places.models import AdminUnit
from foundation.storage.models import StoredFile
from foundation.text import fold

__all__ = ["NetUnit", "Product", "ProductPhoto", "State", "Variant"]


class Product(Base):
    """What a buyer sees under one name. It is on sale when its state is published and its
    seller is verified."""

    __tablename__ = "products"
    __table_args__ = (
        Index("ix_products_seller", "organisation_id", "state", "id"),
        Index("ix_products_newest", "state", "published_at", "id"),
        Index("ix_products_commune", "commune_code", "state"),
        Index("ix_products_category", "category_id", "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    commune_code: Mapped[str] = mapped_column(ForeignKey("admin_units.code"))
    name: Mapped[str] = mapped_column(String(160))
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    ingredients: Mapped[str] = mapped_column(Text, default="")
    storage: Mapped[str] = mapped_column(String(300), default="")
    shelf_life_days: Mapped[int | None]
    adults_only: Mapped[bool] = mapped_column(default=False)
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    review_note: Mapped[str] = mapped_column(Text, default="")
    # The authority withdrew it: it comes back only through a review.
    taken_down: Mapped[bool] = mapped_column(default=False)
    # Where it stood when it was withdrawn, so that withdrawing can be undone.
    withdrawn_from: Mapped[State | None]
    fold_key: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship()
    category: Mapped[Category] = relationship()
    commune: Mapped[AdminUnit] = relationship()
    variants: Mapped[list[Variant]] = relationship(
        back_populates="product", order_by="Variant.position", cascade="all, delete-orphan"
    )
    photos: Mapped[list[ProductPhoto]] = relationship(
        back_populates="product", order_by="ProductPhoto.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads it once

    @validates("name")
    def _fold_name(self, _key: str, name: str) -> str:
        self.fold_key = fold(name)[:200]
        return name


class Variant(Base):
    """One size a product is sold in. `price` is whole đồng for one; `net_amount` counts
    `net_unit`; `stock` is how many are on hand."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("price > 0", name="price_positive"),
        CheckConstraint("net_amount > 0", name="net_positive"),
        CheckConstraint("stock >= 0", name="stock_not_negative"),
        Index("ix_variants_product", "product_id", "position"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    name: Mapped[str] = mapped_column(String(80))
    sku: Mapped[str] = mapped_column(String(40), default="")
    price: Mapped[Dong]
    net_amount: Mapped[int]
    net_unit: Mapped[NetUnit]
    stock: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(back_populates="variants")


class ProductPhoto(Base):
    """A picture of a product; the first by position is the cover."""

    __tablename__ = "product_photos"
    __table_args__ = (
        UniqueConstraint("product_id", "file_id"),
        Index("ix_product_photos_product", "product_id", "position"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    alt: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(back_populates="photos")
    file: Mapped[StoredFile] = relationship()
