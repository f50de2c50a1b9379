"""What couriers hold: for the operator, who is handed it, and for sellers, whose it is."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs
from foundation.web.filters import vnd
from foundation.web.forms import say
from payments.gateways.cash_on_delivery import queries, rules, service
from payments.gateways.cash_on_delivery.forms import CourierForm, HandOverForm, ReturnedForm
from payments.gateways.cash_on_delivery.models import CodCollection, CodState, HandedBy

cash_on_delivery = Blueprint("cash_on_delivery", __name__, template_folder="templates")

OPS = "/ops/couriers"


def _age(one: CodCollection) -> int | None:
    """Return for how many days the courier has held this money."""
    if one.collected_at is None:
        return None
    return rules.age(clock.day(one.collected_at), today=clock.day(clock.now()))


@cash_on_delivery.route(OPS, methods=["GET", "POST"])
@needs("authority.payouts")
def index() -> ResponseReturnValue:
    form = CourierForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                service.add_courier(
                    session,
                    form.name.data,
                    form.phone.data or "",
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã thêm đơn vị giao hàng."))
            return redirect(url_for("cash_on_delivery.index"), 303)
    holdings = queries.holdings(reading(), acting().organisation_id)
    page = render_template(
        "cash_on_delivery/index.html",
        form=form,
        holdings=holdings,
        total=sum(one.held for one in holdings),
        today=clock.day(clock.now()),
        age=rules.age,
        age_group=rules.age_group,
        day_of=clock.day,
    )
    return page, 422 if form.is_submitted() else 200


@cash_on_delivery.route(OPS + "/<courier>", methods=["GET", "POST"])
@needs("authority.payouts")
def show(courier: str) -> ResponseReturnValue:
    """What a courier is to collect and to hand over; the form notes a hand-over."""
    operator_id = acting().organisation_id
    found = queries.courier(reading(), courier)
    collections = queries.of_courier(reading(), operator_id, found.id)
    held = [one for one in collections if one.state is CodState.COLLECTED]
    form = HandOverForm()
    form.offer(held)
    if form.validate_on_submit() and _hand_over(form, courier):
        return redirect(url_for("cash_on_delivery.show", courier=courier), 303)
    page = render_template(
        "cash_on_delivery/show.html",
        courier=found,
        form=form,
        held=held,
        on_the_way=[one for one in collections if one.state is CodState.OWED],
        handovers=queries.handovers(reading(), operator_id, found.id),
        age=_age,
        age_group=rules.age_group,
        today=clock.day(clock.now()),
    )
    return page, 422 if form.is_submitted() else 200


def _hand_over(form: HandOverForm, courier: str) -> bool:
    """Note what was handed over; say whether it was taken, else the form says why not."""
    try:
        with transaction() as session:
            handover = service.hand_over(
                session,
                acting().organisation_id,
                queries.courier(session, courier),
                form.chosen.data or [],
                form.received.data or 0,
                handed_by=HandedBy(form.handed_by.data),
                note=form.note.data,
                key=str(form.key.data or "")[:60],
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return False
    short = handover.owed - handover.received
    if short:
        say(_("Đã ghi nhận. Còn thiếu %(short)s, vẫn nợ.", short=vnd(short)), "care")
    else:
        say(_("Đã ghi nhận %(amount)s, nộp đủ.", amount=vnd(handover.received)))
    return True


@cash_on_delivery.post(OPS + "/<courier>/<collection>/collected")
@needs("authority.payouts")
def collected(courier: str, collection: str) -> ResponseReturnValue:
    with transaction() as session:
        service.collected(
            session, acting().organisation_id, collection, actor=actor(), now=clock.now()
        )
    say(_("Đã ghi nhận tiền thu hộ; người bán thấy khoản này đã trả."))
    return redirect(url_for("cash_on_delivery.show", courier=courier), 303)


@cash_on_delivery.post(OPS + "/<courier>/<collection>/returned")
@needs("authority.payouts")
def returned(courier: str, collection: str) -> ResponseReturnValue:
    form = ReturnedForm()
    with transaction() as session:
        service.returned(
            session,
            acting().organisation_id,
            collection,
            reason=form.reason.data or "",
            actor=actor(),
            now=clock.now(),
        )
    say(_("Đã ghi nhận hoàn hàng, không thu tiền."))
    return redirect(url_for("cash_on_delivery.show", courier=courier), 303)


@cash_on_delivery.get("/money/<org>/cod")
@needs("payments.view")
def of_seller(org: str) -> ResponseReturnValue:
    """What couriers still hold of a seller's money, or are about to collect."""
    collections = queries.of_organisation(reading(), acting().organisation_id)
    return render_template(
        "cash_on_delivery/of_seller.html",
        org=org,
        held=[one for one in collections if one.state is CodState.COLLECTED],
        on_the_way=[one for one in collections if one.state is CodState.OWED],
        age=_age,
        age_group=rules.age_group,
    )
