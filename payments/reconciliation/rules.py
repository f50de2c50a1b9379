"""Deciding what money that arrived is for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from payments.credits.rules import Outcome
from payments.intents.rules import State as IntentState
from payments.intents.rules import may_settle, references_in

__all__ = ["AllocationKind", "Owed", "Share", "Verdict", "decide", "references_in"]


class AllocationKind(StrEnum):
    INTENT = "intent"
    BALANCE = "balance"
    RETURN = "return"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What an intent that a memo names looks like just now. `due` in đồng; `payer` is whose
    balance takes what is too much, None where a person must decide."""

    intent_id: int
    organisation_id: int
    due: int
    state: IntentState
    settles_late: bool
    payer: str | None

    @property
    def payable(self) -> bool:
        return self.due > 0 and may_settle(self.state, settles_late=self.settles_late)


@dataclass(frozen=True, kw_only=True)
class Share:
    intent_id: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of a movement: shares that settle intents, đồng for a payer's balance, and
    what is left to wait. `about` is the intent it was meant for; `excess` says that what waits is
    more than that intent asked for."""

    outcome: Outcome
    shares: tuple[Share, ...] = ()
    keep: int = 0
    payer: str | None = None
    about: int | None = None
    excess: int = 0


def decide(amount: int, organisation_id: int, found: Sequence[Owed], *, named: bool) -> Verdict:
    """Decide what a movement of this amount at this payee's account is for.

    `found` are the intents its memo names, in order, each once, replaced ones already followed;
    `named` says whether the memo held any code at all.
    """
    if not found:
        return Verdict(outcome=Outcome.UNKNOWN_REFERENCE if named else Outcome.NO_REFERENCE)
    ours = [owed for owed in found if owed.organisation_id == organisation_id]
    if not ours:
        return Verdict(outcome=Outcome.WRONG_ACCOUNT)
    if len(ours) == 1 and len(found) == 1:
        return _for_one(amount, ours[0])
    payable = [owed for owed in ours if owed.payable]
    # A memo that names two payees is nobody's to split; one payee's codes must fit exactly.
    if len(payable) == len(found) and sum(owed.due for owed in payable) == amount:
        return Verdict(
            outcome=Outcome.SPLIT,
            shares=tuple(Share(intent_id=owed.intent_id, amount=owed.due) for owed in payable),
            about=payable[0].intent_id,
        )
    return Verdict(outcome=Outcome.SEVERAL, about=ours[0].intent_id)


def _for_one(amount: int, owed: Owed) -> Verdict:
    if owed.payable:
        share = (Share(intent_id=owed.intent_id, amount=min(amount, owed.due)),)
        if amount <= owed.due:
            outcome = Outcome.EXACT if amount == owed.due else Outcome.UNDER
            return Verdict(outcome=outcome, shares=share, about=owed.intent_id)
        return _too_much(amount - owed.due, owed, Outcome.OVER, share)
    if owed.state in (IntentState.PAID, IntentState.OVERPAID):
        return _too_much(amount, owed, Outcome.DUPLICATE, ())
    if owed.payer is not None:
        return Verdict(outcome=Outcome.LATE, keep=amount, payer=owed.payer, about=owed.intent_id)
    return Verdict(outcome=Outcome.LATE, about=owed.intent_id)


def _too_much(rest: int, owed: Owed, outcome: Outcome, shares: tuple[Share, ...]) -> Verdict:
    if owed.payer is not None:
        return Verdict(
            outcome=outcome, shares=shares, keep=rest, payer=owed.payer, about=owed.intent_id
        )
    return Verdict(outcome=outcome, shares=shares, about=owed.intent_id, excess=rest)
