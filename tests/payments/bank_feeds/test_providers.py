"""What each provider's file makes of signatures and bodies."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bank_feeds import casso, feed, payos, sepay
from payments.bank_feeds.feed import Number, Unreadable
from payments.bank_feeds.providers import PROVIDERS
from payments.bank_feeds.rules import Provider, Verdict
from payments.credits.rules import Direction

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
KEY = "khoa-bi-mat-0123456789"
SAMPLES = json.loads(
    (Path(__file__).parents[1] / "data" / "webhook_samples.json").read_text(encoding="utf-8")
)
OURS = [one for one in SAMPLES if one["provider"] in ("sepay", "casso_v2", "payos")]


def notice(**more: Any) -> dict[str, Any]:
    """A notice of SePay."""
    return {
        "gateway": "MBBank",
        "transactionDate": "2026-11-22 11:58:02",
        "accountNumber": "0359123456",
        "subAccount": None,
        "code": None,
        "content": "Thanh toán đơn PZC",
        "transferType": "in",
        "description": "",
        "transferAmount": 120000,
        "referenceCode": "FT26326000001",
        "accumulated": 0,
        "id": 92704,
        **more,
    }


def payos_body(data: dict[str, Any], key: str = KEY) -> bytes:
    string = payos.string_to_sign(feed.parse(json.dumps(data).encode()))
    signature = hmac.new(key.encode(), string.encode(), "sha256").hexdigest()
    return json.dumps(
        {"code": "00", "success": True, "data": data, "signature": signature}
    ).encode()


def sepay_signed(body: bytes, at: datetime, key: str = KEY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mac = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return {"X-SePay-Signature": f"sha256={mac.hexdigest()}", "X-SePay-Timestamp": stamp}


def casso_signed(string: str, key: str = KEY, stamp: str = "1727948258788") -> dict[str, str]:
    mac = hmac.new(key.encode(), f"{stamp}.{string}".encode(), "sha512").hexdigest()
    return {"X-Casso-Signature": f"t={stamp},v1={mac}"}


# --- the published samples --------------------------------------------------------------------


@pytest.mark.parametrize("sample", OURS, ids=lambda one: one.get("case", one["provider"]))
def test_published_samples(sample: dict[str, Any]) -> None:
    provider = Provider(sample["provider"].split("_")[0])
    body = sample["body"]
    if provider is Provider.PAYOS and "signature" in sample:
        body = {"data": body, "signature": sample["signature"]}
    for ascii_only in (True, False):
        raw = json.dumps(body, ensure_ascii=ascii_only, indent=1).encode()
        verdict = PROVIDERS[provider].verify(
            sample.get("header", {}), raw, [sample["key"] or KEY], NOW
        )
        assert (verdict is Verdict.GOOD) is bool(sample["verifies"])
        damaged = raw.replace(b'"description": "', b'"description": "x', 1)
        assert (
            damaged == raw
            or PROVIDERS[provider].verify(
                sample.get("header", {}), damaged, [sample["key"] or KEY], NOW
            )
            is not Verdict.GOOD
        )
    if "string_to_sign" in sample and provider is Provider.PAYOS:
        data = feed.parse(json.dumps(sample["body"]).encode())
        assert payos.string_to_sign(data.get("data", data)) == sample["string_to_sign"]


# --- SePay ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [f"Apikey {KEY}", f"apikey  {KEY}", f"Bearer Apikey {KEY}"])
def test_sepay_takes_the_key_in_the_header(words: str) -> None:
    assert sepay.verify({"authorization": words}, b"{}", [KEY], NOW) is Verdict.GOOD


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({}, Verdict.UNSIGNED),
        ({"Authorization": ""}, Verdict.UNSIGNED),
        ({"Authorization": "Apikey"}, Verdict.WRONG),
        ({"Authorization": "Bearer"}, Verdict.WRONG),
        ({"Authorization": f"Apikey {KEY}x"}, Verdict.WRONG),
        ({"Authorization": f"Apikey {KEY[:-1]}"}, Verdict.WRONG),
        ({"Authorization": f"Basic {KEY}"}, Verdict.WRONG),
        ({"Authorization": "Apikey khoá"}, Verdict.WRONG),
        ({"X-SePay-Signature": "sha256=00"}, Verdict.WRONG),
        ({"X-SePay-Signature": "sha256=00", "X-SePay-Timestamp": "²"}, Verdict.WRONG),
        ({"X-SePay-Signature": "é", "X-SePay-Timestamp": "1"}, Verdict.WRONG),
    ],
)
def test_invariant_12_signature_missing_empty_or_wrong(
    headers: dict[str, str], verdict: Verdict
) -> None:
    assert sepay.verify(headers, b"{}", [KEY], NOW) is verdict


def test_a_signature_counts_before_a_key() -> None:
    """Whoever saw a key in a header must not get by with it beside a wrong signature."""
    headers = {"Authorization": f"Apikey {KEY}", "X-SePay-Signature": "sha256=" + "0" * 64}
    assert sepay.verify(headers, b"{}", [KEY], NOW) is Verdict.WRONG


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, Verdict.GOOD),
        (299, Verdict.GOOD),
        (-299, Verdict.GOOD),
        (301, Verdict.STALE),
        (-301, Verdict.STALE),
        (600, Verdict.STALE),
        (-600, Verdict.STALE),
    ],
)
def test_invariant_13_clock(seconds: int, verdict: Verdict) -> None:
    body = json.dumps(notice()).encode()
    headers = sepay_signed(body, NOW + timedelta(seconds=seconds))
    assert sepay.verify(headers, body, [KEY], NOW) is verdict


def test_invariant_12_signature_is_over_raw_bytes() -> None:
    words = "Thanh toán đơn hàng"
    body = json.dumps(notice(content=words), ensure_ascii=False).encode()
    headers = sepay_signed(body, NOW)
    assert sepay.verify(headers, body, [KEY], NOW) is Verdict.GOOD

    other = unicodedata.normalize("NFD", words)
    changes = {
        "decomposed": json.dumps(notice(content=other), ensure_ascii=False).encode(),
        "escaped": json.dumps(notice(content=words)).encode(),
        "reordered": json.dumps(dict(reversed(notice(content=words).items()))).encode(),
        "number as text": body.replace(b"120000", b'"120000"'),
        "one byte off": body[:-1] + b"]",
        "one byte more": body + b" ",
    }
    for what, changed in changes.items():
        assert sepay.verify(headers, changed, [KEY], NOW) is Verdict.WRONG, what


def test_invariant_12_signature_with_rotated_and_foreign_keys() -> None:
    body = json.dumps(notice()).encode()
    assert sepay.verify(sepay_signed(body, NOW, "old-key-1"), body, [KEY, "old-key-1"], NOW) is (
        Verdict.GOOD
    )
    assert sepay.verify(sepay_signed(body, NOW, "other-org"), body, [KEY], NOW) is Verdict.WRONG
    assert sepay.verify(sepay_signed(body, NOW, ""), body, ["", KEY], NOW) is Verdict.WRONG


def test_sepay_reads_a_notice() -> None:
    reading = sepay.read(json.dumps(notice(subAccount="VQR01", transferType="out")).encode())
    said = reading.said[0]
    assert said.account_numbers == ("0359123456", "VQR01")
    assert (said.told_id, said.direction, said.amount) == ("92704", Direction.OUT, 120_000)
    assert said.booked_on == date(2026, 11, 22)
    assert said.happened_at == datetime(2026, 11, 22, 4, 58, 2, tzinfo=UTC)
    assert (said.memo, said.bank_reference) == ("Thanh toán đơn PZC", "FT26326000001")


def test_sepay_gives_a_listed_transaction_the_same_name() -> None:
    listed = {
        "id": "92704",
        "account_number": "0359123456",
        "transaction_date": "2026-11-22 11:58:02",
        "amount_out": "0.00",
        "amount_in": "120000.00",
        "transaction_content": "Thanh toán đơn PZC",
        "reference_number": "FT26326000001",
        "sub_account": None,
    }
    both_ways = {**listed, "amount_out": "5.00"}
    reading = sepay.read(json.dumps({"transactions": [listed, both_ways, 7]}).encode())
    assert reading.said == sepay.read(json.dumps(notice()).encode()).said
    assert reading.faults == ("2: neither in nor out", "3: not an object")


def test_invariant_13_month_ends_by_the_clock_of_vietnam() -> None:
    last = sepay.read(json.dumps(notice(transactionDate="2026-11-30 23:59:59")).encode()).said[0]
    assert last.booked_on == date(2026, 11, 30)
    assert last.happened_at == datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)
    assert feed.moment("2026-11-30T17:00:00Z")[0] == date(2026, 12, 1)


# --- Casso ------------------------------------------------------------------------------------

CASSO = {
    "error": 0,
    "data": {
        "id": 815,
        "reference": "FT/26326",
        "description": "Trả tiền 5/11 “ghế” 🎋",
        "amount": 599000,
        "transactionDateTime": "2026-11-22 11:06:37",
        "accountNumber": "88888888",
        "virtualAccountNumber": "",
        "counterAccountName": "NGUYỄN VĂN A",
    },
}


def casso_string(quoting: dict[str, Any], *, slashes: bool = False) -> str:
    string = json.dumps(CASSO, sort_keys=True, separators=(",", ":"), **quoting)
    return string.replace("/", "\\/") if slashes else string


@pytest.mark.parametrize("body_ascii", [True, False])
@pytest.mark.parametrize(
    "string",
    [
        casso_string({"ensure_ascii": False}),
        casso_string({}),
        casso_string({}, slashes=True),
        casso_string({"ensure_ascii": False}, slashes=True),
    ],
    ids=["javascript", "python", "php", "php-unicode"],
)
def test_casso_signs_in_any_of_its_writings(string: str, body_ascii: bool) -> None:
    body = json.dumps(CASSO, ensure_ascii=body_ascii).encode()
    assert casso.verify(casso_signed(string), body, [KEY], NOW) is Verdict.GOOD
    reordered = json.dumps(CASSO, sort_keys=True, indent=2).encode()
    assert casso.verify(casso_signed(string), reordered, [KEY], NOW) is Verdict.GOOD
    other = json.dumps({**CASSO, "error": 1}).encode()
    assert casso.verify(casso_signed(string), other, [KEY], NOW) is Verdict.WRONG
    as_text = body.replace(b"599000", b'"599000"')
    assert casso.verify(casso_signed(string), as_text, [KEY], NOW) is Verdict.WRONG
    assert casso.verify(casso_signed(string, "other-org"), body, [KEY], NOW) is Verdict.WRONG


@pytest.mark.parametrize("number", ["3000.0", "1E3", "1e+3", "12345678901234567890", "-0"])
def test_numbers_are_signed_as_they_were_sent(number: str) -> None:
    body = f'{{"data":{{"id":1,"amount":{number}}},"error":0}}'.encode()
    string = f'{{"data":{{"amount":{number},"id":1}},"error":0}}'
    assert casso.verify(casso_signed(string), body, [KEY], NOW) is Verdict.GOOD
    data = feed.parse(body)["data"]
    assert payos.string_to_sign(data) == f"amount={number}&id=1"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Casso-Signature": "t=1,v1=00"},
        {"X-Casso-Signature": "v1=" + "0" * 128},
        {"X-Casso-Signature": "t=1,v1=" + "0" * 128},
        {"X-Casso-Signature": "t=1,v1=" + "é" * 128},
        {"secure-token": KEY + "x"},
    ],
)
@pytest.mark.parametrize("body", [b"{}", b"[]", b"", b"\xff", b"[" * 60_000, b'{"a":"\\ud800"}'])
def test_casso_refuses(headers: dict[str, str], body: bytes) -> None:
    assert casso.verify(headers, body, [KEY], NOW) is Verdict.WRONG


def test_casso_token_and_list() -> None:
    entry = {
        "id": 7,
        "tid": "BANK_REF_7",
        "description": "giao dich",
        "amount": 599000,
        "when": "2026-11-22 00:34:57",
        "bank_sub_acc_id": "88888888",
        "subAccId": "88888888",
    }
    entries = [entry, {**entry, "id": 8, "amount": -5000}, {**entry, "id": 0}, {"id": 9}]
    body = json.dumps({"error": 0, "data": entries}).encode()
    assert casso.verify({"Secure-Token": KEY}, body, [KEY], NOW) is Verdict.GOOD
    assert casso.verify({}, body, [KEY], NOW) is Verdict.UNSIGNED
    reading = casso.read(body)
    assert [(one.told_id, one.direction, one.amount) for one in reading.said] == [
        ("7", Direction.IN, 599_000),
        ("8", Direction.OUT, 5_000),
    ]
    assert reading.said[0].bank_reference == "BANK_REF_7"
    assert reading.faults == ("4: no day",)
    assert not reading.test


def test_casso_test_event_names_no_movement() -> None:
    sample = next(one for one in SAMPLES if one["provider"] == "casso_v2")
    reading = casso.read(json.dumps(sample["body"]).encode())
    assert reading.test
    assert reading.said == ()


# --- payOS ------------------------------------------------------------------------------------


def test_payos_string() -> None:
    data = feed.parse(
        '{"b": null, "a": "null", "c": "undefined", "d": true, "e": false, "f": 1.50, "h": [], '
        '"g": [{"z": "ô/", "y": null, "x": 2}, 3], "i": "", "Z": "a&b=c"}'.encode()
    )
    assert payos.string_to_sign(data) == (
        'Z=a&b=c&a=&b=&c=&d=true&e=false&f=1.50&g=[{"x":2,"y":null,"z":"ô/"},3]&h=[]&i='
    )


def payos_data(**more: Any) -> dict[str, Any]:
    return {
        "orderCode": 123,
        "amount": 3000,
        "description": "Trả tiền",
        "accountNumber": "12345678",
        "reference": "TF1",
        "transactionDateTime": "2026-11-22 18:25:00",
        "currency": "VND",
        "code": "00",
        **more,
    }


def test_invariant_12_signature_of_payos() -> None:
    body = payos_body(payos_data())
    assert payos.verify({}, body, [KEY], NOW) is Verdict.GOOD
    assert payos.verify({}, body, ["old", KEY], NOW) is Verdict.GOOD
    assert payos.verify({}, body, ["other-org"], NOW) is Verdict.WRONG
    found = json.loads(body)
    reordered = {**found, "data": dict(reversed(found["data"].items()))}
    assert payos.verify({}, json.dumps(reordered).encode(), [KEY], NOW) is Verdict.GOOD
    decomposed = unicodedata.normalize("NFD", "Trả tiền")
    for change in ({"amount": 3001}, {"description": decomposed}, {"new": "x"}):
        changed = {**found, "data": {**found["data"], **change}}
        assert payos.verify({}, json.dumps(changed).encode(), [KEY], NOW) is Verdict.WRONG
    for signature, verdict in (
        ("", Verdict.UNSIGNED),
        (None, Verdict.UNSIGNED),
        (5, Verdict.WRONG),
        ("\ud800", Verdict.WRONG),
    ):
        changed = {**found, "signature": signature}
        given_back = payos.verify({}, json.dumps(changed).encode(), [KEY], NOW)
        assert given_back in (verdict, Verdict.UNSIGNED)
    for body in (b"", b"[]", b"\x00", b'{"data":' * 9_000, b'{"signature":"a","data":[]}'):
        assert payos.verify({}, body, [KEY], NOW) is not Verdict.GOOD


def test_payos_reads() -> None:
    said = payos.read(payos_body(payos_data())).said[0]
    assert (said.told_id, said.amount, said.bank_reference) == ("TF1:123", 3_000, "TF1")
    assert payos.read(payos_body(payos_data(code="01"))) == feed.Reading()
    with pytest.raises(Unreadable):
        payos.read(payos_body(payos_data(currency="USD")))


# --- amounts, moments, bodies -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (Number("10000"), 10_000),
        (Number("10000.0"), 10_000),
        (Number("2.3E+4"), 23_000),
        (Number("1e3"), 1_000),
        (Number("1.50E2"), 150),
        (Number("3000000000"), 3_000_000_000),
        (Number("1000000000000000"), 10**15),
        ("10000", 10_000),
        ("10000.00", 10_000),
        ("007", 7),
    ],
)
def test_invariant_14_amounts_that_are_read(value: str, amount: int) -> None:
    assert feed.amount(value) == amount


@pytest.mark.parametrize(
    "value",
    [
        *(True, False, None, [], {}, 5, ""),
        *(Number("0"), Number("-5"), Number("-0"), Number("0.5"), Number("10000.50")),
        *(Number("1000000000000001"), Number("1E16"), Number("1E99"), Number("1.5E0")),
        *(Number("1E-3"), Number("9" * 5000), Number("23.000")),
        *("23.000,00", "23,000", "23.000", "23 000", "2.3E+4", "-5", "0", "0.00", "10000đ"),
        *("+5", "١٢", "1_000", "0x10", "NaN", "Infinity", " 5"),
    ],
)
def test_invariant_14_amounts_that_are_refused(value: object) -> None:
    with pytest.raises(Unreadable):
        feed.amount(value)


@given(st.integers(1, 10**15), st.sampled_from(["", ".0", ".00"]))
def test_whole_amounts_are_read_as_they_are(amount: int, ending: str) -> None:
    assert feed.amount(f"{amount}{ending}") == feed.amount(Number(f"{amount}{ending}")) == amount


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-22 23:59:59", date(2026, 11, 22)),
        ("2026-11-22", date(2026, 11, 22)),
        ("2025-12-12T09:00:00+07:00", date(2025, 12, 12)),
        ("2025-12-12T23:00:00.123Z", date(2025, 12, 13)),
    ],
)
def test_moments(value: str, day: date) -> None:
    assert feed.moment(value)[0] == day


@pytest.mark.parametrize(
    "value",
    [
        *(None, 5, "", "now", "22/11/2026", "20261122", "2026-W01-1", "2026-11-22 1:2:3"),
        *("2026-02-30 00:00:00", "2026-13-01", "1026-01-01", "2026-11-22 25:00:00"),
        "9999-12-31 23:59:59",
    ],
)
def test_moments_that_are_refused(value: object) -> None:
    with pytest.raises(Unreadable):
        feed.moment(value)


BAD_BODIES = [
    b"",
    b"\x00",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe{\x00}\x00",
    b'{"id": NaN}',
    b'{"id": 1',
    b"[" * 60_000,
    b'{"a":' * 10_000,
    "{“id”: 1}".encode(),
    "Thanh toán".encode("cp1258", "replace"),
    b'{"data": 5}',
    b'{"data": null}',
    b'{"transactions": {}}',
    b'{"id": 1, "transferAmount": ' + b"9" * 50_000 + b"}",
]


@pytest.mark.parametrize("provider", list(Provider))
@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_bodies_that_cannot_be_understood_say_so(provider: Provider, body: bytes) -> None:
    known = PROVIDERS[provider]
    assert known.verify({}, body, [KEY], NOW) is not Verdict.GOOD
    try:
        reading = known.read(body)
    except Unreadable:
        return
    assert reading.faults
    assert not reading.said


@given(st.binary(max_size=300))
def test_no_body_breaks_a_reader(body: bytes) -> None:
    headers = {"X-Casso-Signature": "t=1,v1=" + "0" * 128, **sepay_signed(body, NOW, "other-key")}
    for known in PROVIDERS.values():
        assert known.verify(headers, body, [KEY], NOW) is not Verdict.GOOD
        with contextlib.suppress(Unreadable):
            known.read(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["id", "data", "amount", "transferAmount", "transferType", "transactions", "accountNumber"]
MORE = ["reference", "transactionDate", "transactionDateTime", "when", "description", "code"]


@given(st.dictionaries(st.sampled_from([*NAMES, *MORE]), JSON))
def test_no_json_breaks_a_reader(found: dict[str, Any]) -> None:
    for body in (found, {"data": found}, {"data": [found]}, {"transactions": [found]}):
        raw = json.dumps(body).encode("utf-8", "surrogatepass")
        for known in PROVIDERS.values():
            try:
                reading = known.read(raw)
            except Unreadable:
                continue
            for said in reading.said:
                said.memo.encode()  # nothing that a database would refuse
                assert "\0" not in said.memo


def test_what_cannot_be_stored_is_left_out() -> None:
    body = json.dumps(notice(content="Ghe\x00 \ud800xuong\u200b", id="a\x00b")).encode()
    said = sepay.read(body).said[0]
    assert (said.memo, said.told_id) == ("Ghe xuong", "ab")


def test_invariant_01_casso_versions_share_a_name() -> None:
    one = casso.read(json.dumps(CASSO).encode()).said[0]
    listed = {"data": [{**CASSO["data"], "when": "2026-11-22 11:06:37"}]}  # type: ignore[dict-item]
    assert casso.read(json.dumps(listed).encode()).said[0] == one
