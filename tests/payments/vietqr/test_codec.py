from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payments.vietqr import codec, errors
from payments.vietqr.codec import InvalidPayload, Payload, build, decode, encode
from payments.vietqr.rules import NAPAS_GUID, TEMPLATES, Kind

VECTORS = json.loads((Path(__file__).parents[1] / "data/vietqr_vectors.json").read_text())
ACCEPTED: list[dict[str, Any]] = VECTORS["accept"]
REJECTED: list[dict[str, Any]] = VECTORS["reject"]
GOOD = build("970436", "1017595600", 180_000, "thanh toan don hang")
TEXT = encode(GOOD)


def sealed(text: str) -> str:
    """Put the right checksum behind whatever it is."""
    crc = 0xFFFF
    for byte in (text + "6304").encode("utf-8", "surrogatepass"):
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return f"{text}6304{crc:04X}"


def thing(each: str, value: str) -> str:
    return f"{each}{len(value):02d}{value}"


def refusal(text: Any) -> InvalidPayload:
    with pytest.raises(InvalidPayload) as refused:
        decode(text)
    assert refused.value.code.startswith("vietqr.")
    assert refused.value.sentence % refused.value.facts
    return refused.value


# --- codes found in the wild ------------------------------------------------------------------


@pytest.mark.parametrize("vector", ACCEPTED, ids=lambda vector: vector["payload"][-30:])
def test_accepted_vectors_are_read_and_written_byte_for_byte(vector: dict[str, Any]) -> None:
    payload = decode(vector["payload"])
    assert payload.fields == vector["fields"]
    assert list(payload.fields) == list(vector["fields"])
    assert payload.kind == vector["kind"]
    assert bool(payload.warnings) == bool(vector["spec_warnings"])
    assert encode(payload) == vector["payload"]


@pytest.mark.parametrize("vector", REJECTED, ids=lambda vector: vector["payload"][-30:])
def test_rejected_vectors_are_refused_for_the_right_reason(vector: dict[str, Any]) -> None:
    refused = refusal(vector["payload"])
    assert isinstance(refused, errors.WrongChecksum) == vector["tlv_ok"]
    assert (refused.field == "63") == vector["tlv_ok"]


@pytest.mark.parametrize(
    ("ending", "kind", "field"),
    [
        ("6304F4E5", errors.WrongLength, "38.01.01"),  # the standard's own example
        ("6304A203", errors.WrongChecksum, "63"),  # and its other one
        ("630481CB", errors.WrongLength, "38.01.01"),
        ("63045E3F", errors.CutShort, "38.90"),
        ("6304E3A3", errors.CutShort, "38.01.01"),
        ("6304E69F", errors.CutShort, "62.08"),
        ("63049876", errors.CutShort, "38"),
    ],
)
def test_the_culprit_is_named(ending: str, kind: type[InvalidPayload], field: str) -> None:
    (text,) = (each["payload"] for each in REJECTED if each["payload"].endswith(ending))
    refused = refusal(text)
    assert type(refused) is kind
    assert refused.field == field


def test_corrected_examples_of_the_standard() -> None:
    assert encode(build("970403", "0011012345678")).endswith("63049E6F")


def test_a_code_is_read_by_name() -> None:
    payload = decode(TEXT)
    assert (payload.bin, payload.account, payload.amount) == ("970436", "1017595600", 180_000)
    assert (payload.purpose, payload.reference, payload.bill_number) == (
        "thanh toan don hang",
        None,
        None,
    )
    assert payload.single_use
    assert not payload.is_card
    assert payload.kind is Kind.VIETQR
    assert not payload.warnings


def test_vnpay_is_named() -> None:
    payload = decode(ACCEPTED[0]["payload"])
    assert payload.kind is Kind.VNPAY
    assert payload.merchant_id == "0105313144"
    assert (payload.bin, payload.account, payload.service) == (None, None, None)
    assert (payload.name, payload.city, payload.amount) == ("CELLPHONES", None, 21_090_000)


def test_lengths_that_count_bytes_still_read_well() -> None:
    payload = decode(next(each["payload"] for each in ACCEPTED if each["notes"]))
    assert payload.counts_bytes
    assert payload.purpose == "Thanh toán hóa đơn"
    assert payload.account == "0123456789020"


