"""How much may be given back, by whom, and which way it goes. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.organisations.rules import SELLING_KINDS, Kind
from foundation.text import clean, fold
from payments.refunds.errors import (
    AccountUnreadable,
    AmountTooSmall,
    HolderMissing,
    ReasonMissing,
)


class Source(StrEnum):
    """What the money comes out of."""

    MOVEMENT = "movement"  # arrived, and nobody has decided what for
    BALANCE = "balance"  # kept for its payer
    INTENT = "intent"  # settled something that was owed


class Means(StrEnum):
    """The way it goes back."""

    BANK = "bank"
    CARD = "card"
    CASH = "cash"


class State(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"  # somebody, or the card provider, says that it is on its way
    CONFIRMED = "confirmed"  # the debit was heard of
    DECLINED = "declined"
    FAILED = "failed"  # it did not arrive; it is still to be given back
    WITHDRAWN = "withdrawn"


NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.REQUESTED: frozenset({State.APPROVED, State.DECLINED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.SENT, State.CONFIRMED, State.FAILED}),
    State.SENT: frozenset({State.CONFIRMED, State.FAILED}),
    # Confirmed: what was believed to have failed shows up on the account after all.
    State.FAILED: frozenset({State.APPROVED, State.CONFIRMED, State.WITHDRAWN}),
    State.CONFIRMED: frozenset({State.FAILED}),  # the bank sent it back
}
OPEN: Final = frozenset({State.REQUESTED, State.APPROVED, State.SENT, State.FAILED})
ON_ITS_WAY: Final = frozenset({State.APPROVED, State.SENT})
AWAITING_DEBIT: Final = frozenset({State.APPROVED, State.SENT, State.FAILED})

# What is told to people, by the state it came to.
NEWS: Final[dict[State, str]] = {
    State.APPROVED: "refund.approved",
    State.CONFIRMED: "refund.confirmed",
    State.DECLINED: "refund.declined",
    State.FAILED: "refund.failed",
}
ALARMING: Final = frozenset({"refund.failed", "refund.paid_twice"})

# Up to this amount whoever asks for a refund may approve it too.
SELLERS_ALONE_UP_TO: Final = 2_000_000
LONGEST_REASON: Final = 200
_ACCOUNT: Final = re.compile(r"[A-Z0-9]{4,19}")

STATE_NAMES: Final[dict[State, str]] = {
    State.REQUESTED: N_("Chờ duyệt"),
    State.APPROVED: N_("Đã duyệt, chờ chuyển"),
    State.SENT: N_("Đã chuyển, chờ ngân hàng báo"),
    State.CONFIRMED: N_("Đã hoàn xong"),
    State.DECLINED: N_("Không duyệt"),
    State.FAILED: N_("Chuyển không thành"),
    State.WITHDRAWN: N_("Đã thôi hoàn"),
}
SOURCE_NAMES: Final[dict[Source, str]] = {
    Source.MOVEMENT: N_("Tiền đã vào, chưa rõ của khoản nào"),
    Source.BALANCE: N_("Số dư giữ hộ người trả"),
    Source.INTENT: N_("Khoản đã thu"),
}
MEANS_NAMES: Final[dict[Means, str]] = {
    Means.BANK: N_("Chuyển khoản"),
    Means.CARD: N_("Về thẻ đã trả"),
    Means.CASH: N_("Tiền mặt tại quầy"),
}
# What the history of a refund says, by the action in the audit trail.
ACTION_NAMES: Final[dict[str, str]] = {
    "refunds.requested": N_("Đề nghị hoàn tiền"),
    "refunds.approved": N_("Duyệt"),
    "refunds.sent": N_("Đã chuyển đi"),
    "refunds.confirmed": N_("Ngân hàng báo tiền đã đi"),
    "refunds.declined": N_("Không duyệt"),
    "refunds.failed": N_("Chuyển không thành"),
    "refunds.withdrawn": N_("Thôi hoàn"),
    "refunds.paid_twice": N_("Thấy thêm một lần chuyển cùng mã"),
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks to give back.

    `key` names the asking: the same key again is the same refund. `subject` is the movement's or
    the intent's public id, or the payer. `believed` is what the page said could be given back.
    """

    key: str
    source: Source
    subject: str
    amount: int
    believed: int
    means: Means
    reason: str
    bank_bin: str = ""
    account_number: str = ""
    holder: str = ""


def alone_up_to(kind: Kind) -> int:
    """Return up to which amount one person may both ask for a refund and approve it."""
    return SELLERS_ALONE_UP_TO if kind in SELLING_KINDS else 0


def tidied(wanted: Wanted) -> Wanted:
    """Return a wish as it is kept: the account number without blanks, the holder as banks write
    names. Raises the refusal that says what is missing."""
    if wanted.amount < 1:
        raise AmountTooSmall
    reason = clean(wanted.reason)
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ReasonMissing
    bank, number, holder = "", "", ""
    if wanted.means is Means.BANK:
        bank, number, holder = wanted.bank_bin, account(wanted.account_number), wanted.holder
        holder = bank_letters(holder)
        if not holder:
            raise HolderMissing
    return Wanted(
        key=wanted.key,
        source=wanted.source,
        subject=wanted.subject,
        amount=wanted.amount,
        believed=wanted.believed,
        means=wanted.means,
        reason=reason,
        bank_bin=bank,
        account_number=number,
        holder=holder,
    )


def account(typed: str) -> str:
    """Return an account number without what people put between its digits.

    Raises AccountUnreadable.
    """
    number = re.sub(r"[\s.\-]+", "", typed).upper()
    if not _ACCOUNT.fullmatch(number):
        raise AccountUnreadable
    return number


def bank_letters(name: str) -> str:
    """Return a name as banks write it: capitals without marks, nothing but letters, digits and
    single blanks, at most 120."""
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", fold(name).upper()).split())[:120]


def input_hash(wanted: Wanted) -> str:
    """Return what tells two askings with the same key apart. What was believed available is not
    part of it: it has changed by the first asking itself."""
    facts = [
        wanted.source,
        wanted.subject,
        wanted.amount,
        wanted.means,
        wanted.bank_bin,
        wanted.account_number,
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()
