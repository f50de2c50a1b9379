"""The tables, and the data every province shares, for a test database."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session, configure_mappers

from catalog.categories import service as categories
from foundation.db import Base
from foundation.places import service as places


def create(engine: Engine) -> None:
    """Create the tables and load places and categories."""
    configure_mappers()
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        places.load(session)
        categories.load(session)