def test_lengths_that_count_characters() -> None:
    text = sealed(TEXT[: TEXT.index("62")] + thing("62", thing("08", "Tiền điện tháng 11")))
    payload = decode(text)
    assert not payload.counts_bytes
    assert payload.purpose == "Tiền điện tháng 11"
    assert encode(payload) == text


def test_checksum_in_lower_case_is_read_and_written_in_upper_case() -> None:
    payload = decode(TEXT[:-4] + TEXT[-4:].lower())
    assert encode(payload) == TEXT


def test_unknown_templates_are_kept() -> None:
    other = thing("45", thing("00", "vn.cho.que") + thing("07", "x y"))
    owned = thing("85", thing("00", "vn.cho.que") + thing("01", "7"))
    text = sealed(TEXT[:-8] + other + thing("79", "0099") + owned + thing("80", "046"))
    payload = decode(text)
    assert payload.fields["45"] == {"00": "vn.cho.que", "07": "x y"}
    assert payload.fields["85"] == {"00": "vn.cho.que", "01": "7"}
    assert payload.fields["79"] == "0099"
    assert payload.fields["80"] == "046"
    assert encode(payload) == text


def test_the_owner_may_stand_behind_the_account() -> None:
    inner = thing("01", thing("00", "970436") + thing("01", "1")) + thing("00", NAPAS_GUID)
    text = sealed(thing("00", "01") + thing("38", inner))
    payload = decode(text)
    assert payload.account == "1"
    assert encode(payload) == text


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("50000", 50_000),
        ("50000.", 50_000),
        ("50000.00", 50_000),
        ("1", 1),
        ("0", None),
        ("000", None),
        ("50000.5", None),
        ("50.000.000", None),
        ("50,000", None),
        ("-5", None),
        ("+5", None),
        (" 5", None),
        ("5e4", None),
        ("٣", None),
        ("²", None),
    ],
)
def test_amounts(written: str, amount: int | None) -> None:
    payload = decode(sealed(thing("00", "01") + thing("53", "704") + thing("54", written)))
    assert payload.amount == amount
    assert ("54" in {each.field for each in payload.warnings}) == (amount is None)


def test_foreign_money_is_not_read_as_dong() -> None:
    payload = decode(sealed(thing("00", "01") + thing("53", "702") + thing("54", "69000")))
    assert payload.amount is None
    assert [(each.field, each.code) for each in payload.warnings] == [("53", "currency")]
    assert "%(field)s" in payload.warnings[0].sentence


