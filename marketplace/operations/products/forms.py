"""What an officer writes to a seller about a product."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from catalog.products.rules import NOTE_LENGTH
from foundation.web.forms import Form, TextField, at_most, required


class NoteForm(Form):
    """A note to the seller, and the version of the product the officer looked at."""

    note = TextField(
        _("Lời nhắn cho người bán"),
        validators=[
            required(_("Ghi lý do để người bán biết cần làm gì.")),
            at_most(NOTE_LENGTH),
        ],
    )
    version = HiddenField()
