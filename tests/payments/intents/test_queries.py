"""Finding what money is for, by the code it carries."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy.orm import Session

from payments.bank_accounts.models import State as AccountState
from payments.intents import queries, rules
from payments.intents.models import Intent, State
from payments.vietqr import codec
from tests import factories


def chain(session: Session, length: int) -> Sequence[Intent]:
    """Make intents of which each replaced the one before."""
    made: list[Intent] = [factories.IntentFactory()]
    for _ in range(length - 1):
        newer = factories.IntentFactory(organisation=made[0].organisation, bank_account=None)
        made[-1].replaced_by_id, made[-1].state = newer.id, State.CANCELLED
        made.append(newer)
    session.flush()
    return made


def test_invariant_17_a_code_leads_to_the_newest(session: Session) -> None:
    first, second, third = chain(session, 3)
    alone = factories.IntentFactory()

    found = queries.by_references(
        session, [first.reference, second.reference, alone.reference, rules.new_reference()]
    )

    assert found == {first.reference: third, second.reference: third, alone.reference: alone}
    assert queries.replaced_by(session, first) is third
    assert queries.replaced_by(session, third) is None


def test_no_code_leads_nowhere(session: Session) -> None:
    assert queries.by_references(session, []) == {}


def test_each_hop_of_many_is_one_statement(session: Session, statements: list[str]) -> None:
    references = [chain(session, 3)[0].reference for _ in range(5)]
    session.expire_all()
    statements.clear()

    assert len(queries.by_references(session, references)) == 5

    assert len(statements) == 3


def test_a_circle_is_left(session: Session, statements: list[str]) -> None:
    first, second = chain(session, 2)
    second.replaced_by_id = first.id
    session.flush()
    statements.clear()

    assert queries.by_references(session, [first.reference])[first.reference] in (first, second)

    assert len(statements) <= 2


def test_an_endless_chain_is_followed_so_far(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(session, 5)
    monkeypatch.setattr(queries, "MOST_HOPS", 2)

    assert queries.by_references(session, [made[0].reference]) == {made[0].reference: made[2]}


def test_many_codes_are_asked_for_in_parts(
    session: Session, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    made = {factories.IntentFactory().reference for _ in range(5)}
    statements.clear()

    assert set(queries.by_references(session, made)) == made
    assert len(statements) == 3


def test_what_a_page_shows_comes_at_once(session: Session, statements: list[str]) -> None:
    intent = factories.IntentLineFactory().intent
    session.expunge_all()
    statements.clear()

    found = queries.by_public_id(session, intent.public_id)

    assert found is not None
    assert (found.organisation.name, found.lines[0].label) == (
        intent.organisation.name,
        "Khô cá lóc 500 g",
    )
    assert len(statements) == 2
    assert queries.by_public_id(session, "0" * 14) is None


def test_intents_of_a_subject(session: Session) -> None:
    line = factories.IntentLineFactory(kind="counter", subject="desk")
    stranger = factories.IntentLineFactory(kind="counter", subject="desk")
    owner = line.intent.organisation_id

    assert queries.of_subject(session, owner, "counter", "desk") == [line.intent]
    assert stranger.intent.organisation_id != owner
    assert queries.of_subject(session, owner, "order", "desk") == []


def test_the_code_pays_what_is_still_due(session: Session) -> None:
    intent = factories.IntentFactory(amount=120_000, settled=20_000, state=State.PART_PAID)

    text = queries.payload(intent)

    assert text is not None
    read = codec.decode(text)
    assert (read.amount, read.account) == (100_000, intent.bank_account.number)
    assert read.fields["62"] == {"08": intent.reference}


def test_there_is_no_code_without_an_account_or_a_debt(session: Session) -> None:
    paid = factories.IntentFactory(settled=120_000, state=State.PAID)
    cash = factories.IntentFactory(bank_account=None)
    closed = factories.IntentFactory()
    closed.bank_account.state = AccountState.CLOSED

    assert [queries.payload(one) for one in (paid, cash, closed)] == [None, None, None]
