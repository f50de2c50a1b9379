from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.banks import queries
from payments.banks.queries import by_bin, by_code, offered, search
from payments.banks.rules import PRACTICE_BIN, Bank, one_off
from payments.vietqr.codec import build

GIVEN = json.loads((queries.DATA / "banks.json").read_text())["banks"]
NAMES = json.loads((queries.DATA / "names.json").read_text())

# What people type, and the bank they mean.
MEANT = """
VCB: vcb, VCB, vietcombank, Vietcombank, VIET COM BANK, vietcom, ngoại thương, ngoai thuong
VCB: NH TMCP Ngoại thương, Ngân hàng TMCP Ngoại Thương Việt Nam, BFTVVNVX, 970436, foreign trade
VCB: vietconbank, vietcombnk, vietcombamk, veitcombank, ngoai thong
CTG: ctg, icb, ICB, vietin, vietinbank, viettinbank, công thương, cong thuong, 970415, vietinban
AGRIBANK: agri, agribank, agri bank, nông nghiệp, nong nghiep, vba, agribnk, agriculture
AGRIBANK: ngân hàng nông nghiệp, Nông nghiệp và Phát triển nông thôn, agrbank
BID: bidv, BIDV, bid, đầu tư, dau tu, đầu tư và phát triển, investment
MBB: mb, mbb, MB bank, mbbank, quân đội, quan doi, military, NH Quân đội, quan doii
TCB: tcb, techcombank, techcom, kỹ thương, ky thuong, techcombnak, techcombak
ACB: acb, á châu, a chau, asia commercial, achau, NH TMCP Á Châu
VPB: vpb, vpbank, vp bank, vp, thịnh vượng, thinh vuong, prosperity
STB: stb, sacom, sacombank, sài gòn thương tín, thương tín, thuong tin, sacombak
TPB: tpb, tpbank, tp bank, tiên phong, tien phong, tp, tienphong
VIB: vib, quốc tế, quoc te, vietnam international
HDB: hdb, hdbank, hd bank, phát triển nhà, hồ chí minh
SHB: shb, sài gòn hà nội, saigon hanoi, sai gon - ha noi
MSB: msb, hàng hải, hang hai, maritime, maritime bank
OCB: ocb, phương đông, phuong dong, orient
LPB: lpb, lpbank, lộc phát, liên việt, lien viet, lienvietpostbank, bưu điện liên việt, lvpb
SSB: ssb, seabank, sea bank, đông nam á, dong nam a
EIB: eib, eximbank, exim, xuất nhập khẩu, export import
SCB: scb
COOPBANK: coopbank, co-op bank, coop, hợp tác xã, hop tac xa, quỹ tín dụng
KLB: klb, kienlongbank, kiên long, kien long
NAB: nab, nam á, nam a bank
BAB: bab, bắc á, bac a, bacabank
ABB: abb, abbank, ab bank, an bình
NVB: nvb, ncb, quốc dân, quoc dan
VAB: vab, việt á, viet a bank, vietabank
VBB: vbb, vietbank, việt nam thương tín
BVB: bvb, bvbank, bản việt, ban viet, vccb, viet capital bank
PVCOMBANK: pvcombank, pvcom, đại chúng, dai chung
SGB: sgb, saigonbank, saigon bank, sài gòn công thương
PGB: pgb, pgbank, pg bank, xăng dầu, petrolimex
BAOVIETBANK: baovietbank, bảo việt, bao viet
VIKKI: vikki, vikki bank, đông á, dong a
MBV: mbv, việt nam hiện đại, oceanbank, ocean
VNCB: vncb, cb bank, cbbank, xây dựng, vcbneo
GPBANK: gpbank, gp bank, dầu khí toàn cầu
CAKE: cake, cake by vpbank
UBANK: ubank
TIMO: timo
LIOBANK: liobank
MOMO: momo, ví momo
SVB: shinhan, shinhan bank
WRB: woori
UOB: uob, united overseas bank
HSBC: hsbc
SC: standard chartered
CIMB: cimb
IVB: indovina
VRB: việt nga, vrb
PBVN: public bank
HLB: hong leong, hongleong
KBANK: kbank, kasikorn, kasikornbank
"""
CASES = [
    (typed.strip(), code)
    for line in MEANT.strip().splitlines()
    for code, _colon, all_typed in [line.partition(": ")]
    for typed in all_typed.split(",")
]


@pytest.mark.parametrize(("typed", "code"), CASES)
def test_the_bank_meant_stands_first(typed: str, code: str) -> None:
    assert search(typed)[0].code == code


@pytest.mark.parametrize("bank", offered(), ids=lambda bank: bank.code)
def test_every_bank_is_found_by_its_own_names(bank: Bank) -> None:
    for typed in (bank.bin, bank.code, bank.code.lower()):
        assert search(typed)[0] == bank
    for typed in (bank.short_name, bank.full_name, bank.full_name.upper()):
        assert bank in search(typed)[:3]
    if bank.swift:
        assert bank in search(bank.swift)


