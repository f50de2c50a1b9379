"""Paying sellers out: the operator's batches, and what a seller sees of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts import queries as accounts
from foundation.audit import queries as audit
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.organisations import queries as organisations
from foundation.organisations.models import Organisation
from foundation.web.access import acting, actor, me, needs
from foundation.web.filters import sentence
from foundation.web.forms import say
from payments.bank_accounts.rules import masked
from payments.banks import queries as banks
from payments.credits.models import Direction
from payments.payouts import queries, rules, service
from payments.payouts.drawing import queries as drawing_queries
from payments.payouts.drawing import service as drawing
from payments.payouts.errors import BatchNotFound, NoOperator
from payments.payouts.forms import DrawForm, HoldForm
from payments.payouts.models import State

payouts = Blueprint("payouts", __name__, template_folder="templates")

OPS: Final = "/ops/payouts"
ONE: Final = f"{OPS}/<batch>"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Do = Callable[[Session], object]


@payouts.get(OPS)
@needs("authority.payouts")
def index() -> ResponseReturnValue:
    return _index(DrawForm(formdata=None), HoldForm(formdata=None))


@payouts.post(f"{OPS}/draw")
@needs("authority.payouts")
def draw() -> ResponseReturnValue:
    """Draw up a batch of all that may be paid out."""
    form = DrawForm()
    if form.validate():
        try:
            with transaction() as session:
                batch = drawing.draw_up(
                    session, fee=form.fee.data or 0, actor=actor(), now=clock.now()
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã lập bảng %(number)s. Cần một người khác duyệt.", number=batch.number))
            return redirect(url_for("payouts.show", batch=batch.public_id), 303)
    return _index(form, HoldForm(formdata=None)), 422


@payouts.post(f"{OPS}/hold")
@needs("authority.payouts")
def hold() -> ResponseReturnValue:
    form = HoldForm()
    if form.validate():
        try:
            with transaction() as session:
                drawing.hold(
                    session,
                    form.seller.data or "",
                    amount=form.held.data,
                    reason=form.reason.data or "",
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã giữ tiền. Bảng chuyển sau sẽ không gồm số này."))
            return redirect(url_for("payouts.index"), 303)
    return _index(DrawForm(formdata=None), form), 422


@payouts.post(f"{OPS}/hold/<hold>/lift")
@needs("authority.payouts")
def lift(hold: str) -> ResponseReturnValue:
    return _do(
        lambda session: drawing.lift(session, hold, actor=actor(), now=clock.now()),
        _("Đã bỏ lệnh giữ tiền."),
        url_for("payouts.index"),
    )


@payouts.get(ONE)
@needs("authority.payouts")
def show(batch: str) -> ResponseReturnValue:
    session = reading()
    found = queries.batch(session, _operator().id, batch)
    history = audit.history(session, found.__tablename__, found.id)
    exports = queries.exports(session, found)
    people = [each.actor_person_id for each in history if each.actor_person_id]
    under_way = found.state in rules.UNDER_WAY
    return render_template(
        "payouts/show.html",
        batch=found,
        sums=queries.state_sums(found),
        exports=exports,
        totals=rules.totals(drawing_queries.rows(found)),
        history=list(reversed(history)),
        names=accounts.names_of(session, [*people, *(each.by_person_id for each in exports)]),
        mine=found.made_by_id == me().person_id,
        under_way=under_way,
        exportable=found.state in rules.EXPORTABLE,
        candidates=_candidates(session, found) if under_way else {},
        **_words(),
    )


@payouts.post(f"{ONE}/approve")
@needs("authority.payouts")
def approve(batch: str) -> ResponseReturnValue:
    return _do(
        lambda session: drawing.approve(session, batch, actor=actor(), now=clock.now()),
        _("Đã duyệt. Giờ xuất tệp và nộp cho ngân hàng."),
        url_for("payouts.show", batch=batch),
    )


@payouts.post(f"{ONE}/drop")
@needs("authority.payouts")
def drop(batch: str) -> ResponseReturnValue:
    return _do(
        lambda session: drawing.drop(session, batch, actor=actor(), now=clock.now()),
        _("Đã bỏ bảng. Chưa đồng nào được chuyển."),
        url_for("payouts.index"),
    )


@payouts.post(f"{ONE}/export")
@needs("authority.payouts")
def export(batch: str) -> ResponseReturnValue:
    """Hand the bank's file over, and write down that it was."""
    try:
        with transaction() as session:
            made = drawing.export(session, batch, actor=actor(), now=clock.now())
    except DomainError as error:
        if error.status == 404:
            raise
        say(sentence(error), "bad")
        return redirect(url_for("payouts.show", batch=batch), 303)
    response = Response(made.data, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@payouts.post(f"{ONE}/sent")
@needs("authority.payouts")
def mark_sent(batch: str) -> ResponseReturnValue:
    operator_id = _operator().id
    return _do(
        lambda session: service.mark_sent(
            session, operator_id, batch, actor=actor(), now=clock.now()
        ),
        _("Đã ghi là ngân hàng nhận tệp. Từng lệnh tự xong khi ngân hàng báo tiền ra."),
        url_for("payouts.show", batch=batch),
    )


@payouts.post(f"{ONE}/lines/<payout>/failed")
@needs("authority.payouts")
def mark_failed(batch: str, payout: str) -> ResponseReturnValue:
    operator_id, why = _operator().id, request.form.get("reason", "")
    return _do(
        lambda session: service.mark_failed(
            session, operator_id, payout, reason=why, actor=actor(), now=clock.now()
        ),
        _("Đã ghi là không chuyển được. Tiền trở lại khoản phải trả, sẽ vào bảng sau."),
        url_for("payouts.show", batch=batch),
    )


@payouts.post(f"{ONE}/lines/<payout>/link")
@needs("authority.payouts")
def link(batch: str, payout: str) -> ResponseReturnValue:
    operator_id, movement = _operator().id, request.form.get("movement", "")
    return _do(
        lambda session: service.link(
            session, operator_id, payout, movement=movement, actor=actor(), now=clock.now()
        ),
        _("Đã nối với giao dịch ngân hàng."),
        url_for("payouts.show", batch=batch),
    )


@payouts.get("/money/<org>/payouts")
@needs("payments.view")
def own(org: str) -> ResponseReturnValue:
    """What a seller is owed by the platform, and what it has paid out."""
    session = reading()
    operator = organisations.operator(session)
    number = _number()
    seller = organisations.own(session, acting().organisation_id)
    operator_id = operator.id if operator else 0
    page = queries.of_seller(session, seller.id, seller.public_id, operator_id, number=number)
    return render_template(
        "payouts/own.html",
        org=org,
        operator=operator,
        page=page,
        number=number,
        held=drawing_queries.of_seller(session, seller),
        masked=masked,
        **_words(),
    )


def _index(draw_form: DrawForm, hold_form: HoldForm) -> str:
    session = reading()
    operator_id, number = _operator().id, _number()
    found = drawing_queries.payables(session, operator_id)
    hold_form.offer([each.seller for each in found])
    return render_template(
        "payouts/index.html",
        payables=found,
        payable=sum(each.amount for each in found),
        held=drawing_queries.holds(session),
        draft=drawing_queries.open_draft(session, operator_id),
        page=queries.batches(session, operator_id, number=number),
        number=number,
        draw_form=draw_form,
        hold_form=hold_form,
        **_words(),
    )


def _candidates(session: Session, batch: Any) -> dict[int, Any]:
    """Return, by line, the money out or back that could be it and has no memo to say so."""
    found: dict[int, Any] = {}
    for payout in batch.payouts:
        way = Direction.OUT if payout.state is State.PENDING else Direction.IN
        if payout.state in (State.PENDING, State.SENT):
            found[payout.id] = queries.candidates(session, batch.operator_id, payout.net, way)
    return found


def _do(do: Do, done: str, then: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            do(session)
    except DomainError as error:
        if error.status == 404:
            raise
        say(sentence(error), "bad")
    else:
        say(done)
    return redirect(then, 303)


def _operator() -> Organisation:
    """Return the operator, for somebody who works for it. Any other authority's person is told
    that there is nothing here."""
    operator = organisations.operator(reading())
    if operator is None:
        raise NoOperator
    if operator.id != acting().organisation_id:
        raise BatchNotFound
    return operator


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def _bank_name(bank_bin: str) -> str:
    bank = banks.by_bin(bank_bin)
    return bank_bin if bank is None else bank.short_name


def _words() -> dict[str, object]:
    return {
        "batch_states": rules.BATCH_STATE_NAMES,
        "states": rules.STATE_NAMES,
        "held_names": rules.HELD_NAMES,
        "actions": rules.ACTION_NAMES,
        "bank_name": _bank_name,
    }
