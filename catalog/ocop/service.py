"""What sellers and the authority do to OCOP certificates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.ocop import queries, rules
from catalog.ocop.errors import (
    CertificateChangedMeanwhile,
    CertificateClosed,
    CertificateNotFound,
    IssuedBeforeProgramme,
    IssuedInFuture,
    NoProducts,
    NoScan,
    ReasonMissing,
    WrongIssuer,
)
from catalog.ocop.events import CertificateChanged, CertificateDecided, CertificateLapsing
from catalog.ocop.models import (
    Certificate,
    CertificateProduct,
    IssuerLevel,
    LapseWarning,
    State,
)
from catalog.products.models import Product
from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import SYSTEM, Actor
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from foundation.outbox import service as outbox
from foundation.storage import service as storage


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a decision says. `products` are public ids of the organisation's own products."""

    decision_number: str
    issuer_level: IssuerLevel
    issuer: str
    stars: int
    issued_on: date
    products: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """An uploaded picture or PDF of the decision."""

    data: bytes
    name: str


def enter(
    session: Session,
    organisation_id: int,
    paper: Paper,
    *,
    scan: Scan | None = None,
    actor: Actor,
    now: datetime,
) -> Certificate:
    """Write a certificate down as a draft. Raises the refusals of a paper and of a document."""
    _check(paper, now)
    certificate = Certificate(organisation_id=organisation_id, created_at=now, state=State.DRAFT)
    _fill(session, certificate, paper)
    session.add(certificate)
    _keep_scan(session, certificate, scan, actor=actor, now=now)
    audit.record(session, "ocop.entered", certificate, actor=actor, now=now)
    return certificate


def change(
    session: Session,
    organisation_id: int,
    public_id: str,
    paper: Paper,
    *,
    version: int,
    scan: Scan | None = None,
    actor: Actor,
    now: datetime,
) -> Certificate:
    """Change a draft, or one that was sent back.

    `version` is the one the form was filled in from. Raises CertificateNotFound,
    CertificateClosed, CertificateChangedMeanwhile and the refusals of a paper.
    """
    certificate = _locked(session, organisation_id, public_id)
    if certificate.state not in rules.EDITABLE:
        raise CertificateClosed
    if certificate.version != version:
        raise CertificateChangedMeanwhile
    _check(paper, now)
    _fill(session, certificate, paper)
    _keep_scan(session, certificate, scan, actor=actor, now=now)
    audit.record(session, "ocop.changed", certificate, actor=actor, now=now)
    return certificate


