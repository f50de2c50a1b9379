"""The page on which anybody pays, and the counter at which money is asked for."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock, money
from foundation.config import Config
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web import filters
from foundation.web.access import acting, actor, needs, public
from foundation.web.forms import say
from foundation.web.limits import asker, limiter
from payments.bank_accounts import queries as bank_accounts
from payments.banks import queries as banks
from payments.banks.rules import Bank
from payments.counter import queries, rules, service
from payments.counter.forms import ChargeForm
from payments.counter.queries import Payment
from payments.counter.rules import Shown, Standing, Transfer
from payments.gateways import queries as gateways
from payments.intents import queries as intents
from payments.intents.errors import IntentNotFound, KeyUsedOtherwise
from payments.intents.models import Intent
from payments.vietqr import picture
from payments.vietqr.picture import Label

counter = Blueprint("counter", __name__, template_folder="templates")

DESK = "/money/<org>/counter"


def _asker_about() -> str:
    return f"{asker()} {request.path}"


# --- for whoever pays -------------------------------------------------------------------------


@counter.get("/pay/<intent>")
@public
@limiter.limit("120 per minute")
def pay(intent: str) -> ResponseReturnValue:
    now = clock.now()
    found = queries.payment(reading(), intent, now=now)
    config: Config = current_app.extensions["config"]
    ways = gateways.ways(reading(), found.intent, config, now=now)
    page = render_template("counter/pay.html", **_shown(found), ways=ways)
    return _private(make_response(page))


@counter.get("/pay/<intent>/receipt")
@public
@limiter.limit("120 per minute")
def receipt(intent: str) -> ResponseReturnValue:
    """Show a receipt to print; there is none before everything is paid."""
    found = queries.payment(reading(), intent, now=clock.now())
    if not found.standing.done:
        raise IntentNotFound
    return _private(make_response(render_template("counter/receipt.html", **_shown(found))))


@counter.get("/pay/<intent>/status")
@public
@limiter.limit("3000 per minute")
@limiter.limit("180 per minute", key_func=_asker_about)
def status(intent: str) -> ResponseReturnValue:
    """Say how a payment stands, for pages that wait. All phones in a clinic share one address, so
    it is each payment that may not be asked about too often."""
    return _told(queries.standing(reading(), intent, now=clock.now()))


@counter.get("/pay/<intent>/qr.svg")
@public
@limiter.limit("240 per minute")
def qr_svg(intent: str) -> ResponseReturnValue:
    found = _payable(intent)
    drawn = picture.svg(_code(found), title=_title(found))
    return _private(Response(drawn, mimetype="image/svg+xml"))


@counter.get("/pay/<intent>/qr.png")
@public
@limiter.limit("60 per minute")
def qr_png(intent: str) -> ResponseReturnValue:
    """Give the code as a file for a phone's photo library, from which banking apps read it."""
    found = _payable(intent)
    bank = _bank(found)
    label = Label(
        bank=bank.short_name if bank else "",
        holder=found.bank_account.holder if found.bank_account else "",
        practice=found.organisation.demo,
    )
    answer = Response(picture.card_png(_code(found), label), mimetype="image/png")
    name = f"vietqr-{found.reference}.png"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(answer)


def _payable(public_id: str) -> Intent:
    found = queries.payment(reading(), public_id, now=clock.now())
    if not found.standing.payable:
        raise IntentNotFound
    return found.intent


def _code(intent: Intent) -> str:
    text = intents.payload(intent)
    if text is None:
        raise IntentNotFound
    return text


def _title(intent: Intent) -> str:
    return str(
        _(
            "Mã VietQR trả %(amount)s cho %(payee)s",
            amount=money.format_vnd(intent.due),
            payee=intent.organisation.name,
        )
    )


def _shown(found: Payment) -> dict[str, Any]:
    """Return what every template about one payment is given."""
    intent, standing = found.intent, found.standing
    account = intent.bank_account if standing.payable else None
    bank = _bank(intent)
    return {
        "intent": intent,
        "standing": standing,
        "newer": found.newer,
        "heading": str(_(rules.HEADINGS[standing.shown])),
        "words": _said(rules.WORDS[standing.shown], standing),
        "account": account,
        "bank": bank,
        "qr_title": _title(intent),
        "seconds_left": _seconds_left(standing),
        "apps": rules.apps(_transfer(intent, bank)) if account else [],
        "payer": rules.masked_name(intent.payer_name),
        "grouped": rules.grouped,
        "in_words": money.in_words(intent.amount, even=True),
        "states": Shown,
    }


def _bank(intent: Intent) -> Bank | None:
    return banks.by_bin(intent.bank_account.bank_bin) if intent.bank_account else None


def _transfer(intent: Intent, bank: Bank | None) -> Transfer:
    account = intent.bank_account
    assert account is not None  # asked for only where there is one
    return Transfer(
        bank=bank.code if bank and not bank.practice else "",
        number=account.number,
        holder=account.holder,
        amount=intent.due,
        reference=intent.reference,
    )


