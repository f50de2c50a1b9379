from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.errors import DomainError
from foundation.notifications.models import Notification
from foundation.organisations.models import Kind, Role
from foundation.outbox.models import OutboxEvent
from payments.credits.errors import MovementNotFound
from payments.credits.models import Channel, Direction, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.ledger.models import AccountKind, Journal
from payments.reconciliation import service as reconciliation
from payments.reconciliation.decisions import service as decisions
from payments.reconciliation.decisions.errors import NotUndoneHere
from payments.reconciliation.models import Allocation
from payments.refunds import queries, service
from payments.refunds.asking import service as asking
from payments.refunds.errors import (
    AboveAvailable,
    AccountUnreadable,
    AmountTooSmall,
    BankUnknown,
    HolderMissing,
    KeyUsedOtherwise,
    MovementUnfit,
    NotByThisMeans,
    NotPaidByCard,
    NotTheLastAttempt,
    ReasonMissing,
    RefundNotFound,
    SamePerson,
    SourceNotFound,
    StaleAvailable,
)
from payments.refunds.models import Means, Refund, RefundAttempt, Source, State
from tests import factories
from tests.conftest import NOON
from tests.payments.refunds import books
from tests.payments.refunds.books import Shop

AMOUNT = 300_000


@pytest.fixture
def shop(session: Session) -> Shop:
    return books.shop()


def asked(session: Session, shop: Shop, amount: int = AMOUNT) -> Refund:
    """A refund of part of an intent that was paid with 1.000.000 ₫."""
    intent = books.paid(session, shop, 1_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, amount, 1_000_000)
    return asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)


def approved(session: Session, shop: Shop, amount: int = AMOUNT) -> Refund:
    refund = asked(session, shop, amount)
    return asking.approve(session, shop.id, refund.public_id, actor=shop.approver, now=NOON)


def confirmed(session: Session, shop: Shop) -> tuple[Refund, Movement]:
    refund = approved(session, shop)
    debit = books.gone(session, shop, refund)
    service.match(session, [debit.id], now=NOON)
    return refund, debit


def attempt_of(refund: Refund) -> str:
    assert refund.attempt is not None
    return refund.attempt.public_id


def trace(session: Session) -> tuple[int, ...]:
    """What a refusal must leave as it was."""
    session.flush()
    tables = (Refund, RefundAttempt, Allocation, Journal, AuditEntry, OutboxEvent, Notification)
    return tuple(session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)


# --- asking ---------------------------------------------------------------------------------------


def test_asking_sets_settled_money_aside(session: Session, shop: Shop) -> None:
    refund = asked(session, shop)

    assert refund.state is State.REQUESTED
    assert refund.intent is not None
    assert refund.intent.refunded == AMOUNT
    assert (refund.account_number, refund.holder) == ("0123456789", "NGUYEN THI DAO")
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -AMOUNT
    assert shop.balance(session, AccountKind.RECEIVED) == -700_000
    assert not refund.attempts
    assert not refund.asks_authority
    told = session.scalars(select(Notification)).all()
    assert [(one.person_id, one.kind) for one in told] == [
        (shop.approver.person_id, "refund.requested")
    ]


def test_asking_sets_waiting_money_aside(session: Session, shop: Shop) -> None:
    movement = books.told(session, shop, 500_000)
    wanted = books.wanted(Source.MOVEMENT, movement.public_id, AMOUNT, 500_000)

    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)

    assert refund.movement == movement
    assert movement.waiting == 200_000
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -AMOUNT
    assert shop.balance(session, AccountKind.SUSPENSE) == -200_000


def test_asking_sets_a_balance_aside(session: Session, shop: Shop) -> None:
    books.kept(session, shop, "pupil:8k2", 400_000)
    wanted = books.wanted(Source.BALANCE, "pupil:8k2", AMOUNT, 400_000)

    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)

    assert refund.payer == "pupil:8k2"
    assert shop.balance(session, AccountKind.PAYER_BALANCE, "pupil:8k2") == -100_000
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -AMOUNT


