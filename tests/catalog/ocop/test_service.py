from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.ocop import queries, service
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
from catalog.ocop.models import Certificate, IssuerLevel, State
from catalog.ocop.service import Paper, Scan
from foundation.audit.errors import CannotMove
from foundation.audit.rules import SYSTEM, Actor
from foundation.errors import DomainError
from foundation.notifications.models import Notification
from foundation.outbox.models import OutboxEvent
from foundation.storage.models import FileKind, StoredFile
from tests import factories
from tests.conftest import NOON

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PAPER = Paper(
    decision_number="12/QĐ-UBND",
    issuer_level=IssuerLevel.PROVINCE,
    issuer="Uỷ ban nhân dân tỉnh (mẫu)",
    stars=4,
    issued_on=date(2025, 6, 12),
    products=(),
)


def events(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)))


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def papers(session: Session) -> int:
    return len(
        session.scalars(select(StoredFile).where(StoredFile.kind == FileKind.DOCUMENT)).all()
    )


def enter(session: Session, *, covered: bool = True, scanned: bool = True) -> Certificate:
    product = factories.ProductFactory()
    paper = replace(PAPER, products=[product.public_id] if covered else [])
    certificate = service.enter(
        session,
        product.organisation_id,
        paper,
        scan=Scan(data=PDF, name="quyet-dinh.pdf") if scanned else None,
        actor=SYSTEM,
        now=NOON,
    )
    session.flush()
    return certificate


def test_entering_computes_the_last_day_and_keeps_the_scan(session: Session) -> None:
    certificate = enter(session)

    assert certificate.state is State.DRAFT
    assert certificate.lapses_on == date(2028, 6, 12)
    assert certificate.scan is not None
    assert certificate.scan.organisation_id == certificate.organisation_id
    assert certificate.scan_sha256 == certificate.scan.sha256
    assert len(certificate.covers) == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"issued_on": date(2026, 11, 23)}, IssuedInFuture),
        ({"issued_on": date(2018, 5, 6)}, IssuedBeforeProgramme),
        ({"stars": 5}, WrongIssuer),
        ({"issuer_level": IssuerLevel.DISTRICT}, WrongIssuer),
    ],
)
def test_a_paper_that_cannot_be_is_refused(
    session: Session, change: dict[str, object], refusal: type[DomainError]
) -> None:
    organisation = factories.OrganisationFactory()

    with pytest.raises(refusal):
        service.enter(session, organisation.id, replace(PAPER, **change), actor=SYSTEM, now=NOON)  # type: ignore[arg-type]

    assert count(session, Certificate) == 0


def test_another_shops_product_is_never_covered(session: Session) -> None:
    stranger = factories.ProductFactory()
    organisation = factories.OrganisationFactory()

    certificate = service.enter(
        session,
        organisation.id,
        replace(PAPER, products=[stranger.public_id]),
        actor=SYSTEM,
        now=NOON,
    )

    assert certificate.covers == []


def test_a_fake_scan_leaves_nothing_behind(session: Session) -> None:
    organisation = factories.OrganisationFactory()

    with pytest.raises(DomainError) as refusal, session.begin_nested():
        service.enter(
            session,
            organisation.id,
            PAPER,
            scan=Scan(data=b"MZ\x90 not a paper", name="quyet-dinh.pdf"),
            actor=SYSTEM,
            now=NOON,
        )

    assert refusal.value.field == "document"
    assert count(session, Certificate) == 0
    assert count(session, StoredFile) == 0


def test_changing_replaces_the_scan_and_what_is_covered(session: Session) -> None:
    certificate = enter(session)
    other = factories.ProductFactory(organisation=certificate.organisation)
    before = certificate.scan_id

    service.change(
        session,
        certificate.organisation_id,
        certificate.public_id,
        replace(PAPER, stars=3, products=[other.public_id]),
        version=certificate.version,
        scan=Scan(data=PDF + b"\n", name="ban-moi.pdf"),
        actor=SYSTEM,
        now=NOON,
    )
    session.flush()

    assert certificate.stars == 3
    assert [cover.product_id for cover in certificate.covers] == [other.id]
    assert certificate.scan_id != before
    assert session.get(StoredFile, before) is None


def test_the_second_editor_is_told(session: Session) -> None:
    certificate = enter(session)

    with pytest.raises(CertificateChangedMeanwhile):
        service.change(
            session,
            certificate.organisation_id,
            certificate.public_id,
            replace(PAPER, stars=3),
            version=certificate.version - 1,
            actor=SYSTEM,
            now=NOON,
        )

    assert certificate.stars == 4


def test_a_strangers_certificate_is_not_found(session: Session) -> None:
    certificate = enter(session)
    stranger = factories.OrganisationFactory()

    for act in (service.submit, service.take_back, service.remove):
        with pytest.raises(CertificateNotFound):
            act(session, stranger.id, certificate.public_id, actor=SYSTEM, now=NOON)

    assert certificate.state is State.DRAFT


