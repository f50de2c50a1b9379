"""Two people look at every number, owners hear of every change, and money has one address."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.errors import DomainError
from foundation.notifications.models import Notification
from foundation.organisations.models import Organisation, Role
from foundation.organisations.models import State as Standing
from payments.bank_accounts import queries, service
from payments.bank_accounts.errors import (
    BadHolder,
    BadNumber,
    BankAccountNotFound,
    ChooseMainFirst,
    DemoBankOnly,
    HeldByAnother,
    KnownAlready,
    NotActive,
    NotVerified,
    OwnProposal,
    RealBankOnly,
    ReasonMissing,
    UnknownBank,
)
from payments.bank_accounts.models import BankAccount, State
from payments.bank_accounts.rules import Proposal
from payments.banks.rules import PRACTICE_BIN
from tests import factories
from tests.conftest import NOON
from tests.unguarded import wipe

VCB = "970436"
PAPER = Proposal(
    bank_bin=VCB, number="0123 456.789", holder="Htx Bánh tráng Trảng Bàng", label="Thu chợ"
)


@pytest.fixture
def seller(session: Session) -> Organisation:
    seller: Organisation = factories.OrganisationFactory.create()
    return seller


def somebody(organisation: Organisation, role: Role = Role.OWNER) -> Actor:
    membership = factories.MembershipFactory.create(organisation=organisation, role=role)
    return Actor.person(membership.person_id, organisation_id=organisation.id)


def proposed(session: Session, seller: Organisation, paper: Proposal = PAPER) -> BankAccount:
    return service.propose(session, seller.id, paper, actor=somebody(seller), now=NOON)


def confirmed(session: Session, seller: Organisation, paper: Proposal = PAPER) -> BankAccount:
    account = proposed(session, seller, paper)
    return service.confirm(
        session, seller.id, account.public_id, actor=somebody(seller, Role.MANAGER), now=NOON
    )


def told(session: Session, kind: str) -> list[Notification]:
    return list(
        session.scalars(
            select(Notification)
            .where(Notification.kind == f"payments.account_{kind}")
            .order_by(Notification.person_id)
        )
    )


def done(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# --- entering ---------------------------------------------------------------------------------


def test_an_account_is_entered_as_the_bank_writes_it_and_waits(
    session: Session, seller: Organisation
) -> None:
    actor = somebody(seller)

    account = service.propose(session, seller.id, PAPER, actor=actor, now=NOON)

    assert (account.number, account.holder) == ("0123456789", "HTX BANH TRANG TRANG BANG")
    assert (account.state, account.main, account.label) == (State.PROPOSED, False, "Thu chợ")
    assert account.proposed_by_id == actor.person_id
    assert queries.main(session, seller.id) is None
    assert queries.by_number(session, seller.id, "0123456789") is None
    assert done(session) == ["bank_accounts.proposed"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"number": "12"}, BadNumber),
        ({"holder": "12"}, BadHolder),
        ({"bank_bin": "000000"}, UnknownBank),
        ({"bank_bin": ""}, UnknownBank),
        ({"bank_bin": PRACTICE_BIN}, RealBankOnly),
    ],
)
def test_what_cannot_be_an_account_is_refused(
    session: Session, seller: Organisation, change: dict[str, str], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        proposed(session, seller, replace(PAPER, **change))
    assert queries.own(session, seller.id) == []
    assert done(session) == []


def test_an_invented_organisation_has_the_demo_bank_alone(session: Session) -> None:
    sample = factories.OrganisationFactory.create(demo=True)
    with pytest.raises(DemoBankOnly):
        proposed(session, sample)
    assert queries.own(session, sample.id) == []

    account = proposed(session, sample, replace(PAPER, bank_bin=PRACTICE_BIN))
    assert account.state is State.PROPOSED


@pytest.mark.parametrize("state", [Standing.DRAFT, Standing.SUBMITTED, Standing.SUSPENDED])
def test_an_organisation_is_verified_before_it_collects(session: Session, state: Standing) -> None:
    seller = factories.OrganisationFactory.create(state=state)
    with pytest.raises(NotVerified):
        proposed(session, seller)
    assert queries.own(session, seller.id) == []


def test_an_account_is_entered_once(session: Session, seller: Organisation) -> None:
    account = proposed(session, seller)
    with pytest.raises(KnownAlready):
        proposed(session, seller, replace(PAPER, number="0123-456-789"))

    service.confirm(session, None, account.public_id, actor=somebody(seller), now=NOON)
    with pytest.raises(KnownAlready):
        proposed(session, seller)
    assert len(queries.own(session, seller.id)) == 1


def test_the_same_number_at_another_bank_is_another_account(
    session: Session, seller: Organisation
) -> None:
    confirmed(session, seller)
    confirmed(session, seller, replace(PAPER, bank_bin="970422"))
    assert len(queries.own(session, seller.id)) == 2


def test_an_account_in_use_elsewhere_is_refused(session: Session, seller: Organisation) -> None:
    confirmed(session, seller)
    other = factories.OrganisationFactory.create()

    with pytest.raises(HeldByAnother):
        proposed(session, other)
    assert queries.own(session, other.id) == []


# --- the second pair of eyes ------------------------------------------------------------------


def test_somebody_else_confirms_and_the_first_account_becomes_the_main_one(
    session: Session, seller: Organisation
) -> None:
    account, second = proposed(session, seller), somebody(seller, Role.MANAGER)

    service.confirm(session, seller.id, account.public_id, actor=second, now=NOON)

    assert (account.state, account.main) == (State.ACTIVE, True)
    assert (account.confirmed_by_id, account.decided_at) == (second.person_id, NOON)
    assert queries.main(session, seller.id) is account
    assert queries.by_number(session, seller.id, "0123-456 789") is account
    assert done(session)[-1] == "bank_accounts.active"


def test_a_second_account_does_not_become_the_main_one(
    session: Session, seller: Organisation
) -> None:
    first = confirmed(session, seller)
    second = confirmed(session, seller, replace(PAPER, number="99887766"))
    assert (first.main, second.main) == (True, False)


def test_the_authority_may_confirm_for_a_seller_who_works_alone(
    session: Session, seller: Organisation
) -> None:
    account = proposed(session, seller)
    officer = Actor.person(factories.PersonFactory.create().id)

    service.confirm(session, None, account.public_id, actor=officer, now=NOON)

    assert account.state is State.ACTIVE


@pytest.mark.parametrize("as_authority", [False, True])
def test_nobody_confirms_their_own_proposal(
    session: Session, seller: Organisation, as_authority: bool
) -> None:
    account = proposed(session, seller)
    same = Actor.person(account.proposed_by_id)

    with pytest.raises(OwnProposal):
        service.confirm(
            session,
            None if as_authority else seller.id,
            account.public_id,
            actor=same,
            now=NOON,
        )

    assert (account.state, account.confirmed_by_id) == (State.PROPOSED, None)
    assert done(session) == ["bank_accounts.proposed"]


def test_two_organisations_that_wait_for_one_account_get_it_once(session: Session) -> None:
    first, second = (factories.OrganisationFactory.create() for _ in range(2))
    accounts = [proposed(session, first), proposed(session, second)]
    service.confirm(session, None, accounts[0].public_id, actor=somebody(first), now=NOON)

    with pytest.raises(HeldByAnother):
        service.confirm(session, None, accounts[1].public_id, actor=somebody(second), now=NOON)

    session.refresh(accounts[1])
    assert (accounts[1].state, accounts[1].main) == (State.PROPOSED, False)
    assert accounts[1].confirmed_by_id is None
    assert told(session, "confirmed")[0].facts["name"] == first.name


def test_a_suspended_organisation_gets_no_new_account(
    session: Session, seller: Organisation
) -> None:
    account = proposed(session, seller)
    seller.state = Standing.SUSPENDED
    session.flush()
    with pytest.raises(NotVerified):
        service.confirm(session, None, account.public_id, actor=somebody(seller), now=NOON)
    assert account.state is State.PROPOSED


def test_a_wrong_number_is_declined_with_a_reason(session: Session, seller: Organisation) -> None:
    account = proposed(session, seller)
    actor = somebody(seller)
    with pytest.raises(ReasonMissing):
        service.decline(session, seller.id, account.public_id, reason=" ", actor=actor, now=NOON)
    assert account.state is State.PROPOSED

    service.decline(
        session, seller.id, account.public_id, reason="Sai số cuối", actor=actor, now=NOON
    )

    assert (account.state, account.note, account.decided_at) == (
        State.DECLINED,
        "Sai số cuối",
        NOON,
    )
    assert told(session, "declined")[0].facts["reason"] == "Sai số cuối"
    assert queries.by_number(session, seller.id, account.number) is None


def test_what_was_decided_stays_decided(session: Session, seller: Organisation) -> None:
    account = confirmed(session, seller)
    actor = somebody(seller)
    with pytest.raises(CannotMove):
        service.confirm(session, seller.id, account.public_id, actor=actor, now=NOON)
    with pytest.raises(CannotMove):
        service.decline(session, seller.id, account.public_id, reason="x", actor=actor, now=NOON)
    assert account.state is State.ACTIVE


# --- main, closed -----------------------------------------------------------------------------


def test_another_account_becomes_the_main_one(session: Session, seller: Organisation) -> None:
    first = confirmed(session, seller)
    second = confirmed(session, seller, replace(PAPER, number="99887766"))
    actor = somebody(seller)

    for _ in range(2):
        service.make_main(session, seller.id, second.public_id, actor=actor, now=NOON)

    assert queries.main(session, seller.id) is second
    assert first.main is False
    assert done(session).count("bank_accounts.made_main") == 1


def test_only_an_account_in_use_becomes_the_main_one(
    session: Session, seller: Organisation
) -> None:
    account = proposed(session, seller)
    with pytest.raises(NotActive):
        service.make_main(session, seller.id, account.public_id, actor=somebody(seller), now=NOON)
    assert queries.main(session, seller.id) is None


def test_a_closed_account_still_tells_whose_money_it_is(
    session: Session, seller: Organisation
) -> None:
    first = confirmed(session, seller)
    second = confirmed(session, seller, replace(PAPER, number="99887766"))
    actor = somebody(seller)
    with pytest.raises(ChooseMainFirst):
        service.close(session, seller.id, first.public_id, actor=actor, now=NOON)
    assert first.state is State.ACTIVE

    service.make_main(session, seller.id, second.public_id, actor=actor, now=NOON)
    service.close(session, seller.id, first.public_id, actor=actor, now=NOON)

    assert (first.state, first.closed_at) == (State.CLOSED, NOON)
    assert queries.by_number(session, seller.id, first.number) is first
    assert [account.state for account in queries.own(session, seller.id)] == [
        State.ACTIVE,
        State.CLOSED,
    ]


def test_the_only_account_may_be_closed_and_entered_again(
    session: Session, seller: Organisation
) -> None:
    first = confirmed(session, seller)
    service.close(session, seller.id, first.public_id, actor=somebody(seller), now=NOON)
    assert queries.main(session, seller.id) is None

    again = confirmed(session, seller)

    assert queries.main(session, seller.id) is again
    assert queries.by_number(session, seller.id, first.number) is again


# --- who hears of it, who may -----------------------------------------------------------------


def test_all_owners_hear_of_every_change_and_nobody_reads_the_number(
    session: Session, seller: Organisation
) -> None:
    owners = {somebody(seller).person_id for _ in range(2)}
    somebody(seller, Role.ACCOUNTANT)
    somebody(factories.OrganisationFactory.create())
    actor = Actor.person(min(owner for owner in owners if owner), organisation_id=seller.id)
    officer = Actor.person(factories.PersonFactory.create().id)

    account = service.propose(session, seller.id, PAPER, actor=actor, now=NOON)
    service.confirm(session, None, account.public_id, actor=officer, now=NOON)
    service.close(session, seller.id, account.public_id, actor=actor, now=NOON)

    for kind in ("proposed", "confirmed", "closed"):
        lines = told(session, kind)
        assert {line.person_id for line in lines} == owners
        assert lines[0].facts["number"] == "•••• 6789"
        assert lines[0].facts["bank"] == "Vietcombank"
        assert lines[0].url == f"/money/{seller.public_id}/accounts/{account.public_id}"
    everything = [str(line.facts) for line in session.scalars(select(Notification))]
    everything += [str(entry.facts) for entry in session.scalars(select(AuditEntry))]
    assert not [words for words in everything if account.number in words]


Act = Callable[[Session, int, str, Actor], Any]


@pytest.mark.parametrize(
    "act",
    [
        lambda s, o, p, a: service.confirm(s, o, p, actor=a, now=NOON),
        lambda s, o, p, a: service.decline(s, o, p, reason="x", actor=a, now=NOON),
        lambda s, o, p, a: service.make_main(s, o, p, actor=a, now=NOON),
        lambda s, o, p, a: service.close(s, o, p, actor=a, now=NOON),
        lambda s, o, p, a: queries.by_public_id(s, o, p),
    ],
)
def test_a_strangers_account_is_not_found(session: Session, seller: Organisation, act: Act) -> None:
    account = proposed(session, seller)
    other = factories.OrganisationFactory.create()
    with pytest.raises(BankAccountNotFound):
        act(session, other.id, account.public_id, somebody(other))
    assert account.state is State.PROPOSED
    assert queries.by_number(session, other.id, account.number) is None


def test_of_two_confirmations_at_one_moment_one_counts(engine: Engine) -> None:
    """On PostgreSQL the rows are locked; on SQLite only one writes at a time."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        seller = factories.OrganisationFactory.create()
        public_id = proposed(session, seller).public_id
        actors = [somebody(seller) for _ in range(2)]
    start, ends = threading.Barrier(2), list[str]()

    def confirm(actor: Actor) -> None:
        with Session(engine) as session:
            start.wait()
            try:
                service.confirm(session, seller.id, public_id, actor=actor, now=NOON)
                session.commit()
                ends.append("confirmed")
            except CannotMove:
                ends.append("too late")

    threads = [threading.Thread(target=confirm, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wipe(engine)
    assert sorted(ends) == ["confirmed", "too late"]


def test_of_two_organisations_at_one_moment_one_gets_the_account(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        waiting = [
            proposed(session, factories.OrganisationFactory.create()).public_id for _ in range(2)
        ]
        officer = Actor.person(factories.PersonFactory.create().id)
    start, ends = threading.Barrier(2), list[str]()

    def confirm(public_id: str) -> None:
        with Session(engine) as session:
            start.wait()
            try:
                service.confirm(session, None, public_id, actor=officer, now=NOON)
                session.commit()
                ends.append("confirmed")
            except HeldByAnother:
                ends.append("held")

    threads = [threading.Thread(target=confirm, args=(public_id,)) for public_id in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wipe(engine)
    assert sorted(ends) == ["confirmed", "held"]
