"""What a payment code says, read by name."""

from __future__ import annotations

from dataclasses import dataclass

from payments.vietqr.rules import (
    ADDITIONAL,
    AMOUNT,
    CITY,
    CURRENCY,
    DONG,
    NAME,
    SINGLE_USE,
    TO_CARD,
    USE,
    VIETQR,
    VNPAY,
    Fields,
    Finding,
    Kind,
    findings,
    kind_of,
    text_at,
    whole_dong,
)


@dataclass(frozen=True)
class Payload:
    """The objects of a payment code, and what they mean.

    `fields` maps every id to its text, or to a dict of the objects inside it, in the order they
    stand in; "63" is the checksum as it was given, and nothing reads it when writing.

    `counts_bytes` marks a text whose lengths count bytes of UTF-8, which some makers do where
    others count characters. Every character in `fields` then stands for one byte, so that
    lengths stay what they say; the names below give readable text in both cases.
    """

    fields: Fields
    counts_bytes: bool = False

    @property
    def kind(self) -> Kind:
        """Whose code it is; compares equal to "VietQR", "VNPAY-QR" and "other"."""
        return kind_of(self.fields)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What the standard would not have written so, but a reader can live with."""
        return findings(self.fields)

    @property
    def bin(self) -> str | None:
        """The six digits of the payee's bank, in a VietQR code."""
        return self._of_vietqr("01", "00")

    @property
    def account(self) -> str | None:
        """The number of the payee's account or card, in a VietQR code."""
        return self._of_vietqr("01", "01")

    @property
    def service(self) -> str | None:
        """QRIBFTTA, QRIBFTTC and their kin. Some makers put it one level too deep."""
        return self._of_vietqr("02") or self._of_vietqr("01", "02")

    @property
    def is_card(self) -> bool:
        return self.service == TO_CARD

    @property
    def merchant_id(self) -> str | None:
        """The shop's number at VNPAY, in a VNPAY-QR code."""
        return text_at(self.fields, VNPAY, "01") if self.kind is Kind.VNPAY else None

    @property
    def single_use(self) -> bool:
        return self.fields.get(USE) == SINGLE_USE

    @property
    def amount(self) -> int | None:
        """Whole đồng; None where the payer types it in, and where it is no amount in đồng."""
        amount = text_at(self.fields, AMOUNT)
        in_dong = self.fields.get(CURRENCY, DONG) == DONG
        return whole_dong(amount) if amount and in_dong else None

    @property
    def name(self) -> str | None:
        """The payee's name, as the maker of the code wrote it."""
        return self._readable(NAME)

    @property
    def city(self) -> str | None:
        return self._readable(CITY)

    @property
    def bill_number(self) -> str | None:
        return self._readable(ADDITIONAL, "01")

    @property
    def reference(self) -> str | None:
        """The reference label of field 62.05. Our own reference codes stand in `purpose`."""
        return self._readable(ADDITIONAL, "05")

    @property
    def purpose(self) -> str | None:
        """What banking apps fill into the memo of the transfer."""
        return self._readable(ADDITIONAL, "08")

    def _of_vietqr(self, *path: str) -> str | None:
        return text_at(self.fields, VIETQR, *path) if self.kind is Kind.VIETQR else None

    def _readable(self, *path: str) -> str | None:
        value = text_at(self.fields, *path)
        if value and self.counts_bytes:
            return value.encode("latin-1", "replace").decode("utf-8", "replace")
        return value
