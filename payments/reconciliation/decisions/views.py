"""One movement of money: all that is known of it, and what a cashier decides about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from foundation import clock, money
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs
from foundation.web.filters import day, vnd
from foundation.web.forms import say
from payments.bank_accounts import rules as accounts
from payments.banks import queries as banks
from payments.credits import queries as credits_queries
from payments.credits import rules as credits_rules
from payments.credits.models import Movement
from payments.intents import rules as intents
from payments.reconciliation import queries as allocations
from payments.reconciliation.decisions import forms, queries, rules, service
from payments.reconciliation.decisions.errors import NothingChosen, ReasonMissing
from payments.reconciliation.decisions.forms import (
    AllocateForm,
    DecisionForm,
    FreezeForm,
    KeepForm,
    ReverseForm,
    Share,
)
from payments.reconciliation.decisions.rules import Action
from payments.reconciliation.errors import MoreThanWaiting

decisions = Blueprint("decisions", __name__, template_folder="templates")

OWN: Final = "/money/<org>/movements/<movement>"
SOURCES: Final = {
    "sepay": "SePay",
    "casso": "Casso",
    "payos": "payOS",
}
Decide = Callable[[Session], object]


@decisions.get(OWN)
@needs("payments.view")
def show(org: str, movement: str) -> ResponseReturnValue:
    """Everything about one movement of money."""
    session, found = reading(), _one(movement)
    made = queries.decisions(session, found)
    moves = queries.moves(session, found)
    people = [*(one.row.by_person_id for one in made), *(one.actor_person_id for one in moves)]
    return render_template(
        "decisions/show.html",
        org=org,
        **_shown(found),
        tellings=credits_queries.tellings(session, found),
        told_by=_told_by,
        decisions=made,
        moves=moves,
        names=queries.names(session, people),
        suggestions=queries.suggestions(session, found),
        refund=_reachable(f"/money/{org}/refunds/new", f"?source=movement&subject={movement}"),
    )


@decisions.route(OWN + "/allocate", methods=["GET", "POST"])
@needs("payments.reconcile")
def allocate(org: str, movement: str) -> ResponseReturnValue:
    """Say what the money is for: tick, see the sum, confirm."""
    found, form = _one(movement), AllocateForm()
    form.ask(Action.ALLOCATE)
    act = request.form.get("act", "")
    shares = _shares(found, form)
    if act not in ("next", "sure") or not form.validate_on_submit():
        return _allocating(org, found, form, shares)
    stale = queries.refused_since(found, form.seen.data or "")
    if stale or not _complete(found, form, shares):
        return _allocating(org, found, form, shares, stale=stale)
    if act == "next":
        return _confirming(org, found, form, shares)
    wanted = {share.intent.public_id: share.amount for share in shares}
    why, own = form.why(), acting().organisation_id
    try:
        with transaction() as session:
            service.allocate(
                session, own, movement, wanted, reason=why, actor=actor(), now=clock.now()
            )
    except DomainError as error:
        form.refuse(error)
        return _allocating(org, _one(movement), form, shares)
    say(_("Đã phân bổ %(amount)s.", amount=vnd(sum(wanted.values()))))
    return redirect(url_for("decisions.show", org=org, movement=movement), 303)


@decisions.route(OWN + "/keep", methods=["GET", "POST"])
@needs("payments.reconcile")
def keep(org: str, movement: str) -> ResponseReturnValue:
    """Keep what waits as the balance of whoever paid."""
    found, form = _one(movement), KeepForm()
    form.offer(queries.payers(reading(), found))
    if not form.is_submitted():
        form.amount.data = found.waiting

    def decide(session: Session) -> object:
        return service.keep(
            session,
            acting().organisation_id,
            movement,
            form.kept_for(),
            form.amount.data or 0,
            reason=form.why(),
            actor=actor(),
            now=clock.now(),
        )

    return _decided(org, found, Action.KEEP, form, decide)


@decisions.route(OWN + "/not-ours", methods=["GET", "POST"])
@needs("payments.reconcile")
def not_ours(org: str, movement: str) -> ResponseReturnValue:
    """Say that what waits has nothing to do with anything owed."""
    found, form = _one(movement), DecisionForm()
    return _decided(org, found, Action.NOT_OURS, form, _simple(service.mark_not_ours, form))


@decisions.route(OWN + "/undo/<allocation>", methods=["GET", "POST"])
@needs("payments.reconcile")
def undo(org: str, movement: str, allocation: str) -> ResponseReturnValue:
    """Take one decision back."""
    found, form = _one(movement), DecisionForm()
    own = acting().organisation_id
    row = allocations.by_public_id(reading(), own, allocation)

    def decide(session: Session) -> object:
        return service.undo(
            session, own, allocation, reason=form.why(), actor=actor(), now=clock.now()
        )

    return _decided(org, found, Action.UNDO, form, decide, amount=row.amount)


@decisions.route(OWN + "/freeze", methods=["GET", "POST"])
@needs("payments.approve")
def freeze(org: str, movement: str) -> ResponseReturnValue:
    """Hold money that its bank wants back."""
    found, form = _one(movement), FreezeForm()
    if not form.is_submitted():
        form.amount.data = found.amount

    def decide(session: Session) -> object:
        return service.freeze(
            session,
            acting().organisation_id,
            movement,
            form.amount.data or 0,
            reason=form.why(),
            actor=actor(),
            now=clock.now(),
        )

    return _decided(org, found, Action.FREEZE, form, decide)


@decisions.route(OWN + "/unfreeze", methods=["GET", "POST"])
@needs("payments.approve")
def unfreeze(org: str, movement: str) -> ResponseReturnValue:
    """Let go of money that was held."""
    found, form = _one(movement), DecisionForm()
    return _decided(org, found, Action.UNFREEZE, form, _simple(service.unfreeze, form))


@decisions.route(OWN + "/reverse", methods=["GET", "POST"])
@needs("payments.approve")
def reverse(org: str, movement: str) -> ResponseReturnValue:
    """Write down that the bank has taken the money back."""
    found, form = _one(movement), ReverseForm()
    form.offer(
        (one.public_id, f"{vnd(one.amount)}, {day(one.booked_on)}, {one.memo[:60]}")
        for one in queries.debits(reading(), found)
    )

    def decide(session: Session) -> object:
        return service.reverse(
            session,
            acting().organisation_id,
            movement,
            form.debit.data or None,
            reason=form.why(),
            actor=actor(),
            now=clock.now(),
        )

    return _decided(org, found, Action.REVERSE, form, decide)


@decisions.post("/money/<org>/movements/not-ours")
@needs("payments.reconcile")
def many_not_ours(org: str) -> ResponseReturnValue:
    """Say of several waiting movements at once that they are not ours: all of them or none."""
    form = DecisionForm()
    form.ask(Action.NOT_OURS)
    wanted = list(dict.fromkeys(request.form.getlist("movement")))
    own = acting().organisation_id
    if not wanted:
        say(_("Chưa chọn giao dịch nào."), "care")
        return redirect(url_for("board.listing", org=org, column="waiting"), 303)
    if request.form.get("act") == "sure" and form.validate_on_submit():
        try:
            with transaction() as session:
                count = service.mark_many_not_ours(
                    session, own, wanted, reason=form.why(), actor=actor(), now=clock.now()
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(ngettext("Đã ghi %(num)s giao dịch.", "Đã ghi %(num)s giao dịch.", count))
            return redirect(url_for("board.listing", org=org, column="waiting"), 303)
    found = queries.many(reading(), own, wanted)
    page = render_template(
        "decisions/many.html",
        org=org,
        look="",
        form=form,
        movements=[one for one in found if one.waiting],
        total=sum(one.waiting for one in found),
    )
    return page, 422 if form.problems() else 200


def _one(movement: str) -> Movement:
    return credits_queries.by_public_id(reading(), acting().organisation_id, movement)


def _simple(call: Callable[..., object], form: DecisionForm) -> Decide:
    """Return a decision that needs nothing but its reason."""
    own, movement = acting().organisation_id, (request.view_args or {})["movement"]
    return lambda session: call(
        session, own, movement, reason=form.why(), actor=actor(), now=clock.now()
    )


def _decided(
    org: str,
    found: Movement,
    action: Action,
    form: DecisionForm,
    decide: Decide,
    *,
    amount: int | None = None,
) -> ResponseReturnValue:
    """Take a decision, or show the page on which it is taken, with what was refused."""
    form.ask(action)
    stale = form.is_submitted() and queries.refused_since(found, form.seen.data or "")
    if not stale and form.validate_on_submit():
        try:
            with transaction() as session:
                decide(session)
        except DomainError as error:
            form.refuse(error)
            found = _one(found.public_id)
        else:
            say(_("Đã ghi quyết định."))
            return redirect(url_for("decisions.show", org=org, movement=found.public_id), 303)
    page = render_template(
        "decisions/decide.html",
        org=org,
        form=form,
        action=action,
        amount=amount,
        stale=stale,
        **_shown(found),
    )
    return page, _status(form, stale=stale)


def _status(form: DecisionForm, *, stale: bool) -> int:
    if stale:
        return 409
    return 422 if form.is_submitted() and form.problems() else 200


def _shares(found: Movement, form: AllocateForm) -> list[Share]:
    """Return what is ticked, what was looked for and what is likely, each once."""
    session, own = reading(), acting().organisation_id
    asked = request.form if form.is_submitted() else request.args
    ticked = forms.shares(found, queries.by_public_ids(session, own, forms.picked(asked)), asked)
    if request.form.get("act") in ("next", "sure"):
        return ticked
    listed = list(queries.search(session, own, form.q.data or "")) if form.q.data else []
    listed += [one.intent for one in queries.suggestions(session, found)]
    known = {share.intent.id for share in ticked}
    fresh = {intent.id: intent for intent in listed if intent.id not in known}
    return [*ticked, *(Share(intent=intent) for intent in fresh.values())]


def _complete(found: Movement, form: AllocateForm, shares: list[Share]) -> bool:
    """Say whether this could be done; if not, the form says why."""
    total = sum(share.amount for share in shares)
    if not form.why():
        form.refuse(ReasonMissing())
    if not shares or not total:
        form.form_errors.append(_(NothingChosen.sentence))
    elif total > found.waiting:
        form.form_errors.append(_(MoreThanWaiting.sentence, waiting=vnd(found.waiting)))
    return not form.problems() and not any(share.error for share in shares)


def _allocating(
    org: str, found: Movement, form: AllocateForm, shares: list[Share], *, stale: bool = False
) -> ResponseReturnValue:
    listed = {share.intent.id for share in shares}
    likely = queries.suggestions(reading(), found)
    page = render_template(
        "decisions/allocate.html",
        org=org,
        form=form,
        shares=[
            *shares,
            *(Share(intent=one.intent) for one in likely if one.intent.id not in listed),
        ],
        signs={one.intent.id: one.signs for one in likely},
        looked=bool(form.q.data),
        stale=stale,
        **_shown(found),
    )
    refused = request.form.get("act") in ("next", "sure")
    return page, 409 if stale else 422 if refused else 200


def _confirming(
    org: str, found: Movement, form: AllocateForm, shares: list[Share]
) -> ResponseReturnValue:
    return render_template(
        "decisions/confirm.html",
        org=org,
        form=form,
        shares=shares,
        total=sum(share.amount for share in shares),
        **_shown(found),
    )


def _shown(found: Movement) -> Mapping[str, Any]:
    """Return what every page about a movement says of it."""
    bank = banks.by_bin(found.bank_account.bank_bin) if found.bank_account else None
    return {
        "may": acting().permissions,
        "movement": found,
        "in_words": money.in_words(found.amount),
        "segments": rules.segments,
        "look": queries.look(found),
        "bank": bank.short_name if bank else "",
        "masked": accounts.masked,
        "meant": queries.meant(reading(), found),
        "channels": credits_rules.CHANNEL_NAMES,
        "outcomes": credits_rules.OUTCOME_NAMES,
        "intent_states": intents.STATE_NAMES,
        "sign_words": rules.SIGN_WORDS,
    }


def _told_by(source: str) -> str:
    kind = source.partition(":")[0]
    return _("Sao kê") if kind == "statement" else SOURCES.get(kind, kind)


def _reachable(path: str, more: str = "") -> str:
    """Return an address of a part that may not be switched on, "" where there is none."""
    adapter = request_ctx.url_adapter
    return path + more if adapter is not None and adapter.test(path, "GET") else ""
