"""What machines are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from foundation.outbox import service as outbox
from foundation.outbox.events import Event
from foundation.web import health
from tests.conftest import NOON


def test_alive_asks_no_database(client: FlaskClient, statements: list[str]) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"alive": True})
    assert statements == []


def test_ready_when_all_it_needs_answers(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["ready"] is True
    assert {"database", "migrations", "jobs", "search"} == set(answer.json["checks"])


def test_not_ready_says_what_failed_but_not_why(app: Flask, client: FlaskClient) -> None:
    def fail() -> bool:
        raise ConnectionError("redis://secret@host")

    health.add_check(app, "jobs", fail)
    health.add_check(app, "index", lambda: False)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["jobs"] == answer.json["checks"]["index"] == "failed"
    assert answer.json["checks"]["database"] == "ok"
    assert "secret" not in answer.text


def test_not_ready_while_the_tables_are_older_than_the_code(
    client: FlaskClient, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_newest_migrations", lambda: {"0002"})
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    answer = client.get("/readyz")
    assert answer.json is not None
    assert answer.json["checks"]["migrations"] == "failed"
    connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    assert client.get("/readyz").status_code == 200


def test_the_newest_migration_is_the_one_none_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_first.py").write_text('revision = "0001"\ndown_revision = None\n')
    (tmp_path / "0002_more.py").write_text(
        "revision: str = '0002'\ndown_revision: str | None = '0001'\n"
    )
    monkeypatch.setattr(health, "MIGRATIONS", tmp_path)
    assert health._newest_migrations.__wrapped__() == {"0002"}


def test_the_figures_name_routes_not_addresses(client: FlaskClient) -> None:
    client.get("/language/en")
    client.get("/khong/co/dau")
    page = client.get("/metrics").text
    assert 'route="/language/<any(vi, en):language>"' in page
    assert "khong" not in page


def test_the_figures_tell_the_lag(app: Flask, client: FlaskClient) -> None:
    with app.extensions["phiencho_sessions"].transaction() as session:
        outbox.record(session, Event(occurred_at=NOON))
    page = client.get("/metrics").text
    assert "phiencho_outbox_lag_seconds 0.0" in page
    assert "phiencho_outbox_waiting 1.0" in page
    assert "phiencho_jobs_waiting 0.0" in page
    assert "phiencho_messages_waiting 0.0" in page


def test_a_figure_that_cannot_be_had_does_not_hide_the_others(
    app: Flask, client: FlaskClient
) -> None:
    def fail() -> float:
        raise OSError

    health.add_figure(app, "broken", "Never.", fail)
    page = client.get("/metrics").text
    assert "phiencho_broken" not in page
    assert "phiencho_outbox_waiting" in page


@pytest.mark.parametrize(
    ("given", "status"),
    [("", 404), ("Bearer wrong", 404), ("Bearer figures-token", 200), ("Bearer đ", 404)],
)
def test_with_a_token_only_its_holder_sees_the_figures(
    app: Flask, client: FlaskClient, given: str, status: int
) -> None:
    app.extensions["config"] = replace(app.extensions["config"], metrics_token="figures-token")
    headers = {"Authorization": given.encode().decode("latin-1")} if given else {}
    assert client.get("/metrics", headers=headers).status_code == status


def test_production_without_a_token_shows_no_figures(app: Flask, client: FlaskClient) -> None:
    app.extensions["config"] = replace(app.extensions["config"], profile="production")
    assert client.get("/metrics").status_code == 404
