"""Reading an address as people write it: units, the marks before them, and what is no unit. Pure.

A text is cut into segments at its commas, the segments into words. Every run of words that may be
a name is looked up; `readings` then puts what was found together into places that fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from foundation import text

LONGEST_NAME: Final = 6
MOST_WORDS: Final = 16
MOST_LETTERS: Final = 200
LETTERS: Final = "abcdeghiklmnopqrstuvxy"

KINDS: Final = (
    *("thành phố", "thị xã", "thị trấn", "đặc khu"),
    *("tỉnh", "huyện", "quận", "phường", "xã"),
)
COMMUNE_KINDS: Final = frozenset({"thị trấn", "đặc khu", "phường", "xã"})
# A number alone names nothing: "Phường 3" and "Quận 3" keep their kinds in their keys.
_NUMBER: Final = re.compile(r"0*(\d+)")
# Parts of a village, which open a segment: no unit of ours is named there.
_HAMLETS: Final = (
    *("ấp", "kp", "khu phố", "khóm", "thôn", "tổ dân phố", "tổ", "khu dân cư", "số nhà", "số"),
    *("đường", "hẻm", "quốc lộ", "tỉnh lộ", "đường tỉnh", "ngõ", "ngách", "buôn", "bản"),
)
# Without their marks these could begin the name of a unit: Dương Đông, Bàn Long, Tô Hiệu.
_ONLY_WITH_MARKS: Final = frozenset({"đường", "bản", "tổ", "số", "buôn"})
_NOISE: Final = frozenset({"vietnam", "vn"})
_ALIASES: Final = {"saigon": "hochiminh", "hcm": "hochiminh", "thuathienhue": "hue"}
_BRACKETS: Final = re.compile(r"[(\[][^()\[\]]*[)\]]?")
_OLD: Final = re.compile(r"(?<!\w)(?:cũ|trước đây|truoc day)(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """A word of a text: folded; as typed, in lower case with the old tone placement; and the
    number of the segment it stands in."""

    folded: str
    typed: str
    segment: int


@dataclass(frozen=True)
class Typed:
    """A text read into words. `old` says that it calls its units former ones, `marked` that it
    was typed with marks over its letters."""

    words: tuple[Word, ...]
    old: bool
    marked: bool
    corrected: bool = False

    @cached_property
    def kinds(self) -> tuple[tuple[str | None, int], ...]:
        """For every position, the end included: the mark right before it, and where it begins."""
        return tuple(_kind_before(self, at) for at in range(len(self.words) + 1))

    @cached_property
    def noise(self) -> frozenset[int]:
        """The positions of words that belong to a hamlet, a street or a house number."""
        return _noise(self)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """Every run of words in one segment that may be a unit's name."""
        return tuple(_windows(self))

    @cached_property
    def cut(self) -> tuple[Window, ...]:
        """The windows that the text ends with: their names may still be going on."""
        at_end = (each for each in self.windows if each.end == len(self.words))
        return tuple(each for each in at_end if len(each.key) > 1)

    def key(self, start: int, end: int) -> str:
        return key_of_words([word.folded for word in self.words[start:end]])

    def spelling(self, start: int, end: int) -> str:
        return " ".join(word.typed for word in self.words[start:end])


@dataclass(frozen=True)
class Window:
    """A run of words, `start` to `end`, that may be a name; `kind` is the mark before it."""

    start: int
    end: int
    key: str
    kind: str | None
    marked_from: int

    @property
    def length(self) -> int:
        return self.end - self.start


def split_kind(name: str) -> tuple[str, str]:
    """Return (kind in lower case, bare name): "Thị trấn Gò Dầu" gives ("thị trấn", "Gò Dầu")."""
    lowered = text.clean(name).lower()
    for kind in KINDS:
        if lowered.startswith(kind + " "):
            return kind, text.clean(name)[len(kind) + 1 :]
    return "", text.clean(name)


@lru_cache(maxsize=2048)
def key(name: str) -> str:
    """Return what a unit's name is looked up by: "Xã Ea H'Leo" gives "eahleo", "Phường 03"
    gives "phuong3"."""
    kind, bare = split_kind(name)
    words = text.fold_words(bare)
    if len(words) == 1 and (number := _NUMBER.fullmatch(words[0])):
        return key_of_words([*text.fold_words(kind), number[1]])
    return key_of_words(words)


def key_of_words(words: list[str]) -> str:
    joined = "".join(words)
    return _ALIASES.get(joined, joined)


def short_province(name: str) -> str:
    """Return a province's name as it stands behind a commune's: Tây Ninh, TP. Cần Thơ."""
    kind, bare = split_kind(name)
    return f"TP. {bare}" if kind == "thành phố" else bare


