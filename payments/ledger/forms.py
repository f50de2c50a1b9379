"""For which days the books are shown."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from foundation.web.forms import DayField, Form


class PeriodForm(Form):
    """Asked for in the address, so that a page can be kept and sent on."""

    since = DayField(_("Từ ngày"))
    until = DayField(_("Đến hết ngày"))

    class Meta(Form.Meta):
        csrf = False

    def period(self, today: date) -> tuple[date, date]:
        """Return the days asked for: this month up to today, where nothing else was said."""
        until = self.until.data or today
        since = self.since.data or until.replace(day=1)
        return (since, until) if since <= until else (until, since)


def period_form(asked: MultiDict[str, str]) -> PeriodForm:
    """Return the form as filled in by the address."""
    form = PeriodForm(formdata=asked)
    form.validate()
    return form
