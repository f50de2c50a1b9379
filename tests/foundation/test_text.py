from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.text import (
    clean,
    clean_multiline,
    expand_abbreviations,
    fold,
    fold_words,
    new_tone_placement,
    old_tone_placement,
    same_spelling,
    slugify,
    sort_key,
)

VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyAĐÊƠáàảãạắằấầếềọộợụứựỳỹ 0159.,-'", max_size=30)
ANY_TEXT = st.text(max_size=40) | VIETNAMESE


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# --- cleaning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("  Bánh\u00a0tráng \t phơi\n sương ", "Bánh tráng phơi sương"),
        (nfd("Rượu Đế Gò Đen"), nfc("Rượu Đế Gò Đen")),
        ("“Mắm” ‘cá’ – ngon…", "“Mắm” ‘cá’ – ngon…"),
        ("a\u200bb\u200d\ufeffc\u00ad", "abc"),
        ("\u202eexe.gpj\u2066", "exe.gpj"),
        ("a\x00b\x07c\x7f", "abc"),
        ("a\ud800b\ufffe", "ab"),
        ("e\u200b\u0302", "ê"),
        ("\u3000", ""),
        ("", ""),
    ],
)
def test_clean(given_text: str, stored: str) -> None:
    assert clean(given_text) == stored


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("một\r\nhai\rba\u2028bốn", "một\nhai\nba\nbốn"),
        ("\n\n  - thụt vào  \n\n\tmã\u00a0nguồn\n ", "  - thụt vào\n\n    mã nguồn"),
        ("a\x00\u200b\nb\ud800", "a\nb"),
    ],
)
def test_clean_multiline(given_text: str, stored: str) -> None:
    assert clean_multiline(given_text) == stored


@given(ANY_TEXT)
def test_cleaning_is_idempotent_and_storable(text: str) -> None:
    for cleaned, again in (
        (clean(text), clean(clean(text))),
        (clean_multiline(text), clean_multiline(clean_multiline(text))),
    ):
        assert cleaned == again == nfc(cleaned)
        assert 0 not in cleaned.encode()  # nor does a lone surrogate stop it from encoding