def test_invariant_18_the_same_key_is_the_same_refund(session: Session, shop: Shop) -> None:
    intent = books.paid(session, shop, 1_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, AMOUNT, 1_000_000)
    first = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    before = trace(session)

    assert asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON) == first
    assert trace(session) == before


REFUSED_WISHES: list[tuple[dict[str, object], type[DomainError]]] = [
    ({"amount": 0}, AmountTooSmall),
    ({"amount": -5}, AmountTooSmall),
    ({"amount": 1_000_001}, AboveAvailable),
    ({"believed": 999_999}, StaleAvailable),
    ({"reason": "  "}, ReasonMissing),
    ({"reason": "x" * 201}, ReasonMissing),
    ({"bank_bin": "999999"}, BankUnknown),
    ({"account_number": "12"}, AccountUnreadable),
    ({"account_number": "12345678901234567890"}, AccountUnreadable),
    ({"holder": "…"}, HolderMissing),
    ({"means": Means.CARD}, NotPaidByCard),
    ({"subject": "khongcogi"}, SourceNotFound),
    ({"source": Source.MOVEMENT}, SourceNotFound),
    ({"source": Source.BALANCE}, SourceNotFound),
]


@pytest.mark.parametrize(("change", "refusal"), REFUSED_WISHES)
def test_invariant_18_a_wish_that_is_refused_changes_nothing(
    session: Session, shop: Shop, change: dict[str, object], refusal: type[DomainError]
) -> None:
    intent = books.paid(session, shop, 1_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, AMOUNT, 1_000_000)
    before = trace(session)

    with pytest.raises(refusal):
        asking.request(
            session,
            shop.id,
            replace(wanted, **change),  # type: ignore[arg-type]
            actor=shop.asker,
            now=NOON,
        )

    assert trace(session) == before
    assert intent.refunded == 0


def test_invariant_20_a_strangers_money_is_not_found(session: Session, shop: Shop) -> None:
    other = books.shop()
    intent = books.paid(session, other, 1_000_000)
    movement = books.told(session, other, 500_000)
    for source, subject, left in (
        (Source.INTENT, intent.public_id, 1_000_000),
        (Source.MOVEMENT, movement.public_id, 500_000),
    ):
        with pytest.raises(SourceNotFound):
            asking.request(
                session,
                shop.id,
                books.wanted(source, subject, 1000, left),
                actor=shop.asker,
                now=NOON,
            )
    refund = asked(session, other)
    with pytest.raises(RefundNotFound):
        asking.approve(session, shop.id, refund.public_id, actor=shop.approver, now=NOON)
    with pytest.raises(RefundNotFound):
        queries.one(session, shop.id, refund.public_id)


def test_invariant_02_the_same_key_for_something_else_is_refused(
    session: Session, shop: Shop
) -> None:
    intent = books.paid(session, shop, 1_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, AMOUNT, 1_000_000)
    asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    before = trace(session)

    with pytest.raises(KeyUsedOtherwise):
        asking.request(session, shop.id, replace(wanted, amount=1000), actor=shop.asker, now=NOON)

    assert trace(session) == before


def test_invariant_18_what_is_set_aside_is_not_undone_elsewhere(
    session: Session, shop: Shop
) -> None:
    movement = books.told(session, shop, AMOUNT)
    wanted = books.wanted(Source.MOVEMENT, movement.public_id, AMOUNT)
    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    made = session.get_one(Allocation, refund.allocation_id)

    with pytest.raises(NotUndoneHere):
        decisions.undo(session, shop.id, made.public_id, reason="Nhầm", actor=shop.asker, now=NOON)


# --- answering ------------------------------------------------------------------------------------


def test_approving_begins_an_attempt(session: Session, shop: Shop) -> None:
    refund = approved(session, shop)

    assert refund.state is State.APPROVED
    assert [one.number for one in refund.attempts] == [1]
    assert refund.decided_by_id == shop.approver.person_id


