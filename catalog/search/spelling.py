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
    needed = max(than * BETTER, 1)
    for text in texts:  # one by one, since most often the first will do
        plan = query.plan(query.understand(text))
        if engine.totals(session, [plan], filters, most=needed) == [needed]:
            return text
    return None


def _typed_raw(understood: Understood) -> str | None:
    return decode_typing(understood.text)


def _respelled(session: Session, engine: Engine, understood: Understood) -> list[str]:
    """Return the most likely readings: unknown words changed, else any one word changed."""
    words = understood.words
    known = _Known(session, engine, words)
    unknown = [at for at, word in enumerate(words) if not known.count(word.folded)]
    targets = unknown or [at for at, word in enumerate(words) if len(word.folded) >= 4]
    known.look_around(targets)
    options = {at: known.options(at) for at in targets}
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
            if known.stands(at, option)
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
    """How often words stand in the index; then, how often their near ones and pairs of them do."""

    def __init__(self, session: Session, engine: Engine, words: Sequence[Word]) -> None:
        self._session = session
        self._engine = engine
        self._folded = [word.folded for word in words]
        self._near: dict[str, list[_Option]] = {}
        self._pairs: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._look_up(self._folded, _KINDS)

    def _look_up(self, words: Iterable[str], kinds: Sequence[str]) -> None:
        tokens = [rules.token(kind, word) for word in sorted(set(words)) for kind in kinds]
        self._counts |= self._engine.frequencies(self._session, tokens)

    def look_around(self, targets: Sequence[int]) -> None:
        """Find out what the words at these places may have been meant to be."""
        near = {self._folded[at]: list(_near(self._folded[at])) for at in targets}
        parts = {part for each in near.values() for option in each for part in _parts(option)}
        self._look_up(parts, _KINDS[:2])  # nobody looks for what only a description says
        self._near = {
            word: [option for option in each if all(map(self.count, _parts(option)))]
            for word, each in near.items()
        }
        pairs = {
            pair
            for at in targets
            for option in self._near[self._folded[at]]
            for pair in _neighbours(self._folded, at, option)
        }
        self._pairs = self._engine.frequencies(self._session, sorted(pairs)) if pairs else {}

    def count(self, word: str) -> int:
        """Return how common a word is; names weigh most."""
        named, around, described = (self._counts.get(rules.token(kind, word), 0) for kind in _KINDS)
        return 10 * named + 3 * around + described

    def options(self, at: int) -> list[_Option]:
        """Return what word number `at` may have been meant to be, the likeliest first."""

        def likely(option: _Option) -> tuple[int, int, str]:
            return -self._beside(at, option), -min(map(self.count, _parts(option))), option.text

        return sorted(self._near[self._folded[at]], key=likely)

    def stands(self, at: int, option: _Option) -> bool:
        """Say whether names have the option beside its neighbours."""
        return self._beside(at, option) > 0

    def _beside(self, at: int, option: _Option) -> int:
        return sum(self._pairs.get(pair, 0) for pair in _neighbours(self._folded, at, option))


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
