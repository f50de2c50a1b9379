"""The cash desk: whoever takes cash opens a shift, takes, and closes it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, me, needs
from foundation.web.filters import vnd
from foundation.web.forms import say
from payments.gateways.cash_desk import queries, rules, service
from payments.gateways.cash_desk.errors import ShiftClosed
from payments.gateways.cash_desk.forms import CountForm, DeskForm, MoveForm, TakeForm, UndoForm
from payments.gateways.cash_desk.models import CashShift, EntryKind, ShiftState
from payments.intents import queries as intents

cash_desk = Blueprint("cash_desk", __name__, template_folder="templates")

CASH = "/money/<org>/cash"
SHIFT = CASH + "/shifts/<shift>"


def _approver() -> bool:
    return "payments.approve" in acting().permissions


def _shift(public_id: str) -> CashShift:
    """Return the shift asked for: one's own, or anybody's for those who approve."""
    seen_by = None if _approver() else me().person_id
    return queries.shift(reading(), acting().organisation_id, public_id, cashier_id=seen_by)


def _page(template: str, form: Any, **more: object) -> ResponseReturnValue:
    status = 422 if form is not None and form.is_submitted() else 200
    return render_template(f"cash_desk/{template}.html", form=form, **more), status


@cash_desk.get(CASH)
@needs("payments.collect")
def index(org: str) -> ResponseReturnValue:
    seen_by = None if _approver() else me().person_id
    organisation_id = acting().organisation_id
    return render_template(
        "cash_desk/index.html",
        org=org,
        form=DeskForm(),
        approver=_approver(),
        person_id=me().person_id,
        desks=queries.desks(reading(), organisation_id),
        past=queries.past(reading(), organisation_id, cashier_id=seen_by),
    )


@cash_desk.post(CASH + "/desks")
@needs("payments.approve")
def add_desk(org: str) -> ResponseReturnValue:
    form = DeskForm()
    if form.validate():
        try:
            with transaction() as session:
                service.add_desk(
                    session,
                    acting().organisation_id,
                    form.name.data,
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã thêm quầy."))
            return redirect(url_for("cash_desk.index", org=org), 303)
    return _page(
        "index",
        form,
        org=org,
        approver=True,
        person_id=me().person_id,
        desks=queries.desks(reading(), acting().organisation_id),
        past=queries.past(reading(), acting().organisation_id, cashier_id=None),
    )


@cash_desk.route(CASH + "/desks/<desk>/open", methods=["GET", "POST"])
@needs("payments.collect")
def open_shift(org: str, desk: str) -> ResponseReturnValue:
    found = queries.desk(reading(), acting().organisation_id, desk)
    form = CountForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                shift = service.open_shift(
                    session,
                    acting().organisation_id,
                    desk,
                    form.notes(),
                    reason=form.reason.data,
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Ca đã mở với %(amount)s.", amount=vnd(shift.opening)))
            return redirect(url_for("cash_desk.shift", org=org, shift=shift.public_id), 303)
    return _page("open", form, org=org, desk=found, notes=rules.NOTES)


@cash_desk.get(SHIFT)
@needs("payments.collect")
def shift(org: str, shift: str) -> ResponseReturnValue:
    """The till: search, take, and what has happened so far. A closed one shows its report."""
    found = _shift(shift)
    if found.state is ShiftState.CLOSED:
        return redirect(url_for("cash_desk.report", org=org, shift=shift), 303)
    words = request.args.get("q", "")
    mine = found.cashier_id == me().person_id
    organisation_id = acting().organisation_id
    return render_template(
        "cash_desk/shift.html",
        org=org,
        shift=found,
        mine=mine,
        words=words,
        owed=queries.owed(reading(), organisation_id, words) if mine else [],
        refunds=queries.to_give_back(reading(), organisation_id) if mine else [],
        undone=queries.undone(reading(), found),
        inside=queries.inside(reading(), found),
    )


@cash_desk.route(SHIFT + "/take/<intent>", methods=["GET", "POST"])
@needs("payments.collect")
def take(org: str, shift: str, intent: str) -> ResponseReturnValue:
    found = _shift(shift)
    owed = intents.one(reading(), acting().organisation_id, intent)
    form = TakeForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                entry = service.take(
                    session,
                    acting().organisation_id,
                    shift,
                    intent,
                    form.amount.data or 0,
                    given=form.given.data or 0,
                    key=form.once(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            back = rules.change(entry.given, entry.amount)
            if back:
                say(_("Đã thu %(a)s. Thối lại %(b)s.", a=vnd(entry.amount), b=vnd(back)))
            else:
                say(_("Đã thu đủ %(a)s, không phải thối.", a=vnd(entry.amount)))
            return redirect(url_for("cash_desk.shift", org=org, shift=shift), 303)
    elif not form.is_submitted():
        form.amount.data = owed.due
    suggestions = rules.suggestions(owed.due) if owed.due else []
    return _page("take", form, org=org, shift=found, intent=owed, suggestions=suggestions)


@cash_desk.post(SHIFT + "/give-back/<refund>")
@needs("payments.collect")
def give_back(org: str, shift: str, refund: str) -> ResponseReturnValue:
    with transaction() as session:
        entry = service.give_back(
            session,
            acting().organisation_id,
            shift,
            refund,
            attempt=request.form.get("attempt", ""),
            actor=actor(),
            now=clock.now(),
        )
    say(_("Đã hoàn %(amount)s tiền mặt.", amount=vnd(-entry.amount)))
    return redirect(url_for("cash_desk.shift", org=org, shift=shift), 303)


@cash_desk.route(SHIFT + "/move", methods=["GET", "POST"])
@needs("payments.collect")
def move(org: str, shift: str) -> ResponseReturnValue:
    found = _shift(shift)
    form = MoveForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                service.move(
                    session,
                    acting().organisation_id,
                    shift,
                    EntryKind(form.kind.data),
                    form.amount.data or 0,
                    reason=form.reason.data,
                    key=form.once(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã ghi vào ca."))
            return redirect(url_for("cash_desk.shift", org=org, shift=shift), 303)
    return _page("move", form, org=org, shift=found, inside=queries.inside(reading(), found))


@cash_desk.route(SHIFT + "/undo/<entry>", methods=["GET", "POST"])
@needs("payments.collect")
def undo(org: str, shift: str, entry: str) -> ResponseReturnValue:
    found = _shift(shift)
    taken = queries.entry(reading(), acting().organisation_id, entry)
    form = UndoForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                service.undo(
                    session,
                    acting().organisation_id,
                    shift,
                    entry,
                    reason=form.reason.data,
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã huỷ lần thu. Trả lại khách %(amount)s.", amount=vnd(taken.amount)))
            return redirect(url_for("cash_desk.shift", org=org, shift=shift), 303)
    return _page("undo", form, org=org, shift=found, entry=taken)


@cash_desk.route(SHIFT + "/close", methods=["GET", "POST"])
@needs("payments.collect")
def close(org: str, shift: str) -> ResponseReturnValue:
    found = _shift(shift)
    if found.state is ShiftState.CLOSED:
        raise ShiftClosed
    form = CountForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                service.close_shift(
                    session,
                    acting().organisation_id,
                    shift,
                    form.notes(),
                    reason=form.reason.data,
                    approver=_approver(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Ca đã đóng."))
            return redirect(url_for("cash_desk.report", org=org, shift=shift), 303)
    return _page("close", form, org=org, shift=found, notes=rules.NOTES)


@cash_desk.get(SHIFT + "/report")
@needs("payments.collect")
def report(org: str, shift: str) -> ResponseReturnValue:
    """What a shift came to, to be printed and signed."""
    found = _shift(shift)
    return render_template(
        "cash_desk/report.html",
        org=org,
        shift=found,
        organisation=acting(),
        notes=rules.NOTES,
        sums=rules.sums((entry.kind, entry.amount) for entry in found.entries),
        undone=queries.undone(reading(), found),
    )
