"""The forms of one's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.fields import SelectChoice

from foundation.accounts.forms import PresentForm, new_password_field
from foundation.web.forms import Form, LineField, at_most, required


class NameForm(Form):
    full_name = LineField(_("Họ và tên"), [required(_("Nhập họ và tên của bạn.")), at_most(120)])


class LanguageForm(Form):
    language = RadioField(
        _("Ngôn ngữ"),
        choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")],
    )


class PasswordForm(PresentForm):
    password = new_password_field()


class NewContactForm(PresentForm):
    contact = LineField(
        _("Số điện thoại hoặc e-mail mới"),
        [required(_("Nhập số điện thoại hoặc e-mail mới.")), at_most(300)],
    )