def _seconds_left(standing: Standing) -> int | None:
    if standing.expires_at is None or standing.shown is Shown.LATE or not standing.payable:
        return None
    return int((standing.expires_at - clock.now()).total_seconds())


def _said(sentence: str, standing: Standing) -> str:
    return str(
        _(
            sentence,
            amount=money.format_vnd(standing.amount),
            paid=money.format_vnd(standing.settled),
            due=money.format_vnd(standing.due),
            excess=money.format_vnd(standing.excess),
            total=money.format_vnd(standing.settled + standing.excess),
            expired=filters.moment(standing.expires_at) if standing.expires_at else "",
        )
    )


def _told(standing: Standing) -> Response:
    """Answer a page that waits; one that knows already is told nothing new (304)."""
    answer = jsonify(
        state=standing.shown.value,
        settled=standing.settled,
        due=standing.due,
        excess=standing.excess,
        paid=standing.done,
        final=standing.final,
        words=_said(rules.WORDS[standing.shown], standing),
        say=_aloud(standing),
        version=standing.version,
    )
    answer.set_etag(standing.version)
    answer.make_conditional(request)
    return _private(answer)


def _aloud(standing: Standing) -> str:
    """Return what a counter says aloud, in Vietnamese whatever the page's language."""
    return f"Đã nhận {money.in_words(standing.settled + standing.excess, capital=False)}"


def _private(answer: Response) -> Response:
    """Let nobody keep, index or pass on a page about somebody's payment."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


# --- for whoever stands behind the counter ----------------------------------------------------


@counter.route(DESK, methods=["GET", "POST"])
@needs("payments.collect")
def desk(org: str) -> ResponseReturnValue:
    form = ChargeForm()
    if not form.token.data:
        form.renew()
    if form.validate_on_submit():
        try:
            charged = _charge(form)
        except DomainError as error:
            form.refuse(error)
            if isinstance(error, KeyUsedOtherwise):
                form.renew()
        else:
            return redirect(url_for("counter.screen", org=org, intent=charged), 303)
    now = clock.now()
    page = render_template(
        "counter/desk.html",
        org=org,
        form=form,
        day=queries.day(reading(), acting().organisation_id, org, on=clock.day(now), now=now),
        account=bank_accounts.main(reading(), acting().organisation_id),
        quick_amounts=rules.QUICK_AMOUNTS,
        states=Shown,
    )
    return page, 422 if form.is_submitted() else 200


def _charge(form: ChargeForm) -> str:
    with transaction() as session:
        charged = service.charge(
            session,
            acting().organisation_id,
            amount=form.charged(),
            note=form.note.data or "",
            token=form.token.data,
            actor=actor(),
            now=clock.now(),
        )
        return charged.public_id


@counter.get(DESK + "/screen")
@needs("payments.collect")
def second_screen(org: str) -> ResponseReturnValue:
    """Show customers whatever the counter asks for just now: for a screen that faces them."""
    now = clock.now()
    newest = queries.latest(reading(), acting().organisation_id, org, now=now)
    found = (
        {}
        if newest is None
        else _shown(queries.own_payment(reading(), acting().organisation_id, newest, now=now))
    )
    page = render_template(
        "counter/second_screen.html",
        **found,
        org=org,
        newest=newest,
        watched=url_for("counter.second_screen_status", org=org),
        version=f"{newest}-{found['standing'].version}" if newest else "idle",
    )
    return _private(make_response(page))


@counter.get(DESK + "/screen/status")
@needs("payments.collect")
def second_screen_status(org: str) -> ResponseReturnValue:
    now = clock.now()
    newest = queries.latest(reading(), acting().organisation_id, org, now=now)
    if newest is None:
        return _private(jsonify(version="idle", paid=False, final=False, say=""))
    standing = queries.standing(reading(), newest, now=now)
    return _private(
        jsonify(
            version=f"{newest}-{standing.version}",
            paid=standing.done,
            final=False,
            say=_aloud(standing),
        )
    )


@counter.get(DESK + "/<intent>")
@needs("payments.collect")
def screen(org: str, intent: str) -> ResponseReturnValue:
    found = queries.own_payment(reading(), acting().organisation_id, intent, now=clock.now())
    shown = _shown(found)
    page = render_template(
        "counter/screen.html",
        **shown,
        org=org,
        watched=url_for("counter.status", intent=intent),
        version=found.standing.version,
    )
    return _private(make_response(page))


@counter.post(DESK + "/<intent>/cancel")
@needs("payments.collect")
def cancel(org: str, intent: str) -> ResponseReturnValue:
    with transaction() as session:
        service.withdraw(session, acting().organisation_id, intent, actor=actor(), now=clock.now())
    say(_("Đã huỷ khoản này. Nếu khách lỡ chuyển, tiền nằm ở mục chờ đối soát."))
    return redirect(url_for("counter.desk", org=org), 303)
