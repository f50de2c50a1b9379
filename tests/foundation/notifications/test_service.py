"""Telling people: once each, by the channel they chose, at an hour they are awake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.notifications import queries, rules, service
from foundation.notifications.errors import CannotReach, TransportError
from foundation.notifications.models import (
    Channel,
    Message,
    MessageState,
    Notification,
    Preference,
)
from foundation.notifications.rules import Group
from tests.conftest import NOON
from tests.factories import PersonFactory

NIGHT = datetime(2026, 11, 22, 15, tzinfo=UTC)  # ten in the evening in Việt Nam
MORNING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past six the next day


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        rules.KINDS,
        "test.ripe",
        rules.Kind(group=Group.ORGANISATION, title="Chín rồi", body="%(what)s chín %(day)s."),
    )
    monkeypatch.setitem(
        rules.KINDS, "test.goods", rules.Kind(group=Group.GOODS, title="Hàng", body="Có hàng.")
    )


def tell(session: Session, person_id: int, kind: str = "test.ripe", now: datetime = NOON) -> None:
    service.tell(
        session,
        person_id,
        kind,
        once_key="vuon:1",
        facts={"what": "Xoài", "day": NOON.date()},
        url="/account",
        now=now,
    )


def messages(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id)))


def test_a_person_is_told_in_the_inbox_and_by_mail(session: Session) -> None:
    person = PersonFactory(email="lan@example.vn")
    tell(session, person.id)
    (line,) = queries.inbox(session, person.id, before=None, limit=10)
    assert rules.words(line.kind, line.facts, "vi") == rules.Words(
        title="Chín rồi", body="Xoài chín 22/11/2026."
    )
    (message,) = messages(session)
    assert (message.channel, message.recipient) == (Channel.EMAIL, "lan@example.vn")
    assert (message.subject, message.body) == ("Chín rồi", "Xoài chín 22/11/2026.")
    assert (message.next_try_at, message.url) == (NOON, "/account")


def test_the_same_occasion_is_told_once_to_each(session: Session) -> None:
    first, second = PersonFactory(), PersonFactory()
    for person in (first, second, first):
        tell(session, person.id)
    assert len(messages(session)) == 2
    assert queries.unread_count(session, first.id) == 1
    assert queries.unread_count(session, second.id) == 1


def test_a_missing_fact_is_found_when_telling_not_when_reading(session: Session) -> None:
    with pytest.raises(KeyError):
        service.tell(
            session, PersonFactory().id, "test.ripe", once_key="x", facts={}, url="", now=NOON
        )
    assert session.scalars(select(Notification)).all() == []


def test_a_phone_rings_only_for_what_is_worth_it(session: Session) -> None:
    person = PersonFactory()
    tell(session, person.id, "test.goods")
    assert messages(session) == []
    assert queries.unread_count(session, person.id) == 1


def test_a_phone_does_not_ring_at_night(session: Session) -> None:
    tell(session, PersonFactory().id, now=NIGHT)
    assert messages(session)[0].channel is Channel.SMS
    assert messages(session)[0].next_try_at == MORNING


def test_mail_goes_out_at_night_and_so_does_what_is_urgent(session: Session) -> None:
    tell(session, PersonFactory(email="lan@example.vn").id, now=NIGHT)
    facts = {"at": NIGHT}
    service.tell(
        session,
        PersonFactory().id,
        "account.password_changed",
        once_key="password:1",
        facts=facts,
        now=NIGHT,
    )
    assert [message.next_try_at for message in messages(session)] == [NIGHT, NIGHT]


def test_nobody_writes_to_a_blocked_person(session: Session) -> None:
    tell(session, PersonFactory(blocked_at=NOON).id)
    assert messages(session) == []


def test_a_chosen_channel_is_kept_to(session: Session) -> None:
    person = PersonFactory(email="lan@example.vn")
    service.choose_channels(
        session, person.id, {Group.ORGANISATION: Channel.ZALO, Group.GOODS: None}
    )
    tell(session, person.id)
    tell(session, person.id, "test.goods")
    assert [message.channel for message in messages(session)] == [Channel.ZALO]
    service.choose_channels(session, person.id, {Group.ORGANISATION: Channel.EMAIL})
    assert len(session.scalars(select(Preference)).all()) == 2


@pytest.mark.parametrize(
    ("group", "channel"), [(Group.SECURITY, None), (Group.GOODS, Channel.EMAIL)]
)
def test_a_channel_that_leads_nowhere_is_refused(
    session: Session, group: Group, channel: Channel | None
) -> None:
    person = PersonFactory()
    with pytest.raises(CannotReach):
        service.choose_channels(session, person.id, {group: channel})
    assert session.scalars(select(Preference)).all() == []


def test_somebody_without_an_account_is_written_to_once(session: Session) -> None:
    for _ in range(2):
        service.write_to(
            session,
            "0912345678",
            "test.ripe",
            once_key="invitation:1",
            facts={"what": "Na", "day": NOON.date()},
            now=NOON,
        )
    assert [message.person_id for message in messages(session)] == [None]


def test_a_code_goes_at_once_and_is_wiped_when_it_left(session: Session) -> None:
    service.send_code(session, "0912345678", "123456", "sign_up", now=NIGHT)
    session.flush()
    (message,) = messages(session)
    assert "123456" in message.body
    assert message.next_try_at == NIGHT
    taken = service.take(session, message.id, now=NIGHT)
    assert taken is not None
    assert "123456" in taken.body
    service.note_sent(session, message.id, now=NIGHT)
    assert (message.state, message.body, message.sent_at) == (MessageState.SENT, "", NIGHT)


def test_a_code_that_is_too_late_is_not_sent(session: Session) -> None:
    service.send_code(session, "lan@example.vn", "123456", "reset", now=NOON, language="en")
    session.flush()
    (message,) = messages(session)
    assert service.take(session, message.id, now=NOON + rules.CODE_LIFE) is None
    assert (message.state, message.body) == (MessageState.FAILED, "")


@pytest.mark.parametrize("purpose", list(rules.CODES))
def test_every_purpose_has_its_words(purpose: str) -> None:
    words = rules.code_words(purpose, "123456", "vi")
    assert "123456 là mã" in words.body
    assert "10 phút" in words.body


def test_a_message_in_hand_is_not_taken_twice(session: Session) -> None:
    tell(session, PersonFactory().id)
    (message,) = messages(session)
    assert service.take(session, message.id, now=NOON)
    assert service.take(session, message.id, now=NOON + timedelta(seconds=5)) is None
    assert queries.due(session, now=NOON + service.IN_HAND, limit=9) == [(message.id, Channel.SMS)]


def test_a_failure_waits_longer_each_time_and_ends(session: Session) -> None:
    tell(session, PersonFactory(email="lan@example.vn").id)
    (message,) = messages(session)
    now, waits = NOON, []
    while message.state is MessageState.WAITING:
        assert service.take(session, message.id, now=now)
        service.note_failure(session, message.id, TransportError("busy", permanent=False), now=now)
        waits.append(message.next_try_at - now)
        now = message.next_try_at
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert len(waits) == rules.MOST_TRIES
    assert (message.state, message.last_error) == (MessageState.FAILED, "busy")


def test_a_permanent_failure_is_not_tried_again(session: Session) -> None:
    tell(session, PersonFactory(email="lan@example.vn").id)
    (message,) = messages(session)
    service.take(session, message.id, now=NOON)
    service.note_failure(session, message.id, TransportError("no box", permanent=True), now=NOON)
    assert message.state is MessageState.FAILED
    assert queries.due(session, now=NOON + timedelta(days=1), limit=9) == []


def test_reading_a_line_says_where_it_leads(session: Session) -> None:
    person, stranger = PersonFactory(), PersonFactory()
    tell(session, person.id)
    (line,) = queries.inbox(session, person.id, before=None, limit=10)
    assert service.mark_read(session, stranger.id, line.public_id, now=NOON) == ""
    assert line.read_at is None
    assert service.mark_read(session, person.id, line.public_id, now=NOON) == "/account"
    assert queries.unread_count(session, person.id) == 0


def test_marking_all_read_leaves_others_alone(session: Session) -> None:
    person, other = PersonFactory(), PersonFactory()
    tell(session, person.id)
    tell(session, other.id)
    service.mark_all_read(session, person.id, now=NOON)
    assert queries.unread_count(session, person.id) == 0
    assert queries.unread_count(session, other.id) == 1


def test_old_messages_are_forgotten_waiting_ones_are_not(session: Session) -> None:
    for _ in range(2):
        tell(session, PersonFactory().id)
    first, second = messages(session)
    service.note_sent(session, first.id, now=NOON)
    session.flush()
    service.forget(session, before=NOON + timedelta(days=1))
    session.expunge_all()
    assert [message.id for message in messages(session)] == [second.id]
