"""What a page that shows a payment says, and to whom. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from foundation.errors import N_
from payments.intents.rules import State

APPS: Final = Path(__file__).with_name("data") / "banking_apps.json"
OPENS_APP: Final = "https://dl.vietqr.io/pay"
KIND: Final = "counter"
PURPOSE: Final = N_("Thu tại quầy")
WITHDRAWN: Final = N_("Huỷ tại quầy")
LONGEST_NOTE: Final = 80
MINUTES_OPEN: Final = 30
QUICK_AMOUNTS: Final = (10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
# How long the second screen goes on thanking for a payment.
THANKS_SECONDS: Final = 60


class Shown(StrEnum):
    """What a payment page says: the state, told apart where people must do different things."""

    WAITING = "waiting"
    NO_ACCOUNT = "no_account"  # to be paid at the desk: there is no account to send money to
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    CHECKING = "checking"  # money came, and a person must say what it is for
    LATE = "late"  # expired, and still wanted
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


PAYABLE: Final = frozenset({Shown.WAITING, Shown.PART_PAID, Shown.LATE})
DONE: Final = frozenset({Shown.PAID, Shown.OVERPAID})
# Nothing more happens to these by itself: pages may stop asking.
FINAL: Final = frozenset({Shown.PAID, Shown.OVERPAID, Shown.CANCELLED, Shown.REPLACED})
HEADINGS: Final[dict[Shown, str]] = {
    Shown.WAITING: N_("Quét mã để trả"),
    Shown.NO_ACCOUNT: N_("Khoản phải trả"),
    Shown.PART_PAID: N_("Quét mã để trả tiếp"),
    Shown.PAID: N_("Đã nhận đủ tiền"),
    Shown.OVERPAID: N_("Đã nhận đủ, có phần trả thừa"),
    Shown.CHECKING: N_("Tiền đã vào, đang xem lại"),
    Shown.LATE: N_("Đã quá hạn, vẫn trả được"),
    Shown.EXPIRED: N_("Khoản này đã hết hạn"),
    Shown.CANCELLED: N_("Khoản này đã huỷ"),
    Shown.REPLACED: N_("Khoản này đã thay bằng khoản mới"),
}
WORDS: Final[dict[Shown, str]] = {
    Shown.WAITING: N_(
        "Đang chờ tiền về. Trang này tự đổi khi tiền vào tài khoản người nhận, "
        "không cần chụp màn hình."
    ),
    Shown.NO_ACCOUNT: N_(
        "Người nhận chưa có tài khoản nhận chuyển khoản. Trả tại quầy, hoặc hỏi lại người nhận."
    ),
    Shown.PART_PAID: N_("Đã nhận %(paid)s, còn %(due)s. Mã này là mã mới cho phần còn lại."),
    Shown.PAID: N_("Người nhận đã nhận đủ %(amount)s. Không cần chuyển thêm."),
    Shown.OVERPAID: N_(
        "Người nhận đã nhận đủ %(amount)s và thừa %(excess)s. Phần thừa sẽ được hoàn lại "
        "hoặc giữ cho lần sau; không cần chuyển thêm."
    ),
    Shown.CHECKING: N_(
        "Đã nhận %(total)s nhưng chưa ghi được cho khoản này. Người nhận đang xem lại; "
        "xin đừng chuyển thêm."
    ),
    Shown.LATE: N_(
        "Khoản này quá hạn từ %(expired)s nhưng người nhận vẫn chờ: "
        "tiền chuyển bây giờ được ghi ngay cho khoản này."
    ),
    Shown.EXPIRED: N_(
        "Hạn trả là %(expired)s. Xin đừng chuyển nữa. Nếu đã chuyển, tiền không mất: "
        "người nhận sẽ hoàn lại hoặc ghi cho khoản khác."
    ),
    Shown.CANCELLED: N_(
        "Người nhận đã huỷ khoản này. Xin đừng chuyển tiền. Nếu đã chuyển, tiền không mất: "
        "người nhận sẽ hoàn lại hoặc ghi cho khoản khác."
    ),
    Shown.REPLACED: N_(
        "Mã cũ không dùng nữa; mở khoản mới để xem số tiền đúng. "
        "Tiền đã chuyển theo mã cũ được ghi cho khoản mới."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a payment stands just now, all amounts in đồng."""

    shown: Shown
    amount: int
    settled: int
    excess: int
    refunded: int
    expires_at: datetime | None
    settled_at: datetime | None

    @property
    def due(self) -> int:
        return self.amount - self.settled

    @property
    def payable(self) -> bool:
        return self.shown in PAYABLE

    @property
    def done(self) -> bool:
        return self.shown in DONE

    @property
    def final(self) -> bool:
        return self.shown in FINAL

    @property
    def version(self) -> str:
        """What differs whenever a page must look different."""
        return f"{self.shown}-{self.settled}-{self.excess}-{self.refunded}"


def shown(
    state: State, *, due: int, settles_late: bool, has_account: bool, replaced: bool
) -> Shown:
    """Return what a page says of an intent in this effective state."""
    if state is State.CANCELLED:
        return Shown.REPLACED if replaced else Shown.CANCELLED
    if state is State.OVERPAID and due:
        return Shown.CHECKING
    if state in (State.PAID, State.OVERPAID):
        return Shown(state.value)
    if state is State.EXPIRED and not settles_late:
        return Shown.EXPIRED
    if not has_account:
        return Shown.NO_ACCOUNT
    return Shown.LATE if state is State.EXPIRED else _OPEN[state]


_OPEN: Final = {State.OPEN: Shown.WAITING, State.PART_PAID: Shown.PART_PAID}


def masked_name(name: str) -> str:
    """Return a person's name as a page that anybody may open shows it: N. T. Mẫu."""
    words = name.split()
    return " ".join([*(f"{word[0].upper()}." for word in words[:-1]), *words[-1:]])


def grouped(number: str) -> str:
    """Return an account number in groups of four, as one reads it aloud."""
    return " ".join(re.findall(r".{1,4}", number))


def subject_of(organisation: str, day: date) -> str:
    """Return what the lines of a day's counter payments are filed under."""
    return f"{organisation}:{day.isoformat()}"


@dataclass(frozen=True, kw_only=True)
class App:
    """A banking app that can be opened from a page, and how."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What a payer's app must be told. `bank` is the payee's bank by its usual short code."""

    bank: str
    number: str
    holder: str
    amount: int
    reference: str


def apps(transfer: Transfer) -> list[App]:
    """Return the banking apps that can be opened, with the transfer filled in where the payee's
    bank is one that they know."""
    facts: dict[str, object] = {}
    if transfer.bank:
        facts = {
            "ba": f"{transfer.number}@{transfer.bank.lower()}",
            "am": transfer.amount,
            "tn": transfer.reference,
            "bn": transfer.holder,
        }
    return [
        App(name=name, url=f"{OPENS_APP}?{urlencode({'app': app, **facts})}")
        for app, name in _known_apps()
    ]


@cache
def _known_apps() -> tuple[tuple[str, str], ...]:
    known = json.loads(APPS.read_text(encoding="utf-8"))["apps"]
    return tuple((each["app"], each["name"]) for each in known)
