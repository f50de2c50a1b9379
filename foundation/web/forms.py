"""The base of every form: cleaned text, sentences beside the field, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Any, ClassVar, cast

from flask import flash
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from foundation import identity, money, text
from foundation.errors import DomainError
from foundation.web.filters import sentence

Validator = Callable[[Any, Any], None]


class _OurWords:
    """Puts our own sentences in place of those that WTForms brings in English."""

    NOT_OFFERED = _("Chọn một trong những mục có sẵn.")
    SENTENCES: ClassVar = {
        "Not a valid choice.": NOT_OFFERED,
        "Not a valid choice": NOT_OFFERED,
        "'%(value)s' is not a valid choice for this field.": NOT_OFFERED,
        "Not a valid integer value.": _("Chỗ này phải là số nguyên, ví dụ 500."),
        "Invalid Choice: could not coerce.": NOT_OFFERED,
    }

    def gettext(self, sentence: str) -> str:
        return str(self.SENTENCES.get(sentence, sentence))

    def ngettext(self, one: str, many: str, count: int) -> str:
        if count != 1 and many.startswith("'%(value)s'"):
            return str(self.NOT_OFFERED)
        return str(self.SENTENCES.get(one, one if count == 1 else many))


class Form(FlaskForm):
    """A form that can also show what a service refused."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: object) -> _OurWords:
            return _OurWords()

    def refuse(self, error: DomainError) -> None:
        """Put a refusal's sentence beside the field it names, or above the form."""
        words = sentence(error)
        if error.field and error.field in self._fields:
            errors = self._fields[error.field].errors
            self._fields[error.field].errors = [*errors, words]
        else:
            self.form_errors.append(words)

    def problems(self) -> list[tuple[str, str]]:
        """Return (id of the field, sentence) for the summary at the top; id "" for the form."""
        found = [("", str(words)) for words in self.form_errors]
        for field in self:
            found += [(field.id, str(words)) for words in _flat(field.errors)]
        return found


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [words for value in errors.values() for words in _flat(value)]
    if isinstance(errors, list | tuple):
        return [words for value in errors for words in _flat(value)]
    return [str(errors)]


class LineField(StringField):
    """One line of text, cleaned of what a word processor or a keyboard left in it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = text.clean(valuelist[0]) if valuelist else ""


class TextField(TextAreaField):
    """Several lines of text, cleaned."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = text.clean_multiline(valuelist[0]) if valuelist else ""


class OneOfField(RadioField):
    """One of a few choices. None chosen is for `required` to answer, in the field's own words."""

    def pre_validate(self, form: Any) -> None:
        if self.raw_data:
            super().pre_validate(form)


class _ParsedField(StringField):
    """Shows what was typed; `data` is what it was read as, None when it was left empty."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.shown(self.data)

    def shown(self, value: Any) -> str:
        return str(value)

    def parse(self, typed: str) -> Any:
        raise TypeError("a parsed field says how it is read")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = self.parse(valuelist[0])


class DongField(_ParsedField):
    """An amount of money in whole đồng: 45.000, 45 000đ, 45k."""

    def shown(self, value: Any) -> str:
        return f"{value:,}".replace(",", ".")

    def parse(self, typed: str) -> int:
        try:
            return money.parse_vnd(typed)
        except ValueError as error:
            raise ValueError(str(_("Giá phải là số tiền chẵn đồng, ví dụ 45.000."))) from error


class WholeField(_ParsedField):
    """A whole number, with or without thousands marks."""

    def parse(self, typed: str) -> int:
        digits = typed.strip().replace(" ", "").replace("\u00a0", "").replace(".", "")
        if not digits.lstrip("-").isdecimal() or len(digits) > 12:
            raise ValueError(str(_("Chỗ này phải là số nguyên, ví dụ 500.")))
        return int(digits)


class DayField(_ParsedField):
    """A day: 22/11/2026 as people write it, or 2026-11-22 as a browser's calendar sends it."""

    def shown(self, value: Any) -> str:
        return f"{value:%d/%m/%Y}"

    def parse(self, typed: str) -> date:
        plain = typed.strip().replace("-", "/").replace(".", "/").replace(" ", "")
        for style in ("%d/%m/%Y", "%Y/%m/%d"):
            with suppress(ValueError):
                return datetime.strptime(plain, style).date()  # noqa: DTZ007  # a day has no zone
        raise ValueError(str(_("Ngày chưa đúng. Nhập ngày/tháng/năm, ví dụ 31/01/2024.")))


class PhoneField(_ParsedField):
    """A Vietnamese phone number in any usual spelling; `data` is 0912345678."""

    def parse(self, typed: str) -> str:
        try:
            return identity.parse_phone(typed)
        except ValueError as error:
            raise ValueError(
                str(_("Số điện thoại chưa đúng. Nhập đủ 10 số, ví dụ 0912 345 678."))
            ) from error


def required(words: str | None = None) -> Validator:
    """Refuse an empty field with a sentence that says what to give."""

    def check(_form: Any, field: Field) -> None:
        data = field.data
        if (data is None or data in ("", [])) and not field.errors:
            raise ValidationError(words or _("Chỗ này cần điền."))

    # The browser's own refusal is left off: ours says what to do, in the page's language.
    check.field_flags = {"aria_required": True}  # type: ignore[attr-defined]
    return check


def at_most(length: int) -> Validator:
    """Refuse a text longer than `length` characters."""

    def check(_form: Any, field: Field) -> None:
        if field.data and len(field.data) > length:
            raise ValidationError(
                _(
                    "Dài quá: %(has)s chữ, nhiều nhất %(most)s. Bớt lại một chút.",
                    has=len(field.data),
                    most=length,
                )
            )

    return check


def between(least: int, most: int, words: str) -> Validator:
    """Refuse a number outside the range with the given sentence."""

    def check(_form: Any, field: Field) -> None:
        if field.data is not None and not field.errors and not least <= field.data <= most:
            raise ValidationError(words)

    return check


def say(message: str, tone: str = "good") -> None:
    """Show a sentence on the next page. `tone` is good, care, bad or plain."""
    flash(message, cast("Any", tone))
