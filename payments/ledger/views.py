"""The books of an organisation, for its accountant: balances, statements, journals, files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading
from foundation.web.access import acting, needs
from payments.ledger import queries
from payments.ledger.errors import AccountNotFound, PeriodTooLong
from payments.ledger.export import rules as export
from payments.ledger.export.rules import Column, Table
from payments.ledger.forms import PeriodForm, period_form
from payments.ledger.models import AccountKind, LedgerAccount
from payments.ledger.naming import queries as naming
from payments.ledger.queries import Cursor, Statement, TrialBalance, Turnover
from payments.ledger.rules import ACCOUNT_NAMES

ledger = Blueprint("ledger", __name__, template_folder="templates")

OWN: Final = "/money/<org>/ledger"
# More accounts of one kind than this are shown as one line that leads to them all.
MOST_OF_A_KIND: Final = 12
PAGE: Final = 100
MOST_ROWS: Final = 100_000
KINDS: Final = {kind.value: kind for kind in AccountKind}
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The accounts of one kind; `lines` is empty where there are too many to list."""

    kind: AccountKind
    count: int
    total: Turnover
    lines: list[Turnover]


@ledger.get(OWN)
@needs("payments.view")
def index(org: str) -> ResponseReturnValue:
    """The trial balance, kind by kind."""
    form, since, until = _asked()
    found = queries.trial_balance(reading(), acting().organisation_id, since=since, on=until)
    groups = [_group(kind, list(lines)) for kind, lines in groupby(found.lines, _kind_of)]
    shown = [line.account for group in groups for line in group.lines]
    page = render_template(
        "ledger/index.html",
        org=org,
        form=form,
        since=since,
        until=until,
        presets=_presets(),
        groups=groups,
        total=found,
        names=naming.names(reading(), acting().organisation_id, shown),
        kinds=ACCOUNT_NAMES,
    )
    return page, 422 if form.errors else 200


