"""What an officer answers to an application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField
from wtforms.fields.choices import SelectChoice

from foundation.organisations.rules import Decision
from foundation.web.forms import Form, TextField, at_most, required

DECISIONS = [
    SelectChoice(Decision.ACCEPT.value, _("Duyệt")),
    SelectChoice(Decision.ASK_MORE.value, _("Yêu cầu bổ sung")),
    SelectChoice(Decision.REJECT.value, _("Không duyệt")),
]


class DecisionForm(Form):
    decision = RadioField(
        _("Quyết định"),
        choices=DECISIONS,
        validate_choice=False,
        validators=[required(_("Chọn một quyết định."))],
    )
    note = TextField(_("Lời nhắn cho người nộp"), validators=[at_most(2000)])
    version = IntegerField()

    def chosen(self) -> Decision | None:
        """Return the decision, None when it is none of ours."""
        return Decision(self.decision.data) if self.decision.data in set(Decision) else None


class SuspensionForm(Form):
    """For taking an organisation out of the market, and for letting it back in."""

    note = TextField(_("Lý do"), validators=[at_most(2000)])
    version = IntegerField()
