"""What a cashier looks at before deciding: what money may be for, and what was decided before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.audit import queries as audit
from foundation.audit.models import AuditEntry
from foundation.db import escape_like
from foundation.money import parse_vnd
from foundation.text import fold_words
from payments.credits.models import Direction, Movement, State
from payments.credits.rules import bare
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.intents.rules import PAYABLE, PREFIX, REFERENCE_LENGTH
from payments.reconciliation import queries as allocations
from payments.reconciliation.decisions import rules
from payments.reconciliation.decisions.rules import Sign
from payments.reconciliation.models import Allocation

MOST_SUGGESTIONS = 6
MOST_CANDIDATES = 60
MOST_FOUND = 20
MOST_DEBITS = 10


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """An intent that money may be for, and why."""

    intent: Intent
    signs: tuple[Sign, ...]

    @property
    def weight(self) -> int:
        return sum(rules.WEIGHTS[sign] for sign in self.signs)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An allocation as its history shows it. `undone` where it does not hold any more."""

    row: Allocation
    intent: Intent | None
    undone: bool


def suggestions(session: Session, movement: Movement) -> list[Suggestion]:
    """Return what the waiting part of a movement in may be for, likeliest first."""
    if movement.direction is not Direction.IN or not movement.waiting:
        return []
    codes = rules.damaged_codes(movement.memo)
    rows = session.scalars(
        _settleable(movement.organisation_id)
        .where(or_(*_signs(movement, codes)))
        .order_by(Intent.id.desc())
        .limit(MOST_CANDIDATES)
    )
    found = [Suggestion(intent=row, signs=_why(movement, row, codes)) for row in rows]
    likely = [one for one in found if one.signs]
    return sorted(likely, key=lambda one: (-one.weight, -one.intent.id))[:MOST_SUGGESTIONS]


def search(session: Session, organisation_id: int, typed: str) -> Sequence[Intent]:
    """Return intents that can still be paid, by code, purpose, payer or amount, newest first."""
    whole = bare(typed).lower()
    words = [whole] if whole.startswith(PREFIX.lower()) else fold_words(typed)
    if not words:
        return []
    wanted: ColumnElement[bool] = and_(*(_holds(word) for word in words))
    try:
        amount = parse_vnd(typed)
    except ValueError:
        pass
    else:
        wanted = or_(wanted, Intent.amount == amount, Intent.amount - Intent.settled == amount)
    return session.scalars(
        _settleable(organisation_id).where(wanted).order_by(Intent.id.desc()).limit(MOST_FOUND)
    ).all()


def by_public_ids(
    session: Session, organisation_id: int, public_ids: Iterable[str]
) -> Mapping[str, Intent]:
    """Return an organisation's intents by their public ids; unknown ones are left out."""
    rows = session.scalars(
        select(Intent).where(
            Intent.organisation_id == organisation_id, Intent.public_id.in_(list(public_ids))
        )
    )
    return {intent.public_id: intent for intent in rows}


def meant(session: Session, movement: Movement) -> Intent | None:
    """Return the intent that matching found a movement to be about, of this payee alone."""
    if movement.about_intent_id is None:
        return None
    found = session.get(Intent, movement.about_intent_id)
    if found is None or found.organisation_id != movement.organisation_id:
        return None
    return found


def decisions(session: Session, movement: Movement) -> list[Decision]:
    """Return what was decided about a movement, also what was undone, oldest first."""
    rows = allocations.of_movement(session, movement.organisation_id, movement.id)
    undone = {row.undoes_id for row in rows if row.undoes_id is not None}
    wanted = {row.intent_id for row in rows if row.intent_id is not None}
    intents = {}
    if wanted:
        found = session.scalars(select(Intent).where(Intent.id.in_(wanted)))
        intents = {intent.id: intent for intent in found}
    return [
        Decision(row=row, intent=intents.get(row.intent_id or 0), undone=row.id in undone)
        for row in rows
    ]


