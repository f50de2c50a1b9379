"""Why a statement file was not taken."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class Unreadable(Invalid):
    """No workbook, no table, no text in an encoding that banks use."""

    code = "statements.unreadable"
    sentence = N_(
        "Không đọc được tệp này. Tải lại sao kê từ ngân hàng ở dạng Excel (.xlsx, .xls) hoặc CSV."
    )
    field = "file"


class PdfFile(Invalid):
    code = "statements.pdf"
    sentence = N_(
        "Tệp PDF dễ đọc nhầm số nên không nhận. Vào trang ngân hàng, xuất lại sao kê ở dạng Excel "
        "hoặc CSV rồi gửi."
    )
    field = "file"


class Locked(Invalid):
    code = "statements.locked"
    sentence = N_("Tệp có mật khẩu. Mở bằng Excel, bỏ mật khẩu, lưu lại rồi gửi.")
    field = "file"


class TooBig(Invalid):
    code = "statements.too_big"
    sentence = N_("Tệp nặng quá %(most)s MB. Xuất sao kê theo từng khoảng ngày ngắn hơn.")
    field = "file"


class Swells(Invalid):
    """Small on disk and huge once unpacked, or with cells far outside any statement."""

    code = "statements.swells"
    sentence = N_("Tệp này bung ra quá lớn nên không mở. Xuất lại sao kê từ ngân hàng.")
    field = "file"


class TooManyRows(Invalid):
    code = "statements.too_many_rows"
    sentence = N_("Sao kê có hơn %(most)s dòng. Xuất theo từng khoảng ngày ngắn hơn.")
    field = "file"


class NoHeader(Invalid):
    code = "statements.no_header"
    sentence = N_(
        "Không thấy dòng tiêu đề. Cần một cột ngày và cột tiền vào, tiền ra (hoặc ghi có, ghi nợ). "
        "Có thể chép số liệu sang tệp mẫu rồi gửi."
    )
    field = "file"


class NoRows(Invalid):
    code = "statements.no_rows"
    sentence = N_("Sao kê này không có giao dịch nào.")
    field = "file"


class ForeignCurrency(Invalid):
    code = "statements.foreign_currency"
    sentence = N_("Sao kê này bằng %(currency)s. Chỉ nhận sao kê của tài khoản tiền đồng (VND).")
    field = "file"


class HasMistakes(Invalid):
    """Facts: count, problems (rules.Problem, the first of them)."""

    code = "statements.has_mistakes"
    sentence = N_("Còn %(count)s chỗ chưa rõ trong tệp, nên chưa nhập dòng nào.")
    field = "file"


class AccountUnknown(Invalid):
    """The file names only accounts that this organisation has not entered."""

    code = "statements.account_unknown"
    sentence = N_(
        "Tệp là sao kê của tài khoản %(said)s, không nằm trong các tài khoản nhận tiền của đơn vị."
    )
    field = "account"


class OtherAccount(Invalid):
    code = "statements.other_account"
    sentence = N_("Tệp là sao kê của tài khoản %(said)s, không phải tài khoản đã chọn.")
    field = "account"


class WhichAccount(Invalid):
    code = "statements.which_account"
    sentence = N_("Tệp không ghi số tài khoản. Chọn tài khoản của sao kê này rồi gửi lại tệp.")
    field = "account"


class NameImported(Conflict):
    """Same name, other content, and the earlier one is in the books already."""

    code = "statements.name_imported"
    sentence = N_(
        "Tệp tên “%(name)s” đã nhập ngày %(on)s với nội dung khác. Nếu đây là sao kê của kỳ khác, "
        "đổi tên tệp rồi gửi lại. Dòng đã nhập không bị nhập lần nữa."
    )
    field = "file"


class NamePreviewed(Conflict):
    """Same name, other content, and the earlier one waits: to be replaced only when meant."""

    code = "statements.name_previewed"
    sentence = N_(
        "Tệp tên “%(name)s” đã gửi trước đó với nội dung khác và chưa nhập. Chọn “Thay tệp cũ "
        "cùng tên” rồi gửi lại nếu đây là bản đã sửa."
    )
    field = "replace"


class NoSuchStatement(NotFound):
    code = "statements.none"
    sentence = N_("Không có tệp sao kê này.")


class NotPreviewed(Conflict):
    """It is being imported, was imported, or was discarded."""

    code = "statements.not_previewed"
    sentence = N_("Tệp này không còn chờ nhập.")
