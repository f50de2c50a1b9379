"""What an applicant may send us about an organisation."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import Field, HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from foundation import clock, identity
from foundation.crypto import CannotDecrypt, decrypt, encrypt
from foundation.organisations import rules
from foundation.organisations.errors import TaxCodeRefused
from foundation.organisations.models import Kind, Organisation
from foundation.organisations.rules import Application, Profile
from foundation.places.forms import CommuneField
from foundation.web.filters import sentence
from foundation.web.forms import Form, LineField, PhoneField, TextField, at_most, required

KIND_CHOICES = [
    SelectChoice(kind.value, _(rules.KIND_NAMES[kind])) for kind in rules.APPLYING_KINDS
]


def an_email(_form: Any, field: Field) -> None:
    """Read an e-mail address into its normal form; an empty one is let through."""
    if field.data:
        try:
            field.data = identity.parse_email(field.data)
        except identity.BadEmail as error:
            raise ValidationError(_("Địa chỉ e-mail chưa đúng, ví dụ ten@example.com.")) from error


class ContactPhoneField(PhoneField):
    """A mobile number or a fixed line."""

    def parse(self, typed: str) -> str:
        try:
            return identity.parse_phone(typed, fixed_lines=True)
        except ValueError as error:
            raise ValueError(
                str(
                    _("Số điện thoại chưa đúng. Nhập đủ số, ví dụ 0912 345 678 hoặc 0276 3812 345.")
                )
            ) from error


class BeginForm(Form):
    """The first step: what it is and what it is called."""

    kind = RadioField(_("Bạn là"), choices=KIND_CHOICES)
    name = LineField(
        _("Tên gian hàng"),
        validators=[
            required(_("Nhập tên như trên giấy đăng ký, hoặc tên khách hay gọi.")),
            at_most(160),
        ],
    )

    def application(self) -> Application:
        return Application(kind=Kind(self.kind.data), name=self.name.data)


class ContactForm(Form):
    """What buyers and the authority reach an organisation by."""

    phone = ContactPhoneField(_("Số điện thoại liên hệ"))
    email = LineField(_("E-mail"), validators=[at_most(254), an_email])
    commune = CommuneField(_("Xã, phường"))
    address = LineField(_("Số nhà, đường, ấp"), validators=[at_most(200)])
    story = TextField(_("Câu chuyện của gian hàng"), validators=[at_most(3000)])
    version = IntegerField()


class ProfileForm(ContactForm):
    """What a verified organisation may change by itself."""

    phone = ContactPhoneField(
        _("Số điện thoại liên hệ"), validators=[required(_("Nhập số điện thoại liên hệ."))]
    )
    commune = CommuneField(_("Xã, phường"), validators=[required(_("Chọn xã, phường."))])
    address = LineField(
        _("Số nhà, đường, ấp"),
        validators=[required(_("Nhập số nhà, tên đường hoặc ấp.")), at_most(200)],
    )

    def profile(self) -> Profile:
        return Profile(
            phone=self.phone.data or "",
            email=self.email.data,
            commune_code=self.commune.data,
            address=self.address.data,
            story=self.story.data,
        )


class ApplicationForm(ContactForm):
    """The whole application. A draft may leave anything but kind and name empty."""

    kind = RadioField(_("Bạn là"), choices=KIND_CHOICES)
    name = LineField(
        _("Tên gian hàng"), validators=[required(_("Nhập tên gian hàng.")), at_most(160)]
    )
    tax_code = LineField(_("Mã số thuế"))
    # A personal number that was typed comes back to the page only so.
    sealed = HiddenField()
    representative = LineField(_("Họ tên người đại diện"), validators=[at_most(120)])

    def validate_tax_code(self, field: LineField) -> None:
        """Say which rule of tax codes was broken, together with all else that is wrong."""
        if field.data and self.kind.data in set(rules.APPLYING_KINDS):
            try:
                rules.read_tax_code(Kind(self.kind.data), field.data, today=clock.day(clock.now()))
            except TaxCodeRefused as error:
                raise ValidationError(sentence(error)) from error

    def open_seal(self, data_key: str) -> None:
        """Take the personal number that was typed before, unless another was typed now."""
        if self.sealed.data and not self.tax_code.data:
            try:
                self.tax_code.data = decrypt(self.sealed.data, data_key)
            except CannotDecrypt:
                self.sealed.data = ""

    def seal(self, data_key: str) -> str:
        """Hide a typed personal number before the page is shown again; return it masked."""
        digits = re.sub(r"\D", "", self.tax_code.data or "")
        if len(digits) != 12:
            self.sealed.data = ""
            return ""
        sound = not self.tax_code.errors
        self.sealed.data = encrypt(digits, data_key) if sound else ""
        self.tax_code.data = ""
        return identity.mask_personal_number(digits) if sound else ""

    def application(self) -> Application:
        return Application(
            kind=Kind(self.kind.data),
            name=self.name.data,
            tax_code=self.tax_code.data,
            representative=self.representative.data,
            phone=self.phone.data or "",
            email=self.email.data,
            commune_code=self.commune.data or None,
            address=self.address.data,
            story=self.story.data,
        )


class DocumentForm(Form):
    """One paper: a photo or a PDF, and what it is."""

    paper = SelectField(_("Đây là giấy gì"))
    title = LineField(_("Ghi chú cho giấy này"), validators=[at_most(120)])
    document = FileField(
        _("Ảnh chụp hoặc tệp PDF"),
        validators=[required(_("Chọn ảnh chụp giấy tờ hoặc tệp PDF."))],
    )

    @classmethod
    def usual(cls, kind: Kind) -> DocumentForm:
        """Return a form that offers the papers usual for this kind of organisation."""
        form = cls()
        form.paper.choices = [
            SelectChoice(paper.value, gettext(rules.PAPER_NAMES[paper]))
            for paper in rules.USUAL_PAPERS[kind]
        ]
        return form


class LogoForm(Form):
    photo = FileField(_("Ảnh đại diện gian hàng"), validators=[required(_("Chọn một tấm ảnh."))])


def shown_values(organisation: Organisation) -> dict[str, object]:
    """Return what a form about an organisation begins with; never a personal number."""
    return {
        "kind": organisation.kind.value,
        "name": organisation.name,
        "tax_code": organisation.tax_code or "",
        "representative": organisation.representative,
        "phone": organisation.phone or None,
        "email": organisation.email,
        "commune": organisation.commune_code,
        "address": organisation.address,
        "story": organisation.story,
        "version": organisation.version,
    }
