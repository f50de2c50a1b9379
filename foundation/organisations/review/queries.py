"""What the authority reads of those who applied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from foundation.crypto import keyed_hash
from foundation.db import escape_like
from foundation.organisations import rules
from foundation.organisations.errors import OrganisationNotFound
from foundation.organisations.models import Kind, Organisation, State
from foundation.text import fold

PER_PAGE = 30


class Sort(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which applications to list. `state` None means all that were ever sent; `words` are of a
    name, or a tax code or personal number; `page` counts from 1."""

    state: State | None = State.SUBMITTED
    words: str = ""
    sort: Sort = Sort.OLDEST
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class Applications:
    rows: Sequence[Organisation]
    total: int
    page: int
    pages: int


def applications(session: Session, request: Request, *, data_key: str) -> Applications:
    """Return a page of the applications that the authority may see, in two statements."""
    conditions = [*_seen_by_authority(), *_matching(request, data_key)]
    total = session.scalar(select(func.count(Organisation.id)).where(*conditions)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    page = min(max(request.page, 1), pages)
    rows = session.scalars(
        _sorted(select(Organisation).where(*conditions), request.sort)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return Applications(rows=rows, total=total, page=page, pages=pages)


def state_counts(session: Session) -> dict[State, int]:
    """Return how many applications there are in each state that the authority sees."""
    rows = session.execute(
        select(Organisation.state, func.count(Organisation.id))
        .where(*_seen_by_authority())
        .group_by(Organisation.state)
    )
    return {row[0]: row[1] for row in rows}


def oldest_waiting(session: Session) -> datetime | None:
    """Return when the application that has waited longest was sent."""
    return session.scalar(
        select(func.min(Organisation.submitted_at)).where(
            *_seen_by_authority(), Organisation.state == State.SUBMITTED
        )
    )


def application(session: Session, public_id: str) -> Organisation:
    """Return an application for the authority, its logo loaded.

    Raises OrganisationNotFound for a draft, which was never sent, and for an authority.
    """
    found = session.scalars(
        select(Organisation)
        .options(joinedload(Organisation.logo))
        .where(Organisation.public_id == public_id, *_seen_by_authority())
    ).one_or_none()
    if found is None:
        raise OrganisationNotFound()
    return found


def lock(session: Session, public_id: str) -> Organisation:
    """Return the locked row of an application that the authority may see.

    Raises OrganisationNotFound.
    """
    found = session.scalars(
        select(Organisation)
        .where(Organisation.public_id == public_id, *_seen_by_authority())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise OrganisationNotFound()
    return found


def _seen_by_authority() -> tuple[ColumnElement[bool], ...]:
    return (
        Organisation.kind != Kind.AUTHORITY,
        Organisation.state.in_(sorted(rules.SEEN_BY_AUTHORITY)),
    )


def _matching(request: Request, data_key: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if request.state is not None:
        found.append(Organisation.state == request.state)
    if request.words:
        found.append(_named(request.words, data_key))
    return found


def _named(words: str, data_key: str) -> ColumnElement[bool]:
    digits = re.sub(r"[\s.-]", "", words)
    by_name = Organisation.fold_key.like(f"%{escape_like(fold(words))}%", escape="\\")
    if not digits.isdecimal():
        return by_name
    if len(digits) == 12:
        return Organisation.personal_number_hash == keyed_hash(digits, data_key)
    stored = f"{digits[:10]}-{digits[10:]}" if len(digits) > 10 else digits
    return or_(by_name, Organisation.tax_code.startswith(stored, autoescape=True))


def _sorted(statement: Select[Any], sort: Sort) -> Select[Any]:
    sent = func.coalesce(Organisation.submitted_at, Organisation.created_at)
    orders: dict[Sort, tuple[Any, ...]] = {
        Sort.OLDEST: (sent, Organisation.id),
        Sort.NEWEST: (sent.desc(), Organisation.id.desc()),
        Sort.NAME: (Organisation.sort_key, Organisation.id),
    }
    return statement.order_by(*orders[sort])
