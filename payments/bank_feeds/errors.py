"""Why a line to a provider was not set up, and what is not there."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class FeedNotFound(NotFound):
    code = "bank_feeds.not_found"
    sentence = N_("Không có kết nối này.")


class MessageNotFound(NotFound):
    code = "bank_feeds.message_not_found"
    sentence = N_("Không có tin này.")


class UnfitKey(Invalid):
    code = "bank_feeds.unfit_key"
    sentence = N_(
        "Khoá gồm 8 đến 200 chữ cái, chữ số và dấu, không có khoảng trắng, không có dấu tiếng Việt."
    )
    field = "key"


class SameKey(Invalid):
    code = "bank_feeds.same_key"
    sentence = N_("Đây là khoá đang dùng. Nhập khoá mới lấy từ nhà cung cấp.")
    field = "key"


class FeedOff(Conflict):
    code = "bank_feeds.off"
    sentence = N_("Kết nối này đang tắt. Bật lại rồi làm tiếp.")


class CannotAsk(Conflict):
    """Only some providers can be asked for what was missed."""

    code = "bank_feeds.cannot_ask"
    sentence = N_("Nhà cung cấp này không cho hỏi lại danh sách giao dịch.")
    field = "poll_key"
