"""The weight of a payment page as it is sent: a phone at a market stall must have it at once."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import foundation.web
from tests import factories

STATIC = Path(foundation.web.__file__).parent / "static"
KILOBYTE = 1024
HTML = 10 * KILOBYTE
FIRST_VIEW = 40 * KILOBYTE
SOUND = 32 * KILOBYTE


def weight(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def test_all_of_a_payment_page_is_light(session: Session, client: FlaskClient) -> None:
    intent = factories.IntentFactory()
    for _ in range(5):
        factories.IntentLineFactory(intent=intent, amount=24_000)
    session.commit()

    page = client.get(f"/pay/{intent.public_id}").data
    picture = client.get(f"/pay/{intent.public_id}/qr.svg").data
    files = re.findall(r"/static/([\w.-]+\.(?:css|js))", page.decode())

    assert weight(page) <= HTML
    assert set(files) == {"style.css", "counter.css", "look.js", "watch.js"}
    loaded = sum(weight((STATIC / name).read_bytes()) for name in files)
    assert weight(page) + weight(picture) + loaded <= FIRST_VIEW
    assert (STATIC / "paid.wav").stat().st_size <= SOUND
