"""Reading and writing payment codes: EMVCo merchant-presented text as VietQR uses it.

decode() is as lenient as the codes in the streets demand: what is well formed and carries its
own checksum is read, and whatever else the standard asks for becomes a warning. build() is
strict, since what it makes is printed: plain ASCII, within every limit. An idle core writes
about 130,000 codes a second and reads 90,000 (benchmarks/codec.py).
"""

from __future__ import annotations

import re
import unicodedata
from binascii import crc_hqx
from typing import Final, NoReturn

from payments.vietqr.errors import (
    AfterTheEnd,
    BadAccount,
    BadAmount,
    BadBin,
    BadCard,
    BadCharacter,
    BadId,
    BadLabel,
    BadPurpose,
    BadReference,
    BadValue,
    CutShort,
    InvalidPayload,
    Misplaced,
    Missing,
    NotText,
    PayloadTooLong,
    Repeated,
    TwoPurposes,
    Unreadable,
    ValueTooLong,
    WrongChecksum,
    WrongLength,
)
from payments.vietqr.fields import Payload
from payments.vietqr.rules import (
    ADDITIONAL,
    AMOUNT,
    CHECKSUM,
    COUNTRY,
    CURRENCY,
    DIGITS,
    DONG,
    FORMAT,
    LARGEST_AMOUNT,
    LONGEST_ACCOUNT,
    LONGEST_LABEL,
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    LONGEST_VALUE,
    NAPAS_GUID,
    OPEN_TEMPLATES,
    REUSABLE,
    SINGLE_USE,
    TEMPLATES,
    TO_ACCOUNT,
    TO_CARD,
    USE,
    VIETNAM,
    VIETQR,
    Fields,
    Value,
)

__all__ = ["InvalidPayload", "Payload", "build", "decode", "encode"]

_PAYEE: Final = f"{VIETQR}.01"
_NUMBERS: Final = {two: int(two) for two in DIGITS}  # its keys are ASCII digits, no others
_TWO_DIGITS: Final = [f"{number:02d}" for number in range(100)]
_HOLD_TEMPLATES: Final = {"": TEMPLATES | OPEN_TEMPLATES, f"{VIETQR}.": frozenset({"01"})}
_NO_TEMPLATES: Final = frozenset[str]()


# --- reading ----------------------------------------------------------------------------------


def decode(text: str) -> Payload:
    """Read the text of a payment code: VietQR, VNPAY-QR or any other of EMVCo's form.

    Raises InvalidPayload, and nothing else whatever the text, when the objects do not fit into
    each other, an id stands twice, 00 is not first or 63 not last, the checksum is wrong, or
    there are control characters.
    """
    if not isinstance(text, str):
        raise NotText("")
    if len(text) > LONGEST_TEXT:
        raise PayloadTooLong("", longest=LONGEST_TEXT)
    payload, checksum = _well_formed(text)
    if not text.isprintable():
        _refuse_controls(payload)
    if checksum.upper() != _checksum_of(text[:-4]):
        raise WrongChecksum(CHECKSUM)
    return payload


def _well_formed(text: str) -> tuple[Payload, str]:
    """Return the objects and the checksum given. Lengths count characters; where that does not
    come out, they may count bytes of UTF-8."""
    try:
        fields = _objects(text, "")
        return Payload(fields), _checksum(fields)
    except InvalidPayload as refusal:
        if text.isascii():
            raise
        try:
            fields = _objects(text.encode().decode("latin-1"), "")
            return Payload(fields, counts_bytes=True), _checksum(fields)
        except (InvalidPayload, UnicodeEncodeError):
            raise refusal from None


def _objects(text: str, path: str) -> Fields:
    """Read one level of objects; `path` leads to it, with a full stop behind."""
    found: Fields = {}
    templates = _HOLD_TEMPLATES.get(path, _NO_TEMPLATES)
    at, end = 0, len(text)
    while at < end:
        each = text[at : at + 2]
        start = at + 4
        length = _NUMBERS.get(text[at + 2 : start])
        if length is None or each not in _NUMBERS:
            _refuse_header(found, path)
        at = start + length
        if at > end:
            raise CutShort(path + each, said=length, left=end - start)
        if each in found:
            raise Repeated(path + each)
        value = text[start:at]
        found[each] = _inside(value, path + each, found) if each in templates else value
    return found


