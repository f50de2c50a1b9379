from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.errors import DomainError
from foundation.notifications.models import Notification
from foundation.organisations.models import Kind, Organisation
from foundation.organisations.models import State as OrganisationState
from foundation.outbox.models import OutboxEvent
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.credits.models import Direction, Outcome
from payments.credits.models import State as MovementState
from payments.ledger.models import AccountKind, Journal, Posting
from payments.payouts import queries, rules, service
from payments.payouts.drawing import queries as drawing_queries
from payments.payouts.drawing import service as drawing
from payments.payouts.errors import (
    AmountTooSmall,
    BatchNotFound,
    DraftOpen,
    FeeUnfit,
    HoldNotFound,
    MovementUnfit,
    NoOperator,
    NotApproved,
    NothingToPay,
    NotUnderWay,
    OutOfDate,
    PayoutNotFound,
    ReasonMissing,
    SamePerson,
    SellerNotFound,
)
from payments.payouts.models import BatchState, Payout, PayoutBatch, PayoutExport, PayoutHold, State
from payments.payouts.rules import Held
from tests import factories
from tests.conftest import NOON
from tests.payments.payouts import books
from tests.payments.payouts.books import Platform

OWED = 1_500_000


@pytest.fixture
def platform(session: Session) -> Platform:
    return books.platform()


def trace(session: Session) -> tuple[int, ...]:
    session.flush()
    tables = (
        PayoutBatch,
        Payout,
        PayoutExport,
        PayoutHold,
        Journal,
        AuditEntry,
        OutboxEvent,
        Notification,
    )
    return tuple(session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)


def sums_to_zero(session: Session) -> bool:
    return (session.scalar(select(func.sum(Posting.amount))) or 0) == 0


def owed(session: Session, platform: Platform, seller: Organisation) -> int:
    return queries.owed(session, platform.id, seller.public_id)


# --- drawing up -----------------------------------------------------------------------------------


def test_a_batch_holds_all_that_may_be_paid_out(session: Session, platform: Platform) -> None:
    first = books.with_account(session, platform, OWED)
    second = books.with_account(session, platform, 200_000)

    batch = books.drawn(session, platform, fee=1_100)

    assert (batch.number, batch.state) == ("CT-20261122-01", BatchState.DRAFT)
    assert [(one.seller, one.amount, one.fee, one.net) for one in batch.payouts] == [
        (first, OWED, 1_100, 1_498_900),
        (second, 200_000, 1_100, 198_900),
    ]
    assert (batch.count, batch.total) == (2, 1_697_800)
    assert batch.payouts[0].holder == "HOP TAC XA MAU DUC"
    assert owed(session, platform, first) == OWED
    told = session.scalars(select(Notification)).all()
    assert [(one.person_id, one.kind) for one in told] == [
        (platform.checker.person_id, "payout.approve")
    ]


def test_who_is_not_paid_is_listed_with_the_reason(session: Session, platform: Platform) -> None:
    without = books.owe(session, platform, 50_000)
    suspended = books.with_account(session, platform, 60_000)
    suspended.state = OrganisationState.SUSPENDED
    held = books.with_account(session, platform, 70_000)
    drawing.hold(
        session, held.public_id, amount=None, reason="Khiếu nại", actor=platform.maker, now=NOON
    )
    part = books.with_account(session, platform, 80_000)
    drawing.hold(
        session, part.public_id, amount=30_000, reason="Khiếu nại", actor=platform.maker, now=NOON
    )
    tiny = books.with_account(session, platform, 900)
    books.owe(session, platform, -5_000)  # a seller who owes the operator
    session.flush()

    found = drawing_queries.payables(session, platform.id, fee=1_000)

    assert {each.seller: (each.reason, each.amount) for each in found} == {
        without: (Held.NO_ACCOUNT, 0),
        suspended: (Held.SUSPENDED, 0),
        held: (Held.HOLD, 0),
        part: (None, 50_000),
        tiny: (Held.BELOW_FEE, 0),
    }
    batch = books.drawn(session, platform, fee=1_000)
    assert [one.seller for one in batch.payouts] == [part]


