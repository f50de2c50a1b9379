from __future__ import annotations

import pytest
from flask.testing import FlaskClient


def test_suggestions(client: FlaskClient, statements: list[str]) -> None:
    answer = client.get("/places/suggest?q=truong+dong")
    assert answer.json == {
        "items": [
            {
                "text": "Phường Long Hoa, Tây Ninh",
                "hint": "Xã Trường Đông, Thị xã Hòa Thành, Tây Ninh cũ nay thuộc nơi này.",
                "code": "25630",
            }
        ]
    }
    assert "max-age=86400" in answer.headers["Cache-Control"]
    assert len(statements) <= 4


def test_home_comes_first(client: FlaskClient) -> None:
    answer = client.get("/places/suggest?q=tan+th")
    assert answer.json is not None
    shown = [item["text"] for item in answer.json["items"]]
    assert len(shown) == 8
    assert all(each.endswith(("Tây Ninh", "Đồng Tháp")) for each in shown)


@pytest.mark.parametrize("query", ["", "?q=", "?q=%00%FF", "?q=" + "a" * 2000, "?q=%25_"])
def test_odd_input_gives_nothing(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/places/suggest{query}")
    assert (answer.status_code, answer.json) == (200, {"items": []})


def test_who_asks_too_often_waits(client: FlaskClient) -> None:
    for _ in range(120):
        assert client.get("/places/suggest?q=").status_code == 200
    assert client.get("/places/suggest?q=").status_code == 429


def test_only_reading(client: FlaskClient) -> None:
    assert client.post("/places/suggest").status_code == 405
