"""Vietnamese text: cleaning, folding, sorting, slugs and spelling variants.

Pure functions over `str`; nothing here raises on odd input unless its docstring says so.
Normal forms follow Unicode Standard Annex 15; the sort order follows the Unicode Collation
Algorithm with the CLDR tailoring for Vietnamese (what ICU calls locale "vi").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Controls, invisible format marks (zero-width, bidi, soft hyphen, BOM) and lone surrogates.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})
# U+0110 has no decomposition, so dropping marks leaves it. The other two look the same on the
# screen and appear wherever a legacy code page was read as Latin-1.
_STROKED_D: Final = str.maketrans(dict.fromkeys("đĐðÐɖƉ", "d"))


# --- cleaning and folding ---------------------------------------------------------------------


def clean(text: str) -> str:
    """Return one line of text as it is stored: NFC, nothing invisible, single blanks, trimmed.

    Every sort of blank (tab, newline, NBSP) becomes one space. Quotes, dashes and letter case
    stay as typed. Applying it twice changes nothing.
    """
    return unicodedata.normalize("NFC", " ".join(_visible(text).split()))


def clean_multiline(text: str) -> str:
    """Return a text of several lines as it is stored; like `clean`, but the lines remain.

    CRLF, CR and Unicode line separators become LF and a tab four spaces. Blanks inside and at
    the start of a line stay, since they carry meaning in Markdown; blanks at line ends and empty
    lines around the text go.
    """
    lines = (_visible(line.replace("\t", "    ")) for line in text.splitlines())
    blank = ("".join(" " if char.isspace() else char for char in line) for line in lines)
    return unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in blank).strip("\n"))


def fold(text: str) -> str:
    """Return the form under which text is searched and compared.

    Without marks, with đ as d, in lower case, with single blanks and trimmed; punctuation stays.
    NFC and NFD input give the same result, so do old and new tone placement, and folding twice
    changes nothing.
    """
    composed = unicodedata.normalize("NFC", _visible(text)).translate(_STROKED_D)
    plain = _without_marks(_without_marks(composed).casefold())
    return " ".join(unicodedata.normalize("NFC", plain).split())


def fold_words(text: str) -> list[str]:
    """Return the folded words of a text in order: runs of letters and digits, for searching."""
    return re.findall(r"[^\W_]+", fold(text))


def _visible(text: str) -> str:
    """Drop what cannot be seen. Blanks, also those that count as controls, stay."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char.isspace() or not _is_invisible(char))


def _is_invisible(char: str) -> bool:
    """Say whether a character shows nothing or, as a noncharacter, breaks XML and XLSX."""
    code = ord(char)
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return noncharacter or unicodedata.category(char) in _INVISIBLE


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if unicodedata.category(char) not in {"Mn", "Me"})


# --- slugs ------------------------------------------------------------------------------------


def slugify(text: str, *, fallback: str = "muc", max_length: int = 80) -> str:
    """Return the part of an address that names a thing: `[a-z0-9]` words joined by hyphens.

    Cut between words to at most `max_length` characters; only a first word longer than that is
    cut inside. Where the text holds no Latin letter or digit, the slug of `fallback` is given.
    Raises ValueError when that is empty too, or when `max_length` is below 1.
    """
    if max_length < 1:
        raise ValueError("max_length must be at least 1")
    for candidate in (text, fallback):
        slug = _joined_up_to(max_length, _latin_words(candidate))
        if slug:
            return slug
    raise ValueError("fallback holds no Latin letter or digit")


def _latin_words(text: str) -> list[str]:
    # NFKD turns "m²" and full-width letters into their plain counterparts.
    return re.findall(r"[a-z0-9]+", fold(unicodedata.normalize("NFKD", text)))


def _joined_up_to(limit: int, words: list[str]) -> str:
    if not words:
        return ""
    slug = words[0][:limit]
    for word in words[1:]:
        if len(slug) + 1 + len(word) > limit:
            break
        slug = f"{slug}-{word}"
    return slug


# --- sorting ----------------------------------------------------------------------------------

