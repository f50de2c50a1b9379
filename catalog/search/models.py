"""What the search index needs of the database: what changed, and PostgreSQL's own index.

PostgreSQL keeps two tables of one shape: searches read one while a rebuild fills the other, and a
row in `search_state` says which is which. On SQLite, where Whoosh keeps the index in files, these
tables stay empty.
"""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from sqlalchemy import DDL, BigInteger, Boolean, Index, Integer, String, Table, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, BigInt, Dong, Key

Tokens = TSVECTOR().with_variant(Text(), "sqlite")
BALLAST: Final = " " * 2_000
TokenText = String(100, collation="C").with_variant(String(100), "sqlite")


class SearchDirty(Base):
    """A product may look different in the index now. `done` when the index in use knows it but a
    rebuild under way may not."""

    __tablename__ = "search_dirty"

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(BigInt)
    done: Mapped[bool] = mapped_column(Boolean, default=False, index=True)


class SearchState(Base):
    """The only row says which table answers, how often it changed, and whether a rebuild runs."""

    __tablename__ = "search_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    generation: Mapped[str] = mapped_column(String(1), default="a")
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    building: Mapped[bool] = mapped_column(Boolean, default=False)


class _ProductColumns:
    product_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(BigInt)
    seller_id: Mapped[int] = mapped_column(BigInt)
    published_at: Mapped[int] = mapped_column(BigInt)
    price: Mapped[Dong]
    unit_price: Mapped[Dong]
    until5: Mapped[date | None]
    until4: Mapped[date | None]
    until3: Mapped[date | None]
    by_piece: Mapped[bool]
    commune_code: Mapped[str] = mapped_column(String(8))
    document: Mapped[str] = mapped_column(Tokens)
    # Blanks that make the row too long to stay whole, so that PostgreSQL moves its words out of
    # it. Compressed they take a few bytes; rows become ten times shorter, and counting facets
    # reads a tenth of the pages.
    ballast: Mapped[str] = mapped_column(Text, default=BALLAST)


class ProductSearchA(_ProductColumns, Base):
    __tablename__ = "product_search_a"


class ProductSearchB(_ProductColumns, Base):
    __tablename__ = "product_search_b"


class SearchWordA(Base):
    """How many products hold a token, for corrections and completions; and how many have each
    value of a facet, so that a listing without words counts nothing."""

    __tablename__ = "search_words_a"

    token: Mapped[str] = mapped_column(TokenText, primary_key=True)
    products: Mapped[int]


class SearchWordB(Base):
    __tablename__ = "search_words_b"

    token: Mapped[str] = mapped_column(TokenText, primary_key=True)
    products: Mapped[int]


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, for statements that write many rows."""
    return cast("Table", model.__table__)


def _add_indexes(table: Table) -> None:
    """Add the index of words, and one for each order, which alone answers an unfiltered page."""
    column = table.c
    newest = (column.published_at.desc(), column.product_id.desc())
    Index(f"ix_{table.name}_document", column.document, postgresql_using="gin")
    for order, columns in {
        "newest": newest,
        "price": (column.price, *newest),
        "price_down": (column.price.desc(), *newest),
        "unit_price": (column.by_piece, column.unit_price, *newest),
    }.items():
        Index(f"ix_{table.name}_{order}", *columns, postgresql_include=["seller_id"])


WORDS_APART: Final = (
    "ALTER TABLE %(table)s ALTER COLUMN document SET STORAGE EXTERNAL",
    "ALTER TABLE %(table)s SET (toast_tuple_target = 128)",
)

for _model in (ProductSearchA, ProductSearchB):
    _add_indexes(table_of(_model))
    for _statement in WORDS_APART:
        _ddl: DDL = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
        event.listen(table_of(_model), "after_create", _ddl.execute_if(dialect="postgresql"))
