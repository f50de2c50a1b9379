"""Why a spreadsheet was not taken."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class NotASheet(Invalid):
    """The bytes are no XLSX workbook that can be read."""

    code = "sheets.not_a_sheet"
    sentence = N_("Tệp này không phải bảng tính .xlsx, hoặc bị hỏng. Tải tệp mẫu về rồi điền lại.")
    field = "file"


class OldWorkbook(Invalid):
    """The format of before 2007, or a workbook with a password: they look alike."""

    code = "sheets.old_workbook"
    sentence = N_(
        "Tệp .xls đời cũ hoặc có mật khẩu. Mở bằng Excel, bỏ mật khẩu nếu có, rồi chọn Lưu thành "
        "(Save As) kiểu Excel Workbook (.xlsx)."
    )
    field = "file"


class TextFile(Invalid):
    code = "sheets.text_file"
    sentence = N_(
        "Tệp .csv không giữ được dấu và mã số. Mở bằng Excel rồi chọn Lưu thành (Save As) kiểu "
        "Excel Workbook (.xlsx)."
    )
    field = "file"


class SheetTooBig(Invalid):
    code = "sheets.too_big"
    sentence = N_(
        "Tệp nặng quá %(most)s MB. Xoá ảnh, trang thừa trong tệp, hoặc chia thành nhiều tệp."
    )
    field = "file"


class SheetSwells(Invalid):
    """Small on disk and huge once unpacked, or with cells far outside any table of goods."""

    code = "sheets.swells"
    sentence = N_(
        "Tệp này bung ra quá lớn nên không mở. Chép riêng bảng hàng sang một tệp mới rồi gửi lại."
    )
    field = "file"


class TooManyRows(Invalid):
    code = "sheets.too_many_rows"
    sentence = N_("Tệp có hơn %(most)s dòng. Chia thành nhiều tệp rồi nhập lần lượt.")
    field = "file"


class NoHeader(Invalid):
    code = "sheets.no_header"
    sentence = N_(
        "Không thấy dòng tiêu đề. Cần ít nhất cột “Tên món hàng” hoặc “Mã hàng”, như trong tệp mẫu."
    )
    field = "file"


class NoRows(Invalid):
    code = "sheets.no_rows"
    sentence = N_("Bảng chưa có dòng hàng nào dưới dòng tiêu đề.")
    field = "file"


class NoSuchImport(NotFound):
    """Unknown, a stranger's, or older than a day."""

    code = "sheets.no_such_import"
    sentence = N_("Không còn bản xem trước này. Gửi lại tệp.")


class AlreadyImported(Conflict):
    code = "sheets.already_imported"
    sentence = N_("Bảng này đã được nhập rồi.")


class HasMistakes(Conflict):
    code = "sheets.has_mistakes"
    sentence = N_("Bảng còn dòng sai nên chưa nhập được gì. Sửa trong tệp rồi gửi lại.")


class ChangedMeanwhile(Conflict):
    """Products of the sheet were changed after the preview was made."""

    code = "sheets.changed_meanwhile"
    sentence = N_(
        "Trong lúc xem trước, có người đã sửa: %(names)s. Chưa nhập gì cả. "
        "Gửi lại tệp để xem bản mới."
    )
