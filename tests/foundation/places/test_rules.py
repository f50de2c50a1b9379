from __future__ import annotations

import pytest

from foundation.places import rules


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Xã Ea H'Leo", "eahleo"),
        ("Xã Đắk R’Măng", "dakrmang"),
        ("Phường 03", "phuong3"),
        ("Quận 1", "quan1"),
        ("Phường Hoà Thành", "hoathanh"),
        ("Thị trấn Gò Dầu", "godau"),
        ("Tỉnh Bà Rịa - Vũng Tàu", "bariavungtau"),
        ("Xuân Quang 3", "xuanquang3"),
        ("Thành phố Hồ Chí Minh", "hochiminh"),
    ],
)
def test_key(name: str, key: str) -> None:
    assert rules.key(name) == key


def test_old_and_new_tones_and_normal_forms_have_one_key() -> None:
    spellings = ("Xã Mộc Hoá", "Xã Mộc Hóa", "Xa\u0303 Mo\u0302\u0323c Ho\u0301a")
    assert {rules.key(each) for each in spellings} == {"mochoa"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Thị Xã Kinh Môn", "Thị xã Kinh Môn"),
        ("phường  Bến Nghé", "Phường Bến Nghé"),
        ("Thi trấn Ngan Dừa", "Thị trấn Ngan Dừa"),
        ("Xuân Phước", "Xuân Phước"),
    ],
)
def test_official(name: str, shown: str) -> None:
    assert rules.official(name) == shown


def test_short_province() -> None:
    assert rules.short_province("Tỉnh Tây Ninh") == "Tây Ninh"
    assert rules.short_province("Thành phố Cần Thơ") == "TP. Cần Thơ"


def kinds(text: str) -> dict[str, str | None]:
    return {window.key: window.kind for window in rules.read(text).windows}


@pytest.mark.parametrize(
    "text", ["TX Hòa Thành", "tx.hoà thành", "thị xã Hoà Thành", "thi xa hoa thanh"]
)
def test_a_kind_is_known_however_it_is_written(text: str) -> None:
    assert kinds(text)["hoathanh"] == "thị xã"


def test_a_word_that_only_looks_like_a_kind_is_none() -> None:
    assert kinds("Huyền Hội")["huyenhoi"] is None
    assert kinds("Huyền Hội")["hoi"] is None
    assert kinds("huyen hoi")["hoi"] == "huyện"


@pytest.mark.parametrize("text", ["P.3", "P3", "phường 03", "phuong 3"])
def test_a_number_needs_its_kind(text: str) -> None:
    assert "phuong3" in kinds(text)


def test_a_number_alone_names_nothing() -> None:
    assert kinds("12/3") == {}


@pytest.mark.parametrize(
    "text",
    ["ấp Trường Phú, xã A", "KP Trường Phú, xã A", "đường Trường Phú, xã A", "ap truong phu xa a"],
)
def test_a_hamlet_or_street_is_no_unit(text: str) -> None:
    assert "truongphu" not in kinds(text)
    assert "a" in kinds(text)


def test_a_name_like_a_street_stays_one() -> None:
    assert "duongdong" in kinds("Dương Đông, Phú Quốc")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tây Ninh (cũ)", ["tay", "ninh"]),
        ("xã A (per b 2021), Long An (nay Tây Ninh)", ["xa", "a", "long", "an"]),
        ("(Mỹ Tho, per báo)", ["my", "tho", "per", "bao"]),
        ("", []),
        ("()", []),
        ("\u0000\u202e", []),
    ],
)
def test_read(text: str, words: list[str]) -> None:
    assert [word.folded for word in rules.read(text).words] == words


def test_a_long_text_is_cut() -> None:
    assert len(rules.read("a " * 10_000).words) == rules.MOST_WORDS


def test_alternatives() -> None:
    assert rules.alternatives("12/3 ấp 4, xã A") == ["12/3 ấp 4, xã A"]
    assert rules.alternatives("TP A / huyện B, tỉnh C") == ["TP A,  tỉnh C", "huyện B, tỉnh C"]


def test_one_letter_off() -> None:
    found = rules.one_letter_off("bang")
    assert {"ban", "bnag", "bong", "banhg"} <= found
    assert "bang" not in found
