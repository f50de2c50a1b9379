"""What a person answers about an unclear telling."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from foundation.web.forms import Form, LineField, OneOfField, at_most, required

OWN = "own"


class TellingForm(Form):
    movement = OneOfField(_("Tin báo này là"), [required(_("Chọn tin báo này là giao dịch nào."))])
    reason = LineField(
        _("Lý do"),
        [required(_("Ghi lý do để người sau xem lại còn hiểu.")), at_most(200)],
    )

    def offer(self, candidates: Iterable[tuple[str, str]]) -> None:
        """Offer the movements it may be, and one of its own."""
        self.movement.choices = [
            *candidates,
            (OWN, gettext("Một giao dịch khác, chưa có trong sổ")),
        ]
