"""English is complete: every sentence of the source has its translation, with the same blanks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGES = ("foundation", "catalog", "payments", "training", "marketplace")
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "lazy_gettext": None}
ENGLISH = ROOT / "foundation/web/translations/en/LC_MESSAGES/messages.po"
BLANK = re.compile(r"%\((\w+)\)[sd]")
VIETNAMESE_LETTERS = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


@cache
def sentences() -> set[str | tuple[str, ...]]:
    """Return every sentence that the source marks, plural ones as (one, many)."""
    found: set[str | tuple[str, ...]] = set()
    for package in PACKAGES:
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / package),
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            options_map={},
            keywords=KEYWORDS,
        ):
            found.add(message)
    return found


@cache
def english() -> Catalog:
    with ENGLISH.open("rb") as source:
        return read_po(source, locale="en")


def translated(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_no_sentence_is_without_english() -> None:
    catalogue = english()
    missing = []
    for sentence in sentences():
        message = catalogue.get(sentence if isinstance(sentence, str) else sentence[0])
        if message is None or message.fuzzy or not all(translated(message)):
            missing.append(sentence)

    assert not missing, f"{len(missing)} untranslated: run `make words` and fill in {ENGLISH.name}"


def test_translations_fill_in_the_same_blanks() -> None:
    wrong = [
        (message.id, string)
        for message in english()
        if message.id
        for string in translated(message)
        if not set(BLANK.findall(string))
        <= set(BLANK.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    ]

    assert wrong == []


def test_nothing_is_translated_that_the_source_no_longer_says() -> None:
    known = {one if isinstance(one, str) else one[0] for one in sentences()}
    stale = [
        message.id
        for message in english()
        if message.id
        and (message.id if isinstance(message.id, str) else message.id[0]) not in known
    ]

    assert stale == []


def test_english_is_english() -> None:
    names = ("Phiên Chợ", "Tiếng Việt", "Việt Nam")
    left = []
    for message in english():
        for string in translated(message) if message.id else ():
            plain = string
            for name in names:
                plain = plain.replace(name, "")
            if len(VIETNAMESE_LETTERS.findall(plain.lower())) > len(plain) // 6:
                left.append(string)

    assert left == []


def test_no_template_says_something_untranslated() -> None:
    """Words between tags must be marked: a capital letter or a Vietnamese one gives them away."""
    bare = re.compile(r">\s*([A-ZĐÀ-Ỹ][^<>{}]*[a-zà-ỹđ]{2}[^<>{}]*)<")
    allowed = {"Phiên Chợ", "English", "Tiếng Việt"}
    found = [
        (path.name, words)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.html"))
        for words in bare.findall(re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL))
        if words.strip() not in allowed
    ]

    assert found == []
