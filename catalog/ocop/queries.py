"""Reading certificates, and the badges that follow from them on a given day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from catalog.ocop.errors import CertificateNotFound
from catalog.ocop.models import Certificate, CertificateProduct, LapseWarning, State
from catalog.products.models import Product
from catalog.products.models import State as ProductState
from foundation.db import escape_like
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as OrganisationState
from foundation.text import fold


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
    rows = session.execute(_covering(), {"ids": list(product_ids)}).all()
    valid = [row for row in rows if row.state is State.VERIFIED]
    current = [row for row in valid if row.issued_on <= today < row.lapses_on]
    current.sort(key=lambda row: (row.stars, row.lapses_on))
    return {row.product_id: _badge(row) for row in current}


@cache
def _covering() -> Select[*tuple[Any, ...]]:
    """Select the certificates of some products, valid or not.

    A product has had a handful at most. Were the valid ones asked for, SQLite, which knows no
    statistics here, would walk through every valid certificate of the province instead.
    """
    return (
        select(
            CertificateProduct.product_id,
            Certificate.state,
            Certificate.public_id,
            Certificate.stars,
            Certificate.decision_number,
            Certificate.issuer,
            Certificate.issued_on,
            Certificate.lapses_on,
        )
        .join(CertificateProduct.certificate)
        .where(CertificateProduct.product_id.in_(bindparam("ids", expanding=True)))
    )


def _badge(row: Row[*tuple[Any, ...]]) -> Badge:
    return Badge(
        certificate_public_id=row.public_id,
        stars=row.stars,
        decision_number=row.decision_number,
        issuer=row.issuer,
        issued_on=row.issued_on,
        lapses_on=row.lapses_on,
    )


def of_organisation(session: Session, organisation_id: int) -> Sequence[Certificate]:
    """Return an organisation's certificates with what they cover, newest decision first."""
    return session.scalars(
        select(Certificate)
        .where(Certificate.organisation_id == organisation_id)
        .options(selectinload(Certificate.covers).joinedload(CertificateProduct.product))
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    ).all()


def one(session: Session, organisation_id: int | None, public_id: str) -> Certificate:
    """Return a certificate with all a page shows: of this organisation, or any (None).

    Raises CertificateNotFound.
    """
    statement = (
        select(Certificate)
        .where(Certificate.public_id == public_id)
        .options(
            joinedload(Certificate.organisation),
            joinedload(Certificate.scan),
            selectinload(Certificate.covers).joinedload(CertificateProduct.product),
        )
    )
    if organisation_id is not None:
        statement = statement.where(Certificate.organisation_id == organisation_id)
    certificate = session.scalars(statement).one_or_none()
    if certificate is None:
        raise CertificateNotFound
    return certificate


def public(session: Session, public_id: str) -> Certificate:
    """Return a certificate anybody may look at: one that was verified at some time and whose
    organisation is not hidden. Raises CertificateNotFound."""
    certificate = one(session, None, public_id)
    shown = certificate.state in (State.VERIFIED, State.REVOKED)
    if not shown or certificate.organisation.state != OrganisationState.VERIFIED:
        raise CertificateNotFound
    return certificate


def own_products(session: Session, organisation_id: int) -> Sequence[tuple[str, str]]:
    """Return (public id, name) of the products a certificate of this organisation may cover."""
    rows = session.execute(
        select(Product.public_id, Product.name)
        .where(
            Product.organisation_id == organisation_id,
            Product.state != ProductState.WITHDRAWN,
        )
        .order_by(Product.name, Product.id)
    )
    return [(public_id, name) for public_id, name in rows]


def lapsing(session: Session, *, today: date, within: int) -> Sequence[Certificate]:
    """Return the valid certificates that lapse within so many days, the soonest first."""
    return session.scalars(
        select(Certificate)
        .where(
            Certificate.state == State.VERIFIED,
            Certificate.lapses_on > today,
            Certificate.lapses_on <= today + timedelta(days=within),
        )
        .options(joinedload(Certificate.organisation))
        .order_by(Certificate.lapses_on, Certificate.id)
    ).all()


def just_lapsed(session: Session, *, today: date) -> Sequence[Certificate]:
    """Return the certificates that lapsed within the last month and were not told of it."""
    told = select(LapseWarning.certificate_id).where(LapseWarning.days_ahead == 0)
    return session.scalars(
        select(Certificate)
        .where(
            Certificate.state == State.VERIFIED,
            Certificate.lapses_on <= today,
            Certificate.lapses_on > today - timedelta(days=31),
            Certificate.id.not_in(told),
        )
        .options(joinedload(Certificate.organisation))
        .order_by(Certificate.id)
    ).all()


def product_ids(session: Session, certificate_id: int) -> Sequence[int]:
    """Return the products a certificate covers."""
    return session.scalars(
        select(CertificateProduct.product_id).where(
            CertificateProduct.certificate_id == certificate_id
        )
    ).all()


def same_scan(session: Session, certificate: Certificate) -> Sequence[Certificate]:
    """Return other certificates sent in with the very same file: a reason to look closely."""
    if certificate.scan_sha256 is None:
        return []
    return session.scalars(
        select(Certificate)
        .where(Certificate.scan_sha256 == certificate.scan_sha256, Certificate.id != certificate.id)
        .options(joinedload(Certificate.organisation))
        .order_by(Certificate.id)
        .limit(5)
    ).all()


PER_PAGE = 30


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the authority's list."""

    rows: Sequence[Certificate]
    total: int
    pages: int


def for_review(session: Session, tab: str, *, today: date, words: str = "", page: int = 1) -> Page:
    """Return the authority's list: tab waiting, lapsing (90 days), valid, lapsed or closed.

    `words` is looked for in the decision's number and the organisation's name.
    """
    conditions = [*_tab(tab, today)]
    if words:
        like = f"%{escape_like(fold(words))}%"
        conditions.append(
            or_(
                Organisation.fold_key.like(like, escape="\\"),
                func.lower(Certificate.decision_number).like(like, escape="\\"),
            )
        )
    base = select(Certificate).join(Certificate.organisation).where(*conditions)
    total = session.scalar(select(func.count()).select_from(base.subquery())) or 0
    order = (
        (Certificate.submitted_at, Certificate.id)
        if tab == "waiting"
        else (Certificate.lapses_on, Certificate.id)
    )
    rows = session.scalars(
        base.options(contains_eager(Certificate.organisation), selectinload(Certificate.covers))
        .order_by(*order)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return Page(rows=rows, total=total, pages=max(1, -(-total // PER_PAGE)))


def _tab(tab: str, today: date) -> list[ColumnElement[bool]]:
    valid = [Certificate.state == State.VERIFIED, Certificate.lapses_on > today]
    tabs: dict[str, list[ColumnElement[bool]]] = {
        "waiting": [Certificate.state == State.SUBMITTED],
        "lapsing": [*valid, Certificate.lapses_on <= today + timedelta(days=90)],
        "valid": valid,
        "lapsed": [Certificate.state == State.VERIFIED, Certificate.lapses_on <= today],
        "closed": [Certificate.state.in_((State.REJECTED, State.REVOKED))],
    }
    return tabs[tab]


def waiting_count(session: Session) -> int:
    """Return how many certificates wait for the authority."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Certificate)
            .where(Certificate.state == State.SUBMITTED)
        )
        or 0
    )
