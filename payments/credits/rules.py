"""What a source tells of a movement of money, and when two tellings mean the same one. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.text import fold
from payments.intents.rules import references_in


class Channel(StrEnum):
    BANK = "bank"
    CASH = "cash"
    CARD = "card"
    COURIER = "courier"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class State(StrEnum):
    """`waiting`: some of it is not allocated. What became of a movement stands in its outcome."""

    WAITING = "waiting"
    MATCHED = "matched"
    DECIDED = "decided"
    FROZEN = "frozen"
    REVERSED = "reversed"


NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.WAITING: frozenset({State.MATCHED, State.DECIDED, State.FROZEN, State.REVERSED}),
    State.MATCHED: frozenset({State.WAITING, State.FROZEN, State.REVERSED}),
    State.DECIDED: frozenset({State.WAITING, State.FROZEN, State.REVERSED}),
    State.FROZEN: frozenset({State.WAITING, State.MATCHED, State.DECIDED, State.REVERSED}),
}


class Outcome(StrEnum):
    """What matching made of a movement."""

    NEW = "new"  # not looked at yet
    EXACT = "exact"
    UNDER = "under"
    OVER = "over"
    SPLIT = "split"  # several codes whose sums fit exactly
    LATE = "late"  # its intent was cancelled, or expired and not wanted any more
    DUPLICATE = "duplicate"  # its intent had been paid already
    WRONG_ACCOUNT = "wrong_account"  # the code belongs to another payee
    SEVERAL = "several"  # several codes, and no exact sum
    UNKNOWN_REFERENCE = "unknown_reference"
    NO_REFERENCE = "no_reference"
    UNDONE = "undone"  # a person took its allocation back
    GIVEN_BACK = "given_back"  # out: a refund that was on its way
    PAID_OUT = "paid_out"  # out: a payout that was on its way


class Told(StrEnum):
    """What became of a telling."""

    NEW = "new"
    REPEAT = "repeat"  # this source said so before
    MERGED = "merged"  # another source said so before
    CONFLICT = "conflict"  # same bank reference, other amount: a person must look
    UNCLEAR = "unclear"  # one of several known movements, and nothing says which


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What one source says of one movement at one bank account.

    `source` names the way it was heard ("sepay", "casso", "payos", "statement:<file>"); `told_id`
    is unique within (bank account, kind of source) and the same each time the source repeats
    itself. `booked_on` is the bank's day. `occurrence` is above 1 where one statement lists
    several rows that nothing tells apart. `origin` says where the raw text lies
    ("inbox:12", "statement:3:45").
    """

    source: str
    told_id: str
    bank_account_id: int
    direction: Direction
    amount: int
    booked_on: date
    memo: str
    origin: str
    happened_at: datetime | None = None
    bank_reference: str = ""
    occurrence: int = 1
    counter_name: str = ""
    counter_account: str = ""

    @property
    def kind(self) -> str:
        """The kind of source, without which file or line of it."""
        return self.source.partition(":")[0]


SURE_REFERENCE: Final = 8  # a shorter bank reference may be a counter that starts again
NEAR_DAYS: Final = 1  # a bank may book on the day after
REFERENCE_DAYS: Final = 3  # the same reference later is another movement
_SHORTEST_REFERENCE: Final = 5
_NOT_LETTERS: Final = re.compile(r"[^A-Z0-9]+")
_DIGITS: Final = re.compile(r"[0-9]")
_LETTERS: Final = re.compile(r"[A-Z]")


def tidy_reference(text: str) -> str:
    """Return a bank's reference as it is compared: letters and digits. Empty when it is too
    short, or holds too little, to name anything."""
    plain = bare(text)
    return plain if len(plain) >= _SHORTEST_REFERENCE and _DIGITS.search(plain) else ""


def bare(text: str) -> str:
    """Return a memo's unaccented capitals and digits, for comparing."""
    plain = unicodedata.normalize("NFKD", text).upper().replace("Đ", "D")
    return _NOT_LETTERS.sub("", plain)


def sought(memo: str, payer: str, reference: str) -> str:
    """Return what a movement is searched by: folded words, then memo and reference without their
    blanks, in which a code is whole however its bank broke it."""
    bare_texts = f"{bare(memo)} {bare(reference)}".lower()
    return f"{fold(memo)} {fold(payer)} {bare_texts}"


def contradict(first: str, second: str) -> bool:
    """Say whether two tidied references are of the same making and differ, so that they name two
    movements. A bank's own number and a provider's may both stand for one."""
    if not first or not second or first == second:
        return False
    return _shape(first) == _shape(second)


def _shape(reference: str) -> str:
    return _LETTERS.sub("A", _DIGITS.sub("9", reference))


def alike(first: str, second: str) -> bool:
    """Say whether two bare memos may be tellings of one: they name the same codes, or one is in
    the other, as banks wrap, cut and lose memos altogether."""
    codes = references_in(first), references_in(second)
    if all(codes):
        return codes[0] == codes[1]
    return first in second or second in first


CHANNEL_NAMES: Final[dict[Channel, str]] = {
    Channel.BANK: N_("Chuyển khoản"),
    Channel.CASH: N_("Tiền mặt"),
    Channel.CARD: N_("Thẻ"),
    Channel.COURIER: N_("Thu hộ khi giao"),
}
OUTCOME_NAMES: Final[dict[Outcome, str]] = {
    Outcome.NEW: N_("Chưa đối chiếu"),
    Outcome.EXACT: N_("Khớp đúng"),
    Outcome.UNDER: N_("Trả thiếu"),
    Outcome.OVER: N_("Trả thừa"),
    Outcome.SPLIT: N_("Khớp nhiều khoản"),
    Outcome.LATE: N_("Đến sau khi khoản đã đóng"),
    Outcome.DUPLICATE: N_("Khoản đã trả từ trước"),
    Outcome.WRONG_ACCOUNT: N_("Mã của đơn vị khác"),
    Outcome.SEVERAL: N_("Nhiều mã, số tiền không khớp"),
    Outcome.UNKNOWN_REFERENCE: N_("Mã không có trong sổ"),
    Outcome.NO_REFERENCE: N_("Không có mã"),
    Outcome.UNDONE: N_("Đã gỡ khỏi khoản cũ"),
    Outcome.GIVEN_BACK: N_("Tiền hoàn"),
    Outcome.PAID_OUT: N_("Tiền chuyển người bán"),
}
