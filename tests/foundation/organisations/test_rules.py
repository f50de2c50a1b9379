from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from foundation.clock import VIETNAM
from foundation.organisations import rules
from foundation.organisations.errors import (
    PersonalNumberBirthYear,
    PersonalNumberProvince,
    TaxCodeCharacters,
    TaxCodeCheckDigit,
    TaxCodeComponent,
    TaxCodeEmpty,
    TaxCodeLength,
    TaxCodeNotForKind,
    TaxCodeRefused,
)
from foundation.organisations.rules import Kind, Paper, Role, State

TODAY = date(2026, 11, 22)
FIRMS = [kind for kind in rules.APPLYING_KINDS if kind not in rules.PERSONAL_NUMBER_KINDS]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0100109106", "0100109106"),
        ("0100 109 106", "0100109106"),
        ("0100109106-001", "0100109106-001"),
        ("0100109106001", "0100109106-001"),
    ],
)
@pytest.mark.parametrize("kind", rules.APPLYING_KINDS)
def test_every_kind_may_have_a_tax_code_of_ten_or_thirteen(
    kind: Kind, typed: str, number: str
) -> None:
    assert rules.read_tax_code(kind, typed, today=TODAY).number == number


@pytest.mark.parametrize("kind", sorted(rules.PERSONAL_NUMBER_KINDS))
def test_households_and_farmers_may_use_the_personal_number(kind: Kind) -> None:
    found = rules.read_tax_code(kind, "072 085 123456", today=TODAY)

    assert found.number == "072085123456"
    assert found.shown == "072•••••3456"
    assert "072085123456" not in repr(found)


@pytest.mark.parametrize("kind", FIRMS)
def test_everybody_else_needs_a_tax_code(kind: Kind) -> None:
    with pytest.raises(TaxCodeNotForKind):
        rules.read_tax_code(kind, "072085123456", today=TODAY)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        (" ", TaxCodeEmpty),
        ("01OO109106", TaxCodeCharacters),
        ("010010910", TaxCodeLength),
        ("01001091066", TaxCodeLength),
        ("0100109107", TaxCodeCheckDigit),
        ("0100109106-000", TaxCodeComponent),
        ("000085123456", PersonalNumberProvince),
        ("097085123456", PersonalNumberProvince),
        ("072299123456", PersonalNumberBirthYear),
    ],
)
def test_a_refusal_says_which_rule_failed(typed: str, refusal: type[TaxCodeRefused]) -> None:
    with pytest.raises(refusal) as refused:
        rules.read_tax_code(Kind.FARMER, typed, today=TODAY)

    assert refused.value.field == "tax_code"
    assert typed.strip() not in str(refused.value) or not typed.strip()


def test_every_kind_has_its_papers_and_names() -> None:
    for kind in Kind:
        assert set(rules.REQUIRED_PAPERS[kind]) <= set(rules.USUAL_PAPERS[kind])
        assert kind in rules.KIND_NAMES
    assert set(rules.KIND_HINTS) == set(rules.APPLYING_KINDS)
    assert set(rules.STATE_NAMES) == set(State)
    assert set(rules.ROLE_NAMES) == set(rules.ROLE_HINTS) == set(Role)
    assert set(rules.PAPER_NAMES) == set(Paper)


def test_the_checklist_of_a_farmer_asks_for_the_commune_not_for_a_registration() -> None:
    filled = dict.fromkeys(rules.REQUIRED_FIELDS, True) | {"address": False}

    items = rules.checklist(Kind.FARMER, filled, {Paper.BUSINESS_REGISTRATION})

    assert [item.words for item in items if not item.done] == [
        rules.REQUIRED_FIELDS["address"],
        rules.PAPER_NAMES[Paper.COMMUNE_CONFIRMATION],
    ]


def test_a_draft_is_never_seen_and_nothing_leads_back_to_it() -> None:
    assert State.DRAFT not in rules.SEEN_BY_AUTHORITY
    assert all(State.DRAFT not in after for after in rules.NEXT_STATES.values())


def test_only_owners_manage_members_and_schools_sell_nothing() -> None:
    for kind in Kind:
        for role in rules.roles_of(kind):
            allowed = rules.permissions(kind, role)
            assert "organisation.view" in allowed
            assert ("members.manage" in allowed) == (role is Role.OWNER)
            if kind not in rules.SELLING_KINDS:
                assert not allowed & {"products.edit", "certificates.edit"}
            if kind is not Kind.AUTHORITY:
                assert not any(name.startswith("authority.") for name in allowed)


def test_the_authority_and_cashiers_need_a_second_factor() -> None:
    assert rules.needs_second_factor(Kind.AUTHORITY, Role.VIEWER)
    assert rules.needs_second_factor(Kind.SCHOOL, Role.CASHIER)
    assert not rules.needs_second_factor(Kind.FARMER, Role.OWNER)


def test_days_of_waiting_are_days_of_the_calendar_in_viet_nam() -> None:
    late = datetime(2026, 11, 20, 23, 50, tzinfo=VIETNAM)

    assert rules.waiting_days(late, now=late + timedelta(minutes=5)) == 0
    assert rules.waiting_days(late, now=late + timedelta(minutes=20)) == 1
    assert rules.waiting_days(late, now=late - timedelta(days=1)) == 0
