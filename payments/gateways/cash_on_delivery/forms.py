"""What the operator notes of couriers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectMultipleField
from wtforms.fields import SelectChoice

from foundation.ids import new_public_id
from foundation.web.forms import (
    DongField,
    Form,
    LineField,
    OneOfField,
    PhoneField,
    at_most,
    required,
)
from payments.gateways.cash_on_delivery.models import CodCollection, HandedBy


class CourierForm(Form):
    name = LineField(
        _("Tên đơn vị giao hàng"),
        validators=[required(_("Ghi tên đơn vị giao hàng.")), at_most(80)],
    )
    phone = PhoneField(_("Số điện thoại"))


class ReturnedForm(Form):
    reason = LineField(
        _("Lý do"),
        validators=[required(_("Ghi lý do để người sau xem lại còn hiểu.")), at_most(200)],
    )


class HandOverForm(Form):
    chosen = SelectMultipleField(_("Những kiện được nộp"))
    received = DongField(_("Số tiền nhận được"), validators=[required(_("Ghi số tiền nhận được."))])
    handed_by = OneOfField(
        _("Nộp bằng"),
        choices=[
            SelectChoice(HandedBy.CASH.value, _("Tiền mặt")),
            SelectChoice(HandedBy.BANK.value, _("Chuyển khoản")),
        ],
        default=HandedBy.CASH.value,
        validators=[required(_("Chọn cách nộp."))],
    )
    note = LineField(_("Ghi chú"), validators=[at_most(200)])
    key = HiddenField(default=new_public_id)

    def offer(self, held: list[CodCollection]) -> None:
        """Let the form choose among these, all of them at first."""
        self.chosen.choices = [(one.public_id, one.parcel) for one in held]
        if not self.is_submitted():
            self.chosen.data = [one.public_id for one in held]
            self.received.data = sum(one.left for one in held) or None
