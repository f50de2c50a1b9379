"""What a bank is, and how well a typed name fits it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from foundation.text import fold_words, sort_key

# Known to everybody, so that a demo's pages can name it; offered only where there is no real money.
PRACTICE_BIN: Final = "970499"
LONGEST_QUERY: Final = 100
_SHORTEST_SLIP: Final = 3  # below that, every bank is one letter away from every other
# Words that stand in many names and tell none apart.
_FILLERS: Final = frozenset(
    {"ngan", "hang", "nh", "nhtmcp", "tmcp", "tm", "cp", "tnhh", "mtv", "bank"}
)


@dataclass(frozen=True, kw_only=True)
class Bank:
    """A bank, or a wallet that has a BIN of its own.

    `receives`: VietQR transfers reach accounts there; `scans`: its own app reads VietQR codes,
    which does not matter to who is paid. `successor` is the code of the bank that took over,
    empty where the name is still in use; both have one BIN. `practice` marks the bank of the
    demo, at which no account is real. `names` are what people call it besides.
    """

    bin: str
    code: str
    short_name: str
    full_name: str
    swift: str | None = None
    receives: bool = True
    scans: bool = True
    successor: str = ""
    practice: bool = False
    names: tuple[str, ...] = ()

    @property
    def former(self) -> bool:
        """Say whether the name is no longer used."""
        return bool(self.successor)


PRACTICE: Final = Bank(
    bin=PRACTICE_BIN,
    code="DIENTAP",
    short_name="Ngân hàng Diễn tập",
    full_name="Ngân hàng Diễn tập (không có tiền thật)",
    practice=True,
    names=("Diễn tập", "Demo", "Dùng thử"),
)


# --- the directory ----------------------------------------------------------------------------


def read(banks: str, names: str) -> tuple[Bank, ...]:
    """Return the banks of the two data files in the order of a list: customary ones first, names
    no longer in use last. Without those that have no BIN, since no transfer reaches them."""
    entries: list[dict[str, Any]] = json.loads(banks)["banks"]
    known: dict[str, Any] = json.loads(names)
    found = [_bank(entry, known) for entry in entries if entry["bin"]]
    inherited = {
        bank.code: [old for old in found if old.successor == bank.code]
        for bank in found
        if not bank.former
    }
    rank = {code: place for place, code in enumerate(known["order"])}
    whole = (_heir(bank, inherited.get(bank.code, [])) for bank in found)
    return tuple(
        sorted(
            whole,
            key=lambda bank: (
                bank.former,
                rank.get(bank.code, len(rank)),
                sort_key(bank.short_name),
            ),
        )
    )


def _bank(entry: dict[str, Any], known: dict[str, Any]) -> Bank:
    code, short_name = entry["code"], entry["short_name"]
    successors = known["successors"]
    successor = successors.get(short_name, successors.get(code, ""))
    return Bank(
        bin=entry["bin"],
        code=code,
        short_name=short_name,
        full_name=entry["full_name"],
        swift=entry["swift"],
        receives=entry["qr_status"] != "NOT_SUPPORTED",
        scans=entry["qr_transfer_supported"],
        successor=successor,
        names=() if successor else tuple(known["names"].get(code, ())),
    )


def _heir(bank: Bank, former: Sequence[Bank]) -> Bank:
    """Let a bank also be found under the names it took over."""
    if bank.former or not former:
        return bank
    names = [*bank.names]
    for old in former:
        names += (old.code, old.short_name, old.full_name)
    return Bank(**{**vars(bank), "names": tuple(names)})


# --- searching --------------------------------------------------------------------------------


class Fit(IntEnum):
    """How well a typed name fits, best first."""

    CODE = 0
    NAME = 1
    TELLING = 2  # a name, once words such as "bank" are left out
    BEGINNING = 3
    WORDS = 4
    SLIP = 5  # one letter wrong, missing, too many, or two swapped


@dataclass(frozen=True)
class Spellings:
    """A bank's names, folded, as they are compared."""

    codes: frozenset[str]
    names: frozenset[str]  # without blanks, with and without filler words
    words: frozenset[str]


def spellings(bank: Bank) -> Spellings:
    """Return under which spellings a bank is found."""
    codes = (bank.bin, bank.code, bank.swift or "")
    named = [fold_words(each) for each in (bank.short_name, bank.full_name, *bank.names)]
    joined = {"".join(each) for words in named for each in (words, _telling(words)) if each}
    return Spellings(
        codes=frozenset(each.lower() for each in codes if each),
        names=frozenset(joined | {bank.code.lower()}),
        words=frozenset(word for words in named for word in words) | {bank.code.lower()},
    )


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _FILLERS]


@dataclass(frozen=True)
class Query:
    """A typed name, as it is compared."""

    words: tuple[str, ...]
    joined: tuple[str, ...]  # as typed, and without filler words


def query(typed: str) -> Query:
    """Return what was typed, without accents, case and blanks; empty where no word of it tells
    one bank from another."""
    words = fold_words(typed[:LONGEST_QUERY])
    telling = _telling(words)
    if not telling:
        return Query((), ())
    return Query(tuple(telling), tuple(dict.fromkeys(("".join(words), "".join(telling)))))


def fit(asked: Query, known: Spellings) -> Fit | None:
    """Return how well a query fits a bank, None when it does not; slips are not looked for."""
    if any(each in known.codes for each in asked.joined):
        return Fit.CODE
    if any(each in known.names for each in asked.joined):
        return Fit.NAME if asked.joined[0] in known.names else Fit.TELLING
    if any(name.startswith(each) for each in asked.joined for name in known.names):
        return Fit.BEGINNING
    if all(_begins_one(word, known.words) for word in asked.words):
        return Fit.WORDS
    return None


def slips(asked: Query, known: Spellings) -> bool:
    """Say whether a query is one slip of the finger away from a bank's name, or each of its words
    at most one away from a word of it."""
    if any(
        len(each) >= _SHORTEST_SLIP and one_off(each, name)
        for each in asked.joined
        for name in known.names | known.codes
    ):
        return True
    return all(
        _begins_one(word, known.words)
        or (len(word) > _SHORTEST_SLIP and any(one_off(word, other) for other in known.words))
        for word in asked.words
    )


def _begins_one(word: str, words: frozenset[str]) -> bool:
    return any(other.startswith(word) for other in words)


def one_off(first: str, second: str) -> bool:
    """Say whether two words differ by at most one letter wrong, missing, too many, or swapped with
    its neighbour."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = next(_differing(first, second), min(len(first), len(second)))
    rest, other = first[start:], second[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (rest[1::-1] == other[:2] and rest[2:] == other[2:])
    return rest[1:] == other or rest == other[1:]


def _differing(first: str, second: str) -> Iterator[int]:
    pairs = zip(first, second, strict=False)
    return (at for at, (one, other) in enumerate(pairs) if one != other)
