"""What may be wrong with a row, in words: shown beside its number and its column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from foundation.errors import N_

UNKNOWN_CODE: Final = N_("Gian hàng không có món mã %(code)s. Món mới thì để trống Mã hàng.")
UNKNOWN_SIZE: Final = N_("Món này không có quy cách mã %(code)s. Quy cách mới thì để trống.")
NAME_TAKEN: Final = N_(
    "Đã có món cùng tên. Muốn sửa món đó thì điền Mã hàng %(code)s; món khác thì đổi tên."
)
WITHDRAWN: Final = N_("Món này đã gỡ xuống. Đưa lên lại trước rồi hãy nhập.")
DIFFERS: Final = N_("Khác với dòng %(row)s của cùng món. Ghi giống nhau hoặc để trống.")
SAME_SIZE: Final = N_("Trùng quy cách với dòng %(row)s. Bỏ bớt một dòng.")
UNKNOWN_CATEGORY: Final = N_("Không có loại hàng này. Chọn trong danh sách thả xuống của tệp mẫu.")
NO_CATEGORY: Final = N_("Món mới cần loại hàng. Chọn trong danh sách thả xuống.")
UNKNOWN_COMMUNE: Final = N_("Không rõ xã, phường nào. Ghi đủ, ví dụ Phường Trảng Bàng, Tây Ninh.")
NO_COMMUNE: Final = N_("Ghi xã, phường nơi làm ra món hàng.")
BAD_NET: Final = N_("Ghi lượng tịnh bằng số, ví dụ 500 hoặc 1,5.")
BAD_UNIT: Final = N_("Đơn vị là g, kg, ml, l hoặc cái.")
UNREAD_PRICE: Final = N_("Giá phải là số tiền chẵn đồng, ví dụ 45000.")
NO_PRICE: Final = N_("Quy cách mới cần giá.")
BAD_WHOLE: Final = N_("Chỗ này phải là số nguyên, ví dụ 20.")
BAD_ADULTS: Final = N_("Ghi “có” hoặc “không”.")
SKU_ELSEWHERE: Final = N_("Mã SKU này đã dùng cho món “%(name)s”.")


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """What is wrong in one cell, or in a row when `column` is empty."""

    row: int
    column: str
    sentence: str
    facts: dict[str, object] = field(default_factory=dict)
