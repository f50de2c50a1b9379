"""What people are told.

A feature that tells people something adds its kinds to KINDS, nothing else. The sentences are
marked with N_ and filled in when they are read, in the reader's language. A date or datetime in
the facts is shown as such; amounts are given as finished text (foundation.money.format_vnd).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from foundation.errors import N_


class Group(StrEnum):
    """What a person chooses a channel for."""

    SECURITY = "security"
    ORGANISATION = "organisation"
    GOODS = "goods"
    MONEY = "money"


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
    "payments.account_proposed": Kind(
        group=Group.SECURITY,
        title=N_("%(name)s: có tài khoản nhận tiền mới chờ xác nhận"),
        body=N_(
            "%(person)s vừa nhập tài khoản %(number)s tại %(bank)s. Nếu không ai trong đơn vị nhờ "
            "việc này, hãy từ chối ngay và đổi mật khẩu."
        ),
        urgent=True,
    ),
    "payments.account_confirmed": Kind(
        group=Group.SECURITY,
        title=N_("%(name)s: tài khoản nhận tiền mới đã được xác nhận"),
        body=N_(
            "%(person)s đã xác nhận tài khoản %(number)s tại %(bank)s. Hãy chuyển thử một khoản "
            "nhỏ để chắc tiền về đúng nơi."
        ),
        urgent=True,
    ),
    "payments.account_declined": Kind(
        group=Group.SECURITY,
        title=N_("%(name)s: tài khoản nhận tiền không được xác nhận"),
        body=N_("%(person)s từ chối tài khoản %(number)s tại %(bank)s. Lý do: %(reason)s"),
    ),
    "payments.account_made_main": Kind(
        group=Group.SECURITY,
        title=N_("%(name)s: đã đổi tài khoản nhận tiền chính"),
        body=N_("Theo lệnh của %(person)s, tiền mới sẽ về tài khoản %(number)s tại %(bank)s."),
    ),
    "payments.account_closed": Kind(
        group=Group.SECURITY,
        title=N_("%(name)s: đã đóng một tài khoản nhận tiền"),
        body=N_(
            "%(person)s đóng tài khoản %(number)s tại %(bank)s. Tiền còn chuyển tới đó vẫn được "
            "ghi nhận."
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
            "Ngân hàng của chủ thẻ đang xem xét khoản %(reference)s. Giữ lại hàng chưa giao và "
            "chứng từ giao hàng; tiền này bị giữ cho đến khi có kết quả."
        ),
    ),
    "payments.waiting": Kind(
        group=Group.MONEY,
        title=N_("%(name)s: %(amount)s đã về đang chờ xử lý"),
        body=N_(
            "%(count)s giao dịch chưa rõ trả cho khoản nào. Mở ra xem, phân bổ hoặc hoàn lại, "
            "để người trả khỏi phải gọi hỏi."
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
    "payout.paid_twice": Kind(
        group=Group.MONEY,
        title=N_("Có thể đã chuyển hai lần %(amount)s cho %(name)s"),
        body=N_("Bảng %(number)s: vừa thấy thêm một lần tiền đi cùng mã. Kiểm tra ngay."),
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
