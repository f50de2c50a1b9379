"""The forms at the entrance."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import PasswordField

from foundation.accounts.forms import CodeForm, ContactForm, new_password_field
from foundation.web.forms import LineField, at_most, required


class SignInForm(ContactForm):
    password = PasswordField(_("Mật khẩu"), [required(_("Nhập mật khẩu."))])


class SignUpForm(ContactForm):
    full_name = LineField(_("Họ và tên"), [required(_("Nhập họ và tên của bạn.")), at_most(120)])
    password = PasswordField(_("Mật khẩu"), [required(_("Đặt một mật khẩu."))])


class ResetForm(CodeForm):
    password = new_password_field()


class SecondFactorForm(CodeForm):
    code = LineField(
        _("Mã trong ứng dụng xác thực"), [required(_("Nhập mã đang hiện.")), at_most(40)]
    )
