"""The list as pages need it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from catalog.categories import queries

TODAY = date(2026, 11, 22)


def test_the_tree_has_groups_at_the_top_in_order(session: Session, statements: list[str]) -> None:
    statements.clear()
    groups = queries.tree(session, TODAY)
    assert len(statements) == 1
    assert [node.category.code for node in groups] == [
        "food",
        "drinks",
        "herbs",
        "crafts",
        "ornamentals",
        "tourism",
    ]
    assert [len(node.children) for node in groups] == [6, 2, 3, 2, 3, 1]


def test_before_its_first_day_an_edition_offers_nothing(session: Session) -> None:
    assert queries.tree(session, date(2023, 2, 23)) == []


def test_only_leaves_can_be_chosen_under_their_headings(session: Session) -> None:
    offered = queries.choices(session, TODAY, "vi")
    assert ("food.fresh.fruit_vegetables", "Rau, củ, quả, hạt tươi") in offered[
        "Thực phẩm › Thực phẩm tươi sống"
    ]
    assert ("food.coffee_cocoa", "Cà phê, ca cao") in offered["Thực phẩm"]
    codes = [code for entries in offered.values() for code, _name in entries]
    assert len(codes) == len(set(codes)) == 26
    assert "food" not in codes
    assert "food.fresh" not in codes


def test_choices_speak_the_readers_language(session: Session) -> None:
    assert "Food › Fresh food" in queries.choices(session, TODAY, "en")


def test_the_way_up_ends_with_the_entry_itself(session: Session) -> None:
    leaf = queries.by_code(session, "drinks.alcoholic.spirits")
    assert leaf is not None
    assert [row.code for row in queries.ancestors(session, leaf)] == [
        "drinks",
        "drinks.alcoholic",
        "drinks.alcoholic.spirits",
    ]


def test_the_way_down_finds_everything_below(session: Session) -> None:
    drinks = queries.by_code(session, "drinks")
    tea = queries.by_code(session, "food.tea")
    assert drinks is not None
    assert tea is not None
    assert len(queries.descendant_ids(session, drinks.id)) == 7
    assert len(queries.descendant_ids(session, tea.id)) == 3


def test_unknown_codes_and_slugs_are_nobody(session: Session) -> None:
    assert queries.by_code(session, "food.nothing") is None
    assert queries.by_slug(session, "khong-co") is None
    assert queries.by_slug(session, "do-uong") is not None
