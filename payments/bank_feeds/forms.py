"""What is typed of a line to a provider."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.fields.choices import SelectChoice

from foundation.web.forms import Form, LineField, OneOfField, at_most, required
from payments.bank_feeds.rules import PROVIDER_NAMES, Provider
from payments.bank_feeds.service import Wanted


class SecretField(StringField):
    """A key. It is not sent back to the page."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""

    def _value(self) -> str:
        return ""


class FeedForm(Form):
    provider = OneOfField(
        _("Nhà cung cấp"),
        [required(_("Chọn nhà cung cấp đang báo biến động số dư cho đơn vị."))],
        choices=[SelectChoice(one.value, name) for one, name in PROVIDER_NAMES.items()],
    )
    label = LineField(_("Tên gọi trong đơn vị"), [at_most(60)])
    key = SecretField(_("Khoá ký tin"))
    poll_key = SecretField(_("Khoá hỏi lại danh sách giao dịch"))

    def wanted(self) -> Wanted:
        """Return what was typed, once the form has been validated."""
        return Wanted(
            provider=Provider(self.provider.data),
            key=self.key.data or "",
            label=self.label.data or "",
            poll_key=self.poll_key.data or "",
        )

    def validate_key(self, field: SecretField) -> None:
        """Only for SePay is the key made here; the others give theirs."""
        if self.provider.data in (Provider.CASSO, Provider.PAYOS):
            required(str(_("Dán khoá lấy ở trang của nhà cung cấp.")))(self, field)


class KeyForm(Form):
    key = SecretField(_("Khoá mới"))
    days = OneOfField(
        _("Khoá cũ còn dùng thêm"),
        [required()],
        choices=[
            SelectChoice("0", _("Không, tắt ngay")),
            SelectChoice("1", _("1 ngày")),
            SelectChoice("3", _("3 ngày")),
            SelectChoice("7", _("7 ngày")),
        ],
        default="3",
    )

    def both_for(self) -> timedelta:
        """Return how long both keys count."""
        return timedelta(days=int(self.days.data))


class PollKeyForm(Form):
    poll_key = SecretField(_("Khoá hỏi lại danh sách giao dịch"))
