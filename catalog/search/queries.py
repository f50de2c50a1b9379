"""Searching and suggesting: what listings, the search box and the JSON API ask."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from catalog.search.engine import Completion, Engine, SearchRequest, SearchResult


def search(
    session: Session, engine: Engine, request: SearchRequest, *, today: date
) -> SearchResult:
    """Return one page of what is on sale and fits the request, with facets.

    `engine` is `app.extensions["search"]`, `today` the day in Việt Nam.
    """
    raise NotImplementedError


def suggest(
    session: Session, engine: Engine, text: str, *, today: date, limit: int = 8
) -> list[Completion]:
    """Return completions for what has been typed so far: products, categories, sellers, places."""
    raise NotImplementedError
