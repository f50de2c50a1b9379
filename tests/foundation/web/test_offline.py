"""What makes the shop installable."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.conftest import SignInAs
from tests.factories import PersonFactory


def test_the_manifest_names_pictures_that_exist(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    assert answer.json is not None
    assert answer.json["name"] == "Phiên Chợ: đặc sản quê"
    for picture in answer.json["icons"]:
        with client.get(picture["src"]) as file:
            assert file.status_code == 200


def test_the_service_worker_is_asked_for_anew_and_keeps_existing_files(
    client: FlaskClient,
) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.cache_control.no_cache
    line = next(line for line in answer.text.splitlines() if line.startswith("const SHELL"))
    for path in line.split('"')[1::2]:
        with client.get(path) as file:
            assert file.status_code == 200


def test_the_worker_takes_the_offline_page_without_cookies(
    client: FlaskClient, sign_in_as: SignInAs
) -> None:
    assert 'credentials: "omit"' in client.get("/sw.js").text
    assert "Máy của bạn đang mất mạng" in client.get("/offline").text
    sign_in_as(PersonFactory())
    assert "X-Same-For-All" not in client.get("/").headers
