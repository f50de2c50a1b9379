"""Reading certificates, and the badges that follow from them on a given day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.ocop.models import Certificate, CertificateProduct, State


@dataclass(frozen=True, kw_only=True)
class Badge:
    """What a buyer may see of a valid certificate."""

    certificate_public_id: str
    stars: int
    decision_number: str
    issuer: str
    issued_on: date
    lapses_on: date


def badges(session: Session, product_ids: Collection[int], *, today: date) -> dict[int, Badge]:
    """Return the best valid badge of each product that has one, in one statement.

    `today` is the day in Việt Nam. A certificate counts from the day it was issued up to, and
    not on, the day it lapses.
    """
    if not product_ids:
        return {}
    rows = session.execute(
        select(CertificateProduct.product_id, Certificate)
        .join(CertificateProduct.certificate)
        .where(
            CertificateProduct.product_id.in_(product_ids),
            Certificate.state == State.VERIFIED,
            Certificate.issued_on <= today,
            Certificate.lapses_on > today,
        )
        .order_by(Certificate.stars, Certificate.lapses_on)
    )
    return {product_id: _badge(certificate) for product_id, certificate in rows}


def _badge(certificate: Certificate) -> Badge:
    return Badge(
        certificate_public_id=certificate.public_id,
        stars=certificate.stars,
        decision_number=certificate.decision_number,
        issuer=certificate.issuer,
        issued_on=certificate.issued_on,
        lapses_on=certificate.lapses_on,
    )
