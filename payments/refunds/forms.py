"""What a person types to give money back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField
from wtforms.fields import SelectChoice

from foundation.ids import new_public_id
from foundation.web.forms import (
    DongField,
    Form,
    LineField,
    OneOfField,
    TextField,
    at_most,
    required,
)
from payments.banks.rules import Bank
from payments.refunds.queries import Available
from payments.refunds.rules import LONGEST_REASON, MEANS_NAMES, Means, Wanted


class RequestForm(Form):
    """`key` makes sending the form twice one refund; `believed` is what the page said is left."""

    amount = DongField(_("Số tiền hoàn"), validators=[required(_("Nhập số tiền hoàn."))])
    reason = LineField(
        _("Lý do hoàn"),
        validators=[required(_("Ghi lý do để người duyệt hiểu.")), at_most(LONGEST_REASON)],
    )
    means = OneOfField(_("Hoàn bằng cách nào?"), validators=[required(_("Chọn cách hoàn."))])
    bank_bin = SelectField(_("Ngân hàng của người nhận"), validate_choice=False)
    account_number = LineField(_("Số tài khoản người nhận"), validators=[at_most(40)])
    holder = LineField(_("Tên chủ tài khoản"), validators=[at_most(120)])
    key = HiddenField()
    believed = HiddenField()

    def offer(self, means: Sequence[Means], banks: Sequence[Bank]) -> None:
        """Let the form choose among these ways and these banks."""
        self.means.choices = [SelectChoice(each.value, _(MEANS_NAMES[each])) for each in means]
        self.bank_bin.choices = [
            SelectChoice("", _("Chọn ngân hàng")),
            *(SelectChoice(bank.bin, bank.short_name) for bank in banks),
        ]

    def begin(self, available: Available) -> None:
        """Fill in what is known of the source."""
        self.amount.data = available.left or None
        self.means.data = Means.BANK.value
        self.holder.data = available.payer_name
        self.account_number.data = available.counter_account
        self.key.data = f"form:{new_public_id()}"
        self.look_again(available)

    def look_again(self, available: Available) -> None:
        """Take over what is left now."""
        self.believed.data = str(available.left)

    def wanted(self, available: Available) -> Wanted:
        """Return what is asked for, once the form has been validated."""
        believed = self.believed.data or ""
        return Wanted(
            key=(self.key.data or "")[:120] or f"form:{new_public_id()}",
            source=available.source,
            subject=available.subject,
            amount=cast("int", self.amount.data),
            believed=int(believed) if believed.isdecimal() and len(believed) < 19 else -1,
            means=Means(self.means.data),
            reason=self.reason.data or "",
            bank_bin=self.bank_bin.data or "",
            account_number=self.account_number.data or "",
            holder=self.holder.data or "",
        )


class ReasonForm(Form):
    reason = TextField(_("Lý do"), validators=[required(_("Ghi lý do.")), at_most(LONGEST_REASON)])
    attempt = HiddenField()
