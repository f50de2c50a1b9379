"""What a seller types for the customer at the counter."""

from __future__ import annotations

from typing import cast

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from foundation import ids
from foundation.web.forms import DongField, Form, LineField, at_most
from payments.counter.rules import LONGEST_NOTE


class ChargeForm(Form):
    amount = DongField(_("Số tiền"))
    note = LineField(_("Ghi chú"), validators=[at_most(LONGEST_NOTE)])
    quick = DongField(_("Số tiền hay dùng"))
    token = HiddenField()

    def validate(self, extra_validators: object = None) -> bool:
        """A press on an amount often used counts for more than what was typed."""
        sound: bool = super().validate()
        if self.quick.data is None and self.amount.data is None and not self.amount.errors:
            self.amount.errors = [_("Nhập số tiền khách phải trả, ví dụ 45.000.")]
            return False
        return sound

    def charged(self) -> int:
        """Return the amount, once the form has been validated."""
        return cast("int", self.amount.data if self.quick.data is None else self.quick.data)

    def renew(self) -> None:
        """Let the next press make a payment of its own."""
        self.token.data = ids.new_public_id()
