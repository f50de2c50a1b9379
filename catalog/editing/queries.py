"""Reading one product of a seller's own, to be edited."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalog.products.errors import NoSuchProduct
from catalog.products.models import Product, ProductPhoto


def own(session: Session, public_id: str, organisation_id: int) -> Product:
    """Return the seller's product with sizes and photos. Raises NoSuchProduct."""
    product = session.scalars(
        select(Product)
        .where(Product.public_id == public_id, Product.organisation_id == organisation_id)
        .options(
            joinedload(Product.category),
            joinedload(Product.commune),
            selectinload(Product.variants),
            selectinload(Product.photos).joinedload(ProductPhoto.file),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if product is None:
        raise NoSuchProduct
    return product
