"""What an officer may say of a certificate."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from foundation.web.forms import Form, TextField, at_most


class DecisionForm(Form):
    reason = TextField(_("Lý do, gửi nguyên văn cho người bán"), validators=[at_most(1000)])
