"""In which words people are told things, and when a phone may ring. What they are told stands in
`kinds`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from foundation import clock
from foundation.errors import N_
from foundation.language import translate
from foundation.notifications.kinds import KINDS, Group, Kind

__all__ = ["KINDS", "Group", "Kind"]

_PLAIN = str.maketrans({**dict(zip("đĐ₫–—“”‘’", "dDd--\"\"''", strict=True)), "…": "..."})
QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(6, 30)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
MOST_TRIES = 10
CODE_LIFE = timedelta(minutes=10)


GROUP_NAMES = {
    Group.SECURITY: N_("An toàn tài khoản"),
    Group.ORGANISATION: N_("Gian hàng và thành viên"),
    Group.GOODS: N_("Hàng bán và chứng nhận"),
    Group.MONEY: N_("Tiền thu, hoàn và chuyển"),
}
GROUP_HINTS = {
    Group.SECURITY: N_("Đăng nhập ở máy lạ, đổi mật khẩu. Tin này luôn được gửi."),
    Group.ORGANISATION: N_("Hồ sơ được duyệt hay cần bổ sung, lời mời, thay đổi quyền."),
    Group.GOODS: N_("Món hàng được duyệt, chứng nhận OCOP sắp hết hạn."),
    Group.MONEY: N_("Khoản hoàn chờ duyệt, tiền sàn chuyển cho người bán."),
}
# These also go to a phone when there is no e-mail address; the rest then waits in the inbox.
WORTH_A_TEXT = frozenset({Group.SECURITY, Group.ORGANISATION})


@dataclass(frozen=True, kw_only=True)
class CodeWords:
    """The words around a one-time code."""

    subject: str
    text: str


NEVER_SHARE = N_("Không đưa mã này cho ai, kể cả người xưng là nhân viên.")
CODES: dict[str, CodeWords] = {
    "sign_up": CodeWords(
        subject=N_("Mã mở tài khoản Phiên Chợ"),
        text=N_("%(code)s là mã mở tài khoản Phiên Chợ, dùng trong %(minutes)s phút."),
    ),
    "sign_in": CodeWords(
        subject=N_("Mã đăng nhập Phiên Chợ"),
        text=N_("%(code)s là mã đăng nhập Phiên Chợ, dùng trong %(minutes)s phút."),
    ),
    "reset": CodeWords(
        subject=N_("Mã đặt lại mật khẩu Phiên Chợ"),
        text=N_("%(code)s là mã đặt lại mật khẩu Phiên Chợ, dùng trong %(minutes)s phút."),
    ),
    "change_contact": CodeWords(
        subject=N_("Mã xác nhận liên lạc mới"),
        text=N_("%(code)s là mã xác nhận liên lạc mới ở Phiên Chợ, dùng trong %(minutes)s phút."),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    title: str
    body: str


def words(kind: str, facts: Mapping[str, Any], language: str) -> Words:
    """Return what an inbox line says in this language. `facts` as stored by `storable`."""
    known = KINDS[kind]
    shown = {name: _shown(value) for name, value in facts.items()}
    return Words(
        title=translate(known.title, language, shown), body=translate(known.body, language, shown)
    )


def code_words(purpose: str, code: str, language: str) -> Words:
    """Return the message that carries a one-time code."""
    known = CODES[purpose]
    facts = {"code": code, "minutes": int(CODE_LIFE.total_seconds() // 60)}
    text = translate(known.text, language, facts)
    return Words(
        title=translate(known.subject, language, facts),
        body=f"{text}\n\n{translate(NEVER_SHARE, language, {})}",
    )


def storable(facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts as JSON can hold them, days and moments still known as such."""
    return {name: _stored(value) for name, value in facts.items()}


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _shown(value: Any) -> object:
    if isinstance(value, dict) and "moment" in value:
        return f"{clock.local(datetime.fromisoformat(value['moment'])):%H:%M, %d/%m/%Y}"
    if isinstance(value, dict) and "day" in value:
        return f"{date.fromisoformat(value['day']):%d/%m/%Y}"
    return value


def plain_letters(text: str) -> str:
    """Return text as an SMS carries it for the price of one: no marks, one line."""
    bare = unicodedata.normalize("NFD", text.translate(_PLAIN))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).split())


def after_quiet_hours(moment: datetime) -> datetime:
    """Return this moment, or half past six in the morning if people may be asleep."""
    here = clock.local(moment)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return moment
    wake = datetime.combine(here.date(), QUIET_UNTIL, clock.VIETNAM)
    if here.time() >= QUIET_FROM:
        wake += timedelta(days=1)
    return wake.astimezone(moment.tzinfo)


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after this many tries that failed."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 12)), LONGEST_WAIT)
