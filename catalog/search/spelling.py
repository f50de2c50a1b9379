"""Looking for what was meant: raw Telex or VNI, a slip of the finger, words run together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from sqlalchemy.orm import Session

from catalog.search import query, rules
from catalog.search.engine import Engine, Filters
from catalog.search.query import Understood, Word
from foundation.typing_methods import decode_typing

# With so few hits a better spelling is looked for; it must find ten times as much to be offered.
FEW: Final = 2
BETTER: Final = 10
MOST_READINGS: Final = 6
_KINDS: Final = (rules.NAME, rules.AROUND, rules.DESCRIPTION)


def better(
    session: Session, engine: Engine, understood: Understood, filters: Filters, *, than: int
) -> str | None:
    """Return another spelling of what was typed that finds more than it does, or None.

    `than` is the number of its hits. When that is not 0, the other has to find ten times as much.
    """
    readings = [_typed_raw(understood), *_respelled(session, engine, understood)]
    texts = [text for text in dict.fromkeys(readings) if text]
    plans = [query.plan(query.understand(text)) for text in texts]
    totals = engine.totals(session, plans, filters)
    needed = max(than * BETTER, 1)
    return next((text for text, total in zip(texts, totals, strict=True) if total >= needed), None)


def _typed_raw(understood: Understood) -> str | None:
    return decode_typing(understood.text)


def _respelled(session: Session, engine: Engine, understood: Understood) -> list[str]:
    """Return the most likely readings: unknown words changed, else any one word changed."""
    words = understood.words
    known = _Known(session, engine, words)
    unknown = [at for at, word in enumerate(words) if not known.count(word.folded)]
    targets = unknown or [at for at, word in enumerate(words) if len(word.folded) >= 4]
    options = {at: known.options(words, at) for at in targets}
    if unknown:
        if not all(options.values()):
            return []
        chosen = product(*([each[:2] for each in options.values()]))
        changes = [dict(zip(options, each, strict=True)) for each in chosen]
    else:
        # All words are known, only never together: change one if names have it beside another.
        changes = [
            {at: option}
            for at, each in options.items()
            for option in each[:2]
            if known.stands(words, at, option)
        ]
    return [_written(words, change) for change in changes[:MOST_READINGS]]


def _written(words: Sequence[Word], change: Mapping[int, _Option]) -> str:
    return " ".join(
        change[at].text if at in change else word.exact for at, word in enumerate(words)
    )


@dataclass(frozen=True)
class _Option:
    text: str
    first: str
    last: str


class _Known:
    """How often words, their near ones and pairs of them stand in the index: two look-ups."""

    def __init__(self, session: Session, engine: Engine, words: Sequence[Word]) -> None:
        folded = [word.folded for word in words]
        self._near = {word: list(_near(word)) for word in folded}
        every = {
            *folded,
            *(part for near in self._near.values() for o in near for part in _parts(o)),
        }
        self._counts = engine.frequencies(
            session, [rules.token(kind, word) for word in sorted(every) for kind in _KINDS]
        )
        self._near = {
            word: [option for option in near if all(map(self.count, _parts(option)))]
            for word, near in self._near.items()
        }
        self._pairs = engine.frequencies(session, sorted(set(self._pairs_of(folded))))

    def count(self, word: str) -> int:
        """Return how common a word is; names weigh most."""
        named, around, described = (self._counts.get(rules.token(kind, word), 0) for kind in _KINDS)
        return 10 * named + 3 * around + described

    def _pairs_of(self, folded: Sequence[str]) -> Iterable[str]:
        for at, word in enumerate(folded):
            for option in self._near[word]:
                yield from _neighbours(folded, at, option)

    def options(self, words: Sequence[Word], at: int) -> list[_Option]:
        """Return what word number `at` may have been meant to be, the likeliest first."""
        folded = [word.folded for word in words]

        def likely(option: _Option) -> tuple[int, int, str]:
            pairs = self._beside(folded, at, option)
            return -pairs, -min(map(self.count, _parts(option))), option.text

        return sorted(self._near[folded[at]], key=likely)

    def stands(self, words: Sequence[Word], at: int, option: _Option) -> bool:
        """Say whether names have the option beside its neighbours."""
        return self._beside([word.folded for word in words], at, option) > 0

    def _beside(self, folded: Sequence[str], at: int, option: _Option) -> int:
        return sum(self._pairs.get(pair, 0) for pair in _neighbours(folded, at, option))


def _near(word: str) -> Iterable[_Option]:
    for near in rules.near_words(word):
        yield _Option(near, near, near)
    # "banhtrang": two words without the blank. One letter alone is no word.
    for at in range(2, len(word) - 1):
        yield _Option(f"{word[:at]} {word[at:]}", word[:at], word[at:])


def _parts(option: _Option) -> set[str]:
    return {option.first, option.last}


def _neighbours(folded: Sequence[str], at: int, option: _Option) -> Iterable[str]:
    if option.first != option.last:
        yield rules.pair(rules.NAME_PAIR, option.first, option.last)
    if at > 0:
        yield rules.pair(rules.NAME_PAIR, folded[at - 1], option.first)
    if at + 1 < len(folded):
        yield rules.pair(rules.NAME_PAIR, option.last, folded[at + 1])