def test_an_exact_code_stands_before_a_name_that_begins_so() -> None:
    assert search("mb")[0].code == "MBB"
    assert [bank.code for bank in search("mbv")] == ["MBV"]
    assert search("scb")[0].code == "SCB"


def test_former_names_stand_last_and_say_so() -> None:
    for typed, now, before in (
        ("lien viet post", "LPB", "LienVietPostBank"),
        ("dong a", "VIKKI", "DongA Bank"),
        ("ocean", "MBV", "Ocean Bank"),
    ):
        found = search(typed)
        assert found[0].code == now
        assert found[-1].short_name == before
        assert found[-1].former
        assert found[-1].successor == now
        assert found[-1].bin == found[0].bin


def test_nothing_typed_gives_the_whole_list() -> None:
    for typed in ("", "  ", "ngân hàng", "Ngân hàng TMCP", "bank", "..."):
        assert search(typed) == offered()


def test_what_fits_nothing_finds_nothing() -> None:
    for typed in ("zzzz", "xyzxyz bank", "你好", "999999", "Đầu tư Campuchia"):
        assert search(typed) == []


def test_a_better_fit_leaves_slips_out() -> None:
    assert [bank.code for bank in search("acb")] == ["ACB"]


# --- the directory ----------------------------------------------------------------------------


def test_every_bank_that_can_be_paid_is_offered_once() -> None:
    reachable = {each["bin"] for each in GIVEN if each["bin"]}
    bins = [bank.bin for bank in offered()]
    assert sorted(bins) == sorted(reachable)
    assert [bank.code for bank in offered()[:4]] == ["VCB", "AGRIBANK", "CTG", "BID"]
    assert not any(bank.former or bank.practice for bank in offered())
    for bin_ in bins:
        assert build(bin_, "1").bin == bin_


def test_a_bank_without_a_bin_is_not_offered() -> None:
    assert by_code("BIDC") is None
    assert by_bin("") is None


def test_by_bin_gives_the_present_name() -> None:
    present = {"970449": "LPBank", "970406": "Vikki Bank", "970414": "MBV", "970436": "Vietcombank"}
    for bin_, name in present.items():
        bank = by_bin(bin_)
        assert bank is not None
        assert bank.short_name == name
    assert by_bin("999999") is None


def test_by_code_takes_any_case() -> None:
    bank = by_code("lpb")
    assert bank is not None
    assert bank.short_name == "LPBank"
    former = by_code("DongABank")
    assert former is not None
    assert former.successor == "VIKKI"
    assert by_code("nothing") is None


def test_names_belong_to_banks_and_meet_no_other_code() -> None:
    codes = {each["code"] for each in GIVEN}
    assert set(NAMES["order"]) <= codes
    assert set(NAMES["names"]) <= codes
    assert set(NAMES["successors"].values()) <= codes
    for code, names in NAMES["names"].items():
        assert not {name.upper() for name in names} & (codes - {code}), code


# --- the bank of the demo ---------------------------------------------------------------------


def test_the_practice_bank_is_offered_only_where_no_money_is_real() -> None:
    for typed in ("", "diễn tập", "dien tap", "DIENTAP", PRACTICE_BIN):
        assert not any(bank.practice for bank in search(typed))
        assert search(typed, practice=True)[0].practice
    assert offered(practice=True)[1:] == offered()


def test_the_practice_bank_can_always_be_named_and_is_nobody_elses() -> None:
    bank = by_bin(PRACTICE_BIN)
    assert bank is not None
    assert bank.practice
    assert "không có tiền thật" in bank.full_name
    assert PRACTICE_BIN not in {each["bin"] for each in GIVEN}


# --- slips ------------------------------------------------------------------------------------


@given(st.text("abc", max_size=6), st.data())
def test_one_slip_is_one_off(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word)))
    letter = data.draw(st.sampled_from("abcd"))
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    added, missing = word[:at] + letter + word[at:], word[:at] + word[at + 1 :]
    for other in (word, added, missing, word[:at] + letter + word[at + 1 :], swapped):
        assert one_off(word, other)
        assert one_off(other, word)


@pytest.mark.parametrize(
    ("first", "second"), [("abcd", "ab"), ("abcd", "dbca"), ("abcd", "badc"), ("abc", "xbx")]
)
def test_two_slips_are_not(first: str, second: str) -> None:
    assert not one_off(first, second)
    assert not one_off(second, first)


@settings(max_examples=300)
@given(st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    found = search(text, practice=True)
    assert len(found) == len({(bank.code, bank.short_name) for bank in found})
    formers = [bank.former for bank in found]
    assert formers == sorted(formers)


def test_a_very_long_text_is_searched_cheaply() -> None:
    assert search("x" * 10_000_000) == []
