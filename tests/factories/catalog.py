"""Categories, products, the sizes they are sold in, and their photos."""

from __future__ import annotations

from datetime import date

import factory
from sqlalchemy import select

from catalog.categories.models import Category, Level
from catalog.products.models import NetUnit, Product, ProductPhoto, State, Variant
from foundation.places.models import AdminUnit, UnitKind
from foundation.storage.models import FileKind, StoredFile
from foundation.text import fold, slugify, sort_key
from tests.factories.base import MOMENT, Stored, session
from tests.factories.foundation import OrganisationFactory


def some_commune() -> str:
    """Return the code of a commune: of the loaded list, or of one made here."""
    found = session().scalar(
        select(AdminUnit.code)
        .where(AdminUnit.province_code.is_not(None))
        .order_by(AdminUnit.code)
        .limit(1)
    )
    return found or _made("90001", "Xã Mẫu", _made("90", "Tỉnh Mẫu", None))


def _made(code: str, name: str, province_code: str | None) -> str:
    session().add(
        AdminUnit(
            code=code,
            name=name,
            slug=slugify(name),
            kind=UnitKind.COMMUNE if province_code else UnitKind.PROVINCE,
            province_code=province_code,
            fold_key=fold(name),
            sort_key=sort_key(name),
            valid_from=date(2025, 7, 1),
        )
    )
    session().flush()
    return code


class CategoryFactory(Stored):
    """A kind of its own, beside the loaded list."""

    class Meta:
        model = Category

    code = factory.Sequence(lambda n: f"sample.kind_{n}")
    slug = factory.LazyAttribute(lambda row: slugify(row.code))
    level = Level.KIND
    position = factory.Sequence(lambda n: 1000 + n)
    name = factory.Sequence(lambda n: f"Loại mẫu {n}")
    name_en = factory.Sequence(lambda n: f"Sample kind {n}")
    edition = "sample"
    valid_from = date(2023, 2, 24)


class StoredFileFactory(Stored):
    class Meta:
        model = StoredFile

    kind = FileKind.PHOTO
    name = "anh.webp"
    content_type = "image/webp"
    size = 120_000
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    width = 1280
    height = 1280
    created_at = MOMENT


class VariantFactory(Stored):
    class Meta:
        model = Variant

    product = factory.SubFactory("tests.factories.catalog.ProductFactory", variant=None)
    name = "Gói 500 g"
    price = 45_000
    net_amount = 500
    net_unit = NetUnit.GRAM
    stock = 20
    position = factory.LazyAttribute(
        lambda row: max((each.position for each in row.product.variants), default=-1) + 1
    )


class PhotoFactory(Stored):
    class Meta:
        model = ProductPhoto

    product = factory.SubFactory("tests.factories.catalog.ProductFactory", photo=None)
    file = factory.SubFactory(StoredFileFactory)
    alt = "Gói bánh tráng trên mẹt tre"
    position = factory.LazyAttribute(
        lambda row: max((each.position for each in row.product.photos), default=-1) + 1
    )


class ProductFactory(Stored):
    """A product on sale, with one size and one photo.

    `variant__price=…` and `photo__alt=…` reach into them; `variant=None`, `photo=None` leave them
    out.
    """

    class Meta:
        model = Product

    organisation = factory.SubFactory(OrganisationFactory)
    category = factory.LazyFunction(
        lambda: (
            session().scalar(select(Category).where(Category.code == "food.processed.rice_cereals"))
            or CategoryFactory()
        )
    )
    commune_code = factory.LazyFunction(some_commune)
    name = factory.Sequence(lambda n: f"Bánh tráng phơi sương số {n}")
    slug = factory.LazyAttribute(lambda row: slugify(row.name))
    summary = "Bánh tráng hai lớp, phơi sương đêm."
    description = "Làm từ gạo mới."
    state = State.PUBLISHED
    created_at = MOMENT
    updated_at = MOMENT
    published_at = factory.LazyAttribute(
        lambda row: (
            MOMENT if row.state in (State.PUBLISHED, State.PAUSED, State.WITHDRAWN) else None
        )
    )

    variant = factory.RelatedFactory(VariantFactory, factory_related_name="product")
    photo = factory.RelatedFactory(PhotoFactory, factory_related_name="product")