# --- folding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Được", "duoc"),
        ("ĐẶC SẢN", "dac san"),
        ("Rượu Đế Gò Đen", "ruou de go den"),
        ("  Bánh\u00a0tráng\u200b  phơi\tsương ", "banh trang phoi suong"),
        ("Ðồng", "dong"),  # U+00D0, what Windows-1258 text becomes when read as Latin-1
        ("Thuỷ, Thủy; Hoà/Hòa!", "thuy, thuy; hoa/hoa!"),
        ("500 g (1,5 kg)", "500 g (1,5 kg)"),
        ("Café Straße", "cafe strasse"),
        ("\u200b\u00a0", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(nfd(text)) == folded
    assert fold(text.upper()) == fold(text.lower())


@given(ANY_TEXT)
def test_fold_is_idempotent_and_blind_to_the_normal_form(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(nfc(text)) == fold(nfd(text)) == folded


@given(VIETNAMESE)
def test_vietnamese_folds_to_ascii(text: str) -> None:
    assert fold(text).isascii()
    assert fold(clean(text)) == fold(text)


def test_fold_words() -> None:
    assert fold_words("Muối-ớt, 500g (loại_1) “đặc biệt”") == [
        *("muoi", "ot", "500g", "loai", "1", "dac", "biet")
    ]
    assert fold_words(" – … ") == []


# --- slugs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Bánh tráng phơi sương 500 g", "banh-trang-phoi-suong-500-g"),
        ("--Mật ong / 1,5 kg--", "mat-ong-1-5-kg"),
        ("Đất 20 m²", "dat-20-m2"),
        ("日本", "muc"),
        ("", "muc"),
        ("a" * 100, "a" * 80),
    ],
)
def test_slugify(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_long_slug_is_cut_between_words() -> None:
    assert slugify("bánh tráng trộn", max_length=11) == "banh-trang"
    assert slugify("bánh tráng trộn", max_length=10) == "banh-trang"
    assert slugify("bánh tráng trộn", max_length=9) == "banh"


def test_a_slug_needs_something_to_fall_back_on() -> None:
    assert slugify("…", fallback="Sản phẩm") == "san-pham"
    with pytest.raises(ValueError, match="fallback"):
        slugify("…", fallback="!")
    with pytest.raises(ValueError, match="max_length"):
        slugify("a", max_length=0)


@given(ANY_TEXT, st.integers(1, 90))
def test_every_slug_fits_an_address(text: str, limit: int) -> None:
    slug = slugify(text, max_length=limit)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= limit


# --- sorting ----------------------------------------------------------------------------------

# Communes of 2025 without their kind, in the order ICU 72 gives them under locale "vi".
ICU_ORDER = """
A Lưới 4, An Hội, An Lạc, An Phú, Anh Sơn, Ayun, Bà Điểm, Ba Đình, Bà Rịa, Bá Xuyên,
Bác Ái Đông, Bạch Ngọc, Bản Bo, Bản Hồ, Bản Lầu, Bản Máy, Bản Nguyên, Bản Xèo, Bảo Ái, Bảo Hà,
Bảo Lạc, Bảo Lâm, Bình Gia, Bình Hưng, Bình Lợi, Bình Thanh, Bình Thành, Bồ Đề, Bố Hạ, Cà Ná,
Ca Thành, Cái Khế, Cai Kinh, Cai Lậy, Cái Ngang, Cam Ly - Đà Lạt, Can Lộc, Càng Long,
Cảnh Thuỵ, Cát Tiên, Cẩm Giàng, Chà Tở, Châu Pha, Chế Tạo, Chiềng La, Chiềng Lao, Chiềng Mung,
Chiềng Sơn, Cổ Đạm, Cổ Lũng, Cô Tô, Cồn Cỏ, Côn Minh, Công Chính, Củ Chi, Cự Đồng, Cư Jút,
Di Linh, Đá Bạc, Đạ Huoai 2, Đa Kia, Đa Mai, Đạ Tẻh 2, Đại Phước, Đại Thanh, Đào Duy Từ,
Đạo Trù, Đào Viên, Đăk Kôi, Đắk Lắk, Đắk Liêng, Đăk Long, Đăk Mar, Đắk Mil, Đăk Pék, Đăk Sao,
Đắk Sắk, Đắk Song, Đăk Ui, Điện Biên, Định Mỹ, Đình Phong, Định Thành, Đinh Trang Thượng,
Đồng Dương, Đông Gia Nghĩa, Đồng Hới, Đồng Hỷ, Đông Khê, Đồng Kho, Đông Kinh, Đồng Lê,
Đông Lộc, Đồng Lộc, Đông Ngũ, Đông Phước, Đồng Tâm, Đông Thái Ninh, Đông Thạnh, Đông Thuận,
Đồng Thuận, Đông Thuỵ Anh, Đông Tiền Hải, Đông Triều, Đức Châu, Ea Kao, Gia Lâm, Gia Phúc,
Gia Viên, Giai Lạc, Hạ Bằng, Hà Lầm, Hà Long, Hạ Long, Hà Nam, Hà Tây, Hải An, Hải Anh,
Hải Bình, Hiếu Phụng, Hoà Cường, Hoà Lạc, Hoá Quỳ, Hoa Thám, Hoàn Kiếm, Hội An Đông, Hồi Xuân,
Huế, Hùng Việt, Huổi Một, Hưng Khánh Trung, Hưng Phước, Hưng Thạnh, Ia Púch, Kim Thành,
Kinh Bắc, Kông Bơ La, Lai Thành, Lai Vung, Láng, Lạng Sơn, Lào Cai, Liên Hoà, Liên Sơn Lắk,
Linh Hồ, Lĩnh Nam, Long Nguyên, Lóng Phiêng, Lóng Sập, Long Sơn, Long Thạnh, Lộc Thạnh,
Lùng Phình, Lương Hoà, Lượng Minh, Lương Thịnh, Mao Điền, Mẫu Sơn, Minh Hoá, Minh Thanh,
Minh Thạnh, Mường Ảng, Mường La, Mỹ An, Mỹ An Hưng, Mỹ Đức Tây, Mỹ Quới, Mỹ Thạnh, Mỹ Tho,
Mỹ Thọ, Mỹ Trà, Na Dương, Nà Hỳ, Nà Phặc, Na Son, Nam Đà, Nam Đồng, Nam Sách, Nam Sầm Sơn,
Nam Xuân, Nậm Hàng, Nậm Sỏ, Nghi Xuân, Nghĩa Đàn, Nghĩa Lộc, Ngọk Réo, Nguyễn Bỉnh Khiêm,
Ninh Gia, Ninh Giang, Ninh Thạnh, Pa Ham, Pà Vầy Sủ, Phan Đình Phùng, Phong Thái, Phú Cát,
Phú Đình, Phú Định, Phú Hoà, Phú Hữu, Phù Khê, Phú Khê, Phù Lãng, Phù Mỹ, Phú Ninh, Phú Thọ,
Phúc Hoà, Phục Hoà, Phước Thành, Quang Long, Quang Sơn, Quế Sơn Trung, Quy Nhơn, Quy Nhơn Bắc,
Quỳnh Anh, Quỳnh Phú, Quỳnh Phụ, Sa Bình, Sa Pa, Sì Lở Lầu, Song Phú, Sơn Điền, Sơn Đông,
Sơn La, Sơn Thành, Tạ An Khương, Tạ Khoa, Tả Lèng, Tam Bình, Tam Giang, Tằng Loỏng,
Tăng Nhơn Phú, Tân Biên, Tân Giang, Tân Khánh Trung, Tân Phú Đông, Tân Phước, Tân Quang,
Tân Sơn, Tân Thanh, Tân Thạnh, Tân Thuận, Tân Thuận Bình, Tây Phương, Tây Trà, Thạnh An,
Thanh Bình, Thanh Đức, Thanh Hoá, Thạnh Hoá, Thanh Hưng, Thanh Mỹ, Thạnh Mỹ, Thanh Nưa,
Thanh Phong, Thạnh Phú, Thanh Xuân, Thiện Tín, Thoại Sơn, Thới An, Thuận Hoà, Thung Nai,
Tĩnh Gia, Tống Sơn, Trung Hà, Trường Long, Trường Long Hoà, Tu Mơ Rông, Tủa Thàng,
Tuy Phước Bắc, Tự Lạn, Tứ Minh, Tứ Mỹ, Tư Nghĩa, Từ Sơn, U Minh, U Minh Thượng, Vàm Cỏ,
Văn Lang, Văn Quan, Vị Thanh, Vĩnh Chân, Vĩnh Hưng, Vinh Lộc, Vĩnh Lộc, Vĩnh Quang, Vinh Quý,
Vĩnh Thành, Vô Tranh, Vũ Lăng, xã Bắc Sơn, Xa Dung, Xuân Bình, Xuân Trường,
Xuân Trường - Đà Lạt, Yên Bái, Yên Châu, Yên Phú, Yên Thắng, Yên Thế, Yên Tử
"""


def test_places_sort_as_icu_sorts_them() -> None:
    names = [" ".join(name.split()) for name in ICU_ORDER.split(",")]
    assert len(names) == 300
    assert sorted(set(names), key=sort_key) == names
    assert len({sort_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "in_order",
    [
        list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"),
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["MA", "MÀ", "MẢ", "MÃ", "MÁ", "MẠ"],
        ["Cô Tô", "Cồn Cỏ"],  # the blank decides before n
        ["ba ba", "bà bà", "bả ba", "baba"],  # blanks come before letters
        ["an", "An", "AN", "àn", "Àn", "ăn", "Ăn", "ân", "Ân"],
        ["Phường 1", "Phường 10", "Phường 2", "Phường An"],
        ["a-b", "a, b", "a.b", "a(b)", "a1", "ab"],
        ["d", "da", "dz", "đ", "đa", "e"],
        ["", "a", "a a", "aa"],
        ["Rượu đế", "rượu nếp", "Rượu nếp"],
        ["z", "я", "中"],
    ],
)
def test_the_alphabet(in_order: list[str]) -> None:
    assert sorted(set(in_order), key=sort_key) == in_order


@given(VIETNAMESE)
def test_a_sort_key_is_plain_and_short(text: str) -> None:
    key = sort_key(text)
    assert re.fullmatch(r"[0-9a-z]*", key)
    assert len(key) <= 5 * len(clean(text)) + 2
    assert key == sort_key(nfd(text))


@given(ANY_TEXT, ANY_TEXT)
def test_equal_keys_mean_equal_folded_text(first: str, second: str) -> None:
    if sort_key(first) == sort_key(second):
        assert fold(unicodedata.normalize("NFKD", first)) == fold(
            unicodedata.normalize("NFKD", second)
        )


# --- spelling ---------------------------------------------------------------------------------

TONE_PAIRS = [
    *(("hòa", "hoà"), ("tỏa", "toả"), ("hõa", "hoã"), ("hóa", "hoá"), ("họa", "hoạ")),
    *(("hòe", "hoè"), ("khỏe", "khoẻ"), ("nhõe", "nhoẽ"), ("khóe", "khoé"), ("họe", "hoẹ")),
    *(("tùy", "tuỳ"), ("thủy", "thuỷ"), ("lũy", "luỹ"), ("úy", "uý"), ("thụy", "thuỵ")),
]


@pytest.mark.parametrize(("old", "new"), TONE_PAIRS)
def test_both_tone_placements(old: str, new: str) -> None:
    for change in (str, str.capitalize, str.upper):
        assert old_tone_placement(nfd(change(new))) == change(old)
        assert new_tone_placement(change(old)) == change(new)
    assert same_spelling(f"{old} một", f" {nfd(new)}  một")
    assert fold(old) == fold(new)


@pytest.mark.parametrize("word", ["hoàn", "ngoài", "quý", "Quỳ", "quả", "khuỷu", "của", "huỳnh"])
def test_tone_placement_leaves_other_syllables_alone(word: str) -> None:
    assert old_tone_placement(word) == new_tone_placement(word) == word


def test_accents_and_case_still_count_in_spelling() -> None:
    assert not same_spelling("Hoà Bình", "Hoa Bình")
    assert not same_spelling("Hoà Bình", "hoà bình")


# --- abbreviations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("TP.HCM", "thành phố Hồ Chí Minh"),
        ("tphcm", "thành phố Hồ Chí Minh"),
        ("T.P HCM", "thành phố Hồ Chí Minh"),
        ("TP. Tân An", "thành phố Tân An"),
        ("12 Lê Lợi, P.5, Q.Bình Tân", "12 Lê Lợi, phường 5, quận Bình Tân"),
        ("p5 q10", "phường 5 quận 10"),
        ("X.Mỹ Hạnh, H. Đức Hòa", "xã Mỹ Hạnh, huyện Đức Hòa"),
        ("TX Trảng Bàng", "thị xã Trảng Bàng"),
        ("TT.Gò Dầu", "thị trấn Gò Dầu"),
        ("HTX rau", "hợp tác xã rau"),
        ("DN, SP OCOP", "doanh nghiệp, sản phẩm OCOP"),
        ("ĐT: 0912345678", "điện thoại: 0912345678"),
        ("ĐT.825", "đường tỉnh 825"),
        ("đt 786B", "đường tỉnh 786B"),
        ("ĐT 912 345 678", "điện thoại 912 345 678"),
        ("gạo 5ký", "gạo 5 kg"),
        ("2 kí lô", "2 kg"),
        ("5kg", "5 kg"),
        (nfd("ĐT 0912"), "điện thoại 0912"),
    ],
)
def test_abbreviations_expand(short: str, long: str) -> None:
    assert expand_abbreviations(short) == long


@pytest.mark.parametrize(
    "text", ["86/2024/TT-BTC", "đăng ký", "KP. 3", "hộp 10x20", "vitamin P", "H2", "tpcn"]
)
def test_other_words_stay(text: str) -> None:
    assert expand_abbreviations(text) == text


SHORT_PIECES = [
    *("TP.HCM", "TP", "TX.", "TT", "HTX", "DN.", "SP", "ĐT", "825", "P."),
    *("Q.1", "x.An", "H.", "5", "ký", ",", "an"),
]


@given(st.lists(st.sampled_from(SHORT_PIECES)))
def test_expanding_twice_changes_nothing(pieces: list[str]) -> None:
    expanded = expand_abbreviations(" ".join(pieces))
    assert expand_abbreviations(expanded) == expanded