def moves(session: Session, movement: Movement) -> list[AuditEntry]:
    """Return how a movement's state changed, oldest first."""
    return list(reversed(audit.history(session, "movements", movement.id)))


def names(session: Session, person_ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return what people are called."""
    wanted = set(person_ids) - {None}
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def many(session: Session, organisation_id: int, public_ids: Sequence[str]) -> Sequence[Movement]:
    """Return movements of an organisation, oldest first; unknown ones are left out."""
    return session.scalars(
        select(Movement)
        .where(Movement.organisation_id == organisation_id, Movement.public_id.in_(public_ids))
        .order_by(Movement.id)
    ).all()


def debits(session: Session, movement: Movement) -> Sequence[Movement]:
    """Return unexplained money out with which a bank may have taken frozen money back."""
    return session.scalars(
        select(Movement)
        .where(
            Movement.organisation_id == movement.organisation_id,
            Movement.direction == Direction.OUT,
            Movement.state == State.WAITING,
            Movement.amount == movement.frozen,
            Movement.allocated == 0,
        )
        .order_by(Movement.id.desc())
        .limit(MOST_DEBITS)
    ).all()


def payers(session: Session, movement: Movement) -> list[tuple[str, str]]:
    """Return (key, name) of the payers whose balance this money could become."""
    intent = meant(session, movement)
    found = {} if intent is None else {intent.payer or "": intent.payer_name}
    for one in suggestions(session, movement):
        found.setdefault(one.intent.payer or "", one.intent.payer_name)
    return [(key, name or key) for key, name in found.items() if key]


def refused_since(movement: Movement, seen: str) -> bool:
    """Say whether somebody decided about a movement since a page showed it like `seen`."""
    return bool(seen) and seen != look(movement)


def look(movement: Movement) -> str:
    """Return what a page showed of a movement, to notice that it has changed meanwhile."""
    return f"{movement.state}:{movement.allocated}:{movement.frozen}"


def _settleable(organisation_id: int) -> Select[Intent]:
    return select(Intent).where(
        Intent.organisation_id == organisation_id,
        or_(
            Intent.state.in_(PAYABLE),
            and_(Intent.state == IntentState.EXPIRED, Intent.settles_late),
        ),
        Intent.settled < Intent.amount,
    )


def _signs(movement: Movement, codes: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return what an intent may have in common with a movement, as the database can find it."""
    found: list[ColumnElement[bool]] = [Intent.amount - Intent.settled == movement.waiting]
    if movement.about_intent_id is not None:
        found.append(Intent.id == movement.about_intent_id)
    # One wrong letter spoils one half of a code and leaves the other as it was.
    half = rules.SHORTEST_CUT
    for code in codes:
        found.append(Intent.reference.startswith(code[:half], autoescape=True))
        if len(code) >= REFERENCE_LENGTH:
            end = code[half + 1 : REFERENCE_LENGTH]
            found.append(Intent.reference.endswith(end, autoescape=True))
    name = fold_words(movement.counter_name)
    if len(name) > 1:
        found.append(_holds(" ".join(name[1:] if len(name) > 2 else name)))
    return found


def _why(movement: Movement, intent: Intent, codes: Sequence[str]) -> tuple[Sign, ...]:
    found = []
    if intent.id == movement.about_intent_id:
        found.append(Sign.MEANT)
    like = {rules.likeness(code, intent.reference) for code in codes}
    found += [sign for sign in (Sign.ONE_OFF, Sign.CUT) if sign in like][:1]
    if intent.due == movement.waiting:
        found.append(Sign.AMOUNT)
    text = f"{movement.memo} {movement.counter_name}"
    if rules.same_person(intent.payer_name, text) or rules.same_person(
        movement.counter_name, intent.payer_name
    ):
        found.append(Sign.PAYER)
    return tuple(found)


def _holds(words: str) -> ColumnElement[bool]:
    return Intent.sought.like(f"%{escape_like(words)}%", escape="\\")
