"""An organisation's lines to providers, and the raw inbox of what they sent."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.audit import queries as audit
from foundation.config import Config
from foundation.db import extension, reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs
from foundation.web.forms import say
from payments.bank_feeds import queries, rules, service
from payments.bank_feeds.forms import FeedForm, KeyForm, PollKeyForm
from payments.bank_feeds.models import BankFeed, FeedState

bank_feeds = Blueprint("bank_feeds", __name__, template_folder="templates")

OWN: Final = "/money/<org>/feeds"
ONE: Final = f"{OWN}/<feed>"


@bank_feeds.get(OWN)
@needs("payments.accounts")
def index(org: str) -> ResponseReturnValue:
    feeds = queries.overview(reading(), acting().organisation_id)
    return render_template("bank_feeds/index.html", org=org, feeds=feeds, **_words())


@bank_feeds.route(f"{OWN}/new", methods=["GET", "POST"])
@needs("payments.accounts", fresh=True)
def new(org: str) -> ResponseReturnValue:
    form = FeedForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                made, _key = service.add(
                    session,
                    acting().organisation_id,
                    form.wanted(),
                    data_key=_data_key(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã tạo kết nối. Còn một việc: dán địa chỉ nhận tin vào trang nhà cung cấp."))
            return redirect(url_for("bank_feeds.show", org=org, feed=made.public_id), 303)
    page = render_template("bank_feeds/new.html", org=org, form=form)
    return page, 422 if form.is_submitted() else 200


@bank_feeds.get(ONE)
@needs("payments.accounts")
def show(org: str, feed: str) -> ResponseReturnValue:
    session = reading()
    found = queries.one(session, acting().organisation_id, feed)
    return render_template(
        "bank_feeds/show.html",
        org=org,
        one=queries.overview_of(session, found),
        feed=found,
        address=_address(found),
        history=audit.history(session, found.__tablename__, found.id, limit=10),
        now=clock.now(),
        **_words(),
    )


@bank_feeds.post(f"{ONE}/reveal")
@needs("payments.accounts", fresh=True)
def reveal(org: str, feed: str) -> ResponseReturnValue:
    """Show the key, to be pasted at the provider's; that it was shown is written down."""
    with transaction() as session:
        found, key = service.reveal(
            session,
            acting().organisation_id,
            feed,
            data_key=_data_key(),
            actor=actor(),
            now=clock.now(),
        )
    page = render_template("bank_feeds/key.html", org=org, feed=found, key=key, **_words())
    return page, 200, {"Cache-Control": "no-store"}


