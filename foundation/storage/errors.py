"""Why a file was not taken."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from foundation.errors import N_, DomainError, Invalid, NotFound


class NotAPhoto(Invalid):
    """The bytes do not decode as a photo of a kind we take, whatever the file is called."""

    code = "storage.not_a_photo"
    sentence = N_("Tệp này không phải ảnh, hoặc ảnh bị hỏng. Chọn ảnh JPEG, PNG, WebP hoặc HEIC.")
    field = "photo"


class PhotoTooBig(Invalid):
    code = "storage.photo_too_big"
    sentence = N_("Ảnh nặng quá %(most)s MB. Chọn ảnh khác, hoặc chụp lại với cỡ ảnh nhỏ hơn.")
    field = "photo"


class PhotoTooManyPixels(Invalid):
    code = "storage.photo_too_many_pixels"
    sentence = N_(
        "Ảnh có %(width)s × %(height)s điểm, nhiều quá mức nhận được (%(most)s triệu điểm). "
        "Chụp lại với cỡ ảnh nhỏ hơn."
    )
    field = "photo"


class PhotoTooSmall(Invalid):
    code = "storage.photo_too_small"
    sentence = N_(
        "Ảnh nhỏ quá (%(width)s × %(height)s điểm), nhìn sẽ mờ. "
        "Mỗi cạnh cần ít nhất %(least)s điểm."
    )
    field = "photo"


class PhotoTooLong(Invalid):
    code = "storage.photo_too_long"
    sentence = N_(
        "Ảnh dài và hẹp quá. Cạnh dài nhiều nhất bằng %(most)s lần cạnh ngắn; cắt bớt rồi gửi lại."
    )
    field = "photo"


class NotADocument(Invalid):
    """Neither a whole PDF nor a photo of a paper."""

    code = "storage.not_a_document"
    sentence = N_(
        "Tệp này không phải PDF hay ảnh, hoặc bị hỏng. Gửi bản PDF, hoặc chụp giấy tờ gửi ảnh."
    )
    field = "document"


class DocumentTooBig(Invalid):
    code = "storage.document_too_big"
    sentence = N_("Tệp nặng quá %(most)s MB. Quét lại với cỡ nhỏ hơn, hoặc chụp từng trang.")
    field = "document"


class NotADrawing(Invalid):
    code = "storage.not_a_drawing"
    sentence = N_("Tệp này không phải hình vẽ SVG hợp lệ.")
    field = "drawing"


class NoSuchFile(NotFound):
    code = "storage.no_such_file"
    sentence = N_("Không có tệp này.")


class StoreError(DomainError):
    """The folder or the bucket did not answer; trying again later may help."""

    code = "storage.unavailable"
    sentence = N_("Chưa lưu được tệp vì kho ảnh đang trục trặc. Chờ ít phút rồi gửi lại.")
    status = HTTPStatus.SERVICE_UNAVAILABLE


class ScanTooManyPixels(PhotoTooManyPixels):
    field = "document"


class ScanTooSmall(PhotoTooSmall):
    field = "document"


class ScanTooLong(PhotoTooLong):
    field = "document"


# The same refusals where the photo is of a paper: they belong beside another field.
AS_DOCUMENT: Final[dict[type[Invalid], type[Invalid]]] = {
    NotAPhoto: NotADocument,
    PhotoTooManyPixels: ScanTooManyPixels,
    PhotoTooSmall: ScanTooSmall,
    PhotoTooLong: ScanTooLong,
}