# Each character's primary weight is a code whose length follows from its first symbols, so that
# comparing keys symbol by symbol compares weights one by one. Only [0-9a-z] is used: every
# collation a database may run under agrees on their order. "0" ends a level, below every weight.
_LEVEL_END: Final = "0"
_BLANK: Final = "10"
# ICU's order of the signs met in names, addresses and prices.
_PUNCTUATION: Final = (
    "_-\u2010\u2013\u2014,;:!\u00a1?¿.·'\u2018\u2019\u2039\u203a\"“”„«»("
    ")[]{}§@*/\\&#%†‡•`^°©®←→+±÷\u00d7<=>¬|¦~≈≤≥$£¥₫€№"
)
_OWN_LETTERS: Final = dict(zip("ăâđêôơư", ("a1", "a2", "d1", "e1", "o1", "o2", "u1"), strict=True))
_PRIMARY: Final = {
    " ": _BLANK,
    **{char: f"2{index // 10}{index % 10}" for index, char in enumerate(_PUNCTUATION)},
    **{digit: f"9{digit}" for digit in "0123456789"},
    **{letter: f"{letter}0" for letter in "abcdefghijklmnopqrstuvwxyz"},
    **_OWN_LETTERS,
}
# (a, breve) → ă and so on: these marks make letters of their own, others are accents.
_MARKED_LETTERS: Final = {
    tuple(unicodedata.normalize("NFD", letter)): letter for letter in "ăâêôơư"
}
_TONES: Final = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng
_NO_ACCENT: Final = "1"
_ACCENTS: Final = {mark: str(weight) for weight, mark in enumerate(_TONES, start=2)}
_LOWER: Final = "1"
_UPPER: Final = "2"


def sort_key(text: str) -> str:
    """Return a key whose plain string order is the Vietnamese alphabetical order of the texts.

    The order is that of ICU's "vi" collation at its default strength: blanks, punctuation,
    digits, then a ă â b c d đ e ê …; between texts of the same letters the tones ngang, huyền,
    hỏi, ngã, sắc, nặng decide from the left, and last of all lower before upper case. Letters
    of other scripts follow by code point. The key is made of [0-9a-z] alone; a Vietnamese text
    of n characters gives fewer than 5n + 2 of them.
    """
    primary: list[str] = []
    accents: list[str] = []
    cases: list[str] = []
    for base, marks in _atoms(unicodedata.normalize("NFKD", clean(text))):
        letter, rest = _own_letter(base.lower(), marks)
        for char in letter if letter in _PRIMARY else letter.casefold():
            primary.append(_PRIMARY.get(char) or _other_weight(char))
            accents.append(_NO_ACCENT)
            cases.append(_UPPER if base != base.lower() else _LOWER)
        accents.extend(_ACCENTS.get(mark) or f"7{ord(mark):06x}" for mark in rest)
    # What ends in common weights sorts alike without them: the level's end is lower still.
    levels = ("".join(primary), _trimmed(accents, _NO_ACCENT), _trimmed(cases, _LOWER))
    return _LEVEL_END.join(levels)


