"""E-mail over a real connection: what arrives, and which failures may pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from foundation.notifications.channels.email import EmailTransport, compose
from foundation.notifications.errors import TransportError
from foundation.notifications.models import Channel
from foundation.notifications.service import Outgoing
from tests.foundation.notifications.channels.sink import Sink, running

FROM = "Phiên Chợ <tin@cho.example.vn>"
PUBLIC = "https://cho.example.vn"
LETTER = Outgoing(
    id=1,
    public_id="0123456789abcd",
    channel=Channel.EMAIL,
    recipient="lan@example.vn",
    subject="Hồ sơ đã được\nduyệt",
    body="Chào chị Lan & <b>nhà</b>.\n\nBán được rồi.",
    url="/sell/abc",
    language="vi",
    tries=1,
)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running() as sink:
        yield sink


def transport(url: str) -> EmailTransport:
    return EmailTransport(url, FROM, PUBLIC)


def test_a_letter_arrives_whole(sink: Sink) -> None:
    transport(sink.url).send(LETTER)
    (letter,) = sink.letters
    assert letter["Subject"] == "Hồ sơ đã được duyệt"
    assert (letter["From"], letter["To"]) == (FROM, "lan@example.vn")
    assert letter["Message-ID"] == "<0123456789abcd@cho.example.vn>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_body(("plain",)).get_content()
    assert "Chào chị Lan & <b>nhà</b>." in text
    assert "https://cho.example.vn/sell/abc" in text


def test_the_html_twin_shows_text_as_text(sink: Sink) -> None:
    transport(sink.url).send(LETTER)
    page = sink.letters[0].get_body(("html",)).get_content()
    assert "<p>Chào chị Lan &amp; &lt;b&gt;nhà&lt;/b&gt;.</p><p>Bán được rồi.</p>" in page
    assert 'href="https://cho.example.vn/sell/abc"' in page


def test_a_letter_without_an_address_has_no_link() -> None:
    letter = compose(replace(LETTER, url=""), mail_from=FROM, public_url=PUBLIC)
    assert "href" not in letter.as_string()


def test_the_account_of_the_address_is_used(sink: Sink) -> None:
    transport(sink.url.replace("//", "//cho:m%40t@")).send(LETTER)
    assert any(line.startswith("AUTH PLAIN") for line in sink.heard)
    assert len(sink.letters) == 1


@pytest.mark.parametrize(
    ("command", "answer", "permanent"),
    [
        ("RCPT", "550 no such box", True),
        ("RCPT", "451 come back later", False),
        ("DATA", "554 looks like spam", True),
        ("DATA", "452 full", False),
        ("MAIL", "550 sender unknown", False),
        ("AUTH", "535 wrong password", False),
    ],
)
def test_a_refusal_says_whether_it_is_for_good(
    sink: Sink, command: str, answer: str, permanent: bool
) -> None:
    sink.answers[command] = answer
    with pytest.raises(TransportError) as caught:
        transport(sink.url.replace("//", "//cho:mat@")).send(LETTER)
    assert caught.value.permanent is permanent
    assert sink.letters == []
    assert "lan@" not in str(caught.value)
    assert answer.split(maxsplit=1)[0] in str(caught.value)


def test_a_server_that_is_away_is_tried_again() -> None:
    with running() as gone:
        url = gone.url
    with pytest.raises(TransportError) as caught:
        transport(url).send(LETTER)
    assert not caught.value.permanent


def test_a_server_that_will_not_talk_is_tried_again(sink: Sink) -> None:
    sink.greeting = "554 go away"
    with pytest.raises(TransportError) as caught:
        transport(sink.url).send(LETTER)
    assert not caught.value.permanent


def test_a_password_is_not_sent_in_the_clear_over_the_network(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = transport(sink.url.replace("//", "//cho:mat@"))
    monkeypatch.setattr(chosen, "host", "0.0.0.0")
    with pytest.raises(TransportError, match="no encryption"):
        chosen.send(LETTER)
    assert not any(line.startswith("AUTH") for line in sink.heard)


@pytest.mark.parametrize(
    ("url", "port", "encrypted"),
    [
        ("smtp://mail.example.vn", 587, False),
        ("smtps://mail.example.vn", 465, True),
        ("smtp://mail.example.vn:2525", 2525, False),
    ],
)
def test_the_address_says_where_and_how(url: str, port: int, encrypted: bool) -> None:
    chosen = transport(url)
    assert (chosen.host, chosen.port, chosen.encrypted) == ("mail.example.vn", port, encrypted)
