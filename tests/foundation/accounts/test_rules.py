from __future__ import annotations

import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from foundation.accounts import rules
from foundation.accounts.errors import (
    BadContact,
    BadName,
    PasswordIsPersonal,
    PasswordTooLong,
    PasswordTooObvious,
    PasswordTooShort,
)
from foundation.accounts.rules import Contact, Visit

CHROME = (
    "Mozilla/5.0 (Linux; Android 13; SM-A145) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537"
)
ZALO = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Zalo iOS/23"


@pytest.mark.parametrize(
    "typed", ["0912345678", "+84 912 345 678", "84912345678", "0912.345.678", " 0912-345-678 "]
)
def test_a_phone_is_read_in_any_usual_spelling(typed: str) -> None:
    assert rules.read_contact(typed) == Contact(phone="0912345678")


def test_an_email_is_read_in_lower_case() -> None:
    assert rules.read_contact(" Lan@Example.COM ") == Contact(email="lan@example.com")
    assert rules.stored_contact("lan@example.com") == Contact(email="lan@example.com")


@pytest.mark.parametrize("typed", ["", "chị Lan", "12345", "lan@", "@", "x" * 250 + "@example.com"])
def test_anything_else_is_no_contact(typed: str) -> None:
    with pytest.raises(BadContact):
        rules.read_contact(typed)


def test_contacts_are_masked_for_pages_and_hidden_from_logs() -> None:
    assert rules.read_contact("0912345678").masked == "091••••678"
    assert "0912" not in repr(rules.read_contact("0912345678"))


@pytest.mark.parametrize("typed", ["", "  ", "123", "…", "a" * 121])
def test_a_name_needs_a_letter_and_an_end(typed: str) -> None:
    with pytest.raises(BadName):
        rules.read_name(typed)


PERSONAL = ("Nguyễn Thị Lan", "0912345678", "lan.nguyen@example.com")


@pytest.mark.parametrize(
    "password",
    ["muối tôm rang củi", "0817264539", "qX7!vbn2$k", "chuối chín cây sau hè", "ỪmThìThôi9"],
)
def test_good_passwords_pass_without_rules_of_composition(password: str) -> None:
    rules.check_new_password(password, personal=PERSONAL)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("ngắn quá", PasswordTooShort),
        ("dài " * 60, PasswordTooLong),
        ("matkhau123456", PasswordTooObvious),
        ("Mật Khẩu 2026", PasswordTooObvious),
        ("123456qwertyuiop", PasswordTooObvious),
        ("0123456789", PasswordTooObvious),
        ("9876543210", PasswordTooObvious),
        ("aaaaaaaaaaaa", PasswordTooObvious),
        ("abababababab", PasswordTooObvious),
        ("!!!!!!!!!!", PasswordTooObvious),
        ("anhyeuem1999", PasswordTooObvious),
        ("P@ssw0rd123", PasswordTooObvious),
        ("nguyenthilan88", PasswordIsPersonal),
        ("toi la 0912345678", PasswordIsPersonal),
        ("+84912345678", PasswordIsPersonal),
        ("lan.nguyen-2026", PasswordIsPersonal),
    ],
)
def test_weak_passwords_are_refused(password: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.check_new_password(password, personal=PERSONAL)


def test_the_list_of_obvious_passwords_is_in_the_form_it_is_compared_in() -> None:
    path = Path(rules.__file__).with_name("data") / "obvious_passwords.txt"
    words = path.read_text().split()
    assert 300 < len(words) < 1000
    assert words == sorted(set(words))
    assert all(word == rules._bare(word) for word in words)


def test_hashes_are_argon2id_at_the_minimum_that_owasp_asks_for() -> None:
    stored = rules.hash_password("muối tôm rang củi")
    for one in (stored, rules.NOBODYS_HASH):
        parameters = extract_parameters(one)
        assert parameters.memory_cost == 19456
        assert (parameters.time_cost, parameters.parallelism) == (2, 1)
        assert parameters.type.name == "ID"
        assert not rules.needs_rehash(one)
    assert rules.password_matches(stored, "muối tôm rang củi")
    assert not rules.password_matches(stored, "muối tôm rang cui")


def test_a_password_typed_on_another_keyboard_still_fits() -> None:
    stored = rules.hash_password(unicodedata.normalize("NFC", "chuối chín cây"))
    assert rules.password_matches(stored, unicodedata.normalize("NFD", "chuối chín cây"))


def test_an_impossible_hash_matches_nothing() -> None:
    assert not rules.password_matches("!", "!")


def test_an_older_hash_is_to_be_made_anew() -> None:
    assert rules.needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))


def test_pauses_grow_and_end() -> None:
    assert rules.pause_after(4) == timedelta(0)
    assert rules.pause_after(5) == timedelta(seconds=30)
    assert rules.pause_after(7) == timedelta(minutes=2)
    assert rules.pause_after(5000) == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [(CHROME, "Chrome, Android"), (ZALO, "Zalo, iPhone"), ("curl/8", ""), ("", "")],
)
def test_of_a_browser_only_its_name_is_kept(user_agent: str, device: str) -> None:
    assert Visit(user_agent=user_agent).device == device


@pytest.mark.parametrize(
    ("address", "network", "place"),
    [
        ("113.161.7.9", "113.161.7.9", "113.161.•.•"),
        ("2402:800:6205:1:aaaa::1", "2402:800:6205:1::", "2402:800:…"),
        ("nonsense", "", ""),
        ("", "", ""),
    ],
)
def test_addresses_are_counted_by_network_and_shown_masked(
    address: str, network: str, place: str
) -> None:
    visit = Visit(address=address)
    assert (visit.network, visit.place) == (network, place)
