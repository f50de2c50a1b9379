"""What a cashier types: counted banknotes, amounts, reasons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.fields import SelectChoice

from foundation.ids import new_public_id
from foundation.web.filters import vnd
from foundation.web.forms import (
    DongField,
    Form,
    LineField,
    OneOfField,
    WholeField,
    at_most,
    between,
    required,
)
from payments.gateways.cash_desk.models import EntryKind
from payments.gateways.cash_desk.rules import MOST_NOTES, NOTES


class DeskForm(Form):
    name = LineField(
        _("Tên quầy"),
        validators=[required(_("Đặt tên quầy để phân biệt, ví dụ Quầy 1.")), at_most(60)],
    )


class CountForm(Form):
    """The number of banknotes of each kind; fields are called n500000 and so on."""

    reason = LineField(_("Lý do lệch"), validators=[at_most(200)])

    def notes(self) -> dict[int, int]:
        """Return how many banknotes there are of each kind."""
        return {note: self._fields[f"n{note}"].data or 0 for note in NOTES}


for _note in NOTES:
    setattr(
        CountForm,
        f"n{_note}",
        WholeField(
            vnd(_note),
            validators=[between(0, MOST_NOTES, _("Số tờ từ 0 đến 100.000."))],
        ),
    )


class OnceForm(Form):
    """A form that counts once however often it is sent."""

    key = HiddenField(default=new_public_id)

    def once(self) -> str:
        """Return what names this form."""
        return str(self.key.data or "")[:60] or new_public_id()


class TakeForm(OnceForm):
    amount = DongField(_("Số tiền thu"), validators=[required(_("Ghi số tiền thu."))])
    given = DongField(_("Khách đưa"), validators=[required(_("Ghi số tiền khách đưa."))])


class MoveForm(OnceForm):
    kind = OneOfField(
        _("Việc gì?"),
        choices=[
            SelectChoice(EntryKind.BANKED.value, _("Nộp ngân hàng")),
            SelectChoice(EntryKind.TAKEN_OUT.value, _("Lấy tiền khỏi két")),
            SelectChoice(EntryKind.PUT_IN.value, _("Thêm tiền vào két")),
        ],
        validators=[required(_("Chọn một việc."))],
    )
    amount = DongField(_("Số tiền"), validators=[required(_("Ghi số tiền."))])
    reason = LineField(
        _("Lý do"),
        validators=[required(_("Ghi lý do để người sau xem lại còn hiểu.")), at_most(200)],
    )


class UndoForm(Form):
    reason = LineField(
        _("Lý do huỷ"),
        validators=[required(_("Ghi lý do để người sau xem lại còn hiểu.")), at_most(200)],
    )