@pytest.mark.parametrize(
    ("kind", "amount", "alone"),
    [
        (Kind.COOPERATIVE, 2_000_000, True),
        (Kind.COOPERATIVE, 2_000_001, False),
        (Kind.SCHOOL, 1, False),
        (Kind.HOSPITAL, 1, False),
        (Kind.UTILITY, 1, False),
    ],
)
def test_invariant_18_one_person_may_ask_and_approve_up_to_the_limit(
    session: Session, kind: Kind, amount: int, alone: bool
) -> None:
    shop = books.shop(kind)
    intent = books.paid(session, shop, 3_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, amount, 3_000_000)
    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    before = trace(session)

    if alone:
        asking.approve(session, shop.id, refund.public_id, actor=shop.asker, now=NOON)
        assert refund.state is State.APPROVED
    else:
        with pytest.raises(SamePerson):
            asking.approve(session, shop.id, refund.public_id, actor=shop.asker, now=NOON)
        assert refund.state is State.REQUESTED
        assert trace(session) == before


def test_a_seller_who_works_alone_asks_the_authority(session: Session) -> None:
    operator = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    officer = factories.MembershipFactory(organisation=operator, role=Role.OFFICER)
    factories.MembershipFactory(organisation=operator, role=Role.VIEWER)
    shop = books.shop(alone=True)
    intent = books.paid(session, shop, 3_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, 2_500_000, 3_000_000)

    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)

    assert refund.asks_authority
    assert session.scalars(select(Notification.person_id)).all() == [officer.person_id]
    with pytest.raises(SamePerson):
        asking.approve_for(session, refund.public_id, actor=shop.asker, now=NOON)
    asking.approve_for(session, refund.public_id, actor=Actor.person(officer.person_id), now=NOON)
    assert refund.state is State.APPROVED


def test_the_authority_answers_only_what_it_is_asked(session: Session, shop: Shop) -> None:
    refund = asked(session, shop)
    officer = Actor.person(factories.PersonFactory().id)
    before = trace(session)

    with pytest.raises(RefundNotFound):
        asking.approve_for(session, refund.public_id, actor=officer, now=NOON)
    with pytest.raises(RefundNotFound):
        asking.decline(session, None, refund.public_id, reason="Không rõ", actor=officer, now=NOON)

    assert trace(session) == before


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("wanted_state", [State.DECLINED, State.WITHDRAWN])
def test_invariant_18_declined_or_withdrawn_money_is_back_where_it_was(
    session: Session, shop: Shop, source: Source, wanted_state: State
) -> None:
    if source is Source.INTENT:
        subject = books.paid(session, shop, 1_000_000).public_id
    elif source is Source.MOVEMENT:
        subject = books.told(session, shop, 1_000_000).public_id
    else:
        subject = "pupil:1"
        books.kept(session, shop, subject, 1_000_000)
    before = queries.available(session, shop.id, source, subject)
    wanted = books.wanted(source, subject, AMOUNT, 1_000_000)
    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    assert queries.available(session, shop.id, source, subject).left == 700_000

    answer = asking.decline if wanted_state is State.DECLINED else asking.withdraw
    answer(session, shop.id, refund.public_id, reason="Đã đổi hàng", actor=shop.approver, now=NOON)

    assert refund.state is wanted_state
    assert refund.ended_at == NOON
    assert queries.available(session, shop.id, source, subject) == before
    assert shop.balance(session, AccountKind.RETURNS_DUE) == 0
    assert books.books_balance(session)


def test_no_answer_without_a_reason(session: Session, shop: Shop) -> None:
    refund = asked(session, shop)
    before = trace(session)
    for answer in (asking.decline, asking.withdraw):
        with pytest.raises(ReasonMissing):
            answer(session, shop.id, refund.public_id, reason=" ", actor=shop.approver, now=NOON)
    assert trace(session) == before


