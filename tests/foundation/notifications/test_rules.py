"""Words, hours and pauses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from foundation.notifications import rules
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("here", "sent"),
    [
        ("2026-11-22 06:29", "2026-11-22 06:30"),
        ("2026-11-22 06:30", "2026-11-22 06:30"),
        ("2026-11-22 21:29", "2026-11-22 21:29"),
        ("2026-11-22 21:30", "2026-11-23 06:30"),
        ("2026-12-31 23:59", "2027-01-01 06:30"),
        ("2026-11-23 00:10", "2026-11-23 06:30"),
    ],
)
def test_a_phone_rests_from_half_past_nine_to_half_past_six(here: str, sent: str) -> None:
    moment = datetime.fromisoformat(f"{here}+07:00").astimezone(UTC)
    assert rules.after_quiet_hours(moment) == datetime.fromisoformat(f"{sent}+07:00")


def test_pauses_grow_up_to_two_hours() -> None:
    waits = [rules.wait_after(tries) for tries in range(1, 11)]
    assert waits[0] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=2)


@pytest.mark.parametrize("kind", list(rules.KINDS))
def test_every_sentence_takes_its_facts_in_every_language(kind: str) -> None:
    known = rules.KINDS[kind]
    names = set(re.findall(r"%\((\w+)\)s", known.title + known.body))
    for language in ("vi", "en"):
        words = rules.words(kind, dict.fromkeys(names, "x"), language)
        assert words.title
        assert "%(" not in words.title + words.body


def test_days_and_moments_read_as_such() -> None:
    stored = rules.storable({"device": NOON.date(), "at": NOON})
    words = rules.words("account.new_device", stored, "vi")
    assert words.body.startswith("22/11/2026, lúc 12:00, 22/11/2026.")


def test_an_sms_is_one_line_of_plain_letters() -> None:
    assert rules.plain_letters("Đặc sản\n\nhộp “quà” – 5 ₫…") == 'Dac san hop "qua" - 5 d...'
