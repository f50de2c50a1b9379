"""Why an organisation could not be stored, changed or judged."""

from __future__ import annotations

from typing import Final

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound, TooMany


class OrganisationNotFound(NotFound):
    code = "organisations.not_found"
    sentence = N_("Không có gian hàng này.")


class DocumentNotFound(NotFound):
    code = "organisations.document_not_found"
    sentence = N_("Không có giấy tờ này.")


class KindCannotApply(Invalid):
    code = "organisations.kind_cannot_apply"
    sentence = N_("Loại này không đăng ký ở đây được.")
    field = "kind"


class CommuneUnknown(Invalid):
    code = "organisations.commune_unknown"
    sentence = N_("Không có xã, phường này. Chọn một nơi trong danh sách gợi ý.")
    field = "commune"


class TooManyDrafts(TooMany):
    code = "organisations.too_many_drafts"
    sentence = N_(
        "Bạn đang có %(count)s hồ sơ chưa gửi. Gửi hoặc dùng lại một hồ sơ đó rồi hãy mở thêm."
    )


class TooManyDocuments(Invalid):
    code = "organisations.too_many_documents"
    sentence = N_("Hồ sơ đã có %(most)s giấy tờ. Bỏ bớt tờ không cần rồi thêm tờ mới.")
    field = "document"


class ApplicationClosed(Conflict):
    """It waits for an answer, or was answered: what was sent may not change now."""

    code = "organisations.application_closed"
    sentence = N_("Hồ sơ đang ở bước không sửa được. Tải lại trang để xem tình trạng mới.")


class ChangedMeanwhile(Conflict):
    code = "organisations.changed_meanwhile"
    sentence = N_(
        "Có người vừa sửa hồ sơ này trong lúc bạn đang mở. Chưa lưu gì cả. "
        "Mở lại trang để xem bản mới, rồi sửa tiếp."
    )


class ApplicationIncomplete(Invalid):
    code = "organisations.incomplete"
    sentence = N_("Hồ sơ còn thiếu %(count)s mục. Xem danh sách để bổ sung rồi gửi lại.")


class TaxCodeTaken(Conflict):
    """Somebody else has it. Who, is not said."""

    code = "organisations.tax_code_taken"
    sentence = N_("Mã số thuế này đã có gian hàng; nếu là của bạn, gọi tổng đài để được giúp.")
    field = "tax_code"


class ReasonMissing(Invalid):
    code = "organisations.reason_missing"
    sentence = N_("Viết rõ lý do để người bán biết phải làm gì.")
    field = "note"


class OwnApplication(NotAllowed):
    """Nobody judges what they work for."""

    code = "organisations.own_application"
    sentence = N_("Bạn là người của gian hàng này, nên phải để người khác xem hồ sơ.")


class TaxCodeRefused(Invalid):
    field = "tax_code"


class TaxCodeEmpty(TaxCodeRefused):
    code = "organisations.tax_code.empty"
    sentence = N_("Nhập mã số thuế.")


class TaxCodeCharacters(TaxCodeRefused):
    code = "organisations.tax_code.characters"
    sentence = N_("Mã số thuế chỉ gồm chữ số, ví dụ 0100109106 hoặc 0100109106-001.")


class TaxCodeLength(TaxCodeRefused):
    code = "organisations.tax_code.length"
    sentence = N_("Mã số thuế có 10 hoặc 13 số; số định danh cá nhân có 12 số. Đếm lại giúp.")


class TaxCodeCheckDigit(TaxCodeRefused):
    code = "organisations.tax_code.check_digit"
    sentence = N_("Mã số thuế này sai một chữ số nào đó: số kiểm tra không khớp. Dò lại trên giấy.")


class TaxCodeComponent(TaxCodeRefused):
    code = "organisations.tax_code.component"
    sentence = N_("Mã số thuế không có dạng này: phần giữa hoặc 3 số cuối không thể là 000.")


class PersonalNumberProvince(TaxCodeRefused):
    code = "organisations.tax_code.province"
    sentence = N_("Số định danh cá nhân phải bắt đầu bằng mã tỉnh từ 001 đến 096.")


class PersonalNumberBirthYear(TaxCodeRefused):
    code = "organisations.tax_code.birth_year"
    sentence = N_("Số định danh cá nhân này ghi năm sinh chưa tới. Dò lại trên thẻ căn cước.")


class TaxCodeNotForKind(TaxCodeRefused):
    code = "organisations.tax_code.kind"
    sentence = N_(
        "Chỉ hộ kinh doanh và nông hộ dùng số định danh cá nhân 12 số. "
        "Loại này cần mã số thuế 10 hoặc 13 số."
    )


# By the code of foundation.identity.
TAX_CODE_REFUSALS: Final[dict[str, type[TaxCodeRefused]]] = {
    "tax_code.empty": TaxCodeEmpty,
    "tax_code.characters": TaxCodeCharacters,
    "tax_code.length": TaxCodeLength,
    "tax_code.check_digit": TaxCodeCheckDigit,
    "tax_code.component": TaxCodeComponent,
    "tax_code.province": PersonalNumberProvince,
    "tax_code.birth_year": PersonalNumberBirthYear,
}