def test_what_is_on_its_way_is_neither_declined_nor_withdrawn(session: Session, shop: Shop) -> None:
    refund = approved(session, shop)
    before = trace(session)
    for answer in (asking.decline, asking.withdraw):
        with pytest.raises(CannotMove):
            answer(session, shop.id, refund.public_id, reason="Thôi", actor=shop.approver, now=NOON)
    with pytest.raises(CannotMove):
        asking.approve(session, shop.id, refund.public_id, actor=shop.approver, now=NOON)
    assert trace(session) == before
    assert len(refund.attempts) == 1


# --- going ----------------------------------------------------------------------------------------


def test_the_debit_confirms_it(session: Session, shop: Shop) -> None:
    refund, debit = confirmed(session, shop)

    assert refund.state is State.CONFIRMED
    assert refund.attempts[0].gone == debit
    assert (debit.state, debit.outcome) == (MovementState.MATCHED, Outcome.GIVEN_BACK)
    assert shop.balance(session, AccountKind.RETURNS_DUE) == 0
    assert shop.balance(session, AccountKind.GONE) == 0
    assert books.books_balance(session)
    before = trace(session)
    service.match(session, [debit.id], now=NOON)
    assert trace(session) == before


def test_invariant_10_a_debit_heard_of_before_the_approval_counts_then(
    session: Session, shop: Shop
) -> None:
    refund = asked(session, shop)
    debit = books.gone(session, shop, refund)
    service.match(session, [debit.id], now=NOON)
    assert refund.state is State.REQUESTED

    asking.approve(session, shop.id, refund.public_id, actor=shop.approver, now=NOON)

    assert refund.state is State.CONFIRMED
    assert refund.attempts[0].gone == debit


@pytest.mark.parametrize("case", ["other amount", "no code", "stranger", "two codes"])
def test_a_debit_that_is_not_its_own_confirms_nothing(
    session: Session, shop: Shop, case: str
) -> None:
    refund = approved(session, shop)
    where, amount, memo = shop, refund.amount, refund.reference
    if case == "other amount":
        amount += 1
    elif case == "no code":
        memo = "chuyen tien"
    elif case == "stranger":
        where = books.shop()
    else:
        memo = f"{memo} {approved(session, shop).reference}"
    debit = books.told(session, where, amount, memo, direction=Direction.OUT)
    before = trace(session)

    service.match(session, [debit.id], now=NOON)

    assert trace(session) == before
    assert refund.state is State.APPROVED
    assert debit.state is MovementState.WAITING


def test_a_person_links_a_debit_without_a_memo(session: Session, shop: Shop) -> None:
    refund = approved(session, shop)
    debit = books.gone(session, shop, refund, memo="IBT")
    assert list(queries.debits(session, refund)) == [debit]

    service.link(
        session,
        shop.id,
        refund.public_id,
        movement=debit.public_id,
        actor=shop.asker,
        now=NOON,
    )

    assert refund.state is State.CONFIRMED
    assert debit.state is MovementState.DECIDED


def test_a_link_to_what_cannot_be_it_is_refused(session: Session, shop: Shop) -> None:
    refund = approved(session, shop)
    credit = books.told(session, shop, AMOUNT)
    larger = books.told(session, shop, AMOUNT + 1, direction=Direction.OUT)
    stranger = books.told(session, books.shop(), AMOUNT, direction=Direction.OUT)
    _, used = confirmed(session, shop)
    before = trace(session)
    for movement, refusal in (
        (credit, MovementUnfit),
        (larger, MovementUnfit),
        (used, MovementUnfit),
        (stranger, MovementNotFound),
    ):
        with pytest.raises(refusal):
            service.link(
                session,
                shop.id,
                refund.public_id,
                movement=movement.public_id,
                actor=shop.asker,
                now=NOON,
            )
    assert trace(session) == before


