"""Why no code can be shown at the counter."""

from __future__ import annotations

from foundation.errors import N_, Conflict


class NoAccount(Conflict):
    code = "counter.no_account"
    sentence = N_("Chưa có tài khoản nhận tiền. Thêm tài khoản rồi mới hiện mã cho khách được.")


class NotOpen(Conflict):
    """The organisation is not verified, or is suspended."""

    code = "counter.not_open"
    sentence = N_("Đơn vị chưa được xác minh hoặc đang tạm ngừng nên chưa thu tiền được.")
