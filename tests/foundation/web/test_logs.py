"""One line a request; nothing in any line that names a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from foundation.web import logs
from tests.conftest import SignInAs, make_config
from tests.factories import PersonFactory


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gọi 0912345678 nhé", "gọi ••• nhé"),
        ("gọi 0912 345 678", "gọi •••"),
        ("+84 912.345.678", "•••"),
        ("84912345678", "•••"),
        ("02763812345", "•••"),
        ("lan.nguyen+cho@example.com.vn viết", "••• viết"),
        ("CCCD 079203001234.", "CCCD •••."),
        ("STK 1234567890123", "STK •••"),
        ("đơn 123456, giá 1.250.000", "đơn 123456, giá 1.250.000"),
        ("2026-11-22T05:00:00.123456+00:00", "2026-11-22T05:00:00.123456+00:00"),
        ("/products/banh-trang-2026", "/products/banh-trang-2026"),
    ],
)
def test_what_people_have_is_hidden(text: str, shown: str) -> None:
    assert logs.masked(text) == shown


def test_every_value_of_an_entry_is_looked_at() -> None:
    entry = logs.mask(
        None,
        "info",
        {
            "event": "lan@example.vn",
            "request_id": "0912345678",
            "facts": {"to": ["0912345678"], "password": "kín", "count": 3},
            "token": "abc",
            "person": 17,
            "number": 84912345678,
            "error": ValueError("0912345678"),
            "ok": True,
        },
    )
    assert entry == {
        "event": "•••",
        "request_id": "0912345678",
        "facts": {"to": ["•••"], "password": "•••", "count": 3},
        "token": "•••",
        "person": 17,
        "number": "•••",
        "error": "•••",
        "ok": True,
    }


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def fail() -> None:
    raise ValueError("không gửi được tới 0912345678")


@pytest.mark.usefixtures("restored")
def test_in_production_each_line_is_json_and_masked(tmp_path: Path) -> None:
    stream = io.StringIO()
    logs.set_up(make_config("sqlite://", tmp_path, profile="production"), stream)
    structlog.get_logger("ours").info("đã gửi", to="lan@example.vn")
    logging.getLogger("theirs").warning("no answer from %s", "0912345678")
    try:
        fail()
    except ValueError:
        structlog.get_logger("ours").exception("hỏng")
    ours, theirs, broken = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (ours["event"], ours["to"], ours["level"]) == ("đã gửi", "•••", "info")
    assert (theirs["event"], theirs["logger"]) == ("no answer from •••", "theirs")
    assert "không gửi được tới •••" in broken["exception"]
    assert "0912345678" not in stream.getvalue()


@pytest.mark.usefixtures("restored")
def test_in_development_lines_are_for_people(tmp_path: Path) -> None:
    stream = io.StringIO()
    logs.set_up(make_config("sqlite://", tmp_path, profile="development"), stream)
    structlog.get_logger().info("đã gửi", to="lan@example.vn")
    assert "đã gửi" in stream.getvalue()
    assert "to=•••" in stream.getvalue()


def line_of(client: FlaskClient, address: str, **more: str) -> dict[str, object]:
    with capture_logs() as lines:
        client.get(address, headers=more)
    (line,) = [line for line in lines if line["event"] == "request"]
    return dict(line)


def test_a_request_is_one_line_with_its_route_not_its_address(client: FlaskClient) -> None:
    line = line_of(client, "/language/en?next=/account&phone=0912345678")
    assert line["route"] == "/language/<any(vi, en):language>"
    assert (line["method"], line["status"], line["person"]) == ("GET", 303, None)
    assert isinstance(line["ms"], float)
    assert "0912345678" not in str(line)


def test_a_person_is_a_number(client: FlaskClient, sign_in_as: SignInAs) -> None:
    person = sign_in_as(PersonFactory())
    assert line_of(client, "/account/inbox")["person"] == person.id


def test_an_unknown_address_has_no_route(client: FlaskClient) -> None:
    assert line_of(client, "/khong/co")["route"] == "-"


def test_health_checks_do_not_fill_the_log(client: FlaskClient) -> None:
    assert line_of(client, "/healthz")["log_level"] == "debug"


def test_every_line_carries_the_requests_id(app: Flask, client: FlaskClient) -> None:
    seen: list[object] = []
    app.before_request(lambda: seen.append(structlog.contextvars.get_contextvars()))
    answer = client.get("/healthz", headers={"X-Request-Id": "abcdef-123456"})
    assert answer.headers["X-Request-Id"] == "abcdef-123456"
    assert seen == [{"request_id": "abcdef-123456"}]


@pytest.mark.parametrize("given", ["short", "x" * 40, "bad id with blanks", "đđđđđđđđđ"])
def test_a_strange_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": given.encode().decode("latin-1")})
    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 14
