"""Telling people things: a line in the inbox, a message by the channel they chose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation import ids
from foundation.db import Base
from foundation.notifications import queries, rules
from foundation.notifications.errors import CannotReach, TransportError
from foundation.notifications.models import (
    Channel,
    Message,
    MessageState,
    Notification,
    Preference,
)
from foundation.notifications.rules import Group, Words

# A sender that dies with a message in hand gives it back after this long.
IN_HAND = timedelta(minutes=3)
SUBJECT_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message taken up for sending, as plain values: no transaction is open meanwhile."""

    id: int
    public_id: str
    channel: Channel
    recipient: str
    subject: str
    body: str
    url: str
    language: str
    tries: int


def tell(
    session: Session,
    person_id: int,
    kind: str,
    *,
    once_key: str,
    facts: Mapping[str, object],
    url: str = "",
    now: datetime,
) -> None:
    """Tell one person one thing: in the inbox, and by the channel chosen for that group of news.

    `kind` is in rules.KINDS, `facts` fill its sentences in, `url` is a local address to go on to.
    `once_key` names the occasion (at most 90 characters); the same occasion is told to the same
    person once, however often this is called.
    """
    key = f"{once_key}:{person_id}"
    stored = rules.storable(facts)
    line = Notification(
        person_id=person_id, once_key=key, kind=kind, facts=stored, url=url, created_at=now
    )
    reach = queries.reach(session, person_id)
    known = rules.KINDS[kind]
    words = rules.words(kind, stored, reach.language if reach else "vi")
    if not _add_once(session, line) or reach is None:
        return
    channel = reach.channel(known.group)
    address = reach.address(channel) if channel else None
    if channel is not None and address:
        message = _message(
            channel, address, words, url=url, language=reach.language, urgent=known.urgent, now=now
        )
        message.once_key = key
        message.person_id = person_id
        _add_once(session, message)


def write_to(
    session: Session,
    target: str,
    kind: str,
    *,
    once_key: str,
    facts: Mapping[str, object],
    url: str = "",
    language: str = "vi",
    now: datetime,
) -> None:
    """Write to an e-mail address or a phone that need not belong to anybody with an account:
    an invitation, or a warning to the address somebody just left. `once_key` as for `tell`."""
    words = rules.words(kind, rules.storable(facts), language)
    urgent = rules.KINDS[kind].urgent
    message = _message(
        _channel_of(target), target, words, url=url, language=language, urgent=urgent, now=now
    )
    message.once_key = f"{once_key}:to:{hashlib.sha256(target.encode()).hexdigest()[:16]}"
    _add_once(session, message)


def send_code(
    session: Session,
    target: str,
    code: str,
    purpose: str,
    *,
    now: datetime,
    language: str = "vi",
) -> None:
    """Send a one-time code to an e-mail address or a phone at once, day or night.

    `purpose` is in rules.CODES. The text is wiped when it has left, and is not sent at all once
    the code is too old to be of use.
    """
    words = rules.code_words(purpose, code, language)
    message = _message(
        _channel_of(target), target, words, url="", language=language, urgent=True, now=now
    )
    message.once_key = f"code:{ids.new_public_id()}"
    message.secret = True
    message.worthless_at = now + rules.CODE_LIFE
    session.add(message)


def _channel_of(target: str) -> Channel:
    return Channel.EMAIL if "@" in target else Channel.SMS


def _message(
    channel: Channel,
    address: str,
    words: Words,
    *,
    url: str,
    language: str,
    urgent: bool,
    now: datetime,
) -> Message:
    by_phone = channel is not Channel.EMAIL
    return Message(
        public_id=ids.new_public_id(),
        channel=channel,
        recipient=address,
        subject=words.title[:SUBJECT_LENGTH],
        body=words.body,
        url=url,
        language=language,
        urgent=urgent,
        created_at=now,
        next_try_at=rules.after_quiet_hours(now) if by_phone and not urgent else now,
    )


