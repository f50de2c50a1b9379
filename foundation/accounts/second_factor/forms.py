"""The forms of the second factor."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from foundation.accounts.forms import PresentForm
from foundation.web.forms import Form, LineField, at_most, required


class FirstCodeForm(Form):
    code = LineField(
        _("Mã 6 số ứng dụng đang hiện"),
        [required(_("Nhập mã ứng dụng đang hiện.")), at_most(40)],
    )


class PasswordAndCodeForm(PresentForm):
    code = LineField(
        _("Mã 6 số ứng dụng đang hiện"),
        [required(_("Nhập mã ứng dụng đang hiện.")), at_most(40)],
    )