@ledger.get(OWN + "/kinds/<kind>")
@needs("payments.view")
def kind(org: str, kind: str) -> ResponseReturnValue:
    """All accounts of one kind, page by page: every payer's balance, every seller's claim."""
    wanted = KINDS.get(kind)
    if wanted is None:
        raise AccountNotFound
    form, since, until = _asked()
    found = queries.trial_balance(reading(), acting().organisation_id, since=since, on=until)
    lines = [line for line in found.lines if line.account.kind is wanted]
    number = max(request.args.get("page", 1, type=int), 1)
    shown = lines[(number - 1) * PAGE : number * PAGE]
    page = render_template(
        "ledger/kind.html",
        org=org,
        form=form,
        since=since,
        until=until,
        kind=wanted,
        title=_(ACCOUNT_NAMES[wanted]),
        lines=shown,
        number=number,
        last=max((len(lines) + PAGE - 1) // PAGE, 1),
        names=naming.names(reading(), acting().organisation_id, [line.account for line in shown]),
    )
    return page, 422 if form.errors else 200


@ledger.get(OWN + "/accounts/<account>")
@needs("payments.view")
def statement(org: str, account: str) -> ResponseReturnValue:
    """The lines of one account within a period."""
    form, since, until = _asked()
    found = queries.statement(
        reading(),
        acting().organisation_id,
        account,
        since=since,
        until=until,
        after=_cursor(request.args.get("after", "")),
    )
    following = found.following
    page = render_template(
        "ledger/statement.html",
        org=org,
        form=form,
        since=since,
        until=until,
        presets=_presets(),
        statement=found,
        title=_title(found.turnover.account),
        later="after" in request.args,
        following=f"{following.day:%Y%m%d}-{following.posting_id}" if following else "",
    )
    return page, 422 if form.errors else 200


@ledger.get(OWN + "/journals/<int:journal>")
@needs("payments.view")
def journal(org: str, journal: int) -> ResponseReturnValue:
    """What was posted at once, and what it undoes."""
    session, own = reading(), acting().organisation_id
    found = queries.journal(session, own, journal)
    names = naming.names(session, own, [line.account for line in found.lines])
    return render_template(
        "ledger/journal.html", org=org, found=found, names=names, kinds=ACCOUNT_NAMES
    )


@ledger.get(OWN + "/trial-balance.<any(csv, xlsx):style>")
@needs("payments.view")
def export_index(org: str, style: str) -> ResponseReturnValue:
    """The trial balance as a file, every account a line."""
    _form, since, until = _asked()
    own = acting().organisation_id
    found = queries.trial_balance(reading(), own, since=since, on=until)
    names = naming.names(reading(), own, [line.account for line in found.lines])
    table = Table(
        name=str(_("Cân đối số phát sinh")),
        above=_above(_("Bảng cân đối số phát sinh"), since, until),
        columns=[
            Column(heading=str(words), width=width)
            for words, width in (
                (_("Tài khoản"), 40),
                (_("Chi tiết"), 34),
                (_("Dư đầu kỳ Nợ"), 18),
                (_("Dư đầu kỳ Có"), 18),
                (_("Phát sinh Nợ"), 18),
                (_("Phát sinh Có"), 18),
                (_("Dư cuối kỳ Nợ"), 18),
                (_("Dư cuối kỳ Có"), 18),
            )
        ],
        rows=[
            (_(ACCOUNT_NAMES[line.account.kind]), names.get(line.account.id, ""), *_sides(line))
            for line in found.lines
        ]
        + [(str(_("Tổng cộng")), "", *_totals(found))],
    )
    return _file(table, style, f"can-doi-{since:%Y%m%d}-{until:%Y%m%d}")


@ledger.get(OWN + "/accounts/<account>/statement.<any(csv, xlsx):style>")
@needs("payments.view")
def export_statement(org: str, account: str, style: str) -> ResponseReturnValue:
    """The lines of one account as a file. Raises PeriodTooLong."""
    _form, since, until = _asked()
    found = queries.statement(
        reading(), acting().organisation_id, account, since=since, until=until, limit=MOST_ROWS
    )
    if found.following is not None:
        raise PeriodTooLong(most=f"{MOST_ROWS:,}".replace(",", "."))
    title = _title(found.turnover.account)
    table = Table(
        name=str(_("Sổ chi tiết")),
        above=_above(title, since, until),
        columns=[
            Column(heading=str(words), width=width)
            for words, width in (
                (_("Ngày"), 12),
                (_("Mã bút toán"), 22),
                (_("Diễn giải"), 60),
                (_("Nợ"), 18),
                (_("Có"), 18),
                (_("Số dư"), 18),
            )
        ],
        rows=_statement_rows(found, since, until),
    )
    return _file(table, style, f"so-chi-tiet-{since:%Y%m%d}-{until:%Y%m%d}")


def _statement_rows(found: Statement, since: date, until: date) -> Iterable[export.Row]:
    turnover = found.turnover
    yield (since, "", str(_("Dư đầu kỳ")), None, None, turnover.opening)
    for row in found.rows:
        yield (row.day, row.key, row.memo, max(row.amount, 0), max(-row.amount, 0), row.balance)
    yield (until, "", str(_("Cộng phát sinh")), turnover.debit, turnover.credit, None)
    yield (until, "", str(_("Dư cuối kỳ")), None, None, turnover.closing)


def _sides(line: Turnover) -> tuple[int, ...]:
    return (
        max(line.opening, 0),
        max(-line.opening, 0),
        line.debit,
        line.credit,
        max(line.closing, 0),
        max(-line.closing, 0),
    )


def _totals(found: TrialBalance) -> tuple[int, ...]:
    return (
        found.debits_of("opening"),
        found.credits_of("opening"),
        found.debit,
        found.credit,
        found.debits_of("closing"),
        found.credits_of("closing"),
    )


def _above(title: str, since: date, until: date) -> list[str]:
    period = _(
        "Từ %(since)s đến hết %(until)s", since=f"{since:%d/%m/%Y}", until=f"{until:%d/%m/%Y}"
    )
    return [acting().name, str(title), str(period), str(_("Đơn vị: đồng"))]


def _file(table: Table, style: str, name: str) -> Response:
    made = export.as_csv(table) if style == "csv" else export.as_xlsx(table)
    response = Response(made, content_type=TYPES[style])
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{style}")
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> tuple[PeriodForm, date, date]:
    form = period_form(request.args)
    since, until = form.period(clock.day(clock.now()))
    form.since.data, form.until.data = since, until
    return form, since, until


def _presets() -> list[tuple[str, str]]:
    """Return the periods people mostly ask for, each with its address."""
    today = clock.day(clock.now())
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    periods = (
        (_("Tháng này"), month, today),
        (_("Tháng trước"), before.replace(day=1), before),
        (_("Năm nay"), today.replace(month=1, day=1), today),
    )
    here = {"endpoint": request.endpoint or "", **(request.view_args or {})}
    return [
        (
            str(words),
            url_for(**here, since=f"{since:%d/%m/%Y}", until=f"{until:%d/%m/%Y}"),
        )
        for words, since, until in periods
    ]


def _kind_of(line: Turnover) -> AccountKind:
    return line.account.kind


def _group(kind: AccountKind, lines: list[Turnover]) -> Group:
    total = Turnover(
        account=lines[0].account,
        opening=sum(line.opening for line in lines),
        debit=sum(line.debit for line in lines),
        credit=sum(line.credit for line in lines),
    )
    listed = lines if len(lines) <= MOST_OF_A_KIND else []
    return Group(kind=kind, count=len(lines), total=total, lines=listed)


def _title(account: LedgerAccount) -> str:
    name = naming.names(reading(), acting().organisation_id, [account]).get(account.id)
    kind = _(ACCOUNT_NAMES[account.kind])
    return f"{kind}: {name}" if name else str(kind)


def _cursor(text: str) -> Cursor | None:
    """Return where the page before ended; what cannot be read begins at the beginning."""
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})-(\d{1,18})", text)
    if found is None:
        return None
    year, month, day, posting_id = (int(part) for part in found.groups())
    try:
        return Cursor(day=date(year, month, day), posting_id=posting_id)
    except ValueError:
        return None