def test_what_the_standard_would_not_have_written_is_said() -> None:
    inside = thing("00", "97O436") + thing("01", "9" * 20)
    text = sealed(
        thing("00", "01")
        + thing("01", "13")
        + thing("38", thing("00", NAPAS_GUID) + thing("01", inside))
        + thing("62", thing("08", "") + thing("09", "X") + thing("02", "***"))
    )
    found = {(each.field, each.code) for each in decode(text).warnings}
    assert found == {
        ("01", "value"),
        ("38.01.00", "value"),
        ("38.01.01", "too_long"),
        ("38.02", "missing"),
        ("53", "missing"),
        ("58", "missing"),
        ("62.08", "empty"),
        ("62.09", "value"),
    }


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "field"),
    [
        ("", errors.Missing, "00"),
        ("0", errors.Unreadable, "00"),
        ("xx", errors.Unreadable, "00"),
        ("https://example.vn/", errors.Unreadable, "00"),
        ("000201", errors.Missing, "63"),
        (TEXT[6:], errors.Missing, "00"),
        (TEXT[6:-8] + TEXT[:6] + TEXT[-8:], errors.Misplaced, "00"),
        (TEXT + thing("64", ""), errors.Misplaced, "63"),
        (TEXT + " ", errors.AfterTheEnd, "63"),
        (TEXT + "\n", errors.AfterTheEnd, "63"),
        (TEXT + "6304", errors.CutShort, "63"),
        (TEXT + TEXT, errors.Repeated, "00"),
        (TEXT[:-1], errors.CutShort, "63"),
        (TEXT[:-8] + "6303" + TEXT[-4:-1], errors.WrongLength, "63"),
        (TEXT[:-4] + "0x1F", errors.WrongChecksum, "63"),
        (TEXT[:-4] + "ﬀAB", errors.CutShort, "63"),
        (" " + TEXT, errors.Unreadable, "00"),
        ("\ufeff" + TEXT, errors.Unreadable, "00"),
        (sealed(TEXT[:-8] + "5802VN"), errors.Repeated, "58"),
        (sealed(TEXT[:-8] + thing("64", "0002vi0002vi")), errors.Repeated, "64.00"),
        (sealed(TEXT[:-8] + "5٣02VN"), errors.WrongLength, "62"),
        (sealed(TEXT[:-8] + "59٠1A"), errors.WrongLength, "62"),
        (sealed(TEXT[:-8] + "59-1A"), errors.WrongLength, "62"),
        (sealed(TEXT[:-8] + "59 1A"), errors.WrongLength, "62"),
        (sealed(TEXT[:-8] + thing("59", "A\0B")), errors.BadCharacter, "59"),
        (sealed(TEXT[:-8] + thing("64", thing("01", "\x1b[2J"))), errors.BadCharacter, "64.01"),
        (sealed(TEXT[:-8] + thing("59", "\ud800")), errors.BadCharacter, "59"),
        (sealed(TEXT[:-8] + thing("64", "vi")), errors.Unreadable, "64"),
        (sealed(TEXT[:-8] + thing("64", "0009vi")), errors.CutShort, "64.00"),
        ("0" * 1_000_000, errors.PayloadTooLong, ""),
        (None, errors.NotText, ""),
        (b"000201", errors.NotText, ""),
        (7, errors.NotText, ""),
    ],
    ids=lambda value: repr(value)[-24:],
)
def test_what_is_not_well_formed_is_refused(
    text: Any, kind: type[InvalidPayload], field: str
) -> None:
    refused = refusal(text)
    assert type(refused) is kind
    assert refused.field == field


def test_every_changed_digit_and_letter_is_noticed() -> None:
    for at, old in enumerate(TEXT):
        for new in "0A":
            if new != old:
                refusal(TEXT[:at] + new + TEXT[at + 1 :])


@settings(max_examples=600)
@given(st.text())
@example("\ud800")
@example("63040000")
@example("0002016304\ud800\ud800\ud800\ud800")
def test_no_text_breaks_the_reader(text: str) -> None:
    for each in (text, sealed(text), sealed("000201" + text)):
        try:
            payload = decode(each)
        except InvalidPayload:
            continue
        assert decode(encode(payload)) == Payload(
            {**payload.fields, "63": encode(payload)[-4:]}, payload.counts_bytes
        )


@settings(max_examples=600)
@given(
    st.sampled_from([each["payload"] for each in ACCEPTED]),
    st.integers(0, 200),
    st.integers(0, 4),
    st.text(max_size=4) | st.text("0123456789", max_size=4),
    st.booleans(),
)
def test_no_mutation_breaks_the_reader(
    text: str, at: int, removed: int, put_in: str, seal: bool
) -> None:
    changed = text[:at] + put_in + text[at + removed :]
    if seal:
        changed = sealed(changed[:-8])
    try:
        payload = decode(changed)
    except InvalidPayload:
        return
    # A text that is read is written the same, and all its names can be asked for.
    assert encode(payload)[:-4] == changed[:-4]
    names = [name for name, value in vars(Payload).items() if isinstance(value, property)]
    assert all(hasattr(payload, name) for name in names)


# --- writing ----------------------------------------------------------------------------------

printable = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=60)
ids = st.integers(0, 99).map("{:02d}".format)
objects = st.dictionaries(ids, printable, max_size=2)


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    fields: dict[str, Any] = {"00": "01"}
    for each in draw(st.lists(ids, unique=True, max_size=9)):
        if each in {"00", "38", "63"}:
            continue
        if each in TEMPLATES:
            fields[each] = draw(st.dictionaries(ids, st.text("aB1 ", max_size=20), max_size=3))
        else:
            fields[each] = draw(printable.filter(lambda text: not text.startswith("00")))
    inner = draw(st.dictionaries(ids, st.text("aB1 ", max_size=20), max_size=2))
    fields["38"] = {"00": NAPAS_GUID, "01": inner}
    return fields


