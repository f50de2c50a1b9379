"""Why a certificate was not taken."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class CertificateNotFound(NotFound):
    code = "ocop.not_found"
    sentence = N_("Không có chứng nhận này.")


class CertificateClosed(Conflict):
    """It was sent in or decided: what it says may no longer change."""

    code = "ocop.closed"
    sentence = N_("Chứng nhận này đã gửi đi nên không sửa được. Rút về nháp trước khi sửa.")


class CertificateChangedMeanwhile(Conflict):
    code = "ocop.changed_meanwhile"
    sentence = N_(
        "Có người vừa sửa chứng nhận này. Những gì chị gõ vẫn còn ở dưới; "
        "xem lại rồi bấm lưu lần nữa."
    )


class IssuedInFuture(Invalid):
    code = "ocop.issued_in_future"
    sentence = N_("Ngày ký chưa tới. Xem lại ngày trên quyết định.")
    field = "issued_on"


class IssuedBeforeProgramme(Invalid):
    code = "ocop.issued_before_programme"
    sentence = N_("Chương trình OCOP bắt đầu từ 07/05/2018. Xem lại ngày trên quyết định.")
    field = "issued_on"


class WrongIssuer(Invalid):
    code = "ocop.wrong_issuer"
    sentence = N_(
        "Nơi cấp không hợp với số sao: huyện chỉ công nhận 3 sao và đến hết 30/06/2025, "
        "tỉnh công nhận 3 và 4 sao, trung ương công nhận 5 sao."
    )
    field = "issuer_level"


class NoProducts(Invalid):
    code = "ocop.no_products"
    sentence = N_("Chọn ít nhất một món hàng ghi trong quyết định.")
    field = "products"


class NoScan(Invalid):
    code = "ocop.no_scan"
    sentence = N_("Gửi kèm bản chụp hoặc bản quét quyết định để sở đối chiếu.")
    field = "document"


class ReasonMissing(Invalid):
    code = "ocop.reason_missing"
    sentence = N_("Ghi rõ lý do để người bán biết phải làm gì.")
    field = "reason"
