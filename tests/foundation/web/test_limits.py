"""Too fast is told so, in words, and when to come back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.errors import N_, TooMany
from foundation.web.access import public
from foundation.web.limits import asker, limiter


class TooManyKnocks(TooMany):
    code = "test.too_many"
    sentence = N_("Thử lại sau %(retry_after)s giây.")


@pytest.fixture
def limited(app: Flask) -> FlaskClient:
    @app.get("/limited")
    @public
    @limiter.limit("2 per minute")
    def _limited() -> str:
        return "ok"

    @app.get("/api/v1/limited")
    @public
    @limiter.limit("1 per minute")
    def _limited_api() -> str:
        return "ok"

    @app.get("/knocked")
    @public
    def _knocked() -> str:
        raise TooManyKnocks(retry_after=17)

    return app.test_client()


def test_the_third_knock_waits(limited: FlaskClient) -> None:
    assert [limited.get("/limited").status_code for _ in range(3)] == [200, 200, 429]
    answer = limited.get("/limited")
    assert "Bạn thử nhanh quá" in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 120


def test_a_program_is_told_in_json(limited: FlaskClient) -> None:
    limited.get("/api/v1/limited")
    answer = limited.get("/api/v1/limited")
    assert answer.status_code == 429
    assert answer.json == {"error": "too_many_requests", "message": "Chờ một phút rồi thử lại."}
    assert int(answer.headers["Retry-After"]) > 0


def test_another_address_is_not_held_up(limited: FlaskClient) -> None:
    for _ in range(3):
        limited.get("/limited")
    other = limited.get("/limited", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert other.status_code == 200


def test_a_throttle_of_ours_says_when_to_come_back(limited: FlaskClient) -> None:
    answer = limited.get("/knocked")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    assert "Thử lại sau 17 giây." in answer.text


def test_nothing_else_is_limited(client: FlaskClient) -> None:
    assert {client.get("/healthz").status_code for _ in range(40)} == {200}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_one_home_is_one_asker(app: Flask, address: str, counted: str) -> None:
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        assert asker() == counted