def submit(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Send a certificate in for the authority to check. Raises NoProducts, NoScan, CannotMove."""
    certificate = _locked(session, organisation_id, public_id)
    if not certificate.covers:
        raise NoProducts
    if certificate.scan_id is None:
        raise NoScan
    _move(session, certificate, State.SUBMITTED, actor=actor, now=now)
    certificate.submitted_at = now


def take_back(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Take a certificate back before it was decided, to change it. Raises CannotMove."""
    certificate = _locked(session, organisation_id, public_id)
    _move(session, certificate, State.DRAFT, actor=actor, now=now)


def remove(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Throw a draft away, its scan with it. Raises CertificateClosed."""
    certificate = _locked(session, organisation_id, public_id)
    if certificate.state not in rules.EDITABLE:
        raise CertificateClosed
    audit.record(session, "ocop.removed", certificate, actor=actor, now=now)
    scan = certificate.scan
    session.delete(certificate)
    session.flush()
    if scan is not None:
        storage.drop(session, scan)


def verify(session: Session, public_id: str, *, actor: Actor, now: datetime) -> None:
    """The authority holds a certificate to be true: its badge shows from now on."""
    certificate = _locked(session, None, public_id)
    _decide(session, certificate, State.VERIFIED, reason=None, actor=actor, now=now)


def reject(session: Session, public_id: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """The authority sends a certificate back. Raises ReasonMissing, CannotMove."""
    _say_why(reason)
    certificate = _locked(session, None, public_id)
    _decide(session, certificate, State.REJECTED, reason=reason, actor=actor, now=now)


def revoke(session: Session, public_id: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """The authority takes a badge away for good. Raises ReasonMissing, CannotMove."""
    _say_why(reason)
    certificate = _locked(session, None, public_id)
    _decide(session, certificate, State.REVOKED, reason=reason, actor=actor, now=now)


def warn_of_lapses(session: Session, *, now: datetime) -> int:
    """Warn sellers of certificates about to lapse, 90, 30 and 7 days ahead, once each.

    On the day one lapses, what shows its stars is told to look again. Return how many were
    warned. Meant to run daily; running it again the same day does nothing.
    """
    today = clock.day(now)
    warned = 0
    for certificate in queries.lapsing(session, today=today, within=max(rules.WARN_DAYS)):
        days = rules.warning_due(certificate.lapses_on, today)
        if days is not None and _note_warning(session, certificate, days, now):
            _tell_lapsing(session, certificate, days, now)
            warned += 1
    for certificate in queries.just_lapsed(session, today=today):
        if _note_warning(session, certificate, 0, now):
            _tell_members(session, certificate, "ocop.lapsed", now)
            outbox.record(
                session, CertificateChanged(certificate_id=certificate.id, occurred_at=now)
            )
    return warned


def _check(paper: Paper, now: datetime) -> None:
    if paper.issued_on > clock.day(now):
        raise IssuedInFuture
    if paper.issued_on < rules.PROGRAMME_BEGAN:
        raise IssuedBeforeProgramme
    if not rules.may_issue(paper.issuer_level, paper.stars, paper.issued_on):
        raise WrongIssuer


def _fill(session: Session, certificate: Certificate, paper: Paper) -> None:
    certificate.decision_number = paper.decision_number
    certificate.issuer_level = paper.issuer_level
    certificate.issuer = paper.issuer
    certificate.stars = paper.stars
    certificate.issued_on = paper.issued_on
    certificate.lapses_on = rules.lapse_day(paper.issued_on)
    wanted = set(
        session.scalars(
            select(Product.id).where(
                Product.organisation_id == certificate.organisation_id,
                Product.public_id.in_(paper.products),
            )
        )
    )
    kept = [cover for cover in certificate.covers if cover.product_id in wanted]
    known = {cover.product_id for cover in kept}
    certificate.covers = kept + [
        CertificateProduct(product_id=product_id) for product_id in sorted(wanted - known)
    ]


def _keep_scan(
    session: Session, certificate: Certificate, scan: Scan | None, *, actor: Actor, now: datetime
) -> None:
    if scan is None:
        return
    before = certificate.scan
    file = storage.keep_document(
        session,
        scan.data,
        name=scan.name,
        organisation_id=certificate.organisation_id,
        actor=actor,
        now=now,
    )
    session.flush()
    certificate.scan = file
    certificate.scan_sha256 = file.sha256
    session.flush()
    if before is not None:
        storage.drop(session, before)


def _locked(session: Session, organisation_id: int | None, public_id: str) -> Certificate:
    """Return a certificate for writing: of this organisation, or any for the authority (None)."""
    statement = select(Certificate).where(Certificate.public_id == public_id)
    if organisation_id is not None:
        statement = statement.where(Certificate.organisation_id == organisation_id)
    certificate = session.scalars(
        statement.with_for_update(of=Certificate).execution_options(populate_existing=True)
    ).one_or_none()
    if certificate is None:
        raise CertificateNotFound
    return certificate


def _move(
    session: Session,
    certificate: Certificate,
    wanted: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    audit.move(
        session,
        certificate,
        wanted,
        next_states=rules.NEXT_STATES,
        actor=actor,
        now=now,
        reason=reason,
    )


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _decide(
    session: Session,
    certificate: Certificate,
    wanted: State,
    *,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    _move(session, certificate, wanted, actor=actor, now=now, reason=reason)
    certificate.decided_at = now
    certificate.review_note = reason or ""
    outbox.record(session, CertificateChanged(certificate_id=certificate.id, occurred_at=now))
    outbox.record(
        session,
        CertificateDecided(
            certificate_id=certificate.id,
            organisation_id=certificate.organisation_id,
            accepted=wanted is State.VERIFIED,
            occurred_at=now,
        ),
    )
    _tell_members(session, certificate, f"ocop.{wanted.value}", now, reason=reason or "")


def _note_warning(session: Session, certificate: Certificate, days: int, now: datetime) -> bool:
    given = session.scalars(
        select(LapseWarning.days_ahead).where(LapseWarning.certificate_id == certificate.id)
    ).all()
    if any(earlier <= days for earlier in given):
        return False
    session.add(LapseWarning(certificate_id=certificate.id, days_ahead=days, sent_at=now))
    audit.record(session, "ocop.lapse_warned", certificate, actor=SYSTEM, now=now, days_ahead=days)
    return True


def _tell_lapsing(session: Session, certificate: Certificate, days: int, now: datetime) -> None:
    left = (certificate.lapses_on - clock.day(now)).days
    _tell_members(session, certificate, "ocop.lapsing", now, days=left, occasion=str(days))
    outbox.record(
        session,
        CertificateLapsing(
            certificate_id=certificate.id,
            organisation_id=certificate.organisation_id,
            days_ahead=days,
            lapses_on=certificate.lapses_on,
            occurred_at=now,
        ),
    )


def _tell_members(
    session: Session,
    certificate: Certificate,
    kind: str,
    now: datetime,
    *,
    occasion: str = "",
    **facts: object,
) -> None:
    organisation = certificate.organisation
    for person_id in organisations.member_ids(session, organisation.id):
        notifications.tell(
            session,
            person_id,
            kind,
            once_key=f"{kind}:{certificate.id}:{certificate.version}:{occasion}",
            facts={
                "decision": certificate.decision_number,
                "lapses_on": certificate.lapses_on,
                **facts,
            },
            url=f"/sell/{organisation.public_id}/certificates/{certificate.public_id}",
            now=now,
        )