def _add_once(session: Session, row: Base) -> bool:
    """Store a row unless one with its key is there. Say whether it was stored."""
    keyed: Any = type(row)
    known: Any = row
    if session.scalar(select(keyed.id).where(keyed.once_key == known.once_key)) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # somebody else told it between our look and our write
        if session.scalar(select(keyed.id).where(keyed.once_key == known.once_key)) is None:
            raise  # it was another rule that was broken: a person who is not there, say
        return False
    return True


def take(session: Session, message_id: int, *, now: datetime) -> Outgoing | None:
    """Take a due message in hand. None when another sender has it, or it came too late."""
    message = session.scalars(
        select(Message)
        .where(
            Message.id == message_id,
            Message.state == MessageState.WAITING,
            Message.next_try_at <= now,
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if message is None:
        return None
    if message.worthless_at is not None and message.worthless_at <= now:
        _give_up(message, "too late to be of use")
        return None
    message.tries += 1
    message.next_try_at = now + IN_HAND
    return Outgoing(
        id=message.id,
        public_id=message.public_id,
        channel=message.channel,
        recipient=message.recipient,
        subject=message.subject,
        body=message.body,
        url=message.url,
        language=message.language,
        tries=message.tries,
    )


def note_sent(session: Session, message_id: int, *, now: datetime) -> None:
    """Write down that a message has left."""
    message = _locked(session, message_id)
    message.state = MessageState.SENT
    message.sent_at = now
    message.last_error = None
    if message.secret:
        message.body = ""


def note_failure(
    session: Session, message_id: int, error: TransportError, *, now: datetime
) -> None:
    """Write down that a message could not leave: it is tried again after a growing pause, unless
    that cannot help or was tried often enough."""
    message = _locked(session, message_id)
    message.last_error = str(error)[:2000]
    if error.permanent or message.tries >= rules.MOST_TRIES:
        _give_up(message, str(error))
        return
    again = now + rules.wait_after(message.tries)
    by_phone = message.channel is not Channel.EMAIL
    message.next_try_at = (
        rules.after_quiet_hours(again) if by_phone and not message.urgent else again
    )


def _locked(session: Session, message_id: int) -> Message:
    return session.scalars(
        select(Message)
        .where(Message.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _give_up(message: Message, why: str) -> None:
    message.state = MessageState.FAILED
    message.last_error = why[:2000]
    if message.secret:
        message.body = ""


def forget(session: Session, *, before: datetime) -> None:
    """Delete messages that were written before this moment and are not waiting any more."""
    session.execute(
        delete(Message).where(Message.state != MessageState.WAITING, Message.created_at < before)
    )


def mark_read(session: Session, person_id: int, public_id: str, *, now: datetime) -> str:
    """Mark a line of this person's inbox as read and return where it leads, "" if nowhere."""
    line = queries.line(session, person_id, public_id)
    if line is None:
        return ""
    line.read_at = line.read_at or now
    return line.url


def mark_all_read(session: Session, person_id: int, *, now: datetime) -> None:
    """Mark every line of this person's inbox as read."""
    session.execute(
        update(Notification)
        .where(Notification.person_id == person_id, Notification.read_at.is_(None))
        .values(read_at=now)
    )


def choose_channels(
    session: Session, person_id: int, wanted: Mapping[Group, Channel | None]
) -> None:
    """Keep by which channel a person wants each group of news; None means the inbox alone.

    Raises CannotReach when there is no address for a channel, or when news about the safety of
    the account would go nowhere.
    """
    reach = queries.reach(session, person_id)
    if reach is None:
        raise CannotReach
    for group, channel in wanted.items():
        if channel is None and group is Group.SECURITY:
            raise CannotReach(group=group.value)
        if channel is not None and not reach.address(channel):
            raise CannotReach(group=group.value)
    kept = {
        row.group: row
        for row in session.scalars(select(Preference).where(Preference.person_id == person_id))
    }
    for group, channel in wanted.items():
        row = kept.get(group.value) or Preference(person_id=person_id, group=group.value)
        row.channel = channel
        session.add(row)