def test_a_second_debit_with_the_code_is_told_to_all_who_approve(
    session: Session, shop: Shop
) -> None:
    refund, _ = confirmed(session, shop)
    again = books.gone(session, shop, refund)

    service.match(session, [again.id], now=NOON)
    service.match(session, [again.id], now=NOON)

    assert refund.state is State.CONFIRMED
    assert (again.state, again.outcome) == (MovementState.WAITING, Outcome.DUPLICATE)
    told = session.scalars(select(Notification).where(Notification.kind == "refund.paid_twice"))
    assert {one.person_id for one in told} == {shop.asker.person_id, shop.approver.person_id}
    assert shop.balance(session, AccountKind.GONE) == AMOUNT


def test_cash_leaves_the_desk(session: Session, shop: Shop) -> None:
    intent = books.paid(session, shop, 1_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, AMOUNT, 1_000_000, means=Means.CASH)
    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    asking.approve(session, shop.id, refund.public_id, actor=shop.approver, now=NOON)
    attempt = attempt_of(refund)

    service.pay_cash(
        session,
        shop.id,
        refund.public_id,
        attempt=attempt,
        desk="ban-1",
        actor=shop.asker,
        now=NOON,
    )

    assert refund.state is State.CONFIRMED
    assert shop.balance(session, AccountKind.CASH, "ban-1") == -AMOUNT
    assert shop.balance(session, AccountKind.GONE) == 0
    before = trace(session)
    with pytest.raises(NotTheLastAttempt):
        service.pay_cash(
            session,
            shop.id,
            refund.public_id,
            attempt=attempt,
            desk="ban-1",
            actor=shop.asker,
            now=NOON,
        )
    assert trace(session) == before


def test_a_transfer_is_not_paid_in_cash(session: Session, shop: Shop) -> None:
    refund = approved(session, shop)
    before = trace(session)
    with pytest.raises(NotByThisMeans):
        service.pay_cash(
            session,
            shop.id,
            refund.public_id,
            attempt=attempt_of(refund),
            desk="ban-1",
            actor=shop.asker,
            now=NOON,
        )
    assert trace(session) == before


def test_what_was_paid_by_card_may_go_back_to_it(session: Session, shop: Shop) -> None:
    intent = books.paid(session, shop, 1_000_000, channel=Channel.CARD)
    wanted = books.wanted(Source.INTENT, intent.public_id, AMOUNT, 1_000_000, means=Means.CARD)

    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)

    assert (refund.means, refund.account_number) == (Means.CARD, "")


# --- failing --------------------------------------------------------------------------------------


def failed(session: Session, shop: Shop) -> Refund:
    refund = approved(session, shop)
    service.mark_sent(
        session,
        shop.id,
        refund.public_id,
        attempt=attempt_of(refund),
        actor=shop.asker,
        now=NOON,
    )
    return service.mark_failed(
        session,
        shop.id,
        refund.public_id,
        attempt=attempt_of(refund),
        reason="Sai số tài khoản",
        actor=shop.asker,
        now=NOON,
    )


def test_invariant_18_a_failed_refund_is_tried_again_as_a_new_attempt(
    session: Session, shop: Shop
) -> None:
    refund = failed(session, shop)
    first = attempt_of(refund)
    assert refund.state is State.FAILED
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -AMOUNT

    service.retry(session, shop.id, refund.public_id, attempt=first, actor=shop.asker, now=NOON)

    assert refund.state is State.APPROVED
    assert [one.number for one in refund.attempts] == [1, 2]
    assert attempt_of(refund) != first
    before = trace(session)
    with pytest.raises(NotTheLastAttempt):
        service.retry(session, shop.id, refund.public_id, attempt=first, actor=shop.asker, now=NOON)
    assert trace(session) == before


