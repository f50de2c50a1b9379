"""What an officer answers to an application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField
from wtforms.fields.choices import SelectChoice

from foundation.organisations.rules import Decision
from foundation.web.forms import Form, TextField, at_most

DECISIONS = [
    SelectChoice(Decision.ACCEPT.value, _("Duyệt")),
    SelectChoice(Decision.ASK_MORE.value, _("Yêu cầu bổ sung")),
    SelectChoice(Decision.REJECT.value, _("Không duyệt")),
]


class DecisionForm(Form):
    decision = RadioField(_("Quyết định"), choices=DECISIONS)
    note = TextField(_("Lời nhắn cho người nộp"), validators=[at_most(2000)])
    version = IntegerField()


class SuspensionForm(Form):
    """For taking an organisation out of the market, and for letting it back in."""

    note = TextField(_("Lý do"), validators=[at_most(2000)])
    version = IntegerField()
