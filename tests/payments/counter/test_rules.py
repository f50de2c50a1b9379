"""What a payment page says, and what it tells of people and banks."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from payments.counter import rules
from payments.counter.rules import Shown, Transfer
from payments.intents.models import State


@pytest.mark.parametrize(
    ("state", "due", "late", "account", "replaced", "said"),
    [
        (State.OPEN, 5, True, True, False, Shown.WAITING),
        (State.OPEN, 5, True, False, False, Shown.NO_ACCOUNT),
        (State.PART_PAID, 5, True, True, False, Shown.PART_PAID),
        (State.PART_PAID, 5, True, False, False, Shown.NO_ACCOUNT),
        (State.PAID, 0, True, True, False, Shown.PAID),
        (State.PAID, 0, True, False, False, Shown.PAID),
        (State.OVERPAID, 0, True, True, False, Shown.OVERPAID),
        (State.OVERPAID, 5, True, True, False, Shown.CHECKING),
        (State.EXPIRED, 5, True, True, False, Shown.LATE),
        (State.EXPIRED, 5, True, False, False, Shown.NO_ACCOUNT),
        (State.EXPIRED, 5, False, True, False, Shown.EXPIRED),
        (State.CANCELLED, 5, True, True, False, Shown.CANCELLED),
        (State.CANCELLED, 5, True, True, True, Shown.REPLACED),
    ],
)
def test_what_is_said(
    *, state: State, due: int, late: bool, account: bool, replaced: bool, said: Shown
) -> None:
    shown = rules.shown(state, due=due, settles_late=late, has_account=account, replaced=replaced)
    assert shown is said


def test_every_state_has_a_heading_and_a_sentence() -> None:
    assert set(rules.HEADINGS) == set(rules.WORDS) == set(Shown)
    assert len(set(rules.WORDS.values())) == len(Shown)
    assert not rules.PAYABLE & (rules.DONE | rules.FINAL)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Nguyễn Thị Mẫu", "N. T. Mẫu"),
        ("Đặng Ôn", "Đ. Ôn"),
        ("Hoà", "Hoà"),
        ("", ""),
    ],
)
def test_names_are_masked(name: str, told: str) -> None:
    assert rules.masked_name(name) == told


def test_numbers_are_read_in_groups() -> None:
    assert rules.grouped("104000123456") == "1040 0012 3456"
    assert rules.grouped("12345") == "1234 5"


def test_days_of_the_counter_are_filed_apart() -> None:
    filed = rules.subject_of("abcdefghjkmnpq", date(2026, 11, 22))
    assert filed == "abcdefghjkmnpq:2026-11-22"
    assert len(filed) <= 60


def transfer(bank: str) -> Transfer:
    return Transfer(
        bank=bank, number="104000123456", holder="HTX MAU", amount=45_000, reference="PZCX"
    )


def test_banking_apps_open_with_the_transfer_filled_in() -> None:
    apps = rules.apps(transfer("VCB"))

    assert {app.name for app in apps} >= {"Vietcombank", "VietinBank iPay", "MB Bank"}
    for app in apps:
        parts = urlsplit(app.url)
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "dl.vietqr.io", "/pay")
        asked = parse_qs(parts.query)
        assert asked.pop("app")[0].isalnum()
        assert asked == {
            "ba": ["104000123456@vcb"],
            "am": ["45000"],
            "tn": ["PZCX"],
            "bn": ["HTX MAU"],
        }


def test_a_bank_that_apps_do_not_know_is_not_told() -> None:
    assert all(
        set(parse_qs(urlsplit(app.url).query)) == {"app"} for app in rules.apps(transfer(""))
    )
