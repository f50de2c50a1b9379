"""Reading what could be paid out, and the file a bank takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from xlsxwriter import Workbook

from foundation.organisations import queries as organisations
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as OrganisationState
from payments.bank_accounts.models import BankAccount
from payments.banks import queries as banks
from payments.ledger.models import AccountKind, LedgerAccount, Posting
from payments.payouts import rules
from payments.payouts.models import (
    BatchState,
    PayoutBatch,
    PayoutHold,
)
from payments.payouts.rules import Held, Row, Totals

SHEET: Final = "Chuyen tien"
TOTALS_SHEET: Final = "Doi chieu"
# The headings banks ask for in a file of many transfers, and their widths.
COLUMNS: Final = (
    ("STT", 6),
    ("Tên người thụ hưởng", 40),
    ("Số tài khoản", 22),
    ("Ngân hàng", 44),
    ("Mã ngân hàng", 14),
    ("Số tiền", 16),
    ("Nội dung", 22),
)


@dataclass(frozen=True, kw_only=True)
class Payable:
    """What a seller is owed, how much of it is held, where it goes, and why it does not."""

    seller: Organisation
    owed: int
    held: int
    account: BankAccount | None
    reason: Held | None

    @property
    def amount(self) -> int:
        """What may be paid out now, before any fee."""
        return 0 if self.reason else self.owed - self.held


def payables(session: Session, operator_id: int, *, fee: int = 0) -> list[Payable]:
    """Return the sellers whom the operator owes anything, the largest debt first."""
    debts = _debts(session, operator_id)
    sellers = session.scalars(select(Organisation).where(Organisation.public_id.in_(debts))).all()
    ids = [seller.id for seller in sellers]
    accounts = {
        account.organisation_id: account
        for account in session.scalars(
            select(BankAccount).where(BankAccount.organisation_id.in_(ids), BankAccount.main)
        )
    }
    kept = _held(session, ids)
    found = [
        _payable(seller, debts[seller.public_id], accounts.get(seller.id), kept.get(seller.id), fee)
        for seller in sellers
    ]
    return sorted(found, key=lambda each: (-each.owed, each.seller.id))


def open_draft(session: Session, operator_id: int) -> PayoutBatch | None:
    """Return the batch that waits for approval: there is one at most."""
    return session.scalars(
        select(PayoutBatch).where(
            PayoutBatch.operator_id == operator_id, PayoutBatch.state == BatchState.DRAFT
        )
    ).first()


def holds(session: Session) -> Sequence[PayoutHold]:
    """Return what is held now, newest first."""
    return session.scalars(
        select(PayoutHold)
        .where(PayoutHold.lifted_at.is_(None))
        .options(joinedload(PayoutHold.seller))
        .order_by(PayoutHold.id.desc())
    ).all()


def rows(batch: PayoutBatch) -> list[Row]:
    """Return the lines of a batch's file."""
    return [
        Row(
            position=payout.position,
            holder=payout.holder,
            account_number=payout.account_number,
            bank=_bank_name(payout.bank_bin),
            bank_code=payout.bank_bin,
            amount=payout.net,
            memo=payout.reference,
        )
        for payout in batch.payouts
    ]


def workbook(batch: PayoutBatch, lines: Sequence[Row], totals: Totals, *, copy: bool) -> bytes:
    """Return the file: a sheet for the bank, which is the same in each copy, and one for people
    with what to check it by. Numbers of accounts are text, so that no zero gets lost."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        money = book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet(SHEET)
        for column, (heading, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, head)
        sheet.freeze_panes(1, 0)
        for number, line in enumerate(lines, start=1):
            sheet.write_number(number, 0, line.position)
            words = (line.holder, line.account_number, line.bank, line.bank_code)
            for column, words_of in enumerate(words, start=1):
                sheet.write_string(number, column, words_of, text)
            sheet.write_number(number, 5, line.amount, money)
            sheet.write_string(number, 6, line.memo, text)
        _write_totals(book, batch, totals, copy=copy)
    return target.getvalue()


def _write_totals(book: Any, batch: PayoutBatch, totals: Totals, *, copy: bool) -> None:
    sheet = book.add_worksheet(TOTALS_SHEET)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 70)
    money = book.add_format({"num_format": "#,##0", "align": "left"})
    for number, (name, value) in enumerate(
        (
            ("Bảng", batch.number),
            ("Bản", "BẢN SAO, KHÔNG CHUYỂN LẠI" if copy else "Bản chính"),
            ("Số lệnh", totals.count),
            ("Tổng tiền", totals.amount),
            ("Mã nội dung (SHA-256)", totals.sha256),
            ("Mã chuyển cả bảng", batch.reference),
        )
    ):
        sheet.write_string(number, 0, name)
        if isinstance(value, int):
            sheet.write_number(number, 1, value, money)
        else:
            sheet.write_string(number, 1, value)


def _payable(
    seller: Organisation,
    owed: int,
    account: BankAccount | None,
    held: int | None,
    fee: int,
) -> Payable:
    """`held` is None where nothing is, and at least `owed` where all of it is."""
    kept = min(held or 0, owed)
    reason: Held | None = None
    if seller.state is not OrganisationState.VERIFIED:
        reason = Held.SUSPENDED
    elif account is None:
        reason = Held.NO_ACCOUNT
    elif kept == owed:
        reason = Held.HOLD
    elif owed - kept <= fee:
        reason = Held.BELOW_FEE
    return Payable(seller=seller, owed=owed, held=kept, account=account, reason=reason)


def _debts(session: Session, operator_id: int) -> dict[str, int]:
    """Return what the operator owes, by the seller's public id."""
    total = func.sum(Posting.amount)
    found = session.execute(
        select(LedgerAccount.subject, total)
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .where(
            LedgerAccount.organisation_id == operator_id,
            LedgerAccount.kind == AccountKind.OWED_TO_SELLER,
        )
        .group_by(LedgerAccount.subject)
        .having(total < 0)
    )
    return {subject: -int(amount) for subject, amount in found}


def _held(session: Session, seller_ids: Sequence[int]) -> dict[int, int]:
    """Return what is held of each seller's money; a hold without an amount holds everything."""
    found: dict[int, int] = {}
    for hold in session.scalars(
        select(PayoutHold).where(
            PayoutHold.seller_id.in_(seller_ids), PayoutHold.lifted_at.is_(None)
        )
    ):
        amount = rules.EVERYTHING if hold.amount is None else hold.amount
        found[hold.seller_id] = found.get(hold.seller_id, 0) + amount
    return found


def _bank_name(bank_bin: str) -> str:
    bank = banks.by_bin(bank_bin)
    return bank_bin if bank is None else f"{bank.short_name} - {bank.full_name}"


def of_seller(session: Session, seller: Organisation) -> Payable | None:
    """Return what one seller could be paid out, None where nothing is owed or nobody pays."""
    operator = organisations.operator(session)
    if operator is None:
        return None
    found = payables(session, operator.id)
    return next((each for each in found if each.seller.id == seller.id), None)
