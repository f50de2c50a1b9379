"""What a seller writes down from an OCOP decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectMultipleField
from wtforms.fields import SelectChoice

from catalog.ocop.models import Certificate, IssuerLevel
from catalog.ocop.service import Paper, Scan
from foundation.web.forms import DayField, Form, LineField, OneOfField, at_most, required

LEVELS = (
    SelectChoice(IssuerLevel.PROVINCE.value, _("Uỷ ban nhân dân tỉnh (3 hoặc 4 sao)")),
    SelectChoice(IssuerLevel.CENTRAL.value, _("Trung ương (5 sao)")),
    SelectChoice(IssuerLevel.DISTRICT.value, _("Uỷ ban nhân dân huyện, trước 01/07/2025 (3 sao)")),
)


class CertificateForm(Form):
    decision_number = LineField(
        _("Số quyết định"),
        validators=[
            required(_("Ghi số quyết định, ví dụ 123/QĐ-UBND.")),
            at_most(60),
        ],
    )
    issuer_level = OneOfField(
        _("Cấp nào công nhận?"),
        choices=LEVELS,
        validators=[required(_("Chọn cấp công nhận."))],
    )
    issuer = LineField(
        _("Tên nơi ký quyết định"),
        validators=[
            required(_("Ghi tên nơi ký, ví dụ Uỷ ban nhân dân tỉnh Tây Ninh.")),
            at_most(160),
        ],
    )
    stars = OneOfField(
        _("Số sao"),
        choices=[SelectChoice(count, _("%(count)s sao", count=count)) for count in "345"],
        validators=[required(_("Chọn số sao ghi trong quyết định."))],
    )
    issued_on = DayField(_("Ngày ký"), validators=[required(_("Ghi ngày ký, ví dụ 31/01/2024."))])
    products = SelectMultipleField(_("Món hàng ghi trong quyết định"))
    document = FileField(_("Bản chụp hoặc bản quét quyết định"))
    version = HiddenField()

    def offer(self, products: Sequence[tuple[str, str]]) -> None:
        """Let the form choose among these (public id, name)."""
        self.products.choices = [SelectChoice(value, label) for value, label in products]

    def paper(self) -> Paper:
        """Return what was written, once the form has been validated."""
        return Paper(
            decision_number=self.decision_number.data,
            issuer_level=IssuerLevel(self.issuer_level.data),
            issuer=self.issuer.data,
            stars=int(self.stars.data),
            issued_on=cast("date", self.issued_on.data),
            products=self.products.data or [],
        )

    def scan(self) -> Scan | None:
        """Return the uploaded file, None when none was chosen."""
        upload = self.document.data
        if not upload:
            return None
        return Scan(data=upload.read(), name=upload.filename or "")

    def known_version(self) -> int:
        """Return the version the form was filled in from; anything unreadable matches none."""
        given = self.version.data or ""
        return int(given) if given.isdecimal() and len(given) < 10 else 0

    def fill(self, certificate: Certificate) -> None:
        """Show what a stored certificate says."""
        self.decision_number.data = certificate.decision_number
        self.issuer_level.data = certificate.issuer_level.value
        self.issuer.data = certificate.issuer
        self.stars.data = str(certificate.stars)
        self.issued_on.data = certificate.issued_on
        self.products.data = [cover.product.public_id for cover in certificate.covers]
        self.version.data = str(certificate.version)
