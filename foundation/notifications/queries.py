"""Reading the inbox, and how a person can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, String, column, func, select, table
from sqlalchemy.orm import Session

from foundation.notifications.models import (
    Channel,
    Message,
    MessageState,
    Notification,
    Preference,
)
from foundation.notifications.rules import WORTH_A_TEXT, Group

# By name: accounts sends its codes through us, so we cannot import its models.
people = table(
    "people",
    column("id", BigInteger),
    column("email", String),
    column("phone", String),
    column("language", String),
    column("blocked_at"),
)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How a person can be reached. An address is None where there is none."""

    person_id: int
    email: str | None
    phone: str | None
    language: str
    chosen: dict[Group, Channel | None]

    def address(self, channel: Channel) -> str | None:
        """Return the address this channel would use."""
        return self.email if channel is Channel.EMAIL else self.phone

    def channel(self, group: Group) -> Channel | None:
        """Return the channel for a group of news: the chosen one, else the most fitting."""
        wanted = self.chosen.get(group)
        if wanted is not None and self.address(wanted):
            return wanted
        if group in self.chosen and wanted is None and group is not Group.SECURITY:
            return None
        if self.email:
            return Channel.EMAIL
        return Channel.SMS if self.phone and group in WORTH_A_TEXT else None


def reach(session: Session, person_id: int) -> Reach | None:
    """Return how a person can be reached, None for a blocked or unknown one."""
    row = session.execute(
        select(people).where(people.c.id == person_id, people.c.blocked_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    chosen = session.execute(
        select(Preference.group, Preference.channel).where(Preference.person_id == person_id)
    )
    return Reach(
        person_id=row.id,
        email=row.email,
        phone=row.phone,
        language=row.language,
        chosen={Group(group): channel for group, channel in chosen if group in set(Group)},
    )


def unread_count(session: Session, person_id: int) -> int:
    """Return how many lines of a person's inbox have not been read."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.person_id == person_id, Notification.read_at.is_(None))
        )
        or 0
    )


def inbox(
    session: Session, person_id: int, *, before: int | None, limit: int
) -> Sequence[Notification]:
    """Return lines of a person's inbox, newest first; `before` is the key to go on from."""
    wanted = select(Notification).where(Notification.person_id == person_id)
    if before is not None:
        wanted = wanted.where(Notification.id < before)
    return session.scalars(wanted.order_by(Notification.id.desc()).limit(limit)).all()


def line(session: Session, person_id: int, public_id: str) -> Notification | None:
    """Return one line of this person's inbox."""
    return session.scalars(
        select(Notification).where(
            Notification.person_id == person_id, Notification.public_id == public_id
        )
    ).one_or_none()


def due(session: Session, *, now: datetime, limit: int) -> list[tuple[int, Channel]]:
    """Return the keys and channels of messages to send now: urgent ones first, then the oldest."""
    rows = session.execute(
        select(Message.id, Message.channel)
        .where(Message.state == MessageState.WAITING, Message.next_try_at <= now)
        .order_by(Message.urgent.desc(), Message.id)
        .limit(limit)
    )
    return [(message_id, channel) for message_id, channel in rows]


def waiting_count(session: Session) -> int:
    """Return how many messages have not been sent yet."""
    return (
        session.scalar(
            select(func.count()).select_from(Message).where(Message.state == MessageState.WAITING)
        )
        or 0
    )
