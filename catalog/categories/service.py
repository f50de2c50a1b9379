"""Loading the editions of the list."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.categories.rules import EDITIONS, Edition, Entry, read
from foundation.text import slugify

DATA = Path(__file__).with_name("data")


def load(session: Session) -> int:
    """Bring the table up to every edition in data/. Return how many entries it then holds.

    Codes stay from edition to edition, so that products keep their category; an entry that a
    newer edition no longer names ends on that edition's first day. Loading twice changes nothing.
    """
    known = {row.code: row for row in session.scalars(select(Category))}
    for edition in EDITIONS:
        entries = read((DATA / edition.file).read_text(encoding="utf-8"))
        for entry in entries:
            known[entry.code] = _put(session, known, edition, entry)
        named = {entry.code for entry in entries}
        for code, row in known.items():
            if code not in named and row.valid_to is None and row.valid_from < edition.valid_from:
                row.valid_to = edition.valid_from
    session.flush()
    return len(known)


def _put(session: Session, known: dict[str, Category], edition: Edition, entry: Entry) -> Category:
    parent = known[entry.parent] if entry.parent else None
    row = known.get(entry.code)
    if row is None:
        row = Category(
            code=entry.code,
            slug=_slug(known, entry),
            edition=edition.name,
            valid_from=edition.valid_from,
            level=entry.level,
        )
        session.add(row)
    row.parent_id = parent.id if parent else None
    row.name, row.name_en = entry.vi, entry.en
    row.alcohol, row.position = entry.alcohol, entry.position
    session.flush()
    row.group_id = parent.group_id if parent else row.id
    return row


def _slug(known: dict[str, Category], entry: Entry) -> str:
    slug = slugify(entry.vi)
    taken = {row.slug for row in known.values()}
    return slugify(f"{slug} {entry.code}") if slug in taken else slug
