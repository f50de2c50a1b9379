"""Reading what is owed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from payments.bank_accounts.models import State as AccountState
from payments.intents import rules
from payments.intents.errors import IntentNotFound
from payments.intents.models import Intent, IntentLine, State
from payments.vietqr import codec

# An intent is replaced once or twice in its life; a longer chain is followed this far.
MOST_HOPS = 20
BATCH = 1000
_GONE = (AccountState.CLOSED, AccountState.DECLINED)


def by_public_id(session: Session, public_id: str) -> Intent | None:
    """Return an intent with all that a payment page shows of it, whoever is paid."""
    return session.scalars(
        select(Intent)
        .where(Intent.public_id == public_id)
        .options(
            joinedload(Intent.organisation),
            joinedload(Intent.bank_account),
            selectinload(Intent.lines),
        )
    ).one_or_none()


def one(session: Session, organisation_id: int, public_id: str) -> Intent:
    """Return an organisation's intent, as by_public_id does. Raises IntentNotFound."""
    found = by_public_id(session, public_id)
    if found is None or found.organisation_id != organisation_id:
        raise IntentNotFound
    return found


def by_references(session: Session, references: Collection[str]) -> dict[str, Intent]:
    """Return, by reference code, the intent that money with this code is for: the newest of
    those that replaced the one that bore the code. Codes that nobody gave out are left out.

    One statement for each step of the longest chain; an endless one is left after MOST_HOPS.
    """
    found: dict[str, Intent] = {
        intent.reference: intent for intent in _among(session, Intent.reference, references)
    }
    known = {intent.id: intent for intent in found.values()}
    for _ in range(MOST_HOPS):
        newer = {intent.replaced_by_id for intent in found.values()} - {None}
        missing = {one for one in newer if one is not None} - set(known)
        known.update((intent.id, intent) for intent in _among(session, Intent.id, missing))
        if not newer:
            break
        found = {code: _newer(intent, known) for code, intent in found.items()}
    return found


def _newer(intent: Intent, known: dict[int, Intent]) -> Intent:
    return known.get(intent.replaced_by_id or 0, intent)


def replaced_by(session: Session, intent: Intent) -> Intent | None:
    """Return the intent that is to be paid in place of this one, None when this one is."""
    newest = by_references(session, [intent.reference]).get(intent.reference, intent)
    return None if newest.id == intent.id else newest


def of_subject(session: Session, organisation_id: int, kind: str, subject: str) -> Sequence[Intent]:
    """Return an organisation's intents with a line for this, newest first."""
    return session.scalars(
        select(Intent)
        .where(
            Intent.organisation_id == organisation_id,
            Intent.id.in_(
                select(IntentLine.intent_id).where(
                    IntentLine.kind == kind, IntentLine.subject == subject
                )
            ),
        )
        .order_by(Intent.id.desc())
    ).all()


def effective_state(intent: Intent, *, now: datetime) -> State:
    """Return the state pages show: what has run out is expired before the worker says so."""
    return rules.effective_state(intent.state, intent.expires_at, now=now)


def payload(intent: Intent) -> str | None:
    """Return the text of the VietQR code that pays what is still due, None when nothing is, or
    where there is no account to send it to. Whether it should be paid now is for the caller."""
    account = intent.bank_account
    if account is None or account.state in _GONE or intent.due == 0:
        return None
    built = codec.build(
        account.bank_bin,
        "".join(filter(str.isalnum, account.number)),
        amount=intent.due,
        code=intent.reference,
    )
    return codec.encode(built)


def _among(session: Session, column: object, values: Iterable[object]) -> list[Intent]:
    """Return the intents whose `column` is one of these, in as many statements as it takes."""
    wanted = sorted(values)  # type: ignore[type-var]
    intents: list[Intent] = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        intents += session.scalars(select(Intent).where(column.in_(part)))  # type: ignore[attr-defined]
    return intents
