"""How the cashier's lists are narrowed, asked for in the address."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from foundation.web.forms import Form, LineField, at_most
from payments.reconciliation.board.rules import (
    LONGEST_QUERY,
    PERIOD_NAMES,
    SORT_NAMES,
    Filters,
    Period,
    Sort,
)


class FilterForm(Form):
    q = LineField(_("Số tiền, mã, nội dung hoặc tên"), [at_most(LONGEST_QUERY)])
    period = SelectField(_("Kỳ"))
    account = SelectField(_("Tài khoản"))
    sort = SelectField(_("Thứ tự"))

    class Meta(Form.Meta):
        csrf = False

    def filters(self) -> Filters:
        """Return what was asked for; a choice that is none is left out."""
        period, sort = self.period.data, self.sort.data
        return Filters(
            period=Period(period) if period in set(Period) else None,
            query=(self.q.data or "")[:LONGEST_QUERY],
            account=self.account.data or "",
            sort=Sort(sort) if sort in set(Sort) else Sort.NEWEST,
        )


def filter_form(asked: MultiDict[str, str], accounts: Iterable[tuple[str, str]]) -> FilterForm:
    """Return the form as filled in by the address. `accounts` are (public id, words)."""
    form = FilterForm(formdata=asked)
    form.period.choices = [
        ("", gettext("Mặc định")),
        *((period.value, gettext(words)) for period, words in PERIOD_NAMES.items()),
    ]
    form.account.choices = [("", gettext("Tất cả")), *accounts]
    form.sort.choices = [(sort.value, gettext(words)) for sort, words in SORT_NAMES.items()]
    return form
