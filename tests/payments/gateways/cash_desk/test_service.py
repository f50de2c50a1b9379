from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.audit.rules import Actor
from foundation.errors import DomainError
from foundation.organisations.models import Organisation
from payments.credits.models import Channel, Direction, Movement
from payments.credits.models import State as MovementState
from payments.gateways.cash_desk import queries, rules, service
from payments.gateways.cash_desk.errors import (
    AmountMissing,
    DeskInUse,
    DeskNotFound,
    DifferenceUnexplained,
    FloatDiffers,
    GivenTooLittle,
    MoreThanDue,
    NameMissing,
    NameTaken,
    NothingDue,
    NotInTill,
    NotUndone,
    NotYourShift,
    ReasonMissing,
    ShiftClosed,
    ShiftNotFound,
    UndoneAlready,
)
from payments.gateways.cash_desk.models import (
    CashDesk,
    CashEntry,
    CashShift,
    EntryKind,
    ShiftState,
)
from payments.intents.errors import IntentNotFound
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.ledger import queries as ledger
from payments.ledger.models import Journal
from payments.ledger.rules import AccountKind
from payments.refunds.asking import service as refunds
from payments.refunds.models import Means, RefundAttempt, Source
from payments.refunds.models import State as RefundState
from payments.refunds.rules import Wanted
from tests import factories
from tests.conftest import NOON
from tests.unguarded import wipe

FLOAT = {200_000: 1, 50_000: 4, 10_000: 10}  # 500.000


@pytest.fixture
def seller(session: Session) -> Organisation:
    made: Organisation = factories.OrganisationFactory()
    return made


@pytest.fixture
def cashier(session: Session, seller: Organisation) -> Actor:
    person_id = factories.MembershipFactory(organisation=seller).person_id
    return Actor.person(person_id, organisation_id=seller.id)


@pytest.fixture
def desk(session: Session, seller: Organisation, cashier: Actor) -> CashDesk:
    return service.add_desk(session, seller.id, "Quầy 1", actor=cashier, now=NOON)


@pytest.fixture
def shift(session: Session, seller: Organisation, desk: CashDesk, cashier: Actor) -> CashShift:
    return opened(session, seller, desk, cashier)


def opened(
    session: Session, seller: Organisation, desk: CashDesk, actor: Actor, **more: str
) -> CashShift:
    return service.open_shift(
        session, seller.id, desk.public_id, FLOAT, actor=actor, now=NOON, **more
    )


def take(
    session: Session,
    shift: CashShift,
    intent: Intent,
    amount: int = 120_000,
    *,
    given: int = 200_000,
    key: str = "form-1",
    actor: Actor | None = None,
) -> CashEntry:
    return service.take(
        session,
        shift.organisation_id,
        shift.public_id,
        intent.public_id,
        amount,
        given=given,
        key=key,
        actor=actor or Actor.person(shift.cashier_id),
        now=NOON,
    )


def close(session: Session, shift: CashShift, counted: dict[int, int], reason: str = "") -> None:
    service.close_shift(
        session,
        shift.organisation_id,
        shift.public_id,
        counted,
        reason=reason,
        actor=Actor.person(shift.cashier_id),
        now=NOON,
    )


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def balance(session: Session, of: Organisation, kind: AccountKind, subject: str = "") -> int:
    return ledger.balance(session, of.id, kind, subject)


# --- opening ------------------------------------------------------------------------------------