def test_what_is_missing_is_said_before_it_is_sent(session: Session) -> None:
    uncovered = enter(session, covered=False)
    unscanned = enter(session, scanned=False)

    with pytest.raises(NoProducts):
        service.submit(
            session, uncovered.organisation_id, uncovered.public_id, actor=SYSTEM, now=NOON
        )
    with pytest.raises(NoScan):
        service.submit(
            session, unscanned.organisation_id, unscanned.public_id, actor=SYSTEM, now=NOON
        )

    assert {uncovered.state, unscanned.state} == {State.DRAFT}


def submitted(session: Session) -> Certificate:
    certificate = enter(session)
    factories.MembershipFactory(organisation=certificate.organisation)
    service.submit(
        session, certificate.organisation_id, certificate.public_id, actor=SYSTEM, now=NOON
    )
    return certificate


def test_verifying_shows_the_badge_and_tells_the_members(session: Session) -> None:
    certificate = submitted(session)
    product_id = certificate.covers[0].product_id
    today = date(2026, 11, 22)
    assert queries.badges(session, [product_id], today=today) == {}

    service.verify(session, certificate.public_id, actor=Actor(kind="person"), now=NOON)
    session.flush()

    badge = queries.badges(session, [product_id], today=today)[product_id]
    assert (badge.stars, badge.lapses_on) == (4, date(2028, 6, 12))
    assert queries.badges(session, [product_id], today=date(2028, 6, 12)) == {}
    assert events(session) == ["CertificateChanged", "CertificateDecided"]
    assert count(session, Notification) == 1


def test_two_officers_decide_once(session: Session) -> None:
    certificate = submitted(session)
    service.verify(session, certificate.public_id, actor=SYSTEM, now=NOON)

    with pytest.raises(CannotMove):
        service.reject(session, certificate.public_id, reason="Sai số", actor=SYSTEM, now=NOON)

    assert certificate.state is State.VERIFIED
    assert certificate.review_note == ""


def test_a_refusal_says_why(session: Session) -> None:
    certificate = submitted(session)

    with pytest.raises(ReasonMissing):
        service.reject(session, certificate.public_id, reason="  ", actor=SYSTEM, now=NOON)
    assert certificate.state is State.SUBMITTED

    service.reject(session, certificate.public_id, reason="Mờ quá", actor=SYSTEM, now=NOON)

    assert certificate.state is State.REJECTED
    assert certificate.review_note == "Mờ quá"


def test_revoking_takes_the_badge_away(session: Session) -> None:
    product = factories.ProductFactory()
    certificate = factories.CertificateFactory(
        organisation=product.organisation, products=[product]
    )

    service.revoke(session, certificate.public_id, reason="Giấy giả", actor=SYSTEM, now=NOON)
    session.flush()

    assert queries.badges(session, [product.id], today=date(2026, 11, 22)) == {}
    assert "CertificateChanged" in events(session)


def test_a_sent_certificate_is_closed_until_taken_back(session: Session) -> None:
    certificate = submitted(session)
    own = (session, certificate.organisation_id, certificate.public_id)

    with pytest.raises(CertificateClosed):
        service.remove(*own, actor=SYSTEM, now=NOON)
    with pytest.raises(CertificateClosed):
        service.change(*own, PAPER, version=certificate.version, actor=SYSTEM, now=NOON)

    service.take_back(*own, actor=SYSTEM, now=NOON)
    service.remove(*own, actor=SYSTEM, now=NOON)
    session.flush()

    assert count(session, Certificate) == 0
    assert papers(session) == 0


def test_each_warning_is_given_once(session: Session) -> None:
    product = factories.ProductFactory()
    factories.MembershipFactory(organisation=product.organisation)
    factories.CertificateFactory(
        organisation=product.organisation, products=[product], issued_on=date(2023, 12, 29)
    )
    told = []

    for day in (date(2026, 9, 1), date(2026, 9, 30), date(2026, 11, 29), date(2026, 12, 22)):
        for hour in (1, 9):
            now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            told.append(service.warn_of_lapses(session, now=now))
            session.flush()

    assert told == [0, 0, 1, 0, 1, 0, 1, 0]
    assert events(session) == ["CertificateLapsing"] * 3
    assert count(session, Notification) == 3


def test_on_its_last_day_the_index_is_told_once(session: Session) -> None:
    product = factories.ProductFactory()
    factories.CertificateFactory(
        organisation=product.organisation, products=[product], issued_on=date(2023, 11, 22)
    )

    for hours in (0, 1, 30):
        service.warn_of_lapses(session, now=NOON + timedelta(hours=hours))
        session.flush()

    assert events(session) == ["CertificateChanged"]


def test_the_same_scan_elsewhere_is_noticed(session: Session) -> None:
    first, second = enter(session), enter(session)

    assert [twin.id for twin in queries.same_scan(session, first)] == [second.id]


def test_badges_take_one_statement(session: Session, statements: list[str]) -> None:
    products = [factories.ProductFactory() for _ in range(3)]
    for product in products:
        factories.CertificateFactory(organisation=product.organisation, products=[product])
    session.flush()
    statements.clear()

    found = queries.badges(session, [product.id for product in products], today=date(2026, 1, 1))

    assert len(found) == 3
    assert len(statements) == 1
