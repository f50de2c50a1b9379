"""Text travels compressed; what carries its version is asked for once."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def get(client: FlaskClient, address: str, accepted: str = "gzip", **headers: str) -> TestResponse:
    with client.get(address, headers={"Accept-Encoding": accepted, **headers}) as answer:
        assert answer.data is not None  # read before it is closed
        return answer


@pytest.mark.parametrize("address", ["/sign-in", "/static/style.css", "/static/look.js"])
def test_text_is_compressed_for_whoever_can_read_it(client: FlaskClient, address: str) -> None:
    plain = get(client, address, "")
    assert "Content-Encoding" not in plain.headers
    small, smaller = get(client, address), get(client, address, "gzip, br")
    assert (small.content_encoding, smaller.content_encoding) == ("gzip", "br")
    if address.startswith("/static"):
        assert gzip.decompress(small.data) == brotli.decompress(smaller.data) == plain.data
    assert len(small.data) < len(plain.data) * 0.7
    for answer in (plain, small, smaller):
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_few_letters_are_sent_as_they_are(client: FlaskClient) -> None:
    assert "Content-Encoding" not in get(client, "/healthz").headers


def test_a_versioned_file_is_kept_for_good_another_is_not(client: FlaskClient) -> None:
    kept = get(client, "/static/style.css?v=0123456789").headers["Cache-Control"]
    assert "max-age=31536000" in kept
    assert "immutable" in kept
    asked = get(client, "/static/style.css").headers["Cache-Control"]
    assert "max-age=300" in asked
    assert "immutable" not in asked


def test_a_file_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = get(client, "/static/style.css")
    again = get(client, "/static/style.css", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