def test_the_first_float_is_the_organisations_own(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    assert (shift.state, shift.opening) == (ShiftState.OPEN, 500_000)
    assert shift.opening_notes == {"200000": 1, "50000": 4, "10000": 10}
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 500_000
    assert balance(session, seller, AccountKind.OPENING) == -500_000


def test_a_desk_has_one_open_shift(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    another = Actor.person(factories.MembershipFactory(organisation=seller).person_id)

    with pytest.raises(DeskInUse):
        opened(session, seller, desk, another)

    assert count(session, CashShift) == 1
    assert count(session, Journal) == 1


def test_a_strangers_desk_is_not_found(session: Session, desk: CashDesk, cashier: Actor) -> None:
    with pytest.raises(DeskNotFound):
        opened(session, factories.OrganisationFactory(), desk, cashier)

    assert count(session, CashShift) == 0


def test_what_the_last_shift_left_must_be_there_or_be_explained(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift, cashier: Actor
) -> None:
    close(session, shift, {**FLOAT, 50_000: 5}, "Tìm thấy trong ngăn kéo")

    with pytest.raises(FloatDiffers):
        opened(session, seller, desk, cashier)
    assert count(session, CashShift) == 1

    opened(session, seller, desk, cashier, reason="Chủ lấy 50.000 đi chợ")
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 500_000
    assert balance(session, seller, AccountKind.CASH_DIFFERENCE) == 0


@pytest.mark.parametrize(("name", "refusal"), [(" ", NameMissing), ("Quầy 1", NameTaken)])
def test_a_desk_needs_a_name_of_its_own(
    session: Session,
    seller: Organisation,
    desk: CashDesk,
    cashier: Actor,
    name: str,
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal):
        service.add_desk(session, seller.id, name, actor=cashier, now=NOON)

    assert count(session, CashDesk) == 1


# --- taking -------------------------------------------------------------------------------------


def test_cash_settles_what_is_owed_and_the_change_is_told(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller)

    entry = take(session, shift, intent)

    assert rules.change(entry.given, entry.amount) == 80_000
    assert intent.state is IntentState.PAID
    movement = session.get_one(Movement, entry.movement_id)
    assert (movement.channel, movement.holder) == (Channel.CASH, desk.public_id)
    assert movement.state is MovementState.MATCHED
    assert queries.inside(session, shift) == 620_000
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 620_000
    assert balance(session, seller, AccountKind.RECEIVED) == -120_000
    assert balance(session, seller, AccountKind.SUSPENSE) == 0


def test_a_part_may_be_taken(session: Session, seller: Organisation, shift: CashShift) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller)

    take(session, shift, intent, 50_000, given=50_000)

    assert (intent.state, intent.due) == (IntentState.PART_PAID, 70_000)


def test_a_form_sent_twice_takes_once(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller)

    first, again = take(session, shift, intent), take(session, shift, intent)

    assert first.id == again.id
    assert count(session, Movement) == 1


def _nothing_taken(session: Session) -> bool:
    session.expire_all()
    return count(session, CashEntry) == 0


@pytest.mark.parametrize(
    ("made", "asked", "refusal"),
    [
        ({}, {"amount": 120_001, "given": 200_000}, MoreThanDue),
        ({}, {"amount": 120_000, "given": 119_999}, GivenTooLittle),
        ({}, {"amount": 0, "given": 0}, AmountMissing),
        ({}, {"amount": -5, "given": 0}, AmountMissing),
        ({"state": IntentState.PAID, "settled": 120_000}, {}, NothingDue),
        ({"state": IntentState.CANCELLED}, {}, NothingDue),
    ],
)
def test_what_cannot_be_taken_is_refused(
    session: Session,
    seller: Organisation,
    shift: CashShift,
    made: dict[str, object],
    asked: dict[str, int],
    refusal: type[DomainError],
) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller, **made)
    settled = intent.settled

    with pytest.raises(refusal), session.begin_nested():
        take(session, shift, intent, **asked)  # type: ignore[arg-type]

    assert _nothing_taken(session)
    assert intent.settled == settled
    assert count(session, Movement) == 0


def test_nothing_is_taken_in_a_shift_that_is_closed_or_somebody_elses(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller)
    other = Actor.person(factories.MembershipFactory(organisation=seller).person_id)
    with pytest.raises(NotYourShift):
        take(session, shift, intent, actor=other)
    close(session, shift, FLOAT)
    with pytest.raises(ShiftClosed):
        take(session, shift, intent)

    assert _nothing_taken(session)


def test_a_strangers_intent_or_shift_is_not_found(
    session: Session, seller: Organisation, shift: CashShift, cashier: Actor
) -> None:
    stranger = factories.IntentFactory()
    with pytest.raises(IntentNotFound):
        take(session, shift, stranger)
    with pytest.raises(ShiftNotFound):
        service.take(
            session,
            stranger.organisation_id,
            shift.public_id,
            stranger.public_id,
            1_000,
            given=1_000,
            key="k",
            actor=cashier,
            now=NOON,
        )

    assert _nothing_taken(session)


