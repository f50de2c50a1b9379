"""What people are told when an account's door stays shut."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound, TooMany


class BadContact(Invalid):
    code = "accounts.bad_contact"
    sentence = N_("Nhập số điện thoại đủ 10 số, ví dụ 0912 345 678, hoặc địa chỉ e-mail.")
    field = "contact"


class BadName(Invalid):
    code = "accounts.bad_name"
    sentence = N_("Nhập họ và tên của bạn, nhiều nhất 120 chữ.")
    field = "full_name"


class WeakPassword(Invalid):
    """The base of what can be wrong with a new password."""

    field = "password"


class PasswordTooShort(WeakPassword):
    code = "accounts.password_too_short"
    sentence = N_(
        "Mật khẩu cần ít nhất %(least)s ký tự. Bốn năm từ không liên quan là dễ nhớ nhất."
    )


class PasswordTooLong(WeakPassword):
    code = "accounts.password_too_long"
    sentence = N_("Mật khẩu dài quá, nhiều nhất %(most)s ký tự.")


class PasswordTooObvious(WeakPassword):
    code = "accounts.password_too_obvious"
    sentence = N_(
        "Mật khẩu này nhiều người dùng, kẻ gian thử đầu tiên. Chọn mấy từ chỉ mình bạn nghĩ ra."
    )


class PasswordIsPersonal(WeakPassword):
    code = "accounts.password_is_personal"
    sentence = N_("Đừng dùng tên, số điện thoại hay e-mail của bạn trong mật khẩu.")


class WrongSignIn(Invalid):
    """The one answer to an unknown contact, a wrong password and one knock too many."""

    code = "accounts.wrong_sign_in"
    sentence = N_(
        "Chưa đăng nhập được. Xem lại số điện thoại, e-mail và mật khẩu, hoặc nhận mã để vào. "
        "Nhập sai nhiều lần thì phải chờ ít phút."
    )


class WrongPassword(Invalid):
    code = "accounts.wrong_password"
    sentence = N_("Mật khẩu hiện tại chưa đúng. Nhập sai nhiều lần thì phải chờ ít phút.")
    field = "present"


class WrongCode(Invalid):
    code = "accounts.wrong_code"
    sentence = N_("Mã chưa đúng. Xem lại 6 số trong tin nhắn mới nhất.")
    field = "code"


class CodeSpent(Invalid):
    """Too old, used, replaced by a newer one, or guessed at too often."""

    code = "accounts.code_spent"
    sentence = N_("Mã này không còn dùng được. Bấm “Gửi lại mã” để nhận mã mới.")
    field = "code"


class NothingPending(NotFound):
    code = "accounts.nothing_pending"
    sentence = N_("Không có mã nào đang chờ. Làm lại từ đầu giúp chúng tôi.")


class TooManyKnocks(TooMany):
    code = "accounts.too_many"
    sentence = N_("Bạn thử nhiều lần quá. Chờ %(minutes)s phút rồi thử lại.")


class NoAccount(NotFound):
    """Only ever said to somebody who has shown that the contact is theirs."""

    code = "accounts.no_account"
    sentence = N_("Số điện thoại hoặc e-mail này chưa có tài khoản.")


class AlreadyRegistered(Conflict):
    """Only ever said to somebody who has shown that the contact is theirs."""

    code = "accounts.already_registered"
    sentence = N_("Số điện thoại hoặc e-mail này đã có tài khoản.")
    field = "contact"


class Blocked(NotAllowed):
    code = "accounts.blocked"
    sentence = N_("Tài khoản này đang bị tạm khoá. Gọi tổng đài của sở để được giúp.")


class SignInGone(NotFound):
    code = "accounts.sign_in_gone"
    sentence = N_("Lần đăng nhập này đã được đăng xuất rồi.")
