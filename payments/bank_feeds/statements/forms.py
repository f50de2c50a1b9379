"""Sending a statement in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField

from foundation.web.forms import Form, required
from payments.bank_accounts.models import BankAccount, State
from payments.bank_accounts.rules import masked
from payments.bank_feeds.statements import tables
from payments.bank_feeds.statements.rules import MOST_BYTES, Statement

BY_FILE = ""


class StatementForm(Form):
    file = FileField(_("Tệp sao kê"), validators=[required(_("Chọn tệp sao kê để gửi."))])
    account = SelectField(_("Tài khoản"), default=BY_FILE)
    replace = BooleanField(_("Thay tệp cũ cùng tên"))

    def offer(self, accounts: Iterable[BankAccount]) -> None:
        """Offer the accounts that are or were in use; the only one is chosen already."""
        own = [one for one in accounts if one.state in (State.ACTIVE, State.CLOSED)]
        choices = [(BY_FILE, str(_("Theo số tài khoản ghi trong tệp")))]
        choices += [
            (one.public_id, one.label or f"{masked(one.number)} {one.holder}") for one in own
        ]
        self.account.choices = choices
        if len(own) == 1 and not self.is_submitted():
            self.account.data = own[0].public_id

    def chosen(self) -> str | None:
        """Return the public id of the chosen account, None to go by the file."""
        return self.account.data or None

    def upload(self, *, today: date) -> tuple[bytes, str, Statement]:
        """Return the bytes, the file's name and what it says. Raises what tables.read raises."""
        with self.file.data.stream as stream:
            data = stream.read(MOST_BYTES + 1)
        return data, self.file.data.filename or "", tables.read(data, today=today)