def test_no_batch_without_an_operator(session: Session) -> None:
    actor = books.Actor.person(factories.PersonFactory().id)
    before = trace(session)
    with pytest.raises(NoOperator):
        drawing.draw_up(session, actor=actor, now=NOON)
    assert trace(session) == before


def test_no_batch_of_nothing(session: Session, platform: Platform) -> None:
    books.owe(session, platform, 50_000)
    before = trace(session)
    with pytest.raises(NothingToPay):
        books.drawn(session, platform)
    assert trace(session) == before


@pytest.mark.parametrize("fee", [-1, 100_001])
def test_a_fee_out_of_bounds_is_refused(session: Session, platform: Platform, fee: int) -> None:
    books.with_account(session, platform, OWED)
    before = trace(session)
    with pytest.raises(FeeUnfit):
        books.drawn(session, platform, fee=fee)
    assert trace(session) == before


def test_one_draft_at_a_time(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    before = trace(session)
    with pytest.raises(DraftOpen):
        books.drawn(session, platform)
    assert trace(session) == before

    drawing.drop(session, batch.public_id, actor=platform.maker, now=NOON)

    assert batch.state is BatchState.DROPPED
    assert {one.state for one in batch.payouts} == {State.DROPPED}
    assert books.drawn(session, platform).number == "CT-20261122-02"


# --- approving ------------------------------------------------------------------------------------


def test_approving_takes_the_money_out_of_what_is_owed(
    session: Session, platform: Platform
) -> None:
    seller = books.with_account(session, platform, OWED)

    batch = books.approved(session, platform, fee=1_100)

    payout = batch.payouts[0]
    assert batch.state is BatchState.APPROVED
    assert owed(session, platform, seller) == 0
    transit = books.balance(session, platform.operator, AccountKind.IN_TRANSIT, payout.public_id)
    assert transit == -payout.net
    assert books.balance(session, platform.operator, AccountKind.FEES) == -1_100
    assert sums_to_zero(session)
    with pytest.raises(NothingToPay):
        books.drawn(session, platform)


def test_invariant_18_its_author_does_not_approve_a_batch(
    session: Session, platform: Platform
) -> None:
    books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    before = trace(session)
    with pytest.raises(SamePerson):
        drawing.approve(session, batch.public_id, actor=platform.maker, now=NOON)
    assert trace(session) == before
    assert batch.state is BatchState.DRAFT


@pytest.mark.parametrize("change", ["account", "hold", "suspended", "owed less"])
def test_a_batch_that_does_not_fit_any_more_is_not_approved(
    session: Session, platform: Platform, change: str
) -> None:
    seller = books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    if change == "account":
        old = session.scalars(
            select(BankAccount).where(BankAccount.organisation_id == seller.id)
        ).one()
        old.main, old.state = False, AccountState.CLOSED
        session.flush()
        factories.BankAccountFactory(organisation=seller)
    elif change == "hold":
        drawing.hold(
            session, seller.public_id, amount=1, reason="Hỏi lại", actor=platform.maker, now=NOON
        )
    elif change == "suspended":
        seller.state = OrganisationState.SUSPENDED
    else:
        books.owe(session, platform, -1, seller=seller)
    session.flush()
    journals = session.scalar(select(func.count()).select_from(Journal))

    with pytest.raises(OutOfDate), session.begin_nested():
        drawing.approve(session, batch.public_id, actor=platform.checker, now=NOON)

    session.refresh(batch)
    assert batch.state is BatchState.DRAFT
    assert session.scalar(select(func.count()).select_from(Journal)) == journals


def test_a_batch_is_approved_once(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    batch = books.approved(session, platform)
    before = trace(session)
    with pytest.raises(CannotMove):
        drawing.approve(session, batch.public_id, actor=platform.checker, now=NOON)
    with pytest.raises(CannotMove):
        drawing.drop(session, batch.public_id, actor=platform.checker, now=NOON)
    assert trace(session) == before


def test_what_is_not_there_is_not_found(session: Session, platform: Platform) -> None:
    before = trace(session)
    for call in (drawing.drop, drawing.approve, drawing.export):
        with pytest.raises(BatchNotFound):
            call(session, "khongcogi", actor=platform.checker, now=NOON)
    with pytest.raises(PayoutNotFound):
        service.mark_failed(
            session, platform.id, "khongcogi", reason="x", actor=platform.maker, now=NOON
        )
    with pytest.raises(HoldNotFound):
        drawing.lift(session, "khongcogi", actor=platform.maker, now=NOON)
    assert trace(session) == before


# --- the file -------------------------------------------------------------------------------------


def cells(data: bytes, sheet: str) -> list[list[Any]]:
    book = openpyxl.load_workbook(BytesIO(data))
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def test_the_file_is_what_a_bank_takes(session: Session, platform: Platform) -> None:
    seller = books.owe(session, platform, OWED)
    factories.BankAccountFactory(
        organisation=seller, bank_bin="970436", number="0011004455667", holder="Nguyễn Văn Đức"
    )
    batch = books.approved(session, platform)

    made = drawing.export(session, batch.public_id, actor=platform.maker, now=NOON)

    head, line = cells(made.data, drawing_queries.SHEET)
    assert head == [name for name, _width in drawing_queries.COLUMNS]
    assert line[:3] == [1, "NGUYEN VAN DUC", "0011004455667"]
    assert "Vietcombank" in line[3]
    assert line[4:] == ["970436", OWED, batch.payouts[0].reference]
    assert len(line[6]) <= 19
    book = openpyxl.load_workbook(BytesIO(made.data))
    assert book[drawing_queries.SHEET]["C2"].data_type == "s"
    totals = dict(row[:2] for row in cells(made.data, drawing_queries.TOTALS_SHEET))
    assert (totals["Số lệnh"], totals["Tổng tiền"], totals["Bản"]) == (1, OWED, "Bản chính")
    assert batch.state is BatchState.EXPORTED


def test_a_second_file_is_a_copy_of_the_same_content(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    batch = books.approved(session, platform)
    first = drawing.export(session, batch.public_id, actor=platform.maker, now=NOON)

    second = drawing.export(session, batch.public_id, actor=platform.maker, now=NOON)

    assert (first.copy, second.copy) == (False, True)
    assert "ban-sao" in second.name
    assert cells(first.data, drawing_queries.SHEET) == cells(second.data, drawing_queries.SHEET)
    logged = queries.exports(session, batch)
    assert [one.nth for one in logged] == [1, 2]
    assert len({one.sha256 for one in logged}) == 1
    totals = dict(row[:2] for row in cells(second.data, drawing_queries.TOTALS_SHEET))
    assert totals["Bản"].startswith("BẢN SAO")


def test_a_draft_has_no_file(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    before = trace(session)
    with pytest.raises(NotApproved):
        drawing.export(session, batch.public_id, actor=platform.maker, now=NOON)
    assert trace(session) == before


# --- leaving and arriving -------------------------------------------------------------------------


def test_its_debit_confirms_a_line(session: Session, platform: Platform) -> None:
    seller = books.with_account(session, platform, OWED)
    batch = books.exported(session, platform, fee=1_100)
    payout = batch.payouts[0]
    debit = books.told(
        session, platform.operator, payout.net, f"MBVCB.1.{payout.reference.lower()}.CT tu"
    )

    service.match(session, [debit.id], now=NOON)

    assert (payout.state, payout.gone_id) == (State.CONFIRMED, debit.id)
    assert batch.state is BatchState.CLOSED
    assert (debit.state, debit.outcome) == (MovementState.MATCHED, Outcome.PAID_OUT)
    assert books.balance(session, platform.operator, AccountKind.GONE) == 0
    assert books.balance(session, seller, AccountKind.OWED_BY_OPERATOR) == 0
    assert books.balance(session, seller, AccountKind.IN_TRANSIT, payout.public_id) == payout.net
    assert books.balance(session, seller, AccountKind.FEES) == 1_100
    assert sums_to_zero(session)
    before = trace(session)
    service.match(session, [debit.id], now=NOON)
    assert trace(session) == before


def test_it_arrives_at_the_sellers_bank(session: Session, platform: Platform) -> None:
    seller = books.with_account(session, platform, OWED)
    payout = books.exported(session, platform).payouts[0]
    debit = books.told(session, platform.operator, payout.net, payout.reference)
    service.match(session, [debit.id], now=NOON)
    credit = books.told(session, seller, payout.net, payout.reference, direction=Direction.IN)

    service.match_incoming(session, [credit.id], now=NOON)

    assert payout.arrived_id == credit.id
    assert (credit.waiting, credit.outcome) == (0, Outcome.PAID_OUT)
    for kind, subject in (
        (AccountKind.SUSPENSE, ""),
        (AccountKind.NOT_OURS, ""),
        (AccountKind.IN_TRANSIT, payout.public_id),
    ):
        assert books.balance(session, seller, kind, subject) == 0
    before = trace(session)
    service.match_incoming(session, [credit.id], now=NOON)
    assert trace(session) == before


def test_invariant_10_it_may_be_heard_to_arrive_before_it_left(
    session: Session, platform: Platform
) -> None:
    seller = books.with_account(session, platform, OWED)
    payout = books.exported(session, platform).payouts[0]
    credit = books.told(session, seller, payout.net, payout.reference, direction=Direction.IN)
    service.match_incoming(session, [credit.id], now=NOON)
    assert payout.arrived_id is None
    debit = books.told(session, platform.operator, payout.net, payout.reference)

    service.match(session, [debit.id], now=NOON)

    assert (payout.gone_id, payout.arrived_id) == (debit.id, credit.id)


@pytest.mark.parametrize("memo", ["batch code", "nothing"])
def test_one_debit_of_the_total_sends_the_whole_batch(
    session: Session, platform: Platform, memo: str
) -> None:
    sellers = [books.with_account(session, platform, amount) for amount in (OWED, 300_000)]
    batch = books.exported(session, platform)
    text = batch.reference if memo == "batch code" else "CHI LO"
    debit = books.told(session, platform.operator, batch.total, text)

    service.match(session, [debit.id], now=NOON)

    assert (batch.state, batch.gone_id) == (BatchState.SENT, debit.id)
    assert {one.state for one in batch.payouts} == {State.SENT}
    assert books.balance(session, platform.operator, AccountKind.GONE) == 0
    for seller, payout in zip(sellers, batch.payouts, strict=True):
        credit = books.told(session, seller, payout.net, payout.reference, direction=Direction.IN)
        service.match_incoming(session, [credit.id], now=NOON)
    assert batch.state is BatchState.CLOSED
    assert sums_to_zero(session)


@pytest.mark.parametrize("case", ["other amount", "draft", "approved", "part gone", "stranger"])
def test_a_debit_that_is_not_its_own_sends_nothing(
    session: Session, platform: Platform, case: str
) -> None:
    books.with_account(session, platform, OWED)
    books.with_account(session, platform, 300_000)
    make = {"draft": books.drawn, "approved": books.approved}.get(case, books.exported)
    batch = make(session, platform)
    where, amount = platform.operator, batch.total
    if case == "other amount":
        amount += 1
    elif case == "part gone":
        first = batch.payouts[0]
        debit = books.told(session, where, first.net, first.reference)
        service.match(session, [debit.id], now=NOON)
    elif case == "stranger":
        where = factories.BankAccountFactory().organisation
    before = trace(session)
    debit = books.told(session, where, amount, "CHI LO")
    journals = trace(session)

    service.match(session, [debit.id], now=NOON)

    assert trace(session) == journals != before
    assert debit.state is MovementState.WAITING
    assert State.SENT not in {one.state for one in batch.payouts}


def test_a_line_of_a_draft_does_not_leave(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    payout = books.drawn(session, platform).payouts[0]
    debit = books.told(session, platform.operator, payout.net, payout.reference)
    before = trace(session)
    service.match(session, [debit.id], now=NOON)
    assert trace(session) == before
    assert payout.state is State.PENDING


def test_a_second_debit_of_a_line_is_told_to_both_officers(
    session: Session, platform: Platform
) -> None:
    books.with_account(session, platform, OWED)
    payout = books.exported(session, platform).payouts[0]
    for _ in range(2):
        debit = books.told(session, platform.operator, payout.net, payout.reference)
        service.match(session, [debit.id], now=NOON)

    assert (debit.state, debit.outcome) == (MovementState.WAITING, Outcome.DUPLICATE)
    told = session.scalars(select(Notification).where(Notification.kind == "payout.paid_twice"))
    assert {one.person_id for one in told} == {
        platform.maker.person_id,
        platform.checker.person_id,
    }


def test_a_person_links_a_debit_without_a_memo(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    books.with_account(session, platform, 1)
    payout = books.exported(session, platform).payouts[0]
    debit = books.told(session, platform.operator, payout.net, "IBT")

    service.link(
        session,
        platform.id,
        payout.public_id,
        movement=debit.public_id,
        actor=platform.maker,
        now=NOON,
    )

    assert (payout.state, debit.state) == (State.CONFIRMED, MovementState.DECIDED)


def test_a_link_to_what_cannot_be_it_is_refused(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    payout = batch.payouts[0]
    larger = books.told(session, platform.operator, payout.net + 1, "IBT")
    fitting = books.told(session, platform.operator, payout.net, "IBT")
    back = books.told(session, platform.operator, payout.net, "IBT", direction=Direction.IN)
    before = trace(session)
    cases: list[tuple[Any, type[Exception]]] = [
        (larger, MovementUnfit),
        (fitting, NotUnderWay),
        (back, CannotMove),
    ]
    for movement, refusal in cases:
        with pytest.raises(refusal):
            service.link(
                session,
                platform.id,
                payout.public_id,
                movement=movement.public_id,
                actor=platform.maker,
                now=NOON,
            )
    assert trace(session) == before


# --- failing --------------------------------------------------------------------------------------


def test_a_failed_line_is_owed_again_and_paid_in_the_next_batch(
    session: Session, platform: Platform
) -> None:
    seller = books.with_account(session, platform, OWED)
    batch = books.exported(session, platform, fee=1_100)
    payout = batch.payouts[0]

    service.mark_failed(
        session,
        platform.id,
        payout.public_id,
        reason="Sai tên",
        actor=platform.maker,
        now=NOON,
    )

    assert (payout.state, batch.state) == (State.FAILED, BatchState.CLOSED)
    assert owed(session, platform, seller) == OWED
    assert books.balance(session, platform.operator, AccountKind.FEES) == 0
    again = books.drawn(session, platform).payouts[0]
    assert (again.amount, again.reference != payout.reference) == (OWED, True)
    told = session.scalars(select(Notification.kind).where(Notification.kind == "payout.failed"))
    assert told.all() == ["payout.failed"]


def test_a_returned_line_is_owed_again(session: Session, platform: Platform) -> None:
    seller = books.with_account(session, platform, OWED)
    batch = books.exported(session, platform, fee=1_100)
    payout = batch.payouts[0]
    debit = books.told(session, platform.operator, payout.net, payout.reference)
    service.match(session, [debit.id], now=NOON)
    back = books.told(
        session,
        platform.operator,
        payout.net,
        f"HOAN TRA {payout.reference}",
        direction=Direction.IN,
    )

    service.match(session, [back.id], now=NOON)

    assert (payout.state, payout.back_id) == (State.RETURNED, back.id)
    assert owed(session, platform, seller) == OWED
    for kind, subject in (
        (AccountKind.IN_TRANSIT, payout.public_id),
        (AccountKind.RETURNS_DUE, ""),
        (AccountKind.SUSPENSE, ""),
        (AccountKind.FEES, ""),
    ):
        assert books.balance(session, platform.operator, kind, subject) == 0
    assert books.balance(session, seller, AccountKind.OWED_BY_OPERATOR) == OWED
    assert books.balance(session, seller, AccountKind.IN_TRANSIT, payout.public_id) == 0
    assert sums_to_zero(session)


@pytest.mark.parametrize(
    ("state", "reason", "refusal"),
    [
        ("draft", "Sai tên", NotUnderWay),
        ("exported", " ", ReasonMissing),
        ("gone", "Sai tên", NotUnderWay),
    ],
)
def test_a_line_does_not_fail_so(
    session: Session, platform: Platform, state: str, reason: str, refusal: type[DomainError]
) -> None:
    books.with_account(session, platform, OWED)
    batch = (books.drawn if state == "draft" else books.exported)(session, platform)
    payout = batch.payouts[0]
    if state == "gone":
        debit = books.told(session, platform.operator, payout.net, payout.reference)
        service.match(session, [debit.id], now=NOON)
    before = trace(session)
    with pytest.raises(refusal):
        service.mark_failed(
            session,
            platform.id,
            payout.public_id,
            reason=reason,
            actor=platform.maker,
            now=NOON,
        )
    assert trace(session) == before


def test_what_left_does_not_fail_by_hand(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    books.with_account(session, platform, 200_000)
    payout = books.exported(session, platform).payouts[0]
    debit = books.told(session, platform.operator, payout.net, payout.reference)
    service.match(session, [debit.id], now=NOON)
    before = trace(session)
    with pytest.raises(CannotMove):
        service.mark_failed(
            session, platform.id, payout.public_id, reason="x", actor=platform.maker, now=NOON
        )
    assert trace(session) == before


def test_the_bank_has_the_file(session: Session, platform: Platform) -> None:
    books.with_account(session, platform, OWED)
    batch = books.exported(session, platform)
    service.mark_sent(session, platform.id, batch.public_id, actor=platform.maker, now=NOON)
    assert batch.state is BatchState.SENT
    before = trace(session)
    with pytest.raises(CannotMove):
        service.mark_sent(session, platform.id, batch.public_id, actor=platform.maker, now=NOON)
    assert trace(session) == before


# --- holding --------------------------------------------------------------------------------------


def test_what_was_held_is_let_go(session: Session, platform: Platform) -> None:
    seller = books.with_account(session, platform, OWED)
    kept = drawing.hold(
        session, seller.public_id, amount=None, reason="Khiếu nại", actor=platform.maker, now=NOON
    )
    session.flush()
    assert list(drawing_queries.holds(session)) == [kept]
    with pytest.raises(NothingToPay):
        books.drawn(session, platform)

    drawing.lift(session, kept.public_id, actor=platform.checker, now=NOON)

    assert books.drawn(session, platform).total == OWED
    with pytest.raises(HoldNotFound):
        drawing.lift(session, kept.public_id, actor=platform.checker, now=NOON)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"amount": 0}, AmountTooSmall),
        ({"reason": ""}, ReasonMissing),
        ({"seller": "khongcogi"}, SellerNotFound),
        ({"kind": Kind.SCHOOL}, SellerNotFound),
    ],
)
def test_a_hold_that_is_refused_changes_nothing(
    session: Session, platform: Platform, change: dict[str, Any], refusal: type[DomainError]
) -> None:
    seller = factories.OrganisationFactory(kind=change.get("kind", Kind.FARMER))
    before = trace(session)
    with pytest.raises(refusal):
        drawing.hold(
            session,
            change.get("seller", seller.public_id),
            amount=change.get("amount"),
            reason=change.get("reason", "Khiếu nại"),
            actor=platform.maker,
            now=NOON,
        )
    assert trace(session) == before


def test_a_seller_sees_its_own_payouts(session: Session, platform: Platform) -> None:
    seller = books.with_account(session, platform, OWED)
    other = books.with_account(session, platform, 200_000)
    books.drawn(session, platform)
    page = queries.of_seller(session, seller.id, seller.public_id, platform.id, number=1)
    assert (page.owed, page.under_way, page.total) == (OWED, 0, 0)
    batch = session.scalars(select(PayoutBatch)).one()
    drawing.approve(session, batch.public_id, actor=platform.checker, now=NOON)

    page = queries.of_seller(session, seller.id, seller.public_id, platform.id, number=1)

    assert (page.owed, page.under_way, page.total) == (0, OWED, 1)
    assert [one.seller_id for one in page.payouts] == [seller.id]
    assert other.id != seller.id


def test_names_and_numbers_as_banks_write_them() -> None:
    assert rules.bank_letters("Hợp tác xã “Đồng Tâm” – số 2") == "HOP TAC XA DONG TAM SO 2"
    assert rules.batch_number(NOON.date(), 7) == "CT-20261122-07"