def test_invariant_05_entries_cannot_be_changed(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    entry = take(session, shift, factories.IntentFactory(bank_account=None, organisation=seller))
    session.flush()
    entry.amount = 1

    with pytest.raises(DBAPIError), session.begin_nested():
        session.flush()


# --- undoing, giving back, moving ---------------------------------------------------------------


def undo(session: Session, shift: CashShift, entry: CashEntry, reason: str = "Nhầm") -> CashEntry:
    session.flush()
    return service.undo(
        session,
        shift.organisation_id,
        shift.public_id,
        entry.public_id,
        reason=reason,
        actor=Actor.person(shift.cashier_id),
        now=NOON,
    )


def test_invariant_05_a_wrong_taking_is_undone_by_another_entry(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller)
    entry = take(session, shift, intent)

    undone = undo(session, shift, entry)
    session.flush()

    assert (undone.kind, undone.amount, undone.undoes_id) == (EntryKind.UNDONE, -120_000, entry.id)
    assert (intent.state, intent.settled) == (IntentState.OPEN, 0)
    assert queries.inside(session, shift) == 500_000
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 500_000
    for kind in (AccountKind.SUSPENSE, AccountKind.RECEIVED, AccountKind.GONE):
        assert balance(session, seller, kind) == 0
    assert balance(session, seller, AccountKind.RETURNS_DUE) == 0
    assert queries.undone(session, shift) == {entry.id}
    with pytest.raises(UndoneAlready):
        undo(session, shift, entry)
    assert count(session, CashEntry) == 2


def test_invariant_18_what_was_given_back_since_is_not_undone(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    intent = factories.IntentFactory(bank_account=None, organisation=seller)
    entry = take(session, shift, intent)
    intent.refunded = 1_000
    session.flush()

    with pytest.raises(NotUndone), session.begin_nested():
        undo(session, shift, entry)

    session.expire_all()
    assert count(session, CashEntry) == 1
    assert intent.settled == 120_000


def test_undoing_says_why(session: Session, seller: Organisation, shift: CashShift) -> None:
    entry = take(session, shift, factories.IntentFactory(bank_account=None, organisation=seller))

    with pytest.raises(ReasonMissing):
        undo(session, shift, entry, " ")

    session.flush()
    assert count(session, CashEntry) == 1


def move(
    session: Session, shift: CashShift, kind: EntryKind, amount: int, why: str = "Đổi"
) -> None:
    service.move(
        session,
        shift.organisation_id,
        shift.public_id,
        kind,
        amount,
        reason=why,
        key=f"{kind}-{amount}",
        actor=Actor.person(shift.cashier_id),
        now=NOON,
    )
    session.flush()


def test_money_that_goes_to_the_bank_is_in_transit(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    move(session, shift, EntryKind.BANKED, 300_000)
    move(session, shift, EntryKind.PUT_IN, 100_000)
    move(session, shift, EntryKind.TAKEN_OUT, 50_000)
    move(session, shift, EntryKind.TAKEN_OUT, 50_000)  # the same form again

    assert queries.inside(session, shift) == 250_000
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 250_000
    assert balance(session, seller, AccountKind.IN_TRANSIT) == 300_000
    assert balance(session, seller, AccountKind.OPENING) == -550_000


@pytest.mark.parametrize(
    ("amount", "why", "refusal"),
    [(500_001, "Nộp", NotInTill), (0, "Nộp", AmountMissing), (1_000, "  ", ReasonMissing)],
)
def test_what_cannot_leave_the_till_does_not(
    session: Session, shift: CashShift, amount: int, why: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        move(session, shift, EntryKind.BANKED, amount, why)

    assert count(session, CashEntry) == 0
    with pytest.raises(ValueError, match="not a move"):
        move(session, shift, EntryKind.TAKEN, 1_000)


def approved_refund(session: Session, seller: Organisation, amount: int) -> RefundAttempt:
    intent = factories.IntentFactory(
        bank_account=None, organisation=seller, settled=120_000, state=IntentState.PAID
    )
    person = Actor.person(factories.MembershipFactory(organisation=seller).person_id)
    refund = refunds.request(
        session,
        seller.id,
        Wanted(
            key=f"r{amount}",
            source=Source.INTENT,
            subject=intent.public_id,
            amount=amount,
            believed=120_000,
            means=Means.CASH,
            reason="Trả hàng",
        ),
        actor=person,
        now=NOON,
    )
    if refund.state is RefundState.REQUESTED:
        refunds.approve(session, seller.id, refund.public_id, actor=person, now=NOON)
    session.flush()
    return session.scalars(select(RefundAttempt)).one()


def test_invariant_18_a_refund_is_handed_over_once(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    attempt = approved_refund(session, seller, 20_000)
    refund = attempt.refund

    for _ in range(2):
        service.give_back(
            session,
            seller.id,
            shift.public_id,
            refund.public_id,
            attempt=attempt.public_id,
            actor=Actor.person(shift.cashier_id),
            now=NOON,
        )
        session.flush()

    assert refund.state is RefundState.CONFIRMED
    assert queries.inside(session, shift) == 480_000
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 480_000
    out = select(Movement).where(Movement.direction == Direction.OUT)
    assert len(session.scalars(out).all()) == 1


# --- closing ------------------------------------------------------------------------------------


def test_a_shift_that_counts_right_is_closed_without_words(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    take(session, shift, factories.IntentFactory(bank_account=None, organisation=seller))

    close(session, shift, {**FLOAT, 100_000: 1, 20_000: 1})

    assert (shift.state, shift.difference) == (ShiftState.CLOSED, 0)
    assert (shift.expected, shift.closing) == (620_000, 620_000)
    assert shift.desk.left == 620_000


def test_invariant_20_a_difference_is_explained_and_stands_in_the_books(
    session: Session, seller: Organisation, desk: CashDesk, shift: CashShift
) -> None:
    short = {**FLOAT, 10_000: 9}
    with pytest.raises(DifferenceUnexplained) as refusal:
        close(session, shift, short)
    assert "-10.000" in str(refusal.value.facts["difference"])
    assert shift.state is ShiftState.OPEN

    close(session, shift, short, "Thối nhầm")

    assert shift.difference == -10_000
    assert balance(session, seller, AccountKind.CASH, desk.public_id) == 490_000
    assert balance(session, seller, AccountKind.CASH_DIFFERENCE) == 10_000


def test_only_who_opened_it_or_who_approves_closes_a_shift_and_once(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    other = Actor.person(factories.MembershipFactory(organisation=seller).person_id)

    def closing(*, approver: bool) -> CashShift:
        return service.close_shift(
            session,
            seller.id,
            shift.public_id,
            FLOAT,
            approver=approver,
            actor=other,
            now=NOON,
        )

    with pytest.raises(NotYourShift):
        closing(approver=False)
    assert shift.state is ShiftState.OPEN
    assert closing(approver=True).closed_by_id == other.person_id
    with pytest.raises(ShiftClosed):
        closing(approver=True)


def test_a_cashier_sees_only_own_shifts(
    session: Session, seller: Organisation, shift: CashShift
) -> None:
    other = factories.MembershipFactory(organisation=seller).person_id
    session.flush()

    found = queries.shift(session, seller.id, shift.public_id, cashier_id=None)
    assert found.id == shift.id
    with pytest.raises(ShiftNotFound):
        queries.shift(session, seller.id, shift.public_id, cashier_id=other)


# --- searching ----------------------------------------------------------------------------------


def test_what_is_owed_is_found_by_code_amount_payer_and_purpose(
    session: Session, seller: Organisation
) -> None:
    wanted = factories.IntentFactory(
        bank_account=None,
        organisation=seller,
        amount=87_000,
        payer_name="Trần Thị Mẫu",
        purpose="Đơn 17",
    )
    factories.IntentFactory(bank_account=None, organisation=seller, purpose="Đơn 18")
    factories.IntentFactory(
        bank_account=None, organisation=seller, state=IntentState.CANCELLED, amount=87_000
    )
    factories.IntentFactory(amount=87_000, payer_name="Trần Thị Mẫu")

    code = wanted.reference.lower()
    for words in (f"{code[:8]} {code[8:]}", "87.000", "87k", "trần thị", "đơn 17"):
        if words == "đơn 17" and session.get_bind().dialect.name == "sqlite":
            continue  # its LIKE folds only ASCII
        found = queries.owed(session, seller.id, words)
        assert [each.id for each in found] == [wanted.id], words
    assert queries.owed(session, seller.id, "100%") == []
    assert len(queries.owed(session, seller.id, "")) == 2


# --- counting -----------------------------------------------------------------------------------


@given(
    opening=st.integers(0, 10**9),
    amounts=st.lists(st.integers(-(10**7), 10**7)),
)
def test_invariant_20_float_plus_in_minus_out_is_expected(opening: int, amounts: list[int]) -> None:
    came = sum(each for each in amounts if each > 0)
    went = -sum(each for each in amounts if each < 0)

    assert rules.expected(opening, amounts) == opening + came - went


@given(st.dictionaries(st.sampled_from(rules.NOTES), st.integers(0, 999)))
def test_banknotes_are_worth_what_stands_on_them(notes: dict[int, int]) -> None:
    assert rules.counted(notes) == sum(note * number for note, number in notes.items())
    assert rules.counted(notes) % 1_000 == 0


@pytest.mark.parametrize("notes", [{3_000: 1}, {1_000: -1}, {1_000: 100_001}])
def test_there_are_no_such_banknotes(notes: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="banknotes"):
        rules.counted(notes)


def test_what_payers_usually_hand_over() -> None:
    assert rules.suggestions(87_000) == [87_000, 90_000, 100_000, 200_000, 500_000]
    assert rules.suggestions(500_000) == [500_000, 600_000]


# --- two at the same moment ---------------------------------------------------------------------


def _at_once(engine: Engine, *works: object) -> list[str]:
    start, said = threading.Barrier(len(works)), list[str]()

    def run(work: object) -> None:
        with Session(engine) as session:
            start.wait()
            try:
                work(session)  # type: ignore[operator]
                session.commit()
                said.append("done")
            except DomainError as refusal:
                said.append(refusal.code)
            except Exception as error:  # shown by the assertion
                said.append(repr(error))

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_of_two_who_open_a_desk_at_once_one_does(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        seller = factories.OrganisationFactory()
        people = [factories.MembershipFactory(organisation=seller).person_id for _ in range(2)]
        desk = service.add_desk(session, seller.id, "Quầy", actor=Actor.person(people[0]), now=NOON)

    said = _at_once(
        engine,
        *(
            lambda session, person=person: opened(session, seller, desk, Actor.person(person))
            for person in people
        ),
    )
    wipe(engine)
    assert said == ["cash_desk.in_use", "done"]


def test_invariant_08_two_desks_never_take_for_the_same_twice(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        seller = factories.OrganisationFactory()
        intent = factories.IntentFactory(bank_account=None, organisation=seller)
        shifts = []
        for number in range(2):
            person = Actor.person(factories.MembershipFactory(organisation=seller).person_id)
            desk = service.add_desk(session, seller.id, f"Quầy {number}", actor=person, now=NOON)
            shifts.append(opened(session, seller, desk, person))

    said = _at_once(
        engine, *(lambda session, shift=shift: take(session, shift, intent) for shift in shifts)
    )
    with Session(engine) as session:
        taken, settled = count(session, Movement), session.get_one(Intent, intent.id).settled
    wipe(engine)
    assert said == ["cash_desk.nothing_due", "done"]
    assert (taken, settled) == (1, 120_000)


def test_closing_and_taking_at_once_never_lose_a_dong(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        seller = factories.OrganisationFactory()
        intent = factories.IntentFactory(bank_account=None, organisation=seller)
        person = Actor.person(factories.MembershipFactory(organisation=seller).person_id)
        desk = service.add_desk(session, seller.id, "Quầy", actor=person, now=NOON)
        shift = opened(session, seller, desk, person)

    said = _at_once(
        engine,
        lambda session: take(session, shift, intent),
        lambda session: close(session, shift, FLOAT),
    )
    with Session(engine) as session:
        stored = session.get_one(CashShift, shift.id)
        taken = count(session, CashEntry)
        inside = queries.inside(session, stored)
        state, closing = stored.state, stored.closing
    wipe(engine)
    if state is ShiftState.CLOSED:
        assert (taken, inside, closing) == (0, 500_000, 500_000)
        assert said == ["cash_desk.shift_closed", "done"]
    else:
        assert (taken, inside) == (1, 620_000)
        assert said == ["cash_desk.difference_unexplained", "done"]
