"""Sending a workbook in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField

from catalog.sheets.rules import MOST_BYTES
from foundation.web.forms import Form, required


class WorkbookForm(Form):
    file = FileField(_("Tệp bảng tính"), validators=[required(_("Chọn tệp .xlsx để gửi."))])

    def upload(self) -> tuple[bytes, str]:
        """Return the bytes, read no further than one beyond what is taken, and the file name."""
        with self.file.data.stream as stream:
            return stream.read(MOST_BYTES + 1), self.file.data.filename or ""
