"""What one fills in to invite a person or change what a person may do."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from foundation.organisations.models import Kind
from foundation.organisations.rules import ROLE_NAMES, roles_of
from foundation.web.forms import Form, PhoneField, required


def _choices(kind: Kind) -> list[SelectChoice]:
    return [SelectChoice(role.value, gettext(ROLE_NAMES[role])) for role in roles_of(kind)]


class InviteForm(Form):
    phone = PhoneField(
        _("Số điện thoại người được mời"),
        validators=[required(_("Nhập số điện thoại của người bạn muốn mời."))],
    )
    role = RadioField(_("Người này làm gì"))

    @classmethod
    def for_kind(cls, kind: Kind) -> InviteForm:
        """Return a form with the roles of this kind of organisation, owners last."""
        form = cls()
        form.role.choices = [*_choices(kind)[1:], _choices(kind)[0]]
        return form


class RoleForm(Form):
    role = SelectField(_("Quyền"))

    @classmethod
    def for_kind(cls, kind: Kind) -> RoleForm:
        """Return a form with the roles of this kind of organisation."""
        form = cls()
        form.role.choices = _choices(kind)
        return form