def _inside(value: str, where: str, beside: Fields) -> Value:
    """Read what is inside a template, or return it unread where it is none after all."""
    if where == _PAYEE:
        return _objects(value, f"{where}.") if beside.get("00") == NAPAS_GUID else value
    if where in OPEN_TEMPLATES:
        return _maybe_objects(value, f"{where}.")
    found = _objects(value, f"{where}.")
    payee = found.get("01")
    if where == VIETQR and isinstance(payee, str) and found.get("00") == NAPAS_GUID:
        found["01"] = _objects(payee, f"{_PAYEE}.")  # the owner's id stood behind it
    return found


def _maybe_objects(value: str, path: str) -> Value:
    try:
        return _objects(value, path) if value.startswith("00") else value
    except InvalidPayload:
        return value


def _refuse_header(found: Fields, path: str) -> NoReturn:
    """No id and length here: whatever stands before it must have the wrong length."""
    if not found:
        raise Unreadable(path.removesuffix(".") or FORMAT)
    last = next(reversed(found))
    if not path and last == CHECKSUM:
        raise AfterTheEnd(CHECKSUM)
    raise WrongLength(path + last)


def _checksum(fields: Fields) -> str:
    """Return the checksum as it was given, once 00 and 63 stand where they belong."""
    if FORMAT not in fields:
        raise Missing(FORMAT)
    if next(iter(fields)) != FORMAT:
        raise Misplaced(FORMAT)
    if CHECKSUM not in fields:
        raise Missing(CHECKSUM)
    each, given = next(reversed(fields.items()))
    if each != CHECKSUM:
        raise Misplaced(CHECKSUM)
    if not isinstance(given, str) or len(given) != 4:
        raise WrongLength(CHECKSUM)
    return given


def _checksum_of(text: str) -> str:
    """CRC-16/CCITT-FALSE over the bytes of UTF-8, in four hexadecimal digits."""
    return f"{crc_hqx(text.encode(), 0xFFFF):04X}"


def _refuse_controls(payload: Payload) -> None:
    """Refuse control characters and halves of characters; other unseen ones do no harm."""

    def look(fields: Fields, path: str) -> None:
        for each, value in fields.items():
            if isinstance(value, dict):
                look(value, f"{path}{each}.")
            elif each != CHECKSUM or path:
                text = value.encode("latin-1").decode("utf-8", "replace") if by_bytes else value
                if any(unicodedata.category(one) in {"Cc", "Cs"} for one in text):
                    raise BadCharacter(path + each)

    by_bytes = payload.counts_bytes
    look(payload.fields, "")


# --- writing ----------------------------------------------------------------------------------


def encode(payload: Payload) -> str:
    """Return the text of a payment code, fields in their order, with its checksum.

    What decode() read comes out letter for letter, but for a checksum in lower case. Raises
    InvalidPayload when a value cannot be expressed: no field 00, an id that is not two digits, a
    value over 99 characters, objects where a text belongs or the other way round, or control
    characters.
    """
    fields = payload.fields
    if not isinstance(fields, dict) or FORMAT not in fields:
        raise Missing(FORMAT)
    if next(iter(fields)) != FORMAT:
        fields = {FORMAT: fields[FORMAT], **fields}
    text = _written(fields, "") + "6304"
    if len(text) > LONGEST_TEXT:
        raise PayloadTooLong("", longest=LONGEST_TEXT)
    if payload.counts_bytes:
        text = _from_bytes(text)
    if not text.isprintable():
        _refuse_controls(payload)
    return text + _checksum_of(text)


def _written(fields: Fields, path: str) -> str:
    parts: list[str] = []
    templates = _HOLD_TEMPLATES.get(path, _NO_TEMPLATES)
    for each, value in fields.items():
        if each not in _NUMBERS:
            raise BadId(f"{path}{each}")
        if each in templates:
            value = _template(value, path + each, fields)  # noqa: PLW2901
        elif each == CHECKSUM and not path:
            continue
        if not isinstance(value, str):
            raise BadValue(path + each)
        if len(value) > LONGEST_VALUE:
            raise ValueTooLong(path + each, longest=LONGEST_VALUE)
        parts += (each, _TWO_DIGITS[len(value)], value)
    return "".join(parts)


def _template(value: Value, where: str, beside: Fields) -> str:
    """Write what is inside a template in exactly those cases in which decode() would read it."""
    if isinstance(value, dict):
        is_payee_unread = where == _PAYEE and beside.get("00") != NAPAS_GUID
        if is_payee_unread or (where in OPEN_TEMPLATES and next(iter(value), "") != "00"):
            raise BadValue(where)
        return _written(value, f"{where}.")
    is_read = where in TEMPLATES or (where == _PAYEE and beside.get("00") == NAPAS_GUID)
    if is_read or not isinstance(value, str):
        raise BadValue(where)
    return value


