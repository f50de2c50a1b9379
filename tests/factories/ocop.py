"""OCOP certificates and what they cover."""

from __future__ import annotations

from datetime import date

import factory

from catalog.ocop import rules
from catalog.ocop.models import Certificate, CertificateProduct, IssuerLevel, State
from tests.factories.base import MOMENT, Stored
from tests.factories.foundation import OrganisationFactory


class CertificateFactory(Stored):
    """A verified certificate of four stars; `products` are those it covers."""

    class Meta:
        model = Certificate

    organisation = factory.SubFactory(OrganisationFactory)
    decision_number = factory.Sequence(lambda n: f"{n + 1}/QĐ-UBND (mẫu)")
    issuer_level = IssuerLevel.PROVINCE
    issuer = "Uỷ ban nhân dân tỉnh (mẫu)"
    stars = 4
    issued_on = date(2025, 6, 12)
    lapses_on = factory.LazyAttribute(lambda row: rules.lapse_day(row.issued_on))
    state = State.VERIFIED
    created_at = MOMENT

    @factory.post_generation
    def products(self: Certificate, create: bool, extracted: object, **_more: object) -> None:
        for product in extracted or ():  # type: ignore[attr-defined]
            self.covers.append(CertificateProduct(product_id=product.id))
