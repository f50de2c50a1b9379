"""What people are told, in which words, and when a phone may ring.

A feature that tells people something adds its kinds to KINDS, nothing else. The sentences are
marked with N_ and filled in when they are read, in the reader's language. A date or datetime in
the facts is shown as such; amounts are given as finished text (foundation.money.format_vnd).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from foundation import clock
from foundation.errors import N_
from foundation.language import translate

_PLAIN = str.maketrans({**dict(zip("đĐ₫–—“”‘’", "dDd--\"\"''", strict=True)), "…": "..."})
QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(6, 30)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
MOST_TRIES = 10
CODE_LIFE = timedelta(minutes=10)


class Group(StrEnum):
    """What a person chooses a channel for."""

    SECURITY = "security"
    ORGANISATION = "organisation"
    GOODS = "goods"
    MONEY = "money"


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
class Kind:
    """One sort of news. `urgent` news may ring a phone at night."""

    group: Group
    title: str
    body: str
    urgent: bool = False


KINDS: dict[str, Kind] = {
    "account.new_device": Kind(
        group=Group.SECURITY,
        title=N_("Tài khoản vừa đăng nhập ở máy mới"),
        body=N_(
            "%(device)s, lúc %(at)s. Nếu không phải bạn, hãy đăng xuất máy đó và đổi mật khẩu ngay."
        ),
        urgent=True,
    ),
    "account.password_changed": Kind(
        group=Group.SECURITY,
        title=N_("Mật khẩu đã được đổi"),
        body=N_("Đổi lúc %(at)s. Nếu không phải bạn, hãy đặt lại mật khẩu ngay."),
        urgent=True,
    ),
    "account.contact_changed": Kind(
        group=Group.SECURITY,
        title=N_("Số điện thoại hoặc e-mail đăng nhập đã đổi"),
        body=N_("Đổi lúc %(at)s. Nếu không phải bạn, hãy báo cho ban quản lý chợ."),
        urgent=True,
    ),
    "account.already_yours": Kind(
        group=Group.SECURITY,
        title=N_("Bạn đã có tài khoản Phiên Chợ"),
        body=N_(
            "Có người vừa mở tài khoản bằng số điện thoại hoặc e-mail này, nhưng bạn đã có tài "
            "khoản rồi. Nếu là bạn, hãy đăng nhập; quên mật khẩu thì nhận mã để vào. Nếu không "
            "phải bạn, không cần làm gì."
        ),
        urgent=True,
    ),
    "account.recovery_code_used": Kind(
        group=Group.SECURITY,
        title=N_("Vừa có người vào bằng mã dự phòng"),
        body=N_(
            "Lúc %(at)s, còn %(left)s mã. Nếu không phải bạn, hãy đổi mật khẩu và tạo mã mới ngay."
        ),
        urgent=True,
    ),
    "account.second_factor_on": Kind(
        group=Group.SECURITY,
        title=N_("Đã bật xác thực hai lớp"),
        body=N_("Từ nay đăng nhập cần thêm mã trong ứng dụng xác thực. Bật lúc %(at)s."),
    ),
    "account.second_factor_off": Kind(
        group=Group.SECURITY,
        title=N_("Đã tắt xác thực hai lớp"),
        body=N_("Tắt lúc %(at)s. Nếu không phải bạn, hãy đổi mật khẩu và bật lại ngay."),
        urgent=True,
    ),
    "organisation.verified": Kind(
        group=Group.ORGANISATION,
        title=N_("%(name)s đã được xác minh"),
        body=N_("Hồ sơ đã được duyệt. Từ nay gian hàng hiện trên chợ. %(note)s"),
    ),
    "organisation.needs_more": Kind(
        group=Group.ORGANISATION,
        title=N_("Hồ sơ %(name)s cần bổ sung"),
        body=N_("Sở nhắn: %(note)s Bổ sung rồi gửi lại, không phải làm hồ sơ mới."),
    ),
    "organisation.rejected": Kind(
        group=Group.ORGANISATION,
        title=N_("Hồ sơ %(name)s không được duyệt"),
        body=N_("Lý do: %(note)s Bạn có thể sửa hồ sơ và gửi lại."),
    ),
    "organisation.suspended": Kind(
        group=Group.ORGANISATION,
        title=N_("%(name)s bị tạm ngừng"),
        body=N_("Lý do: %(note)s Hàng của gian hàng đã ẩn khỏi chợ. Cần hỏi, gọi tổng đài của sở."),
    ),
    "organisation.resumed": Kind(
        group=Group.ORGANISATION,
        title=N_("%(name)s được bán trở lại"),
        body=N_("Lệnh tạm ngừng đã bỏ, hàng đã hiện lại trên chợ. %(note)s"),
    ),
    "member.invited": Kind(
        group=Group.ORGANISATION,
        title=N_("Lời mời làm việc trên Phiên Chợ"),
        body=N_("%(name)s mời bạn cùng làm việc trên Phiên Chợ. Mở liên kết này trong 7 ngày:"),
    ),
    "member.joined": Kind(
        group=Group.ORGANISATION,
        title=N_("%(person)s đã nhận lời mời"),
        body=N_("Từ nay %(person)s làm việc cho %(name)s."),
    ),
    "member.role_changed": Kind(
        group=Group.ORGANISATION,
        title=N_("Quyền của bạn ở %(name)s đã đổi"),
        body=N_("Mở trang thành viên để xem bạn làm được những gì."),
    ),
    "member.removed": Kind(
        group=Group.ORGANISATION,
        title=N_("Bạn không còn làm việc cho %(name)s"),
        body=N_("Nếu thấy nhầm, liên hệ người quản lý của %(name)s."),
    ),
    "ocop.verified": Kind(
        group=Group.GOODS,
        title=N_("Chứng nhận OCOP đã được xác minh"),
        body=N_(
            "Quyết định %(decision)s đã khớp hồ sơ của sở. "
            "Sao hiện trên món hàng đến hết hạn %(lapses_on)s."
        ),
    ),
    "ocop.rejected": Kind(
        group=Group.GOODS,
        title=N_("Chứng nhận OCOP cần xem lại"),
        body=N_("Quyết định %(decision)s chưa được xác minh. Sở ghi: %(reason)s"),
    ),
    "ocop.revoked": Kind(
        group=Group.GOODS,
        title=N_("Chứng nhận OCOP bị thu hồi trên chợ"),
        body=N_("Sao của quyết định %(decision)s không còn hiện. Sở ghi: %(reason)s"),
    ),
    "ocop.lapsing": Kind(
        group=Group.GOODS,
        title=N_("Chứng nhận OCOP sắp hết hạn"),
        body=N_(
            "Quyết định %(decision)s còn %(days)s ngày, hết hạn ngày %(lapses_on)s. "
            "Nộp hồ sơ đánh giá lại để giữ sao trên chợ."
        ),
    ),
    "ocop.lapsed": Kind(
        group=Group.GOODS,
        title=N_("Chứng nhận OCOP đã hết hạn"),
        body=N_(
            "Quyết định %(decision)s hết hạn ngày %(lapses_on)s, sao đã tự ẩn. "
            "Có quyết định mới thì nhập lại để sao hiện ngay sau khi sở xác minh."
        ),
    ),
    "product.accepted": Kind(
        group=Group.GOODS,
        title=N_("%(name)s đã được duyệt"),
        body=N_("Món hàng đang bán trên chợ."),
    ),
    "product.sent_back": Kind(
        group=Group.GOODS,
        title=N_("%(name)s cần sửa trước khi lên chợ"),
        body=N_("Cán bộ ghi: %(note)s"),
    ),
    "product.taken_down": Kind(
        group=Group.GOODS,
        title=N_("%(name)s đã bị gỡ khỏi chợ"),
        body=N_("Lý do: %(note)s"),
    ),
    "card.disputed": Kind(
        group=Group.MONEY,
        title=N_("Chủ thẻ đòi lại %(amount)s"),
        body=N_(
            "Ngân hàng của chủ thẻ đang xem xét khoản %(reference)s. Giữ hàng chưa giao và "
            "chứng từ giao hàng; tiền này chưa chuyển cho người bán."
        ),
    ),
    "refund.requested": Kind(
        group=Group.MONEY,
        title=N_("%(name)s: hoàn %(amount)s chờ duyệt"),
        body=N_("Lý do: %(why)s Xem rồi duyệt hoặc từ chối."),
    ),
    "refund.approved": Kind(
        group=Group.MONEY,
        title=N_("Khoản hoàn %(amount)s đã được duyệt"),
        body=N_("Mở ra, quét mã bằng ứng dụng ngân hàng của đơn vị để chuyển."),
    ),
    "refund.declined": Kind(
        group=Group.MONEY,
        title=N_("Khoản hoàn %(amount)s không được duyệt"),
        body=N_("Lý do: %(reason)s Tiền đã trở về chỗ cũ."),
    ),
    "refund.confirmed": Kind(
        group=Group.MONEY,
        title=N_("Đã hoàn xong %(amount)s"),
        body=N_("Tiền đã rời tài khoản hoặc quỹ của đơn vị. Lý do hoàn: %(why)s"),
    ),
    "refund.failed": Kind(
        group=Group.MONEY,
        title=N_("Khoản hoàn %(amount)s chưa tới người nhận"),
        body=N_("%(reason)s Xem lại tài khoản nhận rồi chuyển lại, hoặc thôi hoàn."),
    ),
    "refund.paid_twice": Kind(
        group=Group.MONEY,
        title=N_("Có thể đã hoàn hai lần %(amount)s"),
        body=N_("Vừa thấy thêm một lần chuyển đi cùng mã hoàn. Đối chiếu với sao kê ngay."),
    ),
    "payout.approve": Kind(
        group=Group.MONEY,
        title=N_("Bảng chuyển tiền %(number)s chờ duyệt"),
        body=N_("%(count)s người bán, tổng %(amount)s."),
    ),
    "payout.left": Kind(
        group=Group.MONEY,
        title=N_("Sàn vừa chuyển %(amount)s cho %(name)s"),
        body=N_("Nội dung chuyển khoản: %(reference)s. Tiền thường tới trong ngày."),
    ),
    "payout.failed": Kind(
        group=Group.MONEY,
        title=N_("Chưa chuyển được %(amount)s cho %(name)s"),
        body=N_("%(reason)s Tiền vẫn của gian hàng và được đưa vào lần chuyển sau."),
    ),
    "bank_feed.changed": Kind(
        group=Group.ORGANISATION,
        title=N_("Kết nối %(feed)s vừa được thay đổi"),
        body=N_(
            "Lúc %(at)s có người thêm, đổi khoá, bật hoặc tắt kết nối báo tiền về. "
            "Nếu không phải người của mình làm, hãy xem lại ngay."
        ),
        urgent=True,
    ),
    "bank_feed.refused": Kind(
        group=Group.ORGANISATION,
        title=N_("Tin gửi tới %(feed)s bị từ chối vì sai chữ ký"),
        body=N_(
            "Chưa có khoản tiền nào được ghi. Nếu vừa đổi khoá, hãy nhập đúng khoá ấy ở cả hai "
            "nơi. Nếu không đổi gì, có thể ai đó đang thử gửi tin giả."
        ),
    ),
    "bank_feed.clock": Kind(
        group=Group.ORGANISATION,
        title=N_("Tin gửi tới %(feed)s bị từ chối vì lệch giờ"),
        body=N_(
            "Chữ ký đúng nhưng giờ gửi lệch quá 5 phút: tin cũ được gửi lại, hoặc đồng hồ máy "
            "chủ sai. Tiền vẫn được hỏi lại từ danh sách giao dịch nếu đã nhập khoá hỏi lại."
        ),
    ),
    "bank_feed.unreadable": Kind(
        group=Group.ORGANISATION,
        title=N_("Có tin từ %(feed)s không đọc được"),
        body=N_("Tin được giữ nguyên trong hộp thư gốc. Mở ra xem và đối chiếu với ngân hàng."),
    ),
    "bank_feed.no_account": Kind(
        group=Group.ORGANISATION,
        title=N_("%(feed)s báo tiền vào tài khoản chưa khai báo"),
        body=N_("Khai báo tài khoản nhận tiền đó, rồi bấm xử lý lại. Không tin nào bị mất."),
    ),
    "bank_feed.conflict": Kind(
        group=Group.ORGANISATION,
        title=N_("%(feed)s báo một giao dịch với hai số tiền khác nhau"),
        body=N_("Số tiền báo trước được giữ nguyên. Đối chiếu với sao kê ngân hàng."),
    ),
    "bank_feed.not_answering": Kind(
        group=Group.ORGANISATION,
        title=N_("%(feed)s không cho hỏi lại danh sách giao dịch"),
        body=N_("Khoá hỏi lại bị từ chối. Lấy khoá mới ở trang của nhà cung cấp rồi nhập lại."),
    ),
}


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