def _from_bytes(text: str) -> str:
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        raise BadCharacter("") from None


# --- building ---------------------------------------------------------------------------------


def build(
    bin: str,  # noqa: A002  # what the card world calls it
    number: str,
    amount: int | None = None,
    purpose: str | None = None,
    *,
    code: str | None = None,
    card: bool = False,
    bill_number: str | None = None,
    reference: str | None = None,
    single_use: bool | None = None,
) -> Payload:
    """Return a VietQR code for a transfer to an account, or to a card.

    `amount` is whole đồng, or None where the payer types it in. `purpose` is folded to at most
    25 plain letters, digits and blanks; a `code`, one of our own of at most 19 of A-Z0-9, may
    take its place. `bill_number` and `reference` are labels of at most 25. With an amount the
    code is for single use, unless `single_use` says otherwise. Raises InvalidPayload: BadBin,
    BadAccount, BadCard, BadAmount, BadPurpose, BadReference, TwoPurposes, BadLabel.
    """
    _check_payee(bin, number, card=card)
    if purpose is not None and code is not None:
        raise TwoPurposes(f"{ADDITIONAL}.08")
    if single_use is None:
        single_use = amount is not None
    additional: Fields = {
        **_label("01", bill_number),
        **_label("05", reference),
        **_purpose(purpose),
        **_code(code),
    }
    service = TO_CARD if card else TO_ACCOUNT
    payee: Fields = {"00": NAPAS_GUID, "01": {"00": bin, "01": number}, "02": service}
    use = SINGLE_USE if single_use else REUSABLE
    fields: Fields = {FORMAT: "01", USE: use, VIETQR: payee, CURRENCY: DONG, **_amount(amount)}
    return Payload(fields | {COUNTRY: VIETNAM} | ({ADDITIONAL: additional} if additional else {}))


_BIN: Final = re.compile(r"[0-9]{6}")
_ACCOUNT: Final = re.compile(rf"[A-Za-z0-9]{{1,{LONGEST_ACCOUNT}}}")
_CARD: Final = re.compile(rf"[0-9]{{16,{LONGEST_ACCOUNT}}}")
_REFERENCE: Final = re.compile(rf"[A-Z0-9]{{1,{LONGEST_REFERENCE}}}")
_LABEL: Final = re.compile(rf"[ -~]{{1,{LONGEST_LABEL}}}")
_LONGEST_TYPED: Final = 1_000  # nobody needs to fold more than this to learn that it is too long


def _check_payee(bank: object, number: object, *, card: bool) -> None:
    if not isinstance(bank, str) or not _BIN.fullmatch(bank):
        raise BadBin(f"{_PAYEE}.00")
    if card and not (isinstance(number, str) and _CARD.fullmatch(number)):
        raise BadCard(f"{_PAYEE}.01")
    if not isinstance(number, str) or not _ACCOUNT.fullmatch(number):
        raise BadAccount(f"{_PAYEE}.01")


def _amount(amount: int | None) -> Fields:
    if amount is None:
        return {}
    if type(amount) is not int or not 1 <= amount <= LARGEST_AMOUNT:
        raise BadAmount(AMOUNT)
    return {AMOUNT: str(amount)}


def _label(each: str, value: str | None) -> Fields:
    if value is None:
        return {}
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise BadLabel(f"{ADDITIONAL}.{each}", longest=LONGEST_LABEL)
    return {each: value}


def _purpose(purpose: str | None) -> Fields:
    if purpose is None:
        return {}
    plain = plain_purpose(purpose) if isinstance(purpose, str) else ""
    if not 1 <= len(plain) <= LONGEST_LABEL:
        raise BadPurpose(f"{ADDITIONAL}.08", longest=LONGEST_LABEL)
    return {"08": plain}


def _code(code: str | None) -> Fields:
    if code is None:
        return {}
    if not isinstance(code, str) or not _REFERENCE.fullmatch(code):
        raise BadReference(f"{ADDITIONAL}.08")
    return {"08": code}


def plain_purpose(text: str) -> str:
    """Return a memo as every bank passes it on: letters without marks, digits, single blanks."""
    decomposed = unicodedata.normalize("NFKD", text[:_LONGEST_TYPED].translate(_STROKED_D))
    unmarked = (one for one in decomposed if unicodedata.category(one) != "Mn")
    return " ".join(re.sub(r"[^A-Za-z0-9]+", " ", "".join(unmarked)).split())


_STROKED_D: Final = str.maketrans("đĐ", "dD")
