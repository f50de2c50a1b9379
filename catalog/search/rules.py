"""How a product becomes tokens, and which classes its price falls into. Pure.

A token is a kind and a text: `n:` a word of the name without accents, `x:` the same with them;
`N:` and `X:` two neighbouring words of the name, where ^ and $ stand for its start and end; `m:` a
word of the category, the seller or the place; `d:` a word of the description.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

from foundation.text import clean, expand_abbreviations, fold, old_tone_placement

NAME: Final = "n"
EXACT: Final = "x"
NAME_PAIR: Final = "N"
EXACT_PAIR: Final = "X"
AROUND: Final = "m"
DESCRIPTION: Final = "d"
START: Final = "^"
END: Final = "$"

# Lower ends in đồng; each band reaches up to the next one.
PRICE_BANDS: Final = (0, 50_000, 100_000, 200_000, 500_000)
BAND_WORDS: Final = {
    "vi": (
        "Dưới 50.000 ₫",
        "50.000 – 100.000 ₫",
        "100.000 – 200.000 ₫",
        "200.000 – 500.000 ₫",
        "Từ 500.000 ₫",
    ),
    "en": (
        "Under 50.000 ₫",
        "50.000 – 100.000 ₫",
        "100.000 – 200.000 ₫",
        "200.000 – 500.000 ₫",
        "500.000 ₫ and more",
    ),
}
STARS: Final = (5, 4, 3)
STAR_WORDS: Final = {
    "vi": {5: "5 sao", 4: "Từ 4 sao", 3: "Từ 3 sao"},
    "en": {5: "5 stars", 4: "4 stars and more", 3: "3 stars and more"},
}

# Counts of sellers beyond these are not kept.
MOST_SELLERS: Final = 40

LONGEST_WORD: Final = 40
MOST_DESCRIPTION_WORDS: Final = 300
_WORD: Final = re.compile(r"[^\W_]+")
# Few names hold anything to write out, and looking for it takes longer than all the rest.
_MAY_SHORTEN: Final = re.compile(
    r"\b(?:t\.?p|tx|tt|htx|dn|sp|đt|[qp]\s?\d)|[qphx]\.|\d\s*k", re.IGNORECASE
)


def exact_words(text: str) -> list[str]:
    """Return the words of a text in lower case with their accents, in one tone placement."""
    line = expand_abbreviations(text) if _MAY_SHORTEN.search(text) else clean(text)
    written = old_tone_placement(line).lower()
    return [word[:LONGEST_WORD] for word in _WORD.findall(written)]


@lru_cache(maxsize=20_000)
def fold_word(word: str) -> str:
    """Return one word without accents; remembered, since most words come again and again."""
    return fold(word[:LONGEST_WORD])


def token(kind: str, text: str) -> str:
    """Return the token of this kind for one word."""
    return f"{kind}:{text}"


def pair(kind: str, first: str, second: str) -> str:
    """Return the token of two neighbouring words."""
    return f"{kind}:{first} {second}"


def tokens_of(
    *, name: str, around: Iterable[frozenset[str]], description: Iterable[str]
) -> frozenset[str]:
    """Return the tokens of a product.

    `around` are the tokens (see `around_tokens`) of its category, seller and place; `description`
    every other text a buyer can read of it.
    """
    exact = exact_words(name)
    folded = [fold_word(word) for word in exact]
    tokens = {token(NAME, word) for word in folded}
    tokens.update(token(EXACT, word) for word in exact)
    tokens.update(pairs(NAME_PAIR, folded, whole=True))
    tokens.update(pairs(EXACT_PAIR, exact, whole=True))
    tokens.update(*around)
    described = dict.fromkeys(word for text in description for word in plain_words(text))
    tokens.update(token(DESCRIPTION, word) for word in islice(described, MOST_DESCRIPTION_WORDS))
    return frozenset(tokens)


def around_tokens(texts: Iterable[str]) -> frozenset[str]:
    """Return the tokens of what a product belongs to: a category, a seller, a place."""
    return frozenset(token(AROUND, word) for text in texts for word in folded_words(text))


def folded_words(text: str) -> list[str]:
    """Return the words of a text without accents, abbreviations written out."""
    return [fold_word(word) for word in exact_words(text)]


def plain_words(text: str) -> list[str]:
    """Return the words of a long text without accents, taken as they stand."""
    line = " ".join(text.split())  # line ends would make cleaning look at every character
    return [fold_word(word) for word in _WORD.findall(clean(line).lower())]


def pairs(kind: str, words: Sequence[str], *, whole: bool) -> list[str]:
    """Return the tokens of all neighbours; with `whole`, start and end count as words."""
    ends = [START, *words, END] if whole else list(words)
    return [pair(kind, first, second) for first, second in pairwise(ends)]


def band_of(price: int) -> int:
    """Return the number of the band a price in đồng falls into."""
    return bisect_right(PRICE_BANDS, price) - 1


def band_ends(band: int) -> tuple[int, int | None]:
    """Return the lowest and the highest price of a band; the last one is open."""
    upper = PRICE_BANDS[band + 1] - 1 if band + 1 < len(PRICE_BANDS) else None
    return PRICE_BANDS[band], upper


def most_sellers(counts: Mapping[int, int]) -> dict[int, int]:
    """Return the sellers with the most hits, by id; equal ones by the lower id."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:MOST_SELLERS])


def at_least(exactly: Mapping[int, int]) -> dict[int, int]:
    """Return how many have at least so many stars, given how many have exactly so many."""
    sums = {least: sum(exactly.get(each, 0) for each in STARS if each >= least) for least in STARS}
    return {least: count for least, count in sums.items() if count}


@lru_cache(maxsize=4_096)
def near_words(word: str) -> frozenset[str]:
    """Return the words one slip of the finger away: a letter too many, too few, wrong or swapped.

    Only for words of 4 letters or more: shorter ones are one slip away from almost anything.
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return frozenset()
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    near = {left + right[1:] for left, right in cuts if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    near |= {left + letter + right[1:] for left, right in cuts if right for letter in letters}
    near |= {left + letter + right for left, right in cuts for letter in letters}
    return frozenset(near - {word})
