"""How accounts are written, and which way a receiving account may go. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.text import fold
from payments.bank_accounts.errors import BadHolder, BadNumber


class State(StrEnum):
    PROPOSED = "proposed"  # entered by one member, waiting for a second pair of eyes
    ACTIVE = "active"
    DECLINED = "declined"
    CLOSED = "closed"  # receives no new payments; money that still arrives is still matched


NEXT_STATES: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.ACTIVE, State.DECLINED}),
    State.ACTIVE: frozenset({State.CLOSED}),
}
STATE_NAMES: Final[dict[State, str]] = {
    State.PROPOSED: N_("Chờ xác nhận"),
    State.ACTIVE: N_("Đang dùng"),
    State.DECLINED: N_("Không được xác nhận"),
    State.CLOSED: N_("Đã đóng"),
}
HOLDER_LENGTH: Final = 120
_NUMBER: Final = re.compile(r"[A-Z0-9]{4,19}")
_SHOWN: Final = 4


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An account as somebody typed it. `label` is what the organisation calls it itself."""

    bank_bin: str
    number: str
    holder: str
    label: str = ""


def plain_number(typed: str) -> str:
    """Return an account number as it is stored and compared: digits and capital letters alone."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter.isalnum()
    )


def read_number(typed: str) -> str:
    """Return the number of an account, blanks, dots and dashes left out. Raises BadNumber."""
    bare = re.sub(r"[\s.\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not _NUMBER.fullmatch(bare):
        raise BadNumber
    return bare


def read_holder(typed: str) -> str:
    """Return a holder's name as banks print it: capitals without marks. Raises BadHolder."""
    letters = re.sub(r"[^A-Z0-9&.,()/'\- ]", " ", fold(typed).upper())
    name = " ".join(letters.split())
    if len(re.findall(r"[A-Z]", name)) < 2 or len(name) > HOLDER_LENGTH:
        raise BadHolder
    return name


def masked(number: str) -> str:
    """Return an account number as lists show it: its last characters, never most of them."""
    return "•••• " + number[-min(_SHOWN, len(number) // 2) :]


def grouped(number: str) -> str:
    """Return an account number in groups of four, for comparing it with the paper."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
