"""Whatever happens in whatever order, the amounts stay within their bounds and make the state."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.errors import DomainError
from payments.intents import rules, service
from payments.intents.models import Intent, State
from tests import factories
from tests.conftest import NOON

AMOUNT = 100
steps = st.lists(
    st.tuples(
        st.sampled_from(["settle", "unsettle", "excess", "refund", "cancel", "expire"]),
        st.integers(-60, 130),
    ),
    max_size=25,
)


def happen(session: Session, intent: Intent, what: str, amount: int) -> None:
    if what == "settle":
        service.settle(session, intent, amount, actor=SYSTEM, now=NOON)
    elif what == "unsettle":
        service.unsettle(session, intent, amount, actor=SYSTEM, now=NOON)
    elif what == "excess":
        service.note_excess(session, intent, amount, actor=SYSTEM, now=NOON)
    elif what == "refund":
        service.note_refunded(session, intent, amount, actor=SYSTEM, now=NOON)
    elif what == "expire":
        intent.expires_at = NOON
        session.flush()
        service.expire_due(session, now=NOON)
    else:
        service.cancel(
            session, intent.organisation_id, intent.public_id, reason="Thử", actor=SYSTEM, now=NOON
        )


def refused(session: Session, intent: Intent, what: str, amount: int) -> bool:
    try:
        happen(session, intent, what, amount)
    except DomainError:
        return True
    return False


def facts(intent: Intent) -> tuple[object, ...]:
    return (intent.state, intent.settled, intent.excess, intent.refunded)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps, late=st.booleans())
def test_invariant_07_random_sequences_stay_within_bounds(
    session: Session, steps: list[tuple[str, int]], late: bool
) -> None:
    intent = factories.IntentFactory(amount=AMOUNT, settles_late=late)
    for what, amount in steps:
        before = facts(intent)
        if refused(session, intent, what, amount):
            assert facts(intent) == before
        session.flush()
        assert 0 <= intent.refunded <= intent.settled <= AMOUNT
        assert intent.excess >= 0
        made = rules.state_for(AMOUNT, intent.settled, intent.excess)
        if intent.state is State.CANCELLED:
            assert made is State.OPEN
        elif intent.state is State.EXPIRED:
            assert made in rules.PAYABLE
        else:
            assert intent.state is made
        assert (intent.settled_at is None) == (intent.due > 0)
