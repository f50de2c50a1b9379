"""Languages: Vietnamese is what the source says, English comes from the catalogue."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

LANGUAGES = ("vi", "en")
COOKIE = "language"
CATALOGUES = Path(__file__).with_name("translations")


class SourceCatalogues(Domain):
    """Reads the .po files themselves, so that no compiled file has to be kept beside them."""

    def get_translations(self) -> NullTranslations:
        language = str(get_locale() or "vi")
        if language not in self.cache:
            self.cache[language] = _read(language)
        found: NullTranslations = self.cache[language]
        return found


def _read(language: str) -> NullTranslations:
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def chosen_language() -> str:
    """Return the language of this request: the cookie's, else the person's, else Vietnamese."""
    cookie = request.cookies.get(COOKIE)
    if cookie in LANGUAGES:
        return str(cookie)
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    return "vi"


class Languages(Babel):
    catalogues = SourceCatalogues()

    @property
    def domain_instance(self) -> SourceCatalogues:
        return self.catalogues


def init_app(app: Flask) -> None:
    """Set languages up for the application."""
    Languages(app, default_locale="vi", locale_selector=chosen_language)