@bank_feeds.route(f"{ONE}/key", methods=["GET", "POST"])
@needs("payments.accounts", fresh=True)
def change_key(org: str, feed: str) -> ResponseReturnValue:
    own, form = acting().organisation_id, KeyForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                service.rotate(
                    session,
                    own,
                    feed,
                    form.key.data or "",
                    both_for=form.both_for(),
                    data_key=_data_key(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã đổi khoá. Nhớ đổi cả ở trang nhà cung cấp trước khi khoá cũ hết hạn."))
            return redirect(url_for("bank_feeds.show", org=org, feed=feed), 303)
    found = queries.one(reading(), own, feed)
    page = render_template("bank_feeds/change_key.html", org=org, feed=found, form=form, **_words())
    return page, 422 if form.is_submitted() else 200


@bank_feeds.route(f"{ONE}/poll-key", methods=["GET", "POST"])
@needs("payments.accounts", fresh=True)
def change_poll_key(org: str, feed: str) -> ResponseReturnValue:
    own, form = acting().organisation_id, PollKeyForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                service.change_poll_key(
                    session,
                    own,
                    feed,
                    form.poll_key.data or "",
                    data_key=_data_key(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã lưu khoá hỏi lại."))
            return redirect(url_for("bank_feeds.show", org=org, feed=feed), 303)
    found = queries.one(reading(), own, feed)
    page = render_template("bank_feeds/poll_key.html", org=org, feed=found, form=form, **_words())
    return page, 422 if form.is_submitted() else 200


@bank_feeds.post(f"{ONE}/drop-old-key")
@needs("payments.accounts", fresh=True)
def drop_old_key(org: str, feed: str) -> ResponseReturnValue:
    with transaction() as session:
        service.drop_old_key(
            session, acting().organisation_id, feed, actor=actor(), now=clock.now()
        )
    say(_("Khoá cũ không còn dùng được."))
    return redirect(url_for("bank_feeds.show", org=org, feed=feed), 303)


@bank_feeds.post(f"{ONE}/<any(on, off):wanted>")
@needs("payments.accounts", fresh=True)
def switch(org: str, feed: str, wanted: str) -> ResponseReturnValue:
    state = FeedState.ACTIVE if wanted == "on" else FeedState.OFF
    with transaction() as session:
        service.switch(
            session, acting().organisation_id, feed, state, actor=actor(), now=clock.now()
        )
    say(_("Đã bật kết nối.") if wanted == "on" else _("Đã tắt kết nối. Tin gửi tới sẽ bị từ chối."))
    return redirect(url_for("bank_feeds.show", org=org, feed=feed), 303)


@bank_feeds.post(f"{ONE}/trial")
@needs("payments.accounts")
def trial(org: str, feed: str) -> ResponseReturnValue:
    with transaction() as session:
        message = service.send_trial(
            session, acting().organisation_id, feed, actor=actor(), now=clock.now()
        )
    say(_("Đã bỏ một tin thử vào hộp thư. Kết quả hiện ở đây sau vài giây."))
    return redirect(url_for("bank_feeds.message", org=org, feed=feed, message=message), 303)


# --- the raw inbox ----------------------------------------------------------------------------


@bank_feeds.get(f"{ONE}/inbox")
@needs("payments.accounts")
def inbox(org: str, feed: str) -> ResponseReturnValue:
    session = reading()
    found = queries.one(session, acting().organisation_id, feed)
    only_failed = request.args.get("only") == "failed"
    before = request.args.get("before", "")
    page = queries.messages(
        session,
        found.id,
        before=int(before) if before.isdecimal() and len(before) < 16 else None,
        only_failed=only_failed,
    )
    return render_template(
        "bank_feeds/inbox.html",
        org=org,
        one=queries.overview_of(session, found),
        feed=found,
        page=page,
        only_failed=only_failed,
        **_words(),
    )


@bank_feeds.get(f"{ONE}/inbox/<int:message>")
@needs("payments.accounts")
def message(org: str, feed: str, message: int) -> ResponseReturnValue:
    session = reading()
    found = queries.one(session, acting().organisation_id, feed)
    stored = queries.message(session, found.id, message)
    return render_template(
        "bank_feeds/message.html",
        org=org,
        feed=found,
        stored=stored,
        body=rules.shown_body(stored.message.body),
        **_words(),
    )


@bank_feeds.post(f"{ONE}/inbox/reprocess")
@needs("payments.accounts")
def reprocess(org: str, feed: str) -> ResponseReturnValue:
    """Have one message, or all that came to nothing, processed again."""
    given = request.form.get("message", "")
    wanted = int(given) if given.isdecimal() and len(given) < 16 else None
    with transaction() as session:
        count = service.reprocess(
            session, acting().organisation_id, feed, wanted, actor=actor(), now=clock.now()
        )
    say(_("Đang xử lý lại %(count)s tin. Tải lại trang sau vài giây.", count=count))
    if wanted is not None:
        return redirect(url_for("bank_feeds.message", org=org, feed=feed, message=wanted), 303)
    return redirect(url_for("bank_feeds.inbox", org=org, feed=feed), 303)


def _data_key() -> str:
    config: Config = extension("config")
    return config.data_key


def _address(feed: BankFeed) -> str:
    """Return the address that is to be pasted at the provider's."""
    config: Config = extension("config")
    return f"{config.public_url}/webhooks/{feed.provider.value}/{feed.public_id}"


def _words() -> dict[str, Any]:
    return {
        "feed_name": service.feed_name,
        "provider_names": rules.PROVIDER_NAMES,
        "result_names": rules.RESULT_NAMES,
        "askable": service.ASKABLE,
    }
