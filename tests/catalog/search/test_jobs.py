from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog.products.events import ProductChanged
from catalog.search import jobs
from catalog.search.engine import SearchRequest
from catalog.search.postgres_engine import PostgresEngine
from catalog.search.queries import search
from catalog.search.whoosh_engine import WhooshEngine
from foundation.jobs.jobs import deliver_events
from foundation.outbox import service as outbox
from tests import factories
from tests.conftest import NOON, make_config


@pytest.mark.parametrize(
    ("url", "kind"),
    [("sqlite:///x.sqlite", WhooshEngine), ("postgresql+psycopg://x/y", PostgresEngine)],
)
def test_the_database_decides_the_engine(tmp_path: Path, url: str, kind: type) -> None:
    assert isinstance(jobs.make_engine(make_config(url, tmp_path)), kind)


def test_the_index_follows_the_outbox(app: Flask, session: Session) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    outbox.record(session, ProductChanged(product_id=product.id, occurred_at=NOON))
    session.commit()
    with app.app_context():
        deliver_events()
        jobs.follow()
    found = search(
        session, app.extensions["search"], SearchRequest(q="keo chuoi phong"), today=NOON.date()
    )
    assert found.product_ids == (product.id,)


def test_rebuilds_from_the_command_line(app: Flask, session: Session) -> None:
    factories.ProductFactory(name="Kẹo chuối phồng")
    session.commit()
    result = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert result.exit_code == 0, result.output
    assert "1 mặt hàng" in result.output
    found = search(
        session, app.extensions["search"], SearchRequest(q="keo chuoi"), today=NOON.date()
    )
    assert found.total == 1