def _atoms(decomposed: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every character with the combining marks that follow it."""
    for atom in re.finditer(r"(?s).[\u0300-\u036f]*", decomposed):
        yield atom[0][0], list(atom[0][1:])


def _own_letter(base: str, marks: list[str]) -> tuple[str, list[str]]:
    """Join base and mark where they make a letter of the alphabet; return it and other marks."""
    for index, mark in enumerate(marks):
        letter = _MARKED_LETTERS.get((base, mark))
        if letter:
            return letter, marks[:index] + marks[index + 1 :]
    return base, marks


def _other_weight(char: str) -> str:
    # Unlisted signs stand between punctuation and digits, other letters after z.
    is_letter = unicodedata.category(char)[0] in "LMN"
    return f"{'zz' if is_letter else '3'}{ord(char):06x}"


def _trimmed(weights: list[str], common: str) -> str:
    end = len(weights)
    while end and weights[end - 1] == common:
        end -= 1
    return "".join(weights[:end])


# --- spelling ---------------------------------------------------------------------------------


def _tone_pairs() -> Iterator[tuple[str, str]]:
    """Yield (òa, oà) and its like: three vowel pairs, five tones, each in every letter case."""
    for first, second in ("oa", "oe", "uy", "Oa", "Oe", "Uy", "oA", "oE", "uY", "OA", "OE", "UY"):
        for tone in _TONES:
            old = unicodedata.normalize("NFC", first + tone + second)
            yield old, unicodedata.normalize("NFC", first + second + tone)


_OLD_TO_NEW: Final = dict(_tone_pairs())
_NEW_TO_OLD: Final = {new: old for old, new in _OLD_TO_NEW.items()}
# Only where the syllable ends (hoà, but hoàn), and never after q, whose u is no vowel (quý).
_OLD_PAIR: Final = re.compile(rf"(?<!q)(?:{'|'.join(_OLD_TO_NEW)})(?![^\W\d_])", re.IGNORECASE)
_NEW_PAIR: Final = re.compile(rf"(?<!q)(?:{'|'.join(_NEW_TO_OLD)})(?![^\W\d_])", re.IGNORECASE)


def new_tone_placement(text: str) -> str:
    """Return the text in NFC with the tone on the second vowel: hòa, khỏe → hoà, khoẻ."""
    composed = unicodedata.normalize("NFC", text)
    return _OLD_PAIR.sub(lambda pair: _OLD_TO_NEW[pair[0]], composed)


def old_tone_placement(text: str) -> str:
    """Return the text in NFC with the tone on the first vowel: hoà, khoẻ → hòa, khỏe."""
    composed = unicodedata.normalize("NFC", text)
    return _NEW_PAIR.sub(lambda pair: _NEW_TO_OLD[pair[0]], composed)


def same_spelling(first: str, second: str) -> bool:
    """Say whether two texts differ at most in tone placement, normal form and blanks.

    Accents and letter case count: "Hoà Bình" is "Hòa Bình", but neither "Hoa Bình" nor
    "hòa bình".
    """
    return old_tone_placement(clean(first)) == old_tone_placement(clean(second))


# --- abbreviations ----------------------------------------------------------------------------

_LONG_FORMS: Final = {
    "tp": "thành phố",
    "tx": "thị xã",
    "tt": "thị trấn",
    "htx": "hợp tác xã",
    "dn": "doanh nghiệp",
    "sp": "sản phẩm",
    "đt": "điện thoại",
    "q": "quận",
    "p": "phường",
    "h": "huyện",
    "x": "xã",
}
_START: Final = r"(?<![\w/.])"  # "/" guards document numbers such as 86/2024/TT-BTC
_CITY: Final = re.compile(rf"{_START}t\.?p\.?\s*(?:hcm|hồ chí minh)(?!\w)", re.IGNORECASE)
_ROAD: Final = re.compile(
    rf"{_START}đt[.\s]*(?=[1-9]\d{{2}}[a-z]?(?!\w)(?![ .-]?\d))", re.IGNORECASE
)
_WORD: Final = re.compile(rf"{_START}(tp|tx|tt|htx|dn|sp|đt)(?:\.\s*|(?![\w-]))", re.IGNORECASE)
# One letter alone proves nothing: it needs a full stop, or a number after Q and P.
_NUMBERED: Final = re.compile(
    rf"{_START}([qp])(?:\.\s*(?=\w)|\s?(?=\d{{1,2}}(?!\w)))", re.IGNORECASE
)
_NAMED: Final = re.compile(rf"{_START}([hx])\.\s*(?=[^\W\d_])", re.IGNORECASE)
_KILOGRAM: Final = re.compile(
    r"(?<=\d)\s*(?:kg|k[ýíyi](?:[\s-]?l[ôo](?:[\s-]?gr?am)?)?)(?!\w)", re.IGNORECASE
)


def expand_abbreviations(text: str) -> str:
    """Return the text with common abbreviations of addresses and shops written out, cleaned.

    For searching and for comparing addresses, not for display: long forms come in lower case.
    TP.HCM, TP, TX, TT, HTX, DN, SP and ĐT expand as words; Q., P., H., X. only before a name or
    number; ĐT before a three-digit road number is a provincial road (đường tỉnh); "5 ký" becomes
    "5 kg". Applying it twice changes nothing.
    """
    expanded = _CITY.sub("thành phố Hồ Chí Minh", clean(text))
    expanded = _ROAD.sub("đường tỉnh ", expanded)
    for pattern in (_WORD, _NUMBERED, _NAMED):
        expanded = pattern.sub(_long_form, expanded)
    return clean(_KILOGRAM.sub(" kg", expanded))


def _long_form(found: re.Match[str]) -> str:
    follower = found.string[found.end() : found.end() + 1]
    return _LONG_FORMS[found[1].lower()] + (" " if follower.isalnum() else "")