def official(name: str) -> str:
    """Return a name from the lists with its kind written one way: "Thị Xã X" gives "Thị xã X"."""
    plain = re.sub(r"^thi trấn ", "thị trấn ", text.clean(name), flags=re.IGNORECASE)
    kind, bare = split_kind(plain)
    return f"{kind.capitalize()} {bare}" if kind else plain


@lru_cache(maxsize=2048)
def spelling(name: str) -> str:
    """Return a bare name as words for an exact comparison: lower case, old tone placement."""
    return " ".join(_plain_words(split_kind(name)[1]))


def read(typed: str) -> Typed:
    """Read a text into words, abbreviations written out, remarks in brackets left out."""
    plain = text.expand_abbreviations(typed[:MOST_LETTERS])
    outside = text.clean(_BRACKETS.sub(" ", plain))
    if not text.fold_words(outside):
        outside = re.sub(r"[()\[\]]", " ", plain)
    old = bool(_OLD.search(plain))
    words: list[Word] = []
    for number, segment in enumerate(re.split(r"[,;\n]", _OLD.sub(" ", outside))):
        spelled = _plain_words(segment)
        words += [Word(text.fold(word), word, number) for word in spelled]
    marked = not text.clean(typed).isascii()
    return Typed(words=tuple(words[:MOST_WORDS]), old=old, marked=marked)


def alternatives(typed: str) -> list[str]:
    """Return the places of a list ("xã A; xã B, Tây Ninh"), each with the province at its end."""
    parts = [part for part in re.split(r"\s*;\s*|\s+/\s+", typed[:MOST_LETTERS]) if part]
    if len(parts) < 2:
        return [typed]
    shared = parts[-1].rpartition(",")[2] if "," in parts[-1] else ""
    return [f"{part}, {shared}" for part in parts[:-1]] + parts[-1:]


def _plain_words(segment: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.old_tone_placement(text.clean(segment).lower()))


def _kind_before(typed: Typed, start: int) -> tuple[str | None, int]:
    for kind in KINDS:
        parts = kind.split()
        begin = start - len(parts)
        if begin >= 0 and _says(typed, begin, parts):
            return kind, begin
    return None, start


def _says(typed: Typed, begin: int, parts: list[str]) -> bool:
    """Say whether these words stand there, in one segment: with their marks, or with none in a
    text that has none, since "Bạch Xa" is no "xã"."""
    there = typed.words[begin : begin + len(parts)]
    return (
        len(there) == len(parts)
        and len({word.segment for word in there}) == 1
        and all(
            word.typed == part or (not typed.marked and word.typed == text.fold(part))
            for word, part in zip(there, parts, strict=True)
        )
    )


def _noise(typed: Typed) -> frozenset[int]:
    found: set[int] = set()
    for start, word in enumerate(typed.words):
        opens = start == 0 or typed.words[start - 1].segment != word.segment
        if not opens or not any(_opens_hamlet(typed, start, each) for each in _HAMLETS):
            continue
        end = start + 1
        while end < len(typed.words) and typed.words[end].segment == word.segment:
            if typed.kinds[end + 1][0] is not None:
                break
            end += 1
        found.update(range(start, end))
    return frozenset(found)


def _opens_hamlet(typed: Typed, start: int, mark: str) -> bool:
    parts = mark.split()
    if mark in _ONLY_WITH_MARKS:
        return typed.words[start].typed == mark
    return _says(typed, start, parts)


def is_noise(words: tuple[Word, ...]) -> bool:
    """Say whether these words name the country, a postcode or nothing at all."""
    joined = "".join(word.folded for word in words)
    return not joined or joined in _NOISE or joined.isdecimal()


def _windows(typed: Typed) -> Iterator[Window]:
    skipped = typed.noise
    for start, word in enumerate(typed.words):
        if start in skipped:
            continue
        kind, marked_from = typed.kinds[start]
        for end in range(start + 1, min(start + LONGEST_NAME, len(typed.words)) + 1):
            if typed.words[end - 1].segment != word.segment or end - 1 in skipped:
                break
            joined = typed.key(start, end)
            number = _NUMBER.fullmatch(joined)
            if number is None:
                yield Window(start, end, joined, kind, marked_from)
            elif kind is not None:
                numbered = key_of_words([*text.fold_words(kind), number[1]])
                yield Window(start, end, numbered, kind, marked_from)


def one_letter_off(word: str) -> set[str]:
    """Return every word that one wrong, missing, extra or swapped letter away could be meant."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    missing = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    wrong = {head + new + tail[1:] for head, tail in cuts if tail for new in LETTERS}
    extra = {head + new + tail for head, tail in cuts for new in LETTERS}
    return (missing | swapped | wrong | extra) - {word, ""}


def with_word(typed: Typed, at: int, word: str) -> Typed:
    """Return the text with one word put right."""
    changed = list(typed.words)
    changed[at] = Word(word, word, changed[at].segment)
    return replace(typed, words=tuple(changed), corrected=True)
