"""The list is loaded once, and again without harm."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.categories import rules, service
from catalog.categories.models import Category
from catalog.categories.rules import Edition


def test_the_list_of_2023_has_six_groups_seventeen_kinds_and_sixteen_sub_kinds(
    session: Session,
) -> None:
    levels = Counter(row.level.value for row in session.scalars(select(Category)))
    assert levels == {"group": 6, "kind": 17, "sub_kind": 16}
    assert set(session.scalars(select(Category.edition))) == {"2023"}


def test_loading_again_changes_nothing(session: Session) -> None:
    before = session.execute(select(Category.id, Category.slug).order_by(Category.id)).all()
    assert service.load(session) == len(before)
    assert session.execute(select(Category.id, Category.slug).order_by(Category.id)).all() == before


def test_every_entry_knows_its_group(session: Session) -> None:
    rows = {row.id: row for row in session.scalars(select(Category))}
    for row in rows.values():
        assert row.group_id is not None
        assert row.code.split(".")[0] == rows[row.group_id].code


def test_only_alcohol_is_for_adults(session: Session) -> None:
    codes = set(session.scalars(select(Category.code).where(Category.alcohol)))
    assert codes == {"drinks.alcoholic", "drinks.alcoholic.spirits", "drinks.alcoholic.other"}


def test_a_newer_edition_keeps_codes_and_ends_what_it_drops(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    older = (service.DATA / "ocop_2023.tsv").read_text(encoding="utf-8")
    newer = older.replace("Cà phê, ca cao", "Cà phê, ca cao, sô-cô-la").splitlines()
    kept = [line for line in newer if not line.startswith("ornamentals.animals")]
    folder = service.DATA.__class__(str(tmp_path))
    (folder / "ocop_2023.tsv").write_text(older, encoding="utf-8")
    (folder / "ocop_2027.tsv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    added = Edition(name="2027", valid_from=date(2027, 1, 1), file="ocop_2027.tsv")
    monkeypatch.setattr(service, "DATA", folder)
    monkeypatch.setattr(service, "EDITIONS", (*rules.EDITIONS, added))

    service.load(session)

    rows = {row.code: row for row in session.scalars(select(Category))}
    assert rows["ornamentals.animals"].valid_to == date(2027, 1, 1)
    assert rows["food.coffee_cocoa"].name == "Cà phê, ca cao, sô-cô-la"
    assert rows["food.coffee_cocoa"].valid_to is None


@pytest.mark.parametrize(
    "line", ["a\tnobody\tkind\tA\tA\t0\t2", "food\t\tgroup\tA\tA\t0\t2", "a\tb"]
)
def test_a_broken_line_is_refused(line: str) -> None:
    head = "code\tparent\tlevel\tvi\ten\talcohol\tposition\nfood\t\tgroup\tThực phẩm\tFood\t0\t1\n"
    with pytest.raises(ValueError, match=r"line 3|argument"):
        rules.read(head + line)
