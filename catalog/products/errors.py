"""Why something could not be done to a product."""

from __future__ import annotations

from datetime import datetime

from foundation.errors import N_, Conflict, Invalid, NotFound


class NoSuchProduct(NotFound):
    code = "products.no_such_product"
    sentence = N_("Không có món hàng này.")


class NoSuchPhoto(NotFound):
    code = "products.no_such_photo"
    sentence = N_("Không có ảnh này.")


class BadProduct(Invalid):
    """Something given breaks a limit; `problem` says what, where and in which words."""

    code = "products.bad_product"
    sentence = N_("Món hàng còn chỗ chưa đúng. Xem lại từng chỗ rồi lưu lần nữa.")

    def __init__(self, words: str, place: str, **facts: object) -> None:
        super().__init__(**facts)
        self.sentence = words  # type: ignore[misc]  # each problem brings its own words
        self.field = place  # type: ignore[misc]


class NoSuchCategory(Invalid):
    code = "products.no_such_category"
    sentence = N_("Chọn một loại hàng trong danh sách.")
    field = "category"


class NoSuchCommune(Invalid):
    code = "products.no_such_commune"
    sentence = N_("Chọn xã, phường nơi làm ra món hàng.")
    field = "commune"


class SkuTaken(Invalid):
    """Another product of the same seller has a size with this number."""

    code = "products.sku_taken"
    sentence = N_("Mã SKU “%(sku)s” đã dùng cho món “%(name)s”. Mỗi quy cách cần một mã riêng.")
    field = "variants"


class Incomplete(Invalid):
    """It lacks something it needs before buyers may see it, or would after this edit."""

    code = "products.incomplete"
    sentence = N_("Món hàng chưa đủ để lên chợ. Xem danh sách việc còn thiếu.")

    def __init__(self, lacks: list[str]) -> None:
        super().__init__(lacks=", ".join(lacks))
        self.lacks = lacks


class SellerNotVerified(Conflict):
    code = "products.seller_not_verified"
    sentence = N_("Gian hàng chưa được xác minh nên chưa bán được. Bản nháp vẫn được giữ.")


class Stale(Conflict):
    """Somebody else saved it after this form was opened; the facts say who and when."""

    code = "products.stale"
    sentence = N_(
        "%(who)s đã sửa món này lúc %(at)s, sau khi bạn mở trang. Chữ bạn vừa gõ vẫn còn dưới đây, "
        "chưa lưu. Xem lại rồi bấm lưu lần nữa để ghi đè."
    )

    def __init__(self, who: str, at: datetime, version: int) -> None:
        super().__init__(who=who, at=at)
        self.who, self.at = who, at
        self.version = version


class TooManyPhotos(Invalid):
    code = "products.too_many_photos"
    sentence = N_("Nhiều nhất %(most)s ảnh cho một món. Bỏ bớt ảnh cũ rồi thêm ảnh mới.")
    field = "photos"


class PhotoTwice(Invalid):
    code = "products.photo_twice"
    sentence = N_("Ảnh “%(name)s” đã có rồi.")
    field = "photos"


class LastPhoto(Conflict):
    code = "products.last_photo"
    sentence = N_("Món đang bán cần ít nhất một ảnh. Thêm ảnh mới trước rồi hãy bỏ ảnh này.")
    field = "photos"


class BadVariantChange(Invalid):
    """A price or a stock given on the list is out of bounds."""

    code = "products.bad_variant_change"
    sentence = N_("Giá phải từ 500 ₫ đến 500.000.000 ₫, kho từ 0 đến 1.000.000.")
    field = "price"


class NotADraft(Conflict):
    code = "products.not_a_draft"
    sentence = N_("Chỉ xoá được bản nháp chưa từng lên chợ. Món đã bán thì gỡ xuống.")


class WithdrawnCannotChange(Conflict):
    code = "products.withdrawn"
    sentence = N_("Món này đã gỡ xuống. Đưa lên lại trước rồi hãy sửa.")


class ReasonNeeded(Invalid):
    code = "products.reason_needed"
    sentence = N_("Ghi lý do để người bán biết cần làm gì.")
    field = "note"
