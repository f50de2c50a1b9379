"""Every step a product may take, by whom, and the steps that are refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from catalog.products.errors import (
    Incomplete,
    NoSuchProduct,
    ReasonNeeded,
    SellerNotVerified,
    Stale,
)
from catalog.products.events import ProductReviewed
from catalog.products.models import Product, State
from catalog.publication import service
from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.notifications.models import Notification
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from foundation.outbox.models import OutboxEvent
from tests import factories
from tests.conftest import NOON
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, ProductFactory
from tests.unguarded import wipe


@pytest.fixture
def seller(session: Session) -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def by(seller: Organisation) -> dict[str, Any]:
    actor = Actor.person(PersonFactory().id, organisation_id=seller.id)
    return {"organisation_id": seller.id, "actor": actor, "now": NOON}


@pytest.fixture
def officer(session: Session) -> dict[str, Any]:
    return {"actor": Actor.person(PersonFactory().id), "now": NOON}


def events(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)))


# --- the seller -------------------------------------------------------------------------------


def test_a_draft_is_put_forward(session: Session, seller: Organisation, by: dict[str, Any]) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    service.submit(session, product.public_id, review=True, **by)
    assert (product.state, product.submitted_at) == (State.IN_REVIEW, NOON)
    assert events(session) == []


def test_without_review_a_draft_goes_on_sale_at_once(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    service.submit(session, product.public_id, review=False, **by)
    assert (product.state, product.published_at) == (State.PUBLISHED, NOON)
    assert events(session) == ["ProductChanged", "ProductPublished"]


def test_what_was_taken_down_is_reviewed_even_without_review(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT, taken_down=True)
    service.submit(session, product.public_id, review=False, **by)
    assert product.state is State.IN_REVIEW


@pytest.mark.parametrize("lack", [{"variant": None}, {"photo": None}, {"summary": ""}])
def test_an_incomplete_draft_stays_a_draft(
    session: Session, seller: Organisation, by: dict[str, Any], lack: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT, **lack)
    with pytest.raises(Incomplete):
        service.submit(session, product.public_id, review=True, **by)
    assert product.state is State.DRAFT


@pytest.mark.parametrize("review", [True, False])
@pytest.mark.parametrize("state", [SellerState.SUBMITTED, SellerState.SUSPENDED])
def test_only_verified_sellers_put_products_forward(
    session: Session,
    seller: Organisation,
    by: dict[str, Any],
    review: bool,
    state: SellerState,
) -> None:
    seller.state = state
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    with pytest.raises(SellerNotVerified):
        service.submit(session, product.public_id, review=review, **by)
    assert product.state is State.DRAFT


STEPS = [
    (service.take_back, State.IN_REVIEW, State.DRAFT),
    (service.pause, State.PUBLISHED, State.PAUSED),
    (service.resume, State.PAUSED, State.PUBLISHED),
    (service.withdraw, State.PUBLISHED, State.WITHDRAWN),
    (service.withdraw, State.PAUSED, State.WITHDRAWN),
]


@pytest.mark.parametrize(("act", "before", "after"), STEPS)
def test_a_step_leads_on_and_leaves_a_trail(
    session: Session,
    seller: Organisation,
    by: dict[str, Any],
    act: Callable[..., Product],
    before: State,
    after: State,
) -> None:
    product = ProductFactory(organisation=seller, state=before)
    act(session, product.public_id, **by)
    assert product.state is after
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == product.id)).one()
    assert entry.action == f"products.{after.value}"
    assert entry.facts["before"] == before.value
    shown = State.PUBLISHED in (before, after)
    assert events(session) == (["ProductChanged"] if shown else [])


ALLOWED = {(act, before) for act, before, _after in STEPS}
ALLOWED |= {(service.withdraw, State.DRAFT), (service.restore, State.WITHDRAWN)}
REFUSED = [
    (act, state)
    for act in (service.take_back, service.pause, service.resume, service.withdraw, service.restore)
    for state in State
    if (act, state) not in ALLOWED
]


@pytest.mark.parametrize(("act", "state"), REFUSED)
def test_other_steps_are_refused(
    session: Session,
    seller: Organisation,
    by: dict[str, Any],
    act: Callable[..., Product],
    state: State,
) -> None:
    product = ProductFactory(organisation=seller, state=state)
    with pytest.raises(CannotMove):
        act(session, product.public_id, **by)
    assert product.state is state
    assert events(session) == []


@pytest.mark.parametrize("before", [State.PUBLISHED, State.PAUSED, State.DRAFT])
def test_withdrawing_can_be_undone(
    session: Session, seller: Organisation, by: dict[str, Any], before: State
) -> None:
    product = ProductFactory(organisation=seller, state=before)
    service.withdraw(session, product.public_id, **by)
    service.restore(session, product.public_id, **by)
    assert product.state is before


def test_what_the_authority_took_down_comes_back_as_a_draft(
    session: Session, seller: Organisation, by: dict[str, Any], officer: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    service.take_down(session, product.public_id, reason="Sai nhãn.", **officer)
    service.restore(session, product.public_id, **by)
    assert product.state is State.DRAFT
    assert product.taken_down


def test_a_suspended_seller_restores_only_into_a_pause(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(
        organisation=seller, state=State.WITHDRAWN, withdrawn_from=State.PUBLISHED
    )
    seller.state = SellerState.SUSPENDED
    service.restore(session, product.public_id, **by)
    assert product.state is State.PAUSED


def test_a_paused_product_of_a_suspended_seller_stays_paused(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.PAUSED)
    seller.state = SellerState.SUSPENDED
    with pytest.raises(SellerNotVerified):
        service.resume(session, product.public_id, **by)
    assert product.state is State.PAUSED


@pytest.mark.parametrize(
    "act", [service.take_back, service.pause, service.resume, service.withdraw, service.restore]
)
def test_a_strangers_product_is_not_found(
    session: Session, by: dict[str, Any], act: Callable[..., Product]
) -> None:
    product = ProductFactory()
    with pytest.raises(NoSuchProduct):
        act(session, product.public_id, **by)
    assert product.state is State.PUBLISHED


def test_several_at_once_leave_out_what_does_not_fit_and_what_is_a_strangers(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    selling = [ProductFactory(organisation=seller) for _ in range(3)]
    draft = ProductFactory(organisation=seller, state=State.DRAFT)
    stranger = ProductFactory()
    ids = [product.public_id for product in [*selling, draft, stranger]]

    assert service.change_many(session, ids, "pause", **by) == 3

    assert {product.state for product in selling} == {State.PAUSED}
    assert (draft.state, stranger.state) == (State.DRAFT, State.PUBLISHED)
    assert service.change_many(session, ids, "resume", **by) == 3


# --- the authority ----------------------------------------------------------------------------


def test_a_product_is_let_on_sale(
    session: Session, seller: Organisation, officer: dict[str, Any]
) -> None:
    product = ProductFactory(
        organisation=seller, state=State.IN_REVIEW, taken_down=True, review_note="Sửa."
    )
    service.accept(session, product.public_id, version=product.version, **officer)
    assert (product.state, product.published_at) == (State.PUBLISHED, NOON)
    assert (product.taken_down, product.review_note) == (False, "")
    assert events(session) == ["ProductChanged", "ProductPublished", "ProductReviewed"]


def test_a_second_publication_keeps_the_first_day(
    session: Session, seller: Organisation, officer: dict[str, Any]
) -> None:
    product = ProductFactory(
        organisation=seller, state=State.IN_REVIEW, published_at=factories.base.MOMENT
    )
    service.accept(session, product.public_id, version=product.version, **officer)
    assert product.published_at == factories.base.MOMENT


def test_a_product_is_sent_back_with_a_note(session: Session, officer: dict[str, Any]) -> None:
    product = ProductFactory(state=State.IN_REVIEW)
    service.send_back(
        session, product.public_id, note=" Thiếu ảnh nhãn. ", version=product.version, **officer
    )
    assert (product.state, product.review_note) == (State.DRAFT, "Thiếu ảnh nhãn.")
    assert events(session) == ["ProductReviewed"]


def test_a_product_is_taken_down_for_a_reason(session: Session, officer: dict[str, Any]) -> None:
    product = ProductFactory()
    service.take_down(session, product.public_id, reason="Sai nhãn.", **officer)
    assert product.state is State.WITHDRAWN
    assert (product.taken_down, product.withdrawn_from) == (True, State.PUBLISHED)
    assert events(session) == ["ProductChanged", "ProductReviewed"]


def test_no_answer_without_a_reason(session: Session, officer: dict[str, Any]) -> None:
    waiting, selling = ProductFactory(state=State.IN_REVIEW), ProductFactory()
    with pytest.raises(ReasonNeeded):
        service.send_back(session, waiting.public_id, note=" ", version=waiting.version, **officer)
    with pytest.raises(ReasonNeeded):
        service.take_down(session, selling.public_id, reason="", **officer)
    assert (waiting.state, selling.state) == (State.IN_REVIEW, State.PUBLISHED)


def test_the_second_officer_is_told(session: Session, officer: dict[str, Any]) -> None:
    product = ProductFactory(state=State.IN_REVIEW)
    seen = product.version
    service.accept(session, product.public_id, version=seen, **officer)
    with pytest.raises(CannotMove):
        service.accept(session, product.public_id, version=seen, **officer)
    with pytest.raises(CannotMove):
        service.send_back(session, product.public_id, note="Thiếu.", version=seen, **officer)
    assert product.state is State.PUBLISHED


def test_an_officer_accepts_only_what_was_looked_at(
    session: Session, officer: dict[str, Any]
) -> None:
    product = ProductFactory(state=State.IN_REVIEW)
    with pytest.raises(Stale):
        service.accept(session, product.public_id, version=product.version - 1, **officer)
    assert product.state is State.IN_REVIEW


def test_an_unverified_sellers_product_is_not_accepted(
    session: Session, seller: Organisation, officer: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.IN_REVIEW)
    seller.state = SellerState.SUSPENDED
    with pytest.raises(SellerNotVerified):
        service.accept(session, product.public_id, version=product.version, **officer)
    assert product.state is State.IN_REVIEW


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.WITHDRAWN])
def test_only_what_is_on_sale_is_taken_down(
    session: Session, officer: dict[str, Any], state: State
) -> None:
    product = ProductFactory(state=state)
    with pytest.raises(CannotMove):
        service.take_down(session, product.public_id, reason="Sai nhãn.", **officer)
    assert product.state is state


@pytest.mark.parametrize(
    ("accepted", "taken_down", "kind"),
    [
        (True, False, "product.accepted"),
        (False, False, "product.sent_back"),
        (False, True, "product.taken_down"),
    ],
)
def test_the_members_are_told_once(
    session: Session, seller: Organisation, accepted: bool, taken_down: bool, kind: str
) -> None:
    people = {MembershipFactory(organisation=seller).person_id for _ in range(2)}
    MembershipFactory(organisation=OrganisationFactory())
    product = ProductFactory(organisation=seller, taken_down=taken_down, review_note="Thiếu ảnh.")
    event = ProductReviewed(
        product_id=product.id, organisation_id=seller.id, accepted=accepted, occurred_at=NOON
    )
    service.tell_members(session, event)
    service.tell_members(session, event)
    told = session.scalars(select(Notification)).all()
    assert {each.person_id for each in told} == people
    assert {each.kind for each in told} == {kind}
    assert len(told) == 2


# --- two at the same moment -------------------------------------------------------------------


def test_of_two_officers_at_one_moment_one_decides(engine: Engine) -> None:
    """On PostgreSQL the row is locked; on SQLite only one writes at a time."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        product = ProductFactory(state=State.IN_REVIEW)
        person = PersonFactory()
    start = threading.Barrier(2)
    answers: list[str] = []

    def decide() -> None:
        with Session(engine) as session:
            start.wait()
            try:
                service.accept(
                    session,
                    product.public_id,
                    version=product.version,
                    actor=Actor.person(person.id),
                    now=NOON,
                )
                session.commit()
                answers.append("accepted")
            except CannotMove:
                answers.append("too late")

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wipe(engine)
    assert sorted(answers) == ["accepted", "too late"]
