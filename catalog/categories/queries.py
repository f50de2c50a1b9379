"""Reading the list: as a tree, as choices of a form, up to the group and down to the leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.categories.models import Category


class Named(Protocol):
    """An entry of the list, or a copy of its names."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


@dataclass(kw_only=True)
class Node:
    """An entry with what lies under it, in the list's order."""

    category: Category
    children: list[Node] = field(default_factory=list)


def valid(session: Session, today: date) -> Sequence[Category]:
    """Return the entries valid on this day, in the list's order: parents before children."""
    return session.scalars(
        select(Category)
        .where(
            Category.valid_from <= today,
            or_(Category.valid_to.is_(None), Category.valid_to > today),
        )
        .order_by(Category.position, Category.id)
    ).all()


def tree(session: Session, today: date) -> list[Node]:
    """Return the groups valid on this day with their kinds and sub-kinds. One statement."""
    nodes: dict[int, Node] = {}
    groups: list[Node] = []
    for row in valid(session, today):
        nodes[row.id] = node = Node(category=row)
        parent = nodes.get(row.parent_id) if row.parent_id else None
        (parent.children if parent else groups).append(node)
    return groups


def leaves(session: Session, today: date) -> list[Category]:
    """Return the entries a product may lie in: those with nothing under them."""
    rows = valid(session, today)
    parents = {row.parent_id for row in rows}
    return [row for row in rows if row.id not in parents and row.parent_id is not None]


def choices(session: Session, today: date, language: str) -> dict[str, list[tuple[str, str]]]:
    """Return what a select offers: group or "kind of the group" → (code, name) of its leaves."""
    rows = {row.id: row for row in valid(session, today)}
    parents = {row.parent_id for row in rows.values()}
    offered: dict[str, list[tuple[str, str]]] = {}
    for row in rows.values():
        if row.id in parents or row.parent_id is None:
            continue
        heading = " › ".join(named(each, language) for each in _above(rows, row))
        offered.setdefault(heading, []).append((row.code, named(row, language)))
    return offered


def named(category: Named, language: str) -> str:
    """Return the entry's name in this language (vi or en)."""
    return category.name_en if language == "en" else category.name


def by_code(session: Session, code: str) -> Category | None:
    """Return the entry with this code, valid or not."""
    return session.scalar(select(Category).where(Category.code == code))


def by_slug(session: Session, slug: str) -> Category | None:
    """Return the entry with this slug, valid or not."""
    return session.scalar(select(Category).where(Category.slug == slug))


def ancestors(session: Session, category: Category) -> list[Category]:
    """Return the way from the group down to the entry itself, for breadcrumbs. One statement."""
    rows = {
        row.id: row
        for row in session.scalars(select(Category).where(Category.group_id == category.group_id))
    }
    return [*_above(rows, category), category]


def descendant_ids(session: Session, category_id: int) -> set[int]:
    """Return the entry's id and those of everything under it. One statement."""
    group_id = select(Category.group_id).where(Category.id == category_id).scalar_subquery()
    parents = session.execute(
        select(Category.id, Category.parent_id).where(Category.group_id == group_id)
    ).all()
    found = {category_id}
    for _level in range(3):
        found |= {row_id for row_id, parent_id in parents if parent_id in found}
    return found


def _above(rows: dict[int, Category], category: Category) -> list[Category]:
    way: list[Category] = []
    parent_id = category.parent_id
    while parent_id is not None and parent_id in rows:
        way.insert(0, rows[parent_id])
        parent_id = rows[parent_id].parent_id
    return way
