"""Giving money back: what is asked for, who approves it, how it went."""

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
from foundation.web.access import acting, actor, me, needs
from foundation.web.filters import sentence, vnd
from foundation.web.forms import say
from payments.banks import queries as banks
from payments.refunds import queries, rules, service
from payments.refunds.asking import queries as asking_queries
from payments.refunds.asking import service as asking
from payments.refunds.errors import RefundNotFound, SourceNotFound, StaleAvailable
from payments.refunds.forms import ReasonForm, RequestForm
from payments.refunds.models import Means, Refund, Source, State
from payments.refunds.queries import Available
from payments.vietqr import codec, picture
from payments.vietqr.errors import InvalidPayload

refunds = Blueprint("refunds", __name__, template_folder="templates")

OWN: Final = "/money/<org>/refunds"
ONE: Final = f"{OWN}/<refund>"
ASKED: Final = "/ops/refunds"
TABS: Final[dict[str, frozenset[State]]] = {
    "waiting": frozenset({State.REQUESTED}),
    "going": frozenset({State.APPROVED, State.SENT}),
    "failed": frozenset({State.FAILED}),
    "done": frozenset({State.CONFIRMED}),
    "closed": frozenset({State.DECLINED, State.WITHDRAWN}),
}
Do = Callable[[Session], Refund]


@refunds.get(OWN)
@needs("payments.view")
def index(org: str) -> ResponseReturnValue:
    tab, number = _tab(), _number()
    session = reading()
    counts = queries.state_counts(session, acting().organisation_id)
    return render_template(
        "refunds/index.html",
        org=org,
        tab=tab,
        counts={name: sum(counts.get(each, 0) for each in states) for name, states in TABS.items()},
        page=queries.page(session, acting().organisation_id, TABS[tab], number=number),
        number=number,
        **_words(),
    )


