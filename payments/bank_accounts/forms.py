"""What is typed of a receiving account, and why one is declined."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from foundation.web.forms import Form, LineField, TextField, at_most, required
from payments.bank_accounts.rules import Proposal


class ProposalForm(Form):
    """The bank is chosen on a page before this one, and stands in the address."""

    number = LineField(
        _("Số tài khoản"),
        [required(_("Ghi số tài khoản, ví dụ 0123 456 789.")), at_most(60)],
    )
    holder = LineField(
        _("Tên chủ tài khoản"),
        [
            required(_("Ghi tên chủ tài khoản như ngân hàng in, ví dụ HTX BANH TRANG.")),
            at_most(120),
        ],
    )
    label = LineField(_("Tên gọi trong đơn vị"), [at_most(60)])

    def proposal(self, bank_bin: str) -> Proposal:
        """Return what was typed, once the form has been validated."""
        return Proposal(
            bank_bin=bank_bin,
            number=self.number.data,
            holder=self.holder.data,
            label=self.label.data,
        )


class ReasonForm(Form):
    reason = TextField(
        _("Lý do"),
        [required(_("Ghi rõ lý do để người nhập biết phải sửa gì.")), at_most(300)],
    )


class SureForm(Form):
    """A page that asks "are you sure?" and shows what will happen."""
