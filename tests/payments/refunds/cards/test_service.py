from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM, Actor
from foundation.organisations.models import Kind, Organisation, Role
from payments.gateways import queries as gateway_queries
from payments.gateways import service as gateways
from payments.gateways.errors import GatewayError
from payments.gateways.null import Null
from payments.gateways.rules import Asked, Refunded, RefundState
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from payments.refunds import service
from payments.refunds.asking import service as asking
from payments.refunds.cards import queries
from payments.refunds.cards import service as cards
from payments.refunds.models import Means, Refund, Source, State
from tests import factories
from tests.conftest import NOON, JoinedSessions
from tests.payments.refunds import books

PAID = 120_000


class Provider(Null):
    """Answers as it is told to; remembers the keys it was asked under."""

    def __init__(self, *answers: RefundState | GatewayError) -> None:
        self.answers = list(answers)
        self.keys: list[str] = []

    def refund(self, asked: Asked, amount: int, key: str) -> Refunded:
        self.keys.append(key)
        answer = self.answers.pop(0)
        if isinstance(answer, GatewayError):
            raise answer
        return Refunded(provider_id="re_1", state=answer, amount=amount, failure="")


@pytest.fixture
def sessions(session: Session, connection: Connection) -> JoinedSessions:
    return JoinedSessions(connection)


@pytest.fixture
def operator(session: Session) -> Organisation:
    made: Organisation = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    return made


@pytest.fixture
def refund(session: Session, sessions: JoinedSessions, operator: Organisation) -> Refund:
    """Approved, of all that was paid by card."""
    intent = factories.IntentFactory()
    owner = factories.MembershipFactory(organisation=intent.organisation)
    factories.MembershipFactory(organisation=intent.organisation, role=Role.MANAGER)
    session.flush()
    standing = gateways.begin(
        sessions, Null(), intent.public_id, return_url="/back", actor=SYSTEM, now=NOON
    )
    with sessions.reading() as reading:
        charge = gateway_queries.one(reading, intent.public_id, standing.charge)
    gateways.agree(sessions, Null(), charge, actor=SYSTEM, now=NOON)
    actor = Actor.person(owner.person_id)
    wanted = books.wanted(Source.INTENT, intent.public_id, PAID, means=Means.CARD)
    made = asking.request(session, intent.organisation_id, wanted, actor=actor, now=NOON)
    asking.approve(session, intent.organisation_id, made.public_id, actor=actor, now=NOON)
    session.flush()
    assert list(queries.due(session, now=NOON, limit=5)) == [made.id]
    return made


def ask(session: Session, sessions: JoinedSessions, refund: Refund, provider: Provider) -> State:
    cards.give_back(sessions, {"null": provider}, refund.id, now=NOON)
    session.expire_all()
    return refund.state


def test_the_provider_gives_it_back_in_both_books(
    session: Session, sessions: JoinedSessions, refund: Refund, operator: Organisation
) -> None:
    provider = Provider(RefundState.SUCCEEDED)

    assert ask(session, sessions, refund, provider) is State.CONFIRMED

    assert provider.keys == [refund.attempts[0].public_id]
    seller = refund.organisation
    for organisation, kind, subject in (
        (operator, AccountKind.CARD, "null"),
        (operator, AccountKind.OWED_TO_SELLER, seller.public_id),
        (seller, AccountKind.OWED_BY_OPERATOR, ""),
        (seller, AccountKind.RETURNS_DUE, ""),
        (seller, AccountKind.GONE, ""),
        (seller, AccountKind.RECEIVED, ""),
    ):
        assert ledger.balance(session, organisation.id, kind, subject) == 0
    assert not queries.due(session, now=NOON, limit=5)
    assert ask(session, sessions, refund, provider) is State.CONFIRMED
    assert len(provider.keys) == 1


def test_a_lost_answer_is_asked_for_under_the_same_key(
    session: Session, sessions: JoinedSessions, refund: Refund
) -> None:
    provider = Provider(
        GatewayError("lost", unsure=True), RefundState.PENDING, RefundState.SUCCEEDED
    )
    assert ask(session, sessions, refund, provider) is State.APPROVED
    assert ask(session, sessions, refund, provider) is State.SENT
    assert ask(session, sessions, refund, provider) is State.CONFIRMED
    assert len(set(provider.keys)) == 1


@pytest.mark.parametrize(
    "answer", [RefundState.FAILED, GatewayError("no such card", permanent=True)]
)
def test_a_refusal_fails_the_attempt_and_the_next_has_its_own_key(
    session: Session,
    sessions: JoinedSessions,
    refund: Refund,
    answer: RefundState | GatewayError,
) -> None:
    provider = Provider(answer, RefundState.SUCCEEDED)
    assert ask(session, sessions, refund, provider) is State.FAILED
    attempt = refund.attempts[0].public_id
    service.retry(
        session,
        refund.organisation_id,
        refund.public_id,
        attempt=attempt,
        actor=SYSTEM,
        now=NOON,
    )
    session.flush()
    assert ask(session, sessions, refund, provider) is State.CONFIRMED
    assert len(set(provider.keys)) == 2


def test_what_providers_have_forgotten_is_left_to_people(session: Session, refund: Refund) -> None:
    later = NOON + queries.ASK_FOR + timedelta(minutes=1)
    assert not queries.due(session, now=later, limit=5)


def test_without_its_provider_nothing_happens(
    session: Session, sessions: JoinedSessions, refund: Refund
) -> None:
    cards.give_back(sessions, {}, refund.id, now=NOON)
    session.expire_all()
    assert refund.state is State.APPROVED
