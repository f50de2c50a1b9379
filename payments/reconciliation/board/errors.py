"""Why a list could not be given as a file."""

from __future__ import annotations

from foundation.errors import N_, Invalid


class TooManyRows(Invalid):
    code = "board.too_many_rows"
    sentence = N_("Danh sách dài hơn %(most)s dòng. Chọn kỳ ngắn hơn rồi tải lại.")
