"""Why a receiving account stayed as it was."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound


class BankAccountNotFound(NotFound):
    code = "bank_accounts.not_found"
    sentence = N_("Không có tài khoản nhận tiền này.")


class UnknownBank(Invalid):
    code = "bank_accounts.unknown_bank"
    sentence = N_("Chọn một ngân hàng trong danh sách.")
    field = "bank_bin"


class DemoBankOnly(Invalid):
    """An invented organisation must never show the account of somebody real."""

    code = "bank_accounts.demo_bank_only"
    sentence = N_("Gian hàng mẫu chỉ dùng ngân hàng mẫu, để không ai chuyển nhầm tiền thật.")
    field = "bank_bin"


class RealBankOnly(Invalid):
    code = "bank_accounts.real_bank_only"
    sentence = N_("Ngân hàng mẫu chỉ dành cho gian hàng mẫu: tiền chuyển tới đó không đến ai.")
    field = "bank_bin"


class BadNumber(Invalid):
    code = "bank_accounts.bad_number"
    sentence = N_("Số tài khoản gồm 4 đến 19 chữ số hoặc chữ cái không dấu. Xem lại từng số.")
    field = "number"


class BadHolder(Invalid):
    code = "bank_accounts.bad_holder"
    sentence = N_("Ghi tên chủ tài khoản như ngân hàng in, ví dụ HTX BANH TRANG TRANG BANG.")
    field = "holder"


class KnownAlready(Conflict):
    code = "bank_accounts.known_already"
    sentence = N_("Tài khoản này đã có trong danh sách, đang dùng hoặc đang chờ xác nhận.")
    field = "number"


class HeldByAnother(Conflict):
    code = "bank_accounts.held_by_another"
    sentence = N_(
        "Tài khoản này đang nhận tiền cho một đơn vị khác trên Phiên Chợ. Nếu đúng là của bạn, "
        "hãy báo cơ quan quản lý chợ."
    )
    field = "number"


class NotVerified(Conflict):
    code = "bank_accounts.not_verified"
    sentence = N_("Hồ sơ của đơn vị phải được xác minh trước khi mở tài khoản nhận tiền.")


class OwnProposal(NotAllowed):
    """Four eyes: two people look at every number."""

    code = "bank_accounts.own_proposal"
    sentence = N_("Người nhập số tài khoản không được tự xác nhận. Cần một người khác xem lại.")


class ReasonMissing(Invalid):
    code = "bank_accounts.reason_missing"
    sentence = N_("Ghi rõ lý do để người nhập biết phải sửa gì.")
    field = "reason"


class NotActive(Conflict):
    code = "bank_accounts.not_active"
    sentence = N_("Chỉ tài khoản đang dùng mới làm tài khoản chính được.")


class ChooseMainFirst(Conflict):
    code = "bank_accounts.choose_main_first"
    sentence = N_("Đây là tài khoản chính. Chọn tài khoản chính khác trước khi đóng.")
