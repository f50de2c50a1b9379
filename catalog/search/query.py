"""Understanding what was typed: words, accents, synonyms, and how well a product fits.

The ranking is decided here, once, for all engines: a plan lists from best to worst what a product
may match, in tokens that every engine only has to look up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from catalog.search import rules
from catalog.search.engine import AllOf, AnyOf, Node, Plan, Term
from catalog.search.rules import AROUND, DESCRIPTION, END, EXACT, EXACT_PAIR, NAME, NAME_PAIR, START

LONGEST_TEXT: Final = 200
MOST_WORDS: Final = 10
MOST_VARIANTS: Final = 6
SYNONYMS: Final = Path(__file__).with_name("data") / "synonyms.tsv"
# Said while shopping, never part of what is looked for. Without accents "cua" is a crab.
_SAID_ASIDE: Final = frozenset({"mua", "ở", "tại", "của", "và", "bán", "giá"})


@dataclass(frozen=True)
class Word:
    """One word typed. `strict`: only names that carry these very accents count."""

    exact: str
    folded: str
    strict: bool = False


@dataclass(frozen=True)
class Slot:
    """Words that go together, and what else they are called."""

    words: tuple[Word, ...]
    others: tuple[tuple[Word, ...], ...] = ()


@dataclass(frozen=True)
class Understood:
    """`accented` when accents were typed, so that they mean something."""

    text: str
    slots: tuple[Slot, ...]
    accented: bool

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for slot in self.slots for word in slot.words)


def typed(text: str) -> str:
    """Return what was typed as one clean line of at most 200 characters."""
    visible = "".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST_TEXT])
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    return composed[:LONGEST_TEXT].strip()


def understand(text: str) -> Understood:
    """Return the words of what was typed, with synonyms; never raises."""
    line = typed(text)
    exact = rules.exact_words(line)
    kept = [word for word in exact if word not in _SAID_ASIDE] or exact
    words = [Word(word, rules.fold_word(word)) for word in kept[:MOST_WORDS]]
    words = [word for word in words if word.folded]
    accented = any(rules.fold_word(word) != word for word in _typed_words(line))
    return Understood(line, tuple(_slots(words, accented=accented)), accented)


def _typed_words(line: str) -> list[str]:
    # Abbreviations are written out with accents that nobody typed.
    return "".join(char if char.isalnum() else " " for char in line.lower()).split()


def _slots(words: Sequence[Word], *, accented: bool) -> Iterable[Slot]:
    at = 0
    while at < len(words):
        length, others = _synonyms_at(words, at, accented=accented)
        yield Slot(tuple(words[at : at + length]), others)
        at += length


def _synonyms_at(
    words: Sequence[Word], at: int, *, accented: bool
) -> tuple[int, tuple[tuple[Word, ...], ...]]:
    """Return how many words from here on are one known name, and its other names."""
    known = synonyms()
    for length in range(min(known.longest, len(words) - at), 0, -1):
        span = words[at : at + length]
        key = tuple(word.exact if accented else word.folded for word in span)
        others = (known.exact if accented else known.folded).get(key)
        if others:
            return length, others
    return 1, ()


# --- synonyms ---------------------------------------------------------------------------------

_Names = dict[tuple[str, ...], tuple[tuple[Word, ...], ...]]


@dataclass(frozen=True)
class Synonyms:
    exact: _Names
    folded: _Names
    longest: int


@lru_cache(maxsize=1)
def synonyms() -> Synonyms:
    """Return the synonyms, read once from data/synonyms.tsv."""
    exact: _Names = {}
    folded: _Names = {}
    for line in SYNONYMS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        names = [rules.exact_words(name) for name in line.split("\t")]
        for name in names:
            others = tuple(_other(other) for other in names if other != name)
            exact[tuple(name)] = exact.get(tuple(name), ()) + others
            key = tuple(rules.fold_word(word) for word in name)
            folded[key] = folded.get(key, ()) + others
    return Synonyms(exact, folded, max(map(len, exact)))


def _other(name: Sequence[str]) -> tuple[Word, ...]:
    # A single syllable without its accents may be anything: thơm is not thôm.
    strict = len(name) == 1
    return tuple(Word(word, rules.fold_word(word), strict) for word in name)


# --- the ranking ------------------------------------------------------------------------------


def plan(understood: Understood) -> Plan:
    """Return what to look up, best first. Without words everything on sale matches.

    With accents typed, names that carry them come before those that only sound alike.
    """
    words = understood.words
    if not words:
        return Plan()
    variants = _variants(understood)
    synonym_starts = [_name_node(variant, start=True) for variant in variants]
    tiers: list[Node] = []
    if understood.accented:
        whole, start, *inside = _exact_tiers(words)
        # A name that begins with what was meant beats one that only mentions the word.
        tiers += [whole, start, *_one_of(synonym_starts), *inside]
    tiers += [
        _folded_phrase(words, start=True, end=True),
        _folded_phrase(words, start=True),
    ]
    if not understood.accented:
        tiers += _one_of(synonym_starts)
    tiers += [_folded_phrase(words), _all(_term(NAME, word) for word in words)]
    tiers += _one_of([_name_node(variant, start=False) for variant in variants])
    tiers += _around_tiers(words, accented=understood.accented)
    tiers += [_everywhere(understood.slots, ()), _everywhere(understood.slots, (DESCRIPTION,))]
    return Plan(tiers=tuple(dict.fromkeys(tiers)))


def named(understood: Understood) -> Plan:
    """Return the plan of names that hold all the words, whatever their accents and order."""
    return Plan(tiers=(_all(_term(NAME, word) for word in understood.words),))


def _exact_tiers(words: Sequence[Word]) -> list[Node]:
    return [
        _exact_phrase(words, start=True, end=True),
        _exact_phrase(words, start=True),
        _exact_phrase(words),
        _all(Term(rules.token(EXACT, word.exact)) for word in words),
    ]


def _exact_phrase(words: Sequence[Word], *, start: bool = False, end: bool = False) -> Node:
    return _phrase(EXACT, EXACT_PAIR, [word.exact for word in words], start=start, end=end)


def _folded_phrase(words: Sequence[Word], *, start: bool = False, end: bool = False) -> Node:
    return _phrase(NAME, NAME_PAIR, [word.folded for word in words], start=start, end=end)


def _phrase(kind: str, pair: str, words: Sequence[str], *, start: bool, end: bool) -> Node:
    tokens = rules.pairs(pair, words, whole=False)
    if start:
        tokens.insert(0, rules.pair(pair, START, words[0]))
    if end:
        tokens.append(rules.pair(pair, words[-1], END))
    return _all(map(Term, tokens or [rules.token(kind, words[0])]))


def _variants(understood: Understood) -> list[tuple[Word, ...]]:
    """Return the query with one of its names replaced by another name of the same thing."""
    found = []
    for at, slot in enumerate(understood.slots):
        before = [word for other in understood.slots[:at] for word in other.words]
        after = [word for other in understood.slots[at + 1 :] for word in other.words]
        found += [(*before, *other, *after) for other in slot.others]
    return found[:MOST_VARIANTS]


def _name_node(words: Sequence[Word], *, start: bool) -> Node:
    strict = [Term(rules.token(EXACT, word.exact)) for word in words if word.strict]
    return _all([_folded_phrase(words, start=start), *strict])


def _around_tiers(words: Sequence[Word], *, accented: bool) -> list[Node]:
    """Words of the name first, then of the seller or place: "muối tôm tây ninh"."""
    anywhere = [_anywhere(word, ()) for word in words]
    tiers: list[Node] = []
    # One or two words may be about where it is from; else the first two say what it is.
    for length in sorted({len(words) - 1, len(words) - 2, 2, 1} & set(range(1, len(words))))[::-1]:
        head, rest = words[:length], anywhere[length:]
        if accented:
            tiers.append(_all([_exact_phrase(head), *rest]))
        tiers.append(_all([_folded_phrase(head), *rest]))
    return tiers


def _everywhere(slots: Sequence[Slot], further: Sequence[str]) -> Node:
    return _all(
        _any(
            [
                _all(_anywhere(word, further) for word in slot.words),
                *(_other_name(other) for other in slot.others),
            ]
        )
        for slot in slots
    )


def _anywhere(word: Word, further: Sequence[str]) -> Node:
    return _any([_term(kind, word) for kind in (NAME, AROUND, *further)])


def _other_name(words: Sequence[Word]) -> Node:
    strict = [Term(rules.token(EXACT, word.exact)) for word in words if word.strict]
    loose = [_folded_phrase(words)] if len(words) > 1 else []
    return _all([*loose, *strict])


def prefix_plan(words: Sequence[str], endings: Sequence[str]) -> Plan:
    """Return the plan of a text whose last word is still being typed.

    `words` are the complete ones, without accents; `endings` what the last may become.
    """
    tiers = []
    for start in (True, False):
        options: list[Node] = []
        for ending in endings:
            whole = [Word(word, word) for word in (*words, ending)]
            options.append(_folded_phrase(whole, start=start))
        tiers.append(_any(options))
    named = [Term(rules.token(NAME, word)) for word in words]
    tiers.append(_all([*named, _any([Term(rules.token(NAME, word)) for word in endings])]))
    return Plan(tiers=tuple(tiers))


def _term(kind: str, word: Word) -> Term:
    return Term(rules.token(kind, word.folded))


def _one_of(nodes: Sequence[Node]) -> list[Node]:
    return [_any(nodes)] if nodes else []


def _all(nodes: Iterable[Node]) -> Node:
    parts = tuple(dict.fromkeys(nodes))
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _any(nodes: Sequence[Node]) -> Node:
    parts = tuple(dict.fromkeys(nodes))
    return parts[0] if len(parts) == 1 else AnyOf(parts)
