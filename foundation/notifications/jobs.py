"""Sending what waits, by whichever transport the configuration offers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions, transaction
from foundation.jobs.service import every, job
from foundation.notifications import queries, service
from foundation.notifications.channels.console import ConsoleTransport
from foundation.notifications.channels.email import EmailTransport
from foundation.notifications.channels.null import NullTransport
from foundation.notifications.channels.protocol import Transport
from foundation.notifications.errors import TransportError
from foundation.notifications.models import Channel
from foundation.notifications.service import Outgoing

log = structlog.get_logger(__name__)

BATCH = 100
KEPT = timedelta(days=90)


def make_transports(config: Config) -> dict[Channel, Transport]:
    """Return the transports of this configuration. SMS and Zalo have no provider yet: outside
    production their messages are written to a file to be read there."""
    if config.profile == "test":
        return {channel: NullTransport() for channel in Channel}
    transports: dict[Channel, Transport] = {}
    if not config.production:
        console = ConsoleTransport(config.data_dir, config.public_url)
        transports = dict.fromkeys(Channel, console)
    if config.smtp_url:
        transports[Channel.EMAIL] = EmailTransport(
            config.smtp_url, config.mail_from, config.public_url
        )
    return transports


@every(seconds=2)
@job("notifications.send")
def send_waiting() -> None:
    """Send the messages that are due. A channel that fails rests until the next turn."""
    transports: Mapping[Channel, Transport] = extension("transports")
    with sessions().reading() as session:
        due = queries.due(session, now=clock.now(), limit=BATCH)
    resting: set[Channel] = set()
    for message_id, channel in due:
        if channel in resting:
            continue
        with transaction() as session:
            message = service.take(session, message_id, now=clock.now())
        if message is not None and not _send(transports.get(channel), message):
            resting.add(channel)


def _send(transport: Transport | None, message: Outgoing) -> bool:
    """Send one message taken in hand. Say whether its channel works."""
    try:
        if transport is None:
            raise TransportError("no provider for this channel", permanent=True)
        transport.send(message)
    except TransportError as error:
        log.warning("message.not_sent", message=message.public_id, why=str(error))
        with transaction() as session:
            service.note_failure(session, message.id, error, now=clock.now())
        return error.permanent
    with transaction() as session:
        service.note_sent(session, message.id, now=clock.now())
    return True


@every(seconds=3600)
@job("notifications.forget")
def forget() -> None:
    """Let go of messages that left long ago: they hold addresses."""
    with transaction() as session:
        service.forget(session, before=clock.now() - KEPT)
