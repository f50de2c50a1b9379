"""Languages: Vietnamese is what the source says, English comes from the catalogue."""

from __future__ import annotations

from babel.support import NullTranslations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

from foundation.language import LANGUAGES, catalogue

COOKIE = "language"


class SourceCatalogues(Domain):
    """Takes pages' sentences from where messages take theirs."""

    def get_translations(self) -> NullTranslations:
        return catalogue(str(get_locale() or "vi"))


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
