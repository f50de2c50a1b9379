"""Products by the ten thousand, always the same ones: real names and places, mixed by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import Session

from catalog.categories import service as categories
from catalog.categories.models import Category
from catalog.ocop.models import Certificate, CertificateProduct
from catalog.products.models import Product, ProductPhoto, Variant
from foundation.ids import ALPHABET, LENGTH
from foundation.organisations.models import Organisation
from foundation.places import service as places
from foundation.places.models import AdminUnit
from foundation.storage.models import StoredFile
from foundation.text import fold, slugify, sort_key
from marketplace.demo import rules as demo

SEED = 20_261_122
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
CHUNK = 5_000
PRODUCTS_PER_SELLER = 50
QUALITIES = [
    "loại 1",
    "loại đặc biệt",
    "hữu cơ",
    "VietGAP",
    "sấy dẻo",
    "sấy giòn",
    "rang muối",
    "một nắng",
    "ít đường",
    "không hạt",
    "ruột đỏ",
    "truyền thống",
    "nhà làm",
    "thượng hạng",
    "vị gừng",
    "vị tỏi ớt",
    "cay nhẹ",
    "nguyên chất",
    "hút chân không",
]
SIZES = ((250, 0.6), (500, 1), (1000, 1.9), (5000, 9))


def fill(engine: Engine, count: int) -> None:
    """Migrate an empty database and put this many products on sale, with their sellers, photos
    and certificates."""
    with engine.begin() as connection:
        settings = AlembicConfig()
        settings.set_main_option("script_location", "migrations")
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    with Session(engine) as session, session.begin():
        places.load(session)
        categories.load(session)
    with engine.begin() as connection:
        _Filler(connection, count).run()
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


class _Filler:
    def __init__(self, connection: Connection, count: int) -> None:
        self.connection = connection
        self.count = count
        self.chance = random.Random(SEED)
        self.category = {
            code: (identity, alcohol)
            for identity, code, alcohol in connection.execute(
                select(Category.id, Category.code, Category.alcohol)
            )
        }
        self.communes = [
            (code, name)
            for code, name in connection.execute(
                select(AdminUnit.code, AdminUnit.name)
                .where(AdminUnit.province_code.in_(("80", "82")))
                .order_by(AdminUnit.code)
            )
        ]

    def run(self) -> None:
        sellers = max(1, self.count // PRODUCTS_PER_SELLER)
        self.insert(Organisation, (self.seller(number) for number in range(1, sellers + 1)))
        numbers = range(1, self.count + 1)
        self.insert(StoredFile, (self.file(number) for number in numbers))
        self.insert(Product, (self.product(number, sellers) for number in numbers))
        self.insert(ProductPhoto, (self.photo(number) for number in numbers))
        self.insert(Variant, (row for number in numbers for row in self.sizes(number)))
        ranked = [number for number in numbers if number % 3 == 0]
        self.insert(Certificate, (self.certificate(number, sellers) for number in ranked))
        self.insert(CertificateProduct, (self.cover(number) for number in ranked))

    def insert(self, model: Any, rows: Iterator[dict[str, Any]]) -> None:
        chunk: list[dict[str, Any]] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                self.connection.execute(insert(model.__table__), chunk)
                chunk = []
        if chunk:
            self.connection.execute(insert(model.__table__), chunk)

    def public_id(self) -> str:
        return "".join(self.chance.choices(ALPHABET, k=LENGTH))

    def seller(self, number: int) -> dict[str, Any]:
        commune = self.communes[number % len(self.communes)]
        name = demo.shop_name(("cooperative", "household_business")[number % 2], commune[1], number)
        return {
            "id": number,
            "public_id": self.public_id(),
            "slug": slugify(f"{name}-{number}"),
            "kind": "cooperative",
            "state": "verified",
            "name": name,
            "sort_key": sort_key(name),
            "fold_key": fold(name),
            "phone": "",
            "email": "",
            "representative": "",
            "address": "",
            "story": "",
            "review_note": "",
            "demo": True,
            "version": 1,
            "commune_code": commune[0],
            "created_at": NOW,
        }

    def file(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "public_id": self.public_id(),
            "kind": "photo",
            "name": "anh.webp",
            "content_type": "image/webp",
            "size": 60_000,
            "sha256": f"{number:064x}",
            "width": 1280,
            "height": 1280,
            "created_at": NOW,
        }

    def product(self, number: int, sellers: int) -> dict[str, Any]:
        row = self.chance.choice(demo.listed())
        goods = demo.goods_of(row.name)
        category, alcohol = self.category[goods.category]
        name = f"{row.name} {self.chance.choice(QUALITIES)}"
        seller = (number - 1) % sellers + 1
        at = NOW - timedelta(minutes=self.chance.randrange(500_000))
        return {
            "id": number,
            "public_id": self.public_id(),
            "slug": f"{slugify(name, max_length=60)}-{number}",
            "organisation_id": seller,
            "category_id": category,
            "commune_code": self.communes[seller % len(self.communes)][0],
            "name": name,
            "fold_key": fold(name),
            "summary": goods.summary,
            "description": goods.story,
            "ingredients": goods.ingredients,
            "storage": goods.storage,
            "shelf_life_days": goods.shelf,
            "adults_only": alcohol,
            "state": "published",
            "review_note": "",
            "created_at": at,
            "updated_at": at,
            "submitted_at": at,
            "published_at": at,
            "version": 1,
        }

    def photo(self, number: int) -> dict[str, Any]:
        return {
            "public_id": self.public_id(),
            "product_id": number,
            "file_id": number,
            "alt": "",
            "position": 0,
        }

    def sizes(self, number: int) -> Iterator[dict[str, Any]]:
        base = self.chance.randrange(20, 400) * 1000
        for position, (grams, times) in enumerate(self.chance.sample(SIZES, 2)):
            yield {
                "public_id": self.public_id(),
                "product_id": number,
                "name": f"Gói {grams} g",
                "sku": "",
                "price": int(base * times) // 1000 * 1000,
                "net_amount": grams,
                "net_unit": "g",
                "stock": self.chance.randrange(0, 90),
                "position": position,
            }

    def certificate(self, number: int, sellers: int) -> dict[str, Any]:
        issued = date(2023, 6, 1) + timedelta(days=self.chance.randrange(900))
        return {
            "id": number,
            "public_id": self.public_id(),
            "organisation_id": (number - 1) % sellers + 1,
            "decision_number": f"{number}/QĐ-UBND",
            "issuer_level": "province",
            "issuer": "Uỷ ban nhân dân tỉnh (mẫu)",
            "stars": self.chance.choice((3, 3, 3, 4, 4, 5)),
            "issued_on": issued,
            "lapses_on": issued.replace(year=issued.year + 3)
            if (issued.month, issued.day) != (2, 29)
            else date(issued.year + 3, 2, 28),
            "state": "verified",
            "review_note": "",
            "created_at": NOW,
            "version": 1,
        }

    def cover(self, number: int) -> dict[str, Any]:
        return {"certificate_id": number, "product_id": number}
