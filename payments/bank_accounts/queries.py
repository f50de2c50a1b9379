"""Reading receiving accounts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, joinedload

from foundation.accounts.models import Person
from foundation.organisations.models import Membership, Role
from payments.bank_accounts.errors import BankAccountNotFound
from payments.bank_accounts.models import BankAccount, State
from payments.bank_accounts.rules import plain_number

_STAGES = case(
    {State.PROPOSED: 0, State.ACTIVE: 1, State.CLOSED: 2}, value=BankAccount.state, else_=3
)


def main(session: Session, organisation_id: int) -> BankAccount | None:
    """Return the account new payments to an organisation go to, None where there is none."""
    return session.scalars(
        select(BankAccount).where(BankAccount.organisation_id == organisation_id, BankAccount.main)
    ).one_or_none()


def own(session: Session, organisation_id: int) -> Sequence[BankAccount]:
    """Return all accounts of an organisation: what waits first, then the main one, then the rest
    of those in use, then those of the past."""
    return session.scalars(
        select(BankAccount)
        .where(BankAccount.organisation_id == organisation_id)
        .order_by(_STAGES, BankAccount.main.desc(), BankAccount.id.desc())
    ).all()


def by_public_id(session: Session, organisation_id: int, public_id: str) -> BankAccount:
    """Return an account of this organisation. Raises BankAccountNotFound."""
    return _found(session, _named(public_id).where(BankAccount.organisation_id == organisation_id))


def by_number(session: Session, organisation_id: int, number: str) -> BankAccount | None:
    """Return the organisation's account of this number, however it is written: the active one, or
    else the one closed last. Money for an account that never was in use belongs to none."""
    return session.scalars(
        select(BankAccount)
        .where(
            BankAccount.organisation_id == organisation_id,
            BankAccount.number == plain_number(number),
            BankAccount.state.in_((State.ACTIVE, State.CLOSED)),
        )
        .order_by(_STAGES, BankAccount.id.desc())
        .limit(1)
    ).one_or_none()


def for_review(session: Session, public_id: str) -> BankAccount:
    """Return any organisation's account for the authority, the organisation loaded.

    Raises BankAccountNotFound.
    """
    return _found(session, _named(public_id).options(joinedload(BankAccount.organisation)))


def waiting(session: Session, *, limit: int = 100) -> Sequence[BankAccount]:
    """Return the accounts of all organisations that wait for a second pair of eyes, the oldest
    first, their organisations loaded."""
    return session.scalars(
        select(BankAccount)
        .where(BankAccount.state == State.PROPOSED)
        .options(joinedload(BankAccount.organisation))
        .order_by(BankAccount.proposed_at, BankAccount.id)
        .limit(limit)
    ).all()


def lock(session: Session, public_id: str) -> BankAccount:
    """Return an account as it is now, locked until the transaction ends.

    Raises BankAccountNotFound.
    """
    return _found(
        session,
        _named(public_id).with_for_update().execution_options(populate_existing=True),
    )


def in_use(session: Session, bank_bin: str, number: str) -> BankAccount | None:
    """Return the one account of this number that receives money now, whoever's it is."""
    return session.scalars(
        select(BankAccount).where(
            BankAccount.bank_bin == bank_bin,
            BankAccount.number == number,
            BankAccount.state == State.ACTIVE,
        )
    ).one_or_none()


def owner_ids(session: Session, organisation_id: int) -> Sequence[int]:
    """Return the owners of an organisation, who hear of every change of its accounts."""
    return session.scalars(
        select(Membership.person_id)
        .where(Membership.organisation_id == organisation_id, Membership.role == Role.OWNER)
        .order_by(Membership.id)
    ).all()


def name_of(session: Session, person_id: int | None) -> str:
    """Return what somebody is called, "" where nobody is meant."""
    if person_id is None:
        return ""
    return session.scalar(select(Person.full_name).where(Person.id == person_id)) or ""


def _named(public_id: str) -> Select[BankAccount]:
    return select(BankAccount).where(BankAccount.public_id == public_id)


def _found(session: Session, statement: Select[BankAccount]) -> BankAccount:
    account = session.scalars(statement).one_or_none()
    if account is None:
        raise BankAccountNotFound
    return account
