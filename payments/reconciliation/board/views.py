"""The cashier's board: today, four columns, and each of them as a list and as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading
from foundation.web.access import acting, needs
from payments.bank_accounts import queries as bank_accounts
from payments.bank_accounts import rules as account_rules
from payments.bank_accounts.models import BankAccount
from payments.banks import queries as banks
from payments.credits import rules as credits_rules
from payments.intents import rules as intent_rules
from payments.ledger.export import rules as export
from payments.reconciliation.board import queries, rules
from payments.reconciliation.board.errors import TooManyRows
from payments.reconciliation.board.forms import FilterForm, filter_form
from payments.reconciliation.board.queries import Intents, Movements
from payments.reconciliation.board.rules import Column, Filters
from payments.reconciliation.decisions import rules as decisions
from payments.reconciliation.tellings import queries as tellings

board = Blueprint("board", __name__, template_folder="templates")

OWN: Final = "/money/<org>"
SHOWN: Final = 6  # of each column, on the board
MOST_ROWS: Final = 50_000
# Decided rows last: what a person must do comes first on a phone.
ORDER: Final = (Column.WAITING, Column.MATCHED, Column.AWAITED, Column.DECIDED)
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@board.get(OWN)
@needs("payments.view")
def index(org: str) -> ResponseReturnValue:
    """Today's figures and the four columns, the newest rows of each."""
    session, own, now = reading(), acting().organisation_id, clock.now()
    accounts, usual = bank_accounts.own(session, own), Filters()
    shown = {
        column: queries.movements(session, own, column, usual, limit=SHOWN, now=now)
        for column in ORDER
        if column is not Column.AWAITED
    }
    awaited = queries.intents(session, own, usual, limit=SHOWN, now=now)
    return render_template(
        "board/index.html",
        org=org,
        form=_form(accounts),
        figures=queries.figures(session, own, clock.day(now)),
        totals=queries.totals(session, own, usual, now=now),
        columns=ORDER,
        shown=shown,
        awaited=awaited,
        meant=queries.meant(session, (row for page in shown.values() for row in page.rows)),
        fitting=_fitting(shown[Column.WAITING]),
        unclear=tellings.count(session, own),
        accounts=accounts,
        **_words(accounts),
    )


@board.get(OWN + "/lists/<column>")
@needs("payments.view")
def listing(org: str, column: str) -> ResponseReturnValue:
    """One column, narrowed, page by page."""
    session, own, now = reading(), acting().organisation_id, clock.now()
    wanted, accounts = _column(column), bank_accounts.own(reading(), acting().organisation_id)
    form = _form(accounts)
    found = _page(wanted, form.filters(), after=request.args.get("after", ""))
    movements = found if isinstance(found, Movements) else None
    asked = {name: value for name, value in request.args.items() if value and name != "after"}
    return render_template(
        "board/listing.html",
        org=org,
        form=form,
        column=wanted,
        columns=(*ORDER, Column.OUT),
        totals=queries.totals(session, own, form.filters(), now=now),
        page=found,
        meant=queries.meant(session, movements.rows if movements else ()),
        fitting=_fitting(movements) if movements and wanted is Column.WAITING else {},
        asked=asked,
        later="after" in request.args,
        narrowed=bool(asked.keys() & {"q", "period", "account"}),
        **_words(accounts),
    )


@board.get(OWN + "/lists/<column>.<any(csv, xlsx):style>")
@needs("payments.view")
def download(org: str, column: str, style: str) -> ResponseReturnValue:
    """A narrowed column as a file. Raises TooManyRows."""
    wanted, accounts = _column(column), bank_accounts.own(reading(), acting().organisation_id)
    found = _page(wanted, _form(accounts).filters(), limit=MOST_ROWS)
    if found.following is not None:
        raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
    title = _(rules.COLUMN_NAMES[wanted])
    table = export.Table(
        name=title[:31],
        above=[acting().name, title, _("Đơn vị: đồng")],
        columns=_headings(found),
        rows=_owed_rows(found) if isinstance(found, Intents) else _rows(found),
    )
    made = export.as_csv(table) if style == "csv" else export.as_xlsx(table)
    response = Response(made, content_type=TYPES[style])
    name = f"{wanted.value}-{clock.day(clock.now()):%Y%m%d}.{style}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _column(name: str) -> Column:
    if name not in set(Column):
        abort(404)
    return Column(name)


def _form(accounts: Iterable[BankAccount]) -> FilterForm:
    return filter_form(request.args, [(one.public_id, _account(one)) for one in accounts])


def _page(
    column: Column, filters: Filters, *, after: str = "", limit: int = queries.PAGE
) -> Movements | Intents:
    session, own, now = reading(), acting().organisation_id, clock.now()
    cursor = rules.read_cursor(after)
    if column is Column.AWAITED:
        return queries.intents(session, own, filters, after=cursor, limit=limit, now=now)
    return queries.movements(session, own, column, filters, after=cursor, limit=limit, now=now)


def _fitting(waiting: Movements) -> dict[int, int]:
    own = acting().organisation_id
    return dict(queries.fitting(reading(), own, {row.waiting for row in waiting.rows}))


def _words(accounts: Iterable[BankAccount]) -> dict[str, Any]:
    return {
        "may": acting().permissions,
        "column_names": rules.COLUMN_NAMES,
        "outcome_words": rules.OUTCOME_WORDS,
        "outcome_names": credits_rules.OUTCOME_NAMES,
        "state_names": intent_rules.STATE_NAMES,
        "channel_names": credits_rules.CHANNEL_NAMES,
        "segments": decisions.segments,
        "damaged": decisions.damaged_codes,
        "account_names": {one.id: _account(one) for one in accounts},
        "today": clock.day(clock.now()),
    }


def _account(account: BankAccount) -> str:
    bank = banks.by_bin(account.bank_bin)
    name = bank.short_name if bank else account.bank_bin
    return f"{name} {account_rules.masked(account.number)}"


def _headings(found: Movements | Intents) -> list[export.Column]:
    owed = (
        (_("Ngày lập"), 12),
        (_("Mã thanh toán"), 22),
        (_("Nội dung thu"), 44),
        (_("Người trả"), 28),
        (_("Phải thu"), 16),
        (_("Đã thu"), 16),
        (_("Còn thiếu"), 16),
        (_("Hạn"), 12),
    )
    moved = (
        (_("Ngày"), 12),
        (_("Số tiền"), 16),
        (_("Chưa phân bổ"), 16),
        (_("Tình trạng"), 34),
        (_("Nội dung chuyển khoản"), 60),
        (_("Người chuyển"), 28),
        (_("Số tham chiếu"), 22),
        (_("Nguồn tiền"), 22),
    )
    wanted = owed if isinstance(found, Intents) else moved
    return [export.Column(heading=str(words), width=width) for words, width in wanted]


def _rows(found: Movements) -> Iterable[export.Row]:
    for one in found.rows:
        account = one.bank_account
        yield (
            one.booked_on,
            one.amount,
            one.waiting,
            _(credits_rules.OUTCOME_NAMES[one.outcome]),
            one.memo,
            one.counter_name,
            one.bank_reference,
            _account(account) if account else _(credits_rules.CHANNEL_NAMES[one.channel]),
        )


def _owed_rows(found: Intents) -> Iterable[export.Row]:
    for one in found.rows:
        yield (
            clock.day(one.created_at),
            one.reference,
            one.purpose,
            one.payer_name,
            one.amount,
            one.settled,
            one.due,
            clock.day(one.expires_at) if one.expires_at else None,
        )
