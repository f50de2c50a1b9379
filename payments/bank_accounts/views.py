"""The receiving accounts of an organisation, and those of all that wait for the authority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.audit import queries as audit
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.organisations import queries as organisations
from foundation.text import clean
from foundation.web.access import acting, actor, me, needs
from foundation.web.forms import Form, say
from payments.bank_accounts import queries, rules, service
from payments.bank_accounts.errors import BankAccountNotFound
from payments.bank_accounts.forms import ProposalForm, ReasonForm, SureForm
from payments.bank_accounts.models import BankAccount, State
from payments.banks import queries as banks
from payments.banks.rules import PRACTICE_BIN
from payments.vietqr import codec
from payments.vietqr import poster as vietqr_poster
from payments.vietqr.picture import Label

bank_accounts = Blueprint("bank_accounts", __name__, template_folder="templates")

OWN: Final = "/money/<org>/accounts"
ONE: Final = f"{OWN}/<account>"
Do = Callable[[Any], object]


@bank_accounts.get(OWN)
@needs("payments.view")
def index(org: str) -> ResponseReturnValue:
    accounts = queries.own(reading(), acting().organisation_id)
    return render_template(
        "bank_accounts/index.html", org=org, accounts=accounts, **_words(), may=acting().permissions
    )


@bank_accounts.route(f"{OWN}/new", methods=["GET", "POST"])
@needs("payments.accounts", fresh=True)
def new(org: str) -> ResponseReturnValue:
    """Choose the bank, then type what the paper says."""
    bank = banks.by_bin(request.args.get("bank", ""))
    organisation = organisations.own(reading(), acting().organisation_id)
    if bank is None:
        words = clean(request.args.get("q", ""))[:80]
        found = banks.search(words, practice=organisation.demo)
        offered = [one for one in found if one.practice is organisation.demo]
        return render_template("bank_accounts/bank.html", org=org, words=words, banks=offered)
    form = ProposalForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                account = service.propose(
                    session,
                    acting().organisation_id,
                    form.proposal(bank.bin),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã nhập tài khoản. Cần một người khác đối chiếu rồi xác nhận."))
            return redirect(url_for("bank_accounts.show", org=org, account=account.public_id), 303)
    page = render_template("bank_accounts/new.html", org=org, form=form, bank=bank)
    return page, 422 if form.is_submitted() else 200


@bank_accounts.get(ONE)
@needs("payments.view")
def show(org: str, account: str) -> ResponseReturnValue:
    session = reading()
    found = queries.by_public_id(session, acting().organisation_id, account)
    return render_template(
        "bank_accounts/show.html",
        org=org,
        account=found,
        may=acting().permissions,
        mine=found.proposed_by_id == me().person_id,
        proposer=queries.name_of(session, found.proposed_by_id),
        confirmer=queries.name_of(session, found.confirmed_by_id),
        history=audit.history(session, found.__tablename__, found.id),
        **_words(),
    )


@bank_accounts.get(f"{ONE}/poster.pdf")
@needs("payments.view")
def poster(org: str, account: str) -> ResponseReturnValue:
    """Give the stall's poster to print: whoever scans it types the amount."""
    found = queries.by_public_id(reading(), acting().organisation_id, account)
    if found.state is not State.ACTIVE:
        raise BankAccountNotFound
    label = Label(
        bank=_bank_of(found), holder=found.holder, practice=found.bank_bin == PRACTICE_BIN
    )
    code = codec.encode(codec.build(found.bank_bin, found.number))
    answer = Response(
        vietqr_poster.poster(code, label, shop=acting().name), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = 'inline; filename="vietqr-a6.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bank_accounts.route(f"{ONE}/confirm", methods=["GET", "POST"])
@needs("payments.approve", fresh=True)
def confirm(org: str, account: str) -> ResponseReturnValue:
    """Compare with the paper, and confirm."""
    own = acting().organisation_id

    def do(session: Any) -> None:
        service.confirm(session, own, account, actor=actor(), now=clock.now())

    done = _("Đã xác nhận. Hãy chuyển thử một khoản nhỏ để chắc tiền về đúng nơi.")
    return _sure("confirm", SureForm(), do, done)


@bank_accounts.route(f"{ONE}/decline", methods=["GET", "POST"])
@needs("payments.approve", fresh=True)
def decline(org: str, account: str) -> ResponseReturnValue:
    own, form = acting().organisation_id, ReasonForm()

    def do(session: Any) -> None:
        service.decline(
            session, own, account, reason=form.reason.data, actor=actor(), now=clock.now()
        )

    return _sure("decline", form, do, _("Đã từ chối tài khoản này."))


@bank_accounts.route(f"{ONE}/main", methods=["GET", "POST"])
@needs("payments.accounts", fresh=True)
def make_main(org: str, account: str) -> ResponseReturnValue:
    own = acting().organisation_id

    def do(session: Any) -> None:
        service.make_main(session, own, account, actor=actor(), now=clock.now())

    return _sure("main", SureForm(), do, _("Từ nay tiền mới về tài khoản này."))


@bank_accounts.route(f"{ONE}/close", methods=["GET", "POST"])
@needs("payments.accounts", fresh=True)
def close(org: str, account: str) -> ResponseReturnValue:
    own = acting().organisation_id

    def do(session: Any) -> None:
        service.close(session, own, account, actor=actor(), now=clock.now())

    return _sure("close", SureForm(), do, _("Đã đóng tài khoản."))


def _sure(what: str, form: Form, do: Do, done: str) -> ResponseReturnValue:
    """Show what is about to happen to the account of this address; once agreed to, do it."""
    where: dict[str, Any] = request.view_args or {}
    if form.validate_on_submit():
        try:
            with transaction() as session:
                do(session)
        except DomainError as error:
            form.refuse(error)
        else:
            say(done)
            return redirect(url_for("bank_accounts.show", **where), 303)
    session = reading()
    found = queries.by_public_id(session, acting().organisation_id, where["account"])
    page = render_template(
        f"bank_accounts/{what}.html",
        org=where["org"],
        form=form,
        account=found,
        mine=found.proposed_by_id == me().person_id,
        proposer=queries.name_of(session, found.proposed_by_id),
        main=queries.main(session, found.organisation_id),
        **_words(),
    )
    return page, 422 if form.is_submitted() else 200


# --- the authority ----------------------------------------------------------------------------


@bank_accounts.get("/ops/accounts")
@needs("authority.view")
def queue() -> ResponseReturnValue:
    accounts = queries.waiting(reading())
    return render_template(
        "bank_accounts/queue.html",
        accounts=accounts,
        may_decide="authority.review" in acting().permissions,
        **_words(),
    )


@bank_accounts.route("/ops/accounts/<account>", methods=["GET", "POST"])
@needs("authority.review", fresh=True)
def review(account: str) -> ResponseReturnValue:
    """The second pair of eyes for those who work alone: compare with the papers, and decide."""
    accepting = request.form.get("act") == "confirm"
    form = SureForm() if accepting else ReasonForm()
    if form.validate_on_submit():
        try:
            _decide(account, form, accepting=accepting)
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã ghi lại và báo cho các chủ tài khoản của đơn vị."))
            return redirect(url_for("bank_accounts.queue"), 303)
    session = reading()
    found = queries.for_review(session, account)
    shown = ReasonForm() if accepting else form
    shown.form_errors = form.form_errors
    page = render_template(
        "bank_accounts/review.html",
        form=shown,
        account=found,
        papers=organisations.documents(session, found.organisation_id),
        mine=found.proposed_by_id == me().person_id,
        proposer=queries.name_of(session, found.proposed_by_id),
        waiting=found.state is State.PROPOSED,
        **_words(),
    )
    return page, 422 if form.is_submitted() else 200


def _decide(account: str, form: Form, *, accepting: bool) -> None:
    with transaction() as session:
        if accepting:
            service.confirm(session, None, account, actor=actor(), now=clock.now())
        else:
            reason = form["reason"].data
            service.decline(session, None, account, reason=reason, actor=actor(), now=clock.now())


def _words() -> dict[str, Any]:
    """Return what all pages use to write an account down."""
    return {
        "masked": rules.masked,
        "grouped": rules.grouped,
        "states": rules.STATE_NAMES,
        "bank_of": _bank_of,
    }


def _bank_of(account: BankAccount) -> str:
    bank = banks.by_bin(account.bank_bin)
    return bank.short_name if bank else account.bank_bin