def test_invariant_18_asking_again_with_the_key_of_a_failed_one_pays_nothing_out(
    session: Session, shop: Shop
) -> None:
    refund = failed(session, shop)
    assert refund.intent is not None
    again = books.wanted(Source.INTENT, refund.intent.public_id, AMOUNT, 700_000, key=refund.key)
    before = trace(session)

    assert asking.request(session, shop.id, again, actor=shop.asker, now=NOON) == refund

    assert refund.state is State.FAILED
    assert trace(session) == before


def test_a_failed_refund_may_be_given_up(session: Session, shop: Shop) -> None:
    refund = failed(session, shop)

    asking.withdraw(
        session, shop.id, refund.public_id, reason="Đổi hàng", actor=shop.asker, now=NOON
    )

    assert refund.intent is not None
    assert refund.intent.refunded == 0
    assert shop.balance(session, AccountKind.RETURNS_DUE) == 0


def test_what_was_believed_to_have_failed_shows_up_after_all(session: Session, shop: Shop) -> None:
    refund = failed(session, shop)
    debit = books.gone(session, shop, refund)

    service.match(session, [debit.id], now=NOON)

    assert refund.state is State.CONFIRMED
    assert refund.attempts[0].failure == ""


def test_a_returned_transfer_is_linked_to_the_credit_it_returns(
    session: Session, shop: Shop
) -> None:
    refund, debit = confirmed(session, shop)
    back = books.told(session, shop, AMOUNT, f"HOAN TRA {refund.reference}")
    reconciliation.match(session, [back.id], now=NOON)

    service.match(session, [back.id], now=NOON)

    attempt = refund.attempts[0]
    assert refund.state is State.FAILED
    assert (attempt.gone, attempt.back) == (debit, back)
    assert (back.waiting, back.outcome) == (0, Outcome.GIVEN_BACK)
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -AMOUNT
    assert shop.balance(session, AccountKind.SUSPENSE) == 0
    service.retry(
        session,
        shop.id,
        refund.public_id,
        attempt=attempt.public_id,
        actor=shop.asker,
        now=NOON,
    )
    second = books.gone(session, shop, refund)
    service.match(session, [second.id], now=NOON)
    assert refund.attempts[1].gone == second
    assert shop.balance(session, AccountKind.RETURNS_DUE) == 0
    assert books.books_balance(session)


def test_invariant_10_a_return_heard_of_before_its_debit_counts_then(
    session: Session, shop: Shop
) -> None:
    refund = approved(session, shop)
    back = books.told(session, shop, AMOUNT, f"HOAN TRA {refund.reference}")
    reconciliation.match(session, [back.id], now=NOON)
    service.match(session, [back.id], now=NOON)
    assert refund.state is State.APPROVED
    debit = books.gone(session, shop, refund)

    service.match(session, [debit.id], now=NOON)

    assert refund.state is State.FAILED
    assert (refund.attempts[0].gone, refund.attempts[0].back) == (debit, back)
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -AMOUNT


def test_what_has_gone_is_not_marked_as_failed_by_hand(session: Session, shop: Shop) -> None:
    refund, _ = confirmed(session, shop)
    before = trace(session)
    with pytest.raises(MovementUnfit):
        service.mark_failed(
            session,
            shop.id,
            refund.public_id,
            attempt=attempt_of(refund),
            reason="Nhầm",
            actor=shop.asker,
            now=NOON,
        )
    assert trace(session) == before


@pytest.mark.parametrize(("attempt", "refusal"), [("khac", NotTheLastAttempt)])
def test_another_attempt_is_refused(
    session: Session, shop: Shop, attempt: str, refusal: type[DomainError]
) -> None:
    refund = approved(session, shop)
    before = trace(session)
    with pytest.raises(refusal):
        service.mark_sent(
            session, shop.id, refund.public_id, attempt=attempt, actor=shop.asker, now=NOON
        )
    with pytest.raises(ReasonMissing):
        service.mark_failed(
            session,
            shop.id,
            refund.public_id,
            attempt=attempt_of(refund),
            reason="",
            actor=shop.asker,
            now=NOON,
        )
    assert trace(session) == before
