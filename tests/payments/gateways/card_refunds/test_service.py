from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.rules import Actor
from foundation.organisations.models import Organisation
from payments.credits.models import Direction, Movement
from payments.gateways.card_refunds import queries, service
from payments.gateways.errors import GatewayError
from payments.gateways.models import CardCharge
from payments.gateways.null import Null
from payments.gateways.rules import Asked, Refunded
from payments.ledger import queries as ledger
from payments.ledger.rules import AccountKind
from payments.refunds.asking import service as asking
from payments.refunds.models import Means, Refund, Source, State
from payments.refunds.rules import Wanted
from tests import factories
from tests.conftest import NOON, JoinedSessions
from tests.payments.gateways.test_service import pay


class Silent(Null):
    """Answers only after it was asked so often; notes the keys it was asked with."""

    def __init__(self, *, permanent: bool = False) -> None:
        self.keys: list[str] = []
        self.permanent = permanent

    def refund(self, asked: Asked, amount: int, key: str) -> Refunded:
        self.keys.append(key)
        if len(self.keys) < 2:
            raise GatewayError("busy", permanent=self.permanent, unsure=not self.permanent)
        return super().refund(asked, amount, key)


def approved(session: Session, sessions: JoinedSessions, amount: int = 20_000) -> Refund:
    intent = factories.IntentFactory()
    pay(sessions, intent)
    session.expire_all()
    person = Actor.person(factories.MembershipFactory(organisation=intent.organisation).person_id)
    refund = asking.request(
        session,
        intent.organisation_id,
        Wanted(
            key="r1",
            source=Source.INTENT,
            subject=intent.public_id,
            amount=amount,
            believed=120_000,
            means=Means.CARD,
            reason="Trả hàng",
        ),
        actor=person,
        now=NOON,
    )
    if refund.state is State.REQUESTED:
        asking.approve(session, intent.organisation_id, refund.public_id, actor=person, now=NOON)
    session.flush()
    return refund


def out(session: Session) -> int:
    movements = select(func.count()).where(Movement.direction == Direction.OUT)
    return session.scalar(movements) or 0


def test_invariant_18_an_approved_refund_goes_back_to_the_card_once(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    refund = approved(session, sessions)
    assert queries.due(session, limit=9) == [refund.id]

    service.send(sessions, {"null": Null()}, refund.id, now=NOON)

    session.expire_all()
    assert refund.state is State.CONFIRMED
    assert queries.due(session, limit=9) == []
    assert session.scalars(select(CardCharge.refunded)).one() == 20_000
    seller = refund.organisation_id
    assert ledger.balance(session, seller, AccountKind.OWED_BY_OPERATOR) == 100_000
    assert ledger.balance(session, seller, AccountKind.RETURNS_DUE) == 0
    assert ledger.balance(session, seller, AccountKind.GONE) == 0
    assert ledger.balance(session, operator.id, AccountKind.CARD, "null") == 100_000
    assert out(session) == 1


def test_without_an_answer_it_is_asked_again_with_the_same_key(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    refund = approved(session, sessions)
    gateway = Silent()

    service.send(sessions, {"null": gateway}, refund.id, now=NOON)
    session.expire_all()
    assert (refund.state, out(session)) == (State.APPROVED, 0)
    service.send(sessions, {"null": gateway}, refund.id, now=NOON)

    session.expire_all()
    assert (refund.state, out(session)) == (State.CONFIRMED, 1)
    assert len(set(gateway.keys)) == 1


@pytest.mark.parametrize("gateways", [{"null": Silent(permanent=True)}, {}])
def test_what_cannot_go_back_has_failed_and_nothing_left(
    session: Session,
    sessions: JoinedSessions,
    operator: Organisation,
    gateways: dict[str, Null],
) -> None:
    if "null" in gateways:
        gateways = {"null": Silent(permanent=True)}
    refund = approved(session, sessions)

    service.send(sessions, gateways, refund.id, now=NOON)

    session.expire_all()
    assert (refund.state, out(session)) == (State.FAILED, 0)


def test_a_refund_the_provider_declines_has_failed(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    refund = approved(session, sessions, 20_402)

    service.send(sessions, {"null": Null()}, refund.id, now=NOON)

    session.expire_all()
    assert (refund.state, out(session)) == (State.FAILED, 0)
