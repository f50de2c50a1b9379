"""What an officer types about payouts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.fields import SelectChoice

from foundation.organisations.models import Organisation
from foundation.web.forms import DongField, Form, LineField, at_most, required
from payments.payouts.rules import LONGEST_REASON


class DrawForm(Form):
    fee = DongField(_("Phí ngân hàng trừ vào mỗi lệnh"))


class HoldForm(Form):
    seller = SelectField(
        _("Người bán"), validators=[required(_("Chọn người bán."))], validate_choice=False
    )
    held = DongField(_("Số tiền giữ lại"))
    reason = LineField(
        _("Lý do giữ tiền"),
        validators=[required(_("Ghi lý do giữ tiền.")), at_most(LONGEST_REASON)],
    )

    def offer(self, sellers: list[Organisation]) -> None:
        """Let the form choose among these."""
        self.seller.choices = [
            SelectChoice("", _("Chọn người bán")),
            *(SelectChoice(each.public_id, each.name) for each in sellers),
        ]
