"""Sentences in a reader's language, also where no request is at hand: messages, jobs, the demo.

The source says Vietnamese; every other language is a catalogue beside the pages' templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("vi", "en")
CATALOGUES = Path(__file__).parent / "web" / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """Return a language's sentences. They are read from the .po file itself, so that no compiled
    file has to be kept beside it; a language without one shows the source."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if language not in LANGUAGES or not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        read = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


def translate(sentence: str, language: str, facts: Mapping[str, object]) -> str:
    """Return a marked sentence in this language with its %(name)s filled in."""
    return str(catalogue(language).ugettext(sentence)) % facts
