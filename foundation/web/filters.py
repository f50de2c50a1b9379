"""How values read on a page: prices, days, amounts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from flask import Flask, current_app
from flask_babel import gettext
from markupsafe import Markup, escape

from foundation import clock, money
from foundation.errors import DomainError
from foundation.web.i18n import language

THOUSAND = {"vi": ".", "en": ","}


def vnd(amount: int) -> str:
    """Return whole đồng as 125.000 ₫."""
    return money.format_vnd(amount)


def number(value: int) -> str:
    """Return a whole number with the language's thousands mark."""
    return f"{value:,}".replace(",", THOUSAND[language()])


def day(value: date | datetime) -> str:
    """Return a day as 22/11/2026, on the calendar of Việt Nam."""
    if isinstance(value, datetime):
        value = clock.day(value)
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """Return a moment as 14:05, 22/11/2026, on the clock of Việt Nam."""
    return f"{clock.local(value):%H:%M, %d/%m/%Y}"


def weekday(value: date) -> str:
    """Return the name of the day of the week."""
    names = (
        gettext("Thứ hai"),
        gettext("Thứ ba"),
        gettext("Thứ tư"),
        gettext("Thứ năm"),
        gettext("Thứ sáu"),
        gettext("Thứ bảy"),
        gettext("Chủ nhật"),
    )
    return str(names[value.weekday()])


def paragraphs(text: str) -> Markup:
    """Return plain text as paragraphs: blank lines part them, single line ends are kept."""
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
    )


def sentence(error: DomainError) -> str:
    """Return what a refusal says to people, in the reader's language."""
    return str(gettext(error.sentence, **_worded(error.facts)))


def _worded(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: _word(value) for name, value in facts.items()}


def _word(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value


def asset(name: str) -> str:
    """Return the address of a static file, which changes whenever its content does."""
    version = current_app.extensions["asset_versions"][name]
    return f"/static/{name}?v={version}"


def init_app(app: Flask) -> None:
    """Make the filters known to every template."""
    app.jinja_env.filters.update(
        vnd=vnd,
        number=number,
        day=day,
        moment=moment,
        weekday=weekday,
        paragraphs=paragraphs,
        sentence=sentence,
    )
    app.jinja_env.globals.update(asset=asset, language=language)