@settings(max_examples=500)
@given(whole())
def test_what_is_written_is_read_back(fields: dict[str, Any]) -> None:
    text = encode(Payload(fields))
    assert decode(text).fields == {**fields, "63": text[-4:]}


def test_00_is_written_first_and_63_last() -> None:
    fields: dict[str, Any] = {"63": "ABCD", "58": "VN", "00": "01"}
    text = encode(Payload(fields))
    assert list(decode(text).fields) == ["00", "58", "63"]
    assert text == sealed("0002015802VN")


@pytest.mark.parametrize(
    ("fields", "kind", "field"),
    [
        ({}, errors.Missing, "00"),
        ({"58": "VN"}, errors.Missing, "00"),
        ({"00": "01", "5": "VN"}, errors.BadId, "5"),
        ({"00": "01", "٣٣": "VN"}, errors.BadId, "٣٣"),
        ({"00": "01", 58: "VN"}, errors.BadId, "58"),
        ({"00": "01", "62": {"8": "x"}}, errors.BadId, "62.8"),
        ({"00": "01", "54": 5}, errors.BadValue, "54"),
        ({"00": "01", "54": None}, errors.BadValue, "54"),
        ({"00": "01", "59": {"00": "x"}}, errors.BadValue, "59"),
        ({"00": "01", "62": "0801x"}, errors.BadValue, "62"),
        ({"00": "01", "62": {"08": {"00": "x"}}}, errors.BadValue, "62.08"),
        ({"00": "01", "38": {"00": NAPAS_GUID, "01": "00"}}, errors.BadValue, "38.01"),
        ({"00": "01", "38": {"00": "other", "01": {}}}, errors.BadValue, "38.01"),
        ({"00": "01", "80": {"01": "x"}}, errors.BadValue, "80"),
        ({"00": "01", "80": {}}, errors.BadValue, "80"),
        ({"00": "01", "80": 5}, errors.BadValue, "80"),
        ({"00": "01", "59": "x" * 100}, errors.ValueTooLong, "59"),
        (
            {"00": "01", "62": {"01": "x" * 48, "02": "y" * 48}},
            errors.ValueTooLong,
            "62",
        ),
        ({"00": "01", "59": "a\0"}, errors.BadCharacter, "59"),
        ({"00": "01", "59": "\ud800"}, errors.BadCharacter, "59"),
        ({"00": "01", "62": {"08": "a\nb"}}, errors.BadCharacter, "62.08"),
        ({"63": None, "00": "01", "59": "a\0"}, errors.BadCharacter, "59"),
    ],
)
def test_what_cannot_be_expressed_is_refused(
    fields: Any, kind: type[InvalidPayload], field: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        encode(Payload(fields))
    assert type(refused.value) is kind
    assert refused.value.field == field


def test_bytes_that_are_no_text_are_refused() -> None:
    for value in ("\xc3", "ế"):
        with pytest.raises(errors.BadCharacter):
            encode(Payload({"00": "01", "59": value}, counts_bytes=True))


def test_more_than_any_code_holds_is_refused() -> None:
    fields: Any = {f"{each:02d}": "x" * 99 for each in range(26)}
    fields |= {f"{each}": "x" * 99 for each in range(65, 100)}
    with pytest.raises(errors.PayloadTooLong):
        encode(Payload(fields))


@given(st.dictionaries(ids, st.none() | printable | objects | st.integers(), max_size=6))
def test_writing_never_breaks(fields: Any) -> None:
    try:
        text = encode(Payload(fields))
    except InvalidPayload:
        return
    decode(text)


# --- building ---------------------------------------------------------------------------------


def test_every_part_is_built() -> None:
    payload = build(
        "970422",
        "9704368625581601018",
        499_999_999,
        "  Tiền ĐIỆN, tháng 11/2026 ",
        card=True,
        bill_number="HD-2026/11",
        reference="KH 7",
    )
    text = encode(payload)
    assert text.isascii()
    read = decode(text)
    assert read.fields == {**payload.fields, "63": text[-4:]}
    assert read.purpose == "Tien DIEN thang 11 2026"
    assert read.is_card
    assert (read.bill_number, read.reference) == ("HD-2026/11", "KH 7")
    assert not read.warnings


def test_our_reference_code_stands_in_the_memo() -> None:
    assert decode(encode(build("970422", "1", code="PCQ1W2E3R4T5Y6U7I8O"))).purpose == (
        "PCQ1W2E3R4T5Y6U7I8O"
    )


def test_a_code_is_for_single_use_when_it_has_an_amount() -> None:
    assert build("970422", "1", 5).single_use
    assert not build("970422", "1").single_use
    assert build("970422", "1", single_use=True).single_use
    assert not build("970422", "1", 5, single_use=False).single_use


@pytest.mark.parametrize(
    ("wish", "kind", "field"),
    [
        ({"bin": "97042"}, errors.BadBin, "38.01.00"),
        ({"bin": "97042x"}, errors.BadBin, "38.01.00"),
        ({"bin": "97042٣"}, errors.BadBin, "38.01.00"),
        ({"bin": "970422\n"}, errors.BadBin, "38.01.00"),
        ({"bin": 970422}, errors.BadBin, "38.01.00"),
        ({"number": ""}, errors.BadAccount, "38.01.01"),
        ({"number": "1" * 20}, errors.BadAccount, "38.01.01"),
        ({"number": "12 34"}, errors.BadAccount, "38.01.01"),
        ({"number": "12Đ4"}, errors.BadAccount, "38.01.01"),
        ({"number": 1234}, errors.BadAccount, "38.01.01"),
        ({"number": "12345678", "card": True}, errors.BadCard, "38.01.01"),
        ({"number": "A" * 16, "card": True}, errors.BadCard, "38.01.01"),
        ({"number": 1234, "card": True}, errors.BadCard, "38.01.01"),
        ({"amount": 0}, errors.BadAmount, "54"),
        ({"amount": -1}, errors.BadAmount, "54"),
        ({"amount": 500_000_000}, errors.BadAmount, "54"),
        ({"amount": True}, errors.BadAmount, "54"),
        ({"amount": 5.0}, errors.BadAmount, "54"),
        ({"amount": "5"}, errors.BadAmount, "54"),
        ({"purpose": ""}, errors.BadPurpose, "62.08"),
        ({"purpose": "!!! 你好"}, errors.BadPurpose, "62.08"),
        ({"purpose": "x" * 26}, errors.BadPurpose, "62.08"),
        ({"purpose": "x" * 1_000_000}, errors.BadPurpose, "62.08"),
        ({"purpose": 5}, errors.BadPurpose, "62.08"),
        ({"code": ""}, errors.BadReference, "62.08"),
        ({"code": "A" * 20}, errors.BadReference, "62.08"),
        ({"code": "abc"}, errors.BadReference, "62.08"),
        ({"code": "A-1"}, errors.BadReference, "62.08"),
        ({"code": "A", "purpose": "A"}, errors.TwoPurposes, "62.08"),
        ({"bill_number": "hoá đơn"}, errors.BadLabel, "62.01"),
        ({"bill_number": ""}, errors.BadLabel, "62.01"),
        ({"reference": "x" * 26}, errors.BadLabel, "62.05"),
        ({"reference": "a\0"}, errors.BadLabel, "62.05"),
    ],
)
def test_what_is_out_of_limits_is_not_built(
    wish: dict[str, Any], kind: type[InvalidPayload], field: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        build(**{"bin": "970422", "number": "0123456789", **wish})
    assert type(refused.value) is kind
    assert refused.value.field == field
    assert refused.value.sentence % refused.value.facts


@settings(max_examples=300)
@given(
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9]{1,19}", fullmatch=True),
    st.none() | st.integers(1, 499_999_999),
    st.none() | st.text(max_size=30),
    st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
def test_what_is_built_is_read_back_without_warnings(
    bin_: str, number: str, amount: int | None, purpose: str | None, label: str | None
) -> None:
    try:
        payload = build(bin_, number, amount, purpose, bill_number=label, reference=label)
    except (errors.BadPurpose, errors.BadLabel):
        return
    text = encode(payload)
    read = decode(text)
    assert (read.bin, read.account, read.amount) == (bin_, number, amount)
    assert (read.bill_number, read.reference) == (label, label)
    assert read.purpose == (None if purpose is None else codec.plain_purpose(purpose))
    assert text.isascii()
    assert not read.warnings
