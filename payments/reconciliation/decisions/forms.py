"""What a cashier fills in: why, how much, for whom, and for which of the things owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from foundation.money import parse_vnd
from foundation.web.forms import DongField, Form, LineField, OneOfField, at_most
from payments.credits.models import Movement
from payments.intents.models import Intent
from payments.reconciliation.decisions.rules import LONGEST_REASON, USUAL_REASONS, Action

OTHER = "other"


class DecisionForm(Form):
    """A usual reason, a reason in one's own words, or both."""

    usual = OneOfField(_("Lý do thường gặp"))
    reason = LineField(_("Lý do"), [at_most(LONGEST_REASON // 2)])
    seen = HiddenField()

    def ask(self, action: Action) -> None:
        """Offer what is usually said for this action."""
        self.usual.choices = [(words, gettext(words)) for words in USUAL_REASONS[action]]

    def why(self) -> str:
        """Return the reason as it is written down."""
        said = (self.usual.data or "", self.reason.data or "")
        return ": ".join(one for one in said if one)[:LONGEST_REASON]


class KeepForm(DecisionForm):
    whose = OneOfField(_("Giữ cho ai"))
    payer = LineField(_("Tên hoặc mã người trả"), [at_most(80)])
    amount = DongField(_("Số tiền giữ lại"))

    def offer(self, payers: Iterable[tuple[str, str]]) -> None:
        """Offer the payers that the money may have come from."""
        listed = list(payers)
        self.whose.choices = [*listed, (OTHER, gettext("Người khác"))] if listed else []
        if listed and self.whose.data is None and not self.payer.data:
            self.whose.data = listed[0][0]

    def kept_for(self) -> str:
        """Return whose balance it becomes."""
        chosen = self.whose.data
        return self.payer.data or "" if chosen in (None, OTHER) else chosen


class FreezeForm(DecisionForm):
    amount = DongField(_("Số tiền phong toả"))


class ReverseForm(DecisionForm):
    debit = OneOfField(_("Giao dịch ngân hàng thu hồi"))

    def offer(self, debits: Iterable[tuple[str, str]]) -> None:
        """Offer the money out that may have been it; not heard of yet is an answer too."""
        self.debit.choices = [*debits, ("", gettext("Chưa thấy trên sao kê"))]
        if self.debit.data is None:
            self.debit.data = ""


class AllocateForm(DecisionForm):
    q = LineField(_("Tìm khoản phải thu"), [at_most(80)])


@dataclass(kw_only=True)
class Share:
    """One thing owed on the page: ticked or not, with the amount as it was typed."""

    intent: Intent
    picked: bool = False
    typed: str = ""
    amount: int = 0
    error: str = ""


def picked(asked: MultiDict[str, str]) -> list[str]:
    """Return the public ids that are ticked."""
    return list(dict.fromkeys(asked.getlist("pick")))


def shares(
    movement: Movement, intents: Mapping[str, Intent], asked: MultiDict[str, str]
) -> list[Share]:
    """Return what is ticked, in its order. Nothing typed means all that is due, as far as the
    movement goes; what cannot be read as an amount says so."""
    left = movement.waiting
    found = []
    for public_id in picked(asked):
        if public_id not in intents:
            continue
        intent = intents[public_id]
        share = Share(intent=intent, picked=True, typed=asked.get(f"amount-{public_id}", ""))
        try:
            share.amount = parse_vnd(share.typed) if share.typed else max(min(intent.due, left), 0)
        except ValueError:
            share.error = gettext("Ghi số tiền chẵn đồng, ví dụ 45.000.")
        if share.amount > intent.due and not share.error:
            share.error = gettext("Nhiều hơn số còn phải thu của khoản này.")
        left -= share.amount
        found.append(share)
    return found
