"""Sending what waits, whatever the transports do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.notifications import jobs, service
from foundation.notifications.channels.console import ConsoleTransport
from foundation.notifications.channels.email import EmailTransport
from foundation.notifications.channels.null import NullTransport
from foundation.notifications.errors import TransportError
from foundation.notifications.models import Channel, Message, MessageState
from tests.conftest import NOON, make_config


def write(session: Session, *targets: str) -> None:
    for target in targets:
        service.send_code(session, target, "123456", "sign_in", now=NOON)
        session.flush()
    session.commit()


def states(session: Session) -> list[MessageState]:
    session.expire_all()
    return list(session.scalars(select(Message.state).order_by(Message.id)))


def test_what_waits_is_sent_once(app: Flask, session: Session) -> None:
    write(session, "lan@example.vn", "0912345678")
    with app.app_context():
        jobs.send_waiting()
        jobs.send_waiting()
    sent = {channel: app.extensions["transports"][channel].sent for channel in Channel}
    assert [message.recipient for message in sent[Channel.EMAIL]] == ["lan@example.vn"]
    assert [message.recipient for message in sent[Channel.SMS]] == ["0912345678"]
    assert states(session) == [MessageState.SENT] * 2


def test_a_channel_that_fails_rests_while_the_others_go_on(app: Flask, session: Session) -> None:
    write(session, "lan@example.vn", "mai@example.vn", "0912345678")
    app.extensions["transports"][Channel.EMAIL].fault = TransportError("busy", permanent=False)
    with app.app_context():
        jobs.send_waiting()
    assert states(session) == [MessageState.WAITING, MessageState.WAITING, MessageState.SENT]
    tries = list(session.scalars(select(Message.tries).order_by(Message.id)))
    assert tries == [1, 0, 1]


def test_one_bad_address_does_not_stop_the_channel(app: Flask, session: Session) -> None:
    write(session, "lan@example.vn", "mai@example.vn")
    app.extensions["transports"][Channel.EMAIL].fault = TransportError("no box", permanent=True)
    with app.app_context():
        jobs.send_waiting()
    assert states(session) == [MessageState.FAILED] * 2


def test_without_a_provider_a_message_ends(app: Flask, session: Session) -> None:
    write(session, "0912345678")
    app.extensions["transports"] = {}
    with app.app_context():
        jobs.send_waiting()
    assert states(session) == [MessageState.FAILED]


def test_the_regular_tidying_leaves_fresh_messages(app: Flask, session: Session) -> None:
    write(session, "0912345678")
    with app.app_context():
        jobs.forget()
    assert len(states(session)) == 1


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({"profile": "test"}, dict.fromkeys(Channel, NullTransport)),
        ({"profile": "development"}, dict.fromkeys(Channel, ConsoleTransport)),
        (
            {"profile": "development", "smtp_url": "smtp://localhost"},
            {
                Channel.EMAIL: EmailTransport,
                Channel.SMS: ConsoleTransport,
                Channel.ZALO: ConsoleTransport,
            },
        ),
        (
            {"profile": "production", "smtp_url": "smtp://localhost"},
            {Channel.EMAIL: EmailTransport},
        ),
    ],
)
def test_production_never_writes_messages_to_the_console(
    tmp_path: Path, settings: dict[str, Any], kinds: dict[Channel, type]
) -> None:
    made = jobs.make_transports(make_config("sqlite://", tmp_path, **settings))
    assert {channel: type(transport) for channel, transport in made.items()} == kinds


def test_the_console_twin_writes_what_a_phone_would_get(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    write(session, "0912345678")
    console = ConsoleTransport(tmp_path, "http://localhost:8000")
    app.extensions["transports"] = dict.fromkeys(Channel, console)
    with app.app_context():
        jobs.send_waiting()
    text = (tmp_path / "outgoing.log").read_text()
    assert "[sms] 0912345678" in text
    assert "123456 la ma dang nhap Phien Cho, dung trong 10 phut." in text
