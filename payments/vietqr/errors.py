"""What can be wrong with the text of a payment code, or with what shall be put into one.

`field` is the path of EMVCo ids, such as "38.01.01", and empty where the text as a whole is meant.
"""

from __future__ import annotations

from foundation.errors import N_, Invalid


class InvalidPayload(Invalid):
    """It is no well-formed payment code; the subclass and its `code` say why, `field` where."""

    code = "vietqr.invalid"
    sentence = N_("Mã QR không đúng định dạng ở trường %(field)s.")

    def __init__(self, field: str, **facts: object) -> None:
        super().__init__(field=field, **facts)
        self.field = field  # type: ignore[misc]  # each case names its own field


# --- reading ----------------------------------------------------------------------------------


class NotText(InvalidPayload):
    code = "vietqr.not_text"
    sentence = N_("Nội dung mã QR phải là chữ.")


class PayloadTooLong(InvalidPayload):
    code = "vietqr.too_long"
    sentence = N_("Nội dung dài quá %(longest)s ký tự, không mã QR nào chứa được.")


class Unreadable(InvalidPayload):
    """Where an id and a length should stand, there is something else."""

    code = "vietqr.unreadable"
    sentence = N_("Trường %(field)s không bắt đầu bằng hai chữ số mã và hai chữ số độ dài.")


class WrongLength(InvalidPayload):
    """What follows the field cannot be read, so the length written in it must be wrong."""

    code = "vietqr.wrong_length"
    sentence = N_("Độ dài ghi ở trường %(field)s không khớp với nội dung của trường.")


class CutShort(InvalidPayload):
    code = "vietqr.cut_short"
    sentence = N_("Trường %(field)s ghi dài %(said)s ký tự nhưng chỉ còn %(left)s.")


class Repeated(InvalidPayload):
    code = "vietqr.repeated"
    sentence = N_("Trường %(field)s xuất hiện hai lần.")


class Missing(InvalidPayload):
    code = "vietqr.missing"
    sentence = N_("Thiếu trường %(field)s.")


class Misplaced(InvalidPayload):
    code = "vietqr.misplaced"
    sentence = N_("Trường %(field)s đứng sai chỗ: trường 00 ở đầu, trường 63 ở cuối.")


class AfterTheEnd(InvalidPayload):
    code = "vietqr.after_the_end"
    sentence = N_("Sau mã kiểm tra (trường %(field)s) còn ký tự thừa.")


class WrongChecksum(InvalidPayload):
    code = "vietqr.wrong_checksum"
    sentence = N_("Mã kiểm tra (trường %(field)s) không khớp: nội dung mã QR đã bị thay đổi.")


class BadCharacter(InvalidPayload):
    code = "vietqr.bad_character"
    sentence = N_("Trường %(field)s có ký tự không được dùng.")


# --- writing ----------------------------------------------------------------------------------


class BadId(InvalidPayload):
    code = "vietqr.bad_id"
    sentence = N_("Mã trường %(field)s không phải hai chữ số.")


class BadValue(InvalidPayload):
    """A text where objects belong, or objects where a text belongs."""

    code = "vietqr.bad_value"
    sentence = N_("Giá trị của trường %(field)s không đúng kiểu.")


class ValueTooLong(InvalidPayload):
    code = "vietqr.value_too_long"
    sentence = N_("Nội dung trường %(field)s dài quá %(longest)s ký tự.")


class BadBin(InvalidPayload):
    code = "vietqr.bad_bin"
    sentence = N_("Mã ngân hàng (BIN) phải gồm đúng 6 chữ số.")


class BadAccount(InvalidPayload):
    code = "vietqr.bad_account"
    sentence = N_("Số tài khoản chỉ gồm chữ cái không dấu và chữ số, nhiều nhất 19 ký tự.")


class BadCard(InvalidPayload):
    code = "vietqr.bad_card"
    sentence = N_("Số thẻ phải gồm 16 đến 19 chữ số.")


class BadAmount(InvalidPayload):
    code = "vietqr.bad_amount"
    sentence = N_("Số tiền phải từ 1 đến 499.999.999 đồng, không có số lẻ.")


class BadPurpose(InvalidPayload):
    code = "vietqr.bad_purpose"
    sentence = N_("Nội dung chuyển khoản phải có chữ hoặc số, nhiều nhất %(longest)s ký tự.")


class BadReference(InvalidPayload):
    code = "vietqr.bad_reference"
    sentence = N_("Mã tham chiếu chỉ gồm A–Z và 0–9, nhiều nhất 19 ký tự.")


class TwoPurposes(InvalidPayload):
    code = "vietqr.two_purposes"
    sentence = N_("Chọn một: nội dung chuyển khoản hoặc mã tham chiếu.")


class BadLabel(InvalidPayload):
    code = "vietqr.bad_label"
    sentence = N_("Trường %(field)s chỉ nhận chữ không dấu, tối đa %(longest)s ký tự.")
