"""Entering a receiving account, looking it over, and taking it out of use.

Whoever can change these accounts can lead money elsewhere, so two people look at every number,
every change is told to all owners, and none of them is made in silence.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as Standing
from payments.bank_accounts import queries, rules
from payments.bank_accounts.errors import (
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
from payments.banks import queries as banks

LABEL_LENGTH = 60
NOTE_LENGTH = 300


def propose(
    session: Session, organisation_id: int, proposal: Proposal, *, actor: Actor, now: datetime
) -> BankAccount:
    """Enter an account, which waits for somebody else to confirm it.

    Raises BadNumber, BadHolder, UnknownBank, DemoBankOnly, RealBankOnly, NotVerified,
    KnownAlready, HeldByAnother.
    """
    number, holder = rules.read_number(proposal.number), rules.read_holder(proposal.holder)
    organisation = organisations.lock(session, organisation_id)
    _hold_to_standing(organisation)
    _hold_to_bank(organisation, proposal.bank_bin)
    if _has(session, organisation_id, proposal.bank_bin, number):
        raise KnownAlready
    if queries.in_use(session, proposal.bank_bin, number) is not None:
        raise HeldByAnother
    account = BankAccount(
        organisation_id=organisation_id,
        bank_bin=proposal.bank_bin,
        number=number,
        holder=holder,
        label=proposal.label[:LABEL_LENGTH],
        state=State.PROPOSED,
        main=False,
        proposed_by_id=actor.person_id,
        proposed_at=now,
    )
    session.add(account)
    session.flush()
    _record(session, "proposed", account, actor, now)
    _tell_owners(session, account, "proposed", actor, now)
    return account


def confirm(
    session: Session, organisation_id: int | None, public_id: str, *, actor: Actor, now: datetime
) -> BankAccount:
    """A second person has compared the number with the paper: money may come to it.

    The first account of an organisation becomes its main one. `organisation_id` is None for the
    authority. Raises BankAccountNotFound, OwnProposal, NotVerified, HeldByAnother, CannotMove.
    """
    account = _locked(session, organisation_id, public_id)
    if actor.person_id is None or actor.person_id == account.proposed_by_id:
        raise OwnProposal
    _hold_to_standing(account.organisation)
    try:
        with session.begin_nested():
            _move(session, account, State.ACTIVE, actor, now)
            account.confirmed_by_id = actor.person_id
            account.decided_at = now
            account.main = queries.main(session, account.organisation_id) is None
            session.flush()
    except IntegrityError as error:  # no two organisations receive money at one account
        raise HeldByAnother from error
    _tell_owners(session, account, "confirmed", actor, now)
    return account


def decline(
    session: Session,
    organisation_id: int | None,
    public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """The number is wrong, or nobody wants it any more; whoever entered it may say so as well.

    Raises BankAccountNotFound, ReasonMissing, CannotMove.
    """
    if not reason.strip():
        raise ReasonMissing
    account = _locked(session, organisation_id, public_id)
    _move(session, account, State.DECLINED, actor, now, reason=reason)
    account.decided_at = now
    account.note = reason[:NOTE_LENGTH]
    _tell_owners(session, account, "declined", actor, now, reason=account.note)


def make_main(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Have new payments go to this account from now on. Raises BankAccountNotFound, NotActive."""
    account = _locked(session, organisation_id, public_id)
    if account.state is not State.ACTIVE:
        raise NotActive
    before = queries.main(session, organisation_id)
    if before is account:
        return
    if before is not None:
        before.main = False
        session.flush()  # there is one main account at any moment, the database sees to that
    account.main = True
    session.flush()
    _record(session, "made_main", account, actor, now)
    _tell_owners(session, account, "made_main", actor, now)


def close(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Ask for no more payments to an account; money that still arrives there is matched.

    Raises BankAccountNotFound, ChooseMainFirst while it is the main one of several, CannotMove.
    """
    account = _locked(session, organisation_id, public_id)
    if account.main and _others_in_use(session, account):
        raise ChooseMainFirst
    _move(session, account, State.CLOSED, actor, now)
    account.main = False
    account.closed_at = now
    _tell_owners(session, account, "closed", actor, now)


def _hold_to_standing(organisation: Organisation) -> None:
    if organisation.state is not Standing.VERIFIED:
        raise NotVerified


def _hold_to_bank(organisation: Organisation, bank_bin: str) -> None:
    bank = banks.by_bin(bank_bin)
    if bank is None or not bank.receives:
        raise UnknownBank
    if organisation.demo and not bank.practice:
        raise DemoBankOnly
    if bank.practice and not organisation.demo:
        raise RealBankOnly


def _has(session: Session, organisation_id: int, bank_bin: str, number: str) -> bool:
    known = select(BankAccount.id).where(
        BankAccount.organisation_id == organisation_id,
        BankAccount.bank_bin == bank_bin,
        BankAccount.number == number,
        BankAccount.state.in_((State.PROPOSED, State.ACTIVE)),
    )
    return session.scalar(known.limit(1)) is not None


def _others_in_use(session: Session, account: BankAccount) -> bool:
    others = select(BankAccount.id).where(
        BankAccount.organisation_id == account.organisation_id,
        BankAccount.state == State.ACTIVE,
        BankAccount.id != account.id,
    )
    return session.scalar(others.limit(1)) is not None


def _locked(session: Session, organisation_id: int | None, public_id: str) -> BankAccount:
    """Lock an account and, before it, its organisation: which one is the main account is a
    question about all of them. None for `organisation_id` means any, for the authority."""
    owner = session.scalar(
        select(BankAccount.organisation_id).where(BankAccount.public_id == public_id)
    )
    if owner is None or organisation_id not in (None, owner):
        raise BankAccountNotFound
    organisations.lock(session, owner)
    return queries.lock(session, public_id)


def _move(
    session: Session,
    account: BankAccount,
    wanted: State,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    audit.move(
        session,
        account,
        wanted,
        next_states=rules.NEXT_STATES,
        actor=actor,
        now=now,
        reason=reason,
    )


def _record(session: Session, what: str, account: BankAccount, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        f"bank_accounts.{what}",
        account,
        actor=actor,
        now=now,
        bank=account.bank_bin,
        number=rules.masked(account.number),
    )


def _tell_owners(
    session: Session,
    account: BankAccount,
    what: str,
    actor: Actor,
    now: datetime,
    **more: object,
) -> None:
    bank, organisation = banks.by_bin(account.bank_bin), account.organisation
    facts = {
        "name": organisation.name,
        "bank": bank.short_name if bank else account.bank_bin,
        "number": rules.masked(account.number),
        "person": queries.name_of(session, actor.person_id),
        **more,
    }
    for person_id in queries.owner_ids(session, organisation.id):
        notifications.tell(
            session,
            person_id,
            f"payments.account_{what}",
            once_key=f"payments.account_{what}:{account.public_id}:{now.timestamp():.6f}",
            facts=facts,
            url=f"/money/{organisation.public_id}/accounts/{account.public_id}",
            now=now,
        )