@refunds.route(f"{OWN}/new", methods=["GET", "POST"])
@needs("payments.reconcile")
def new(org: str) -> ResponseReturnValue:
    """Ask to give back some of what the address names: a movement, a balance, an intent."""
    available = _available()
    form = RequestForm()
    form.offer(_means(available), banks.offered(practice=_practice()))
    if not form.is_submitted():
        form.begin(available)
    elif form.validate():
        try:
            with transaction() as session:
                refund = asking.request(
                    session,
                    acting().organisation_id,
                    form.wanted(available),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
            if isinstance(error, StaleAvailable):
                available = _available()
                form.look_again(available)
        else:
            say(_("Đã ghi đề nghị hoàn. Tiền được giữ riêng, chờ duyệt."))
            return redirect(url_for("refunds.show", org=org, refund=refund.public_id), 303)
    page = render_template("refunds/new.html", org=org, form=form, available=available, **_words())
    return page, 422 if form.is_submitted() else 200


@refunds.get(ONE)
@needs("payments.view")
def show(org: str, refund: str) -> ResponseReturnValue:
    return _page(queries.one(reading(), acting().organisation_id, refund), org=org)


@refunds.get(f"{ONE}/code.svg")
@needs("payments.reconcile")
def code(org: str, refund: str) -> ResponseReturnValue:
    """The code that the unit's own banking app reads, while the money is to be sent."""
    found = queries.one(reading(), acting().organisation_id, refund)
    text = _payload(found)
    if text is None:
        raise RefundNotFound
    response = Response(picture.svg(text, title=_title(found)), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@refunds.post(f"{ONE}/approve")
@needs("payments.approve")
def approve(org: str, refund: str) -> ResponseReturnValue:
    own = acting().organisation_id
    return _do(
        lambda session: asking.approve(session, own, refund, actor=actor(), now=clock.now()),
        _("Đã duyệt. Quét mã bên dưới bằng ứng dụng ngân hàng của đơn vị để chuyển."),
    )


@refunds.post(f"{ONE}/decline")
@needs("payments.approve")
def decline(org: str, refund: str) -> ResponseReturnValue:
    own, why = acting().organisation_id, ReasonForm().reason.data or ""
    return _do(
        lambda session: asking.decline(
            session, own, refund, reason=why, actor=actor(), now=clock.now()
        ),
        _("Đã từ chối. Tiền đã trở về chỗ cũ."),
    )


@refunds.post(f"{ONE}/withdraw")
@needs("payments.reconcile")
def withdraw(org: str, refund: str) -> ResponseReturnValue:
    own, why = acting().organisation_id, ReasonForm().reason.data or ""
    return _do(
        lambda session: asking.withdraw(
            session, own, refund, reason=why, actor=actor(), now=clock.now()
        ),
        _("Đã thôi hoàn. Tiền đã trở về chỗ cũ."),
    )


@refunds.post(f"{ONE}/sent")
@needs("payments.reconcile")
def mark_sent(org: str, refund: str) -> ResponseReturnValue:
    own, attempt = acting().organisation_id, request.form.get("attempt", "")
    return _do(
        lambda session: service.mark_sent(
            session, own, refund, attempt=attempt, actor=actor(), now=clock.now()
        ),
        _("Đã ghi là đã chuyển. Ngân hàng báo tiền ra thì khoản này tự xong."),
    )


@refunds.post(f"{ONE}/failed")
@needs("payments.reconcile")
def mark_failed(org: str, refund: str) -> ResponseReturnValue:
    form = ReasonForm()
    own, why, attempt = acting().organisation_id, form.reason.data or "", form.attempt.data or ""
    return _do(
        lambda session: service.mark_failed(
            session, own, refund, attempt=attempt, reason=why, actor=actor(), now=clock.now()
        ),
        _("Đã ghi là chuyển không thành."),
    )


@refunds.post(f"{ONE}/retry")
@needs("payments.reconcile")
def retry(org: str, refund: str) -> ResponseReturnValue:
    own, attempt = acting().organisation_id, request.form.get("attempt", "")
    return _do(
        lambda session: service.retry(
            session, own, refund, attempt=attempt, actor=actor(), now=clock.now()
        ),
        _("Chuyển lại được rồi: quét mã bên dưới."),
    )


@refunds.post(f"{ONE}/link")
@needs("payments.reconcile")
def link(org: str, refund: str) -> ResponseReturnValue:
    own, movement = acting().organisation_id, request.form.get("movement", "")
    return _do(
        lambda session: service.link(
            session, own, refund, movement=movement, actor=actor(), now=clock.now()
        ),
        _("Đã nối với giao dịch ngân hàng. Khoản hoàn này xong."),
    )


@refunds.get(ASKED)
@needs("authority.payouts")
def asked() -> ResponseReturnValue:
    """Refunds of sellers who work alone, which the authority approves."""
    tab, number = _tab(), _number()
    page = queries.for_authority(reading(), TABS[tab], number=number)
    return render_template(
        "refunds/index.html", org=None, tab=tab, counts={}, page=page, number=number, **_words()
    )


@refunds.get(f"{ASKED}/<refund>")
@needs("authority.payouts")
def look(refund: str) -> ResponseReturnValue:
    return _page(queries.one(reading(), None, refund), org=None)


@refunds.post(f"{ASKED}/<refund>/approve")
@needs("authority.payouts")
def approve_for(refund: str) -> ResponseReturnValue:
    return _do(
        lambda session: asking.approve_for(session, refund, actor=actor(), now=clock.now()),
        _("Đã duyệt thay gian hàng."),
    )


@refunds.post(f"{ASKED}/<refund>/decline")
@needs("authority.payouts")
def decline_for(refund: str) -> ResponseReturnValue:
    why = ReasonForm().reason.data or ""
    return _do(
        lambda session: asking.decline(
            session, None, refund, reason=why, actor=actor(), now=clock.now()
        ),
        _("Đã từ chối thay gian hàng."),
    )


def _do(do: Do, done: str) -> ResponseReturnValue:
    """Do one thing to the refund of this address, say how it went, and show it."""
    where: dict[str, Any] = request.view_args or {}
    try:
        with transaction() as session:
            do(session)
    except DomainError as error:
        if error.status == 404:
            raise
        say(sentence(error), "bad")
    else:
        say(done)
    return redirect(url_for("refunds.show" if "org" in where else "refunds.look", **where), 303)


def _page(refund: Refund, *, org: str | None) -> str:
    session = reading()
    history = audit.history(session, refund.__tablename__, refund.id)
    people = [each.actor_person_id for each in history if each.actor_person_id]
    limit = rules.alone_up_to(refund.organisation.kind)
    mine = refund.requested_by_id == me().person_id
    going = refund.state in rules.ON_ITS_WAY and refund.means is Means.BANK
    return render_template(
        "refunds/show.html",
        org=org,
        refund=refund,
        bank=banks.by_bin(refund.bank_bin),
        history=list(reversed(history)),
        names=accounts.names_of(session, [*people, refund.requested_by_id]),
        may=acting().permissions,
        may_decide=not mine or refund.amount <= limit,
        code=_title(refund) if org and _payload(refund) else "",
        debits=queries.debits(session, refund) if going else (),
        **_words(),
    )


def _payload(refund: Refund) -> str | None:
    """Return what the code says; None where there is nothing to send, or no code can say it."""
    if refund.state not in rules.ON_ITS_WAY or refund.means is not Means.BANK:
        return None
    try:
        built = codec.build(
            refund.bank_bin, refund.account_number, refund.amount, code=refund.reference
        )
        return codec.encode(built)
    except InvalidPayload:
        return None


def _title(refund: Refund) -> str:
    words = _("Mã chuyển %(amount)s cho %(name)s", amount=vnd(refund.amount), name=refund.holder)
    return str(words)


def _available() -> Available:
    given = request.args.get("source", "")
    if given not in set(Source):
        raise SourceNotFound
    subject = request.args.get("subject", "")[:80]
    return queries.available(reading(), acting().organisation_id, Source(given), subject)


def _means(available: Available) -> list[Means]:
    found = [Means.BANK, Means.CASH]
    if available.source is Source.INTENT and asking_queries.by_card(
        reading(), acting().organisation_id, available.subject
    ):
        found.insert(0, Means.CARD)
    return found


def _practice() -> bool:
    return organisations.own(reading(), acting().organisation_id).demo


def _tab() -> str:
    given = request.args.get("tab", "")
    return given if given in TABS else "waiting"


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def _words() -> dict[str, object]:
    return {
        "states": rules.STATE_NAMES,
        "sources": rules.SOURCE_NAMES,
        "ways": rules.MEANS_NAMES,
        "actions": rules.ACTION_NAMES,
    }
