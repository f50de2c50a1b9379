"""The form of a product: its words, its sizes as rows, its photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice

from catalog.photos.service import PhotoGiven
from catalog.products import rules
from catalog.products.models import Product
from catalog.products.rules import NetUnit, Problem, ProductGiven, VariantGiven
from foundation.places.forms import CommuneField
from foundation.web.forms import DongField, Form, LineField, TextField, WholeField

UNITS = (
    SelectChoice("g", _("gam")),
    SelectChoice("kg", _("kg")),
    SelectChoice("ml", _("ml")),
    SelectChoice("l", _("lít")),
    SelectChoice("piece", _("cái")),
)
MOST_PLACES = 99


class SizeForm(wtforms.Form):
    """One size. A row in which nothing was typed does not count."""

    public_id = HiddenField()
    name = LineField(_("Tên quy cách"))
    amount = StringField(_("Lượng tịnh"))
    unit = SelectField(_("Đơn vị"), choices=UNITS, default="g", validate_choice=False)
    price = DongField(_("Giá bán"))
    stock = WholeField(_("Còn trong kho"))
    sku = LineField(_("Mã hàng riêng (SKU)"))

    @property
    def blank(self) -> bool:
        typed = (self.name, self.amount, self.price, self.stock, self.sku)
        return not self.public_id.data and not any(_typed(each) for each in typed)

    def read(self) -> VariantGiven | None:
        """Return the row as a size; None when something in it cannot be read, which is then
        said beside the field."""
        net = self._net()
        if self.price.data is None and not self.price.errors:
            _say(self.price, gettext("Ghi giá bán của quy cách này."))
        if net is None or self.price.data is None or self.stock.errors:
            return None
        return VariantGiven(
            public_id=self.public_id.data or None,
            name=self.name.data or "",
            sku=self.sku.data or "",
            price=self.price.data,
            net_amount=net[0],
            net_unit=net[1],
            stock=self.stock.data or 0,
        )

    def _net(self) -> tuple[int, NetUnit] | None:
        unit = self.unit.data if self.unit.data in rules.WRITTEN_UNITS else "g"
        try:
            return rules.parse_net(self.amount.data or "", unit)
        except rules.BadNet:
            _say(self.amount, gettext("Ghi lượng tịnh bằng số, ví dụ 500 gam hoặc 1,5 kg."))
            return None


class BeginForm(Form):
    """The first step: enough to keep a draft."""

    name = LineField(_("Tên món hàng"))
    category = SelectField(_("Loại hàng"), validate_choice=False)
    commune = CommuneField(_("Nơi làm ra"))

    def offer(self, categories: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Set what the category can be chosen from."""
        first = SelectChoice("", gettext("Chọn loại hàng"), optgroup=gettext("Chưa chọn"))
        offered = [
            SelectChoice(code, name, optgroup=heading)
            for heading, entries in categories.items()
            for code, name in entries
        ]
        self.category.choices = [first, *offered]

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold what was typed against the limits too, beside each field."""
        super().validate(extra_validators)
        self.read_rows()
        for problem in rules.problems(self.given(0)):
            self.attach(problem)
        if not self.category.data:
            _say(self.category, gettext("Chọn một loại hàng trong danh sách."))
        if not self.commune.data and not self.commune.errors:
            _say(self.commune, gettext("Chọn xã, phường nơi làm ra món hàng."))
        return not self.problems()

    def read_rows(self) -> None:
        """Read the rows below the form; the first step has none."""

    def given(self, category_id: int) -> ProductGiven:
        """Return what was typed. `category_id` is that of the chosen code."""
        return ProductGiven(
            name=self.name.data or "",
            category_id=category_id,
            commune_code=self.commune.data or "",
        )

    def attach(self, problem: Problem) -> None:
        """Put a broken limit beside its field."""
        words = gettext(problem.sentence, **problem.facts)
        field = self._fields.get(problem.field)
        if field is None:
            self.form_errors.append(words)
        elif words not in field.errors:
            _say(field, words)


class ProductForm(BeginForm):
    """The whole product."""

    summary = LineField(_("Giới thiệu trong một câu"))
    description = TextField(_("Kể về món này"))
    ingredients = TextField(_("Thành phần"))
    storage = LineField(_("Cách bảo quản"))
    shelf_life_days = WholeField(_("Hạn dùng"))
    adults_only = BooleanField(_("Chỉ bán cho người từ 18 tuổi"))
    sizes = FieldList(FormField(SizeForm))
    version = HiddenField()

    # Set while the form is answered: the rows that count, each as a size where it can be read,
    # and whether somebody else saved the product meanwhile.
    rows: Sequence[SizeForm] = ()
    readable: Sequence[VariantGiven | None] = ()
    stale = False

    def fill(self, product: Product) -> None:
        """Show a stored product."""
        self.name.data, self.category.data = product.name, product.category.code
        self.commune.data = product.commune_code
        for name in (
            "summary",
            "description",
            "ingredients",
            "storage",
            "shelf_life_days",
            "adults_only",
            "version",
        ):
            self._fields[name].data = getattr(product, name)
        for size in product.variants:
            amount, unit = rules.net_written(size.net_amount, size.net_unit)
            self.sizes.append_entry(
                {
                    "public_id": size.public_id,
                    "name": size.name,
                    "amount": amount,
                    "unit": unit,
                    "price": size.price,
                    "stock": size.stock,
                    "sku": size.sku,
                }
            )
        if not product.variants:
            self.sizes.append_entry()

    def read_rows(self) -> None:
        """Read the sizes; what cannot be read is said beside the field."""
        self.rows = [entry.form for entry in self.sizes if not entry.form.blank]
        self.readable = [row.read() for row in self.rows]

    def given(self, category_id: int) -> ProductGiven:
        return ProductGiven(
            name=self.name.data or "",
            category_id=category_id,
            commune_code=self.commune.data or "",
            summary=self.summary.data or "",
            description=self.description.data or "",
            ingredients=self.ingredients.data or "",
            storage=self.storage.data or "",
            shelf_life_days=self.shelf_life_days.data,
            adults_only=bool(self.adults_only.data),
            variants=tuple(size for size in self.readable if size is not None),
        )

    def attach(self, problem: Problem) -> None:
        """Put a broken limit beside its field; one of a size in that size's row."""
        if problem.variant is None:
            super().attach(problem)
            return
        rows = [row for row, size in zip(self.rows, self.readable, strict=True) if size]
        name = "amount" if problem.field == "net" else problem.field
        _say(rows[problem.variant]._fields[name], gettext(problem.sentence, **problem.facts))

    def problems(self) -> list[tuple[str, str]]:
        """Return (id of the field, sentence), each size's field by itself."""
        found = [("", str(words)) for words in self.form_errors]
        for field in self:
            if field.name != "sizes":
                found += [(field.id, str(words)) for words in field.errors]
                continue
            for entry in self.sizes:
                for part in entry.form:
                    found += [(part.id, str(words)) for words in part.errors]
        return found

    def add_row(self) -> None:
        """Add an empty size below the others."""
        if len(self.sizes) < rules.MOST_VARIANTS:
            self.sizes.append_entry()

    def remove_row(self, index: int) -> None:
        """Take a size out of the form; it is gone for good only when the form is saved."""
        rows = list(self.sizes.entries)
        if 0 <= index < len(rows):
            self.sizes.entries = rows[:index] + rows[index + 1 :]


def photos_given(typed: Mapping[str, str], product: Product) -> list[PhotoGiven]:
    """Read alt-<photo> and place-<photo> of the photos the product has."""
    given = []
    for index, photo in enumerate(product.photos):
        place = typed.get(f"place-{photo.public_id}", "")
        given.append(
            PhotoGiven(
                public_id=photo.public_id,
                alt=typed.get(f"alt-{photo.public_id}", photo.alt),
                place=_place(place, index),
            )
        )
    return given


def _place(typed: str, index: int) -> int:
    """Return a sort place: a photo moved to where another stands goes before it when it moves
    up, behind it when it moves down."""
    if not (typed.isascii() and typed.isdecimal()) or int(typed[:4]) > MOST_PLACES:
        return 3 * index + 1
    wanted = int(typed) - 1
    if wanted == index:
        return 3 * index + 1
    return 3 * wanted if wanted < index else 3 * wanted + 2


def _typed(field: Any) -> str:
    raw = field.raw_data[0] if field.raw_data else ""
    return str(raw or field.data or "").strip() if field.name else ""


def _say(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]
