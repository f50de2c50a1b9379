"""What may be paid out to sellers, and which way a batch and its lines go. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.text import fold


class BatchState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"  # by somebody else than its author: its money is set apart
    EXPORTED = "exported"  # the bank's file was taken out
    SENT = "sent"  # the bank has it
    CLOSED = "closed"  # of every line it is known what became of it
    DROPPED = "dropped"


class State(StrEnum):
    """Of one line."""

    PENDING = "pending"
    SENT = "sent"  # it left the operator's account
    CONFIRMED = "confirmed"  # its own debit was heard of, or the seller's bank told of it
    FAILED = "failed"  # it never left
    RETURNED = "returned"  # it left and came back
    DROPPED = "dropped"  # with its draft


NEXT_BATCH_STATES: Final[dict[BatchState, frozenset[BatchState]]] = {
    BatchState.DRAFT: frozenset({BatchState.APPROVED, BatchState.DROPPED}),
    BatchState.APPROVED: frozenset({BatchState.EXPORTED, BatchState.CLOSED}),
    BatchState.EXPORTED: frozenset({BatchState.SENT, BatchState.CLOSED}),
    BatchState.SENT: frozenset({BatchState.CLOSED}),
}
NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.PENDING: frozenset({State.SENT, State.CONFIRMED, State.FAILED, State.DROPPED}),
    State.SENT: frozenset({State.CONFIRMED, State.RETURNED}),
    State.CONFIRMED: frozenset({State.RETURNED}),
}
UNDER_WAY: Final = frozenset({BatchState.APPROVED, BatchState.EXPORTED, BatchState.SENT})
EXPORTABLE: Final = frozenset(
    {BatchState.APPROVED, BatchState.EXPORTED, BatchState.SENT, BatchState.CLOSED}
)
ENDED: Final = frozenset({State.CONFIRMED, State.FAILED, State.RETURNED, State.DROPPED})

BATCH_STATE_NAMES: Final[dict[BatchState, str]] = {
    BatchState.DRAFT: N_("Chờ duyệt"),
    BatchState.APPROVED: N_("Đã duyệt"),
    BatchState.EXPORTED: N_("Đã xuất tệp"),
    BatchState.SENT: N_("Ngân hàng đã nhận"),
    BatchState.CLOSED: N_("Đã xong"),
    BatchState.DROPPED: N_("Đã bỏ"),
}
STATE_NAMES: Final[dict[State, str]] = {
    State.PENDING: N_("Chờ chuyển"),
    State.SENT: N_("Đã rời tài khoản"),
    State.CONFIRMED: N_("Đã chuyển xong"),
    State.FAILED: N_("Không chuyển được"),
    State.RETURNED: N_("Ngân hàng trả lại"),
    State.DROPPED: N_("Đã bỏ"),
}
# What the history of a batch says, by the action in the audit trail.
ACTION_NAMES: Final[dict[str, str]] = {
    "payouts.drafted": N_("Lập bảng"),
    "payout_batches.approved": N_("Duyệt"),
    "payout_batches.dropped": N_("Bỏ bảng"),
    "payout_batches.exported": N_("Xuất tệp cho ngân hàng"),
    "payouts.exported_again": N_("Xuất lại tệp (bản sao)"),
    "payout_batches.sent": N_("Ngân hàng đã nhận"),
    "payout_batches.closed": N_("Đóng bảng"),
}
LONGEST_REASON: Final = 200
LARGEST_FEE: Final = 100_000
EVERYTHING: Final = 10**15  # more than anybody is owed


class Held(StrEnum):
    """Why a seller is not paid out just now."""

    NO_ACCOUNT = "no_account"
    SUSPENDED = "suspended"
    HOLD = "hold"
    BELOW_FEE = "below_fee"


HELD_NAMES: Final[dict[Held, str]] = {
    Held.NO_ACCOUNT: N_("Chưa có tài khoản nhận tiền đang dùng"),
    Held.SUSPENDED: N_("Gian hàng đang tạm ngừng"),
    Held.HOLD: N_("Tiền đang được giữ lại"),
    Held.BELOW_FEE: N_("Số tiền chưa đủ trả phí chuyển"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the bank's file."""

    position: int
    holder: str
    account_number: str
    bank: str
    bank_code: str
    amount: int
    memo: str


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What the file is checked by: how many lines, how many đồng, and the hash of its content."""

    count: int
    amount: int
    sha256: str


def batch_number(day: date, nth: int) -> str:
    """Return how people call the nth batch of a day: CT-20261123-01."""
    return f"CT-{day:%Y%m%d}-{nth:02d}"


def bank_letters(name: str) -> str:
    """Return a name as bulk files want it: capitals without marks, nothing but letters, digits
    and single blanks, at most 70."""
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", fold(name).upper()).split())[:70].strip()


def totals(rows: Sequence[Row]) -> Totals:
    """Return the control totals of a file: the same rows always give the same hash."""
    facts = [
        [
            row.position,
            row.holder,
            row.account_number,
            row.bank,
            row.bank_code,
            row.amount,
            row.memo,
        ]
        for row in rows
    ]
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return Totals(
        count=len(rows),
        amount=sum(row.amount for row in rows),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
