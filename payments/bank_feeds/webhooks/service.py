"""Taking a provider's message: is it signed, then keep it as it is and answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from payments.bank_feeds import queries
from payments.bank_feeds import service as feeds
from payments.bank_feeds.models import BankFeed
from payments.bank_feeds.providers import PROVIDERS
from payments.bank_feeds.queries import Line
from payments.bank_feeds.rules import Verdict
from payments.bank_feeds.webhooks import rules


@dataclass(frozen=True, kw_only=True)
class Call:
    """What came over the line. `source` is the sender's address."""

    provider: str
    feed: str
    headers: Mapping[str, str]
    body: bytes
    source: str
    request_id: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`accepted` is the body of the answer its provider expects, None where the message was not
    kept; `verdict` is None when there is no such feed."""

    verdict: Verdict | None
    accepted: bytes | None = None


def hear(
    session: Session,
    call: Call,
    *,
    data_key: str,
    leave_trace: Callable[[int, Verdict], bool],
    now: datetime,
) -> Answer:
    """Keep a message if its feed's provider signed it, to be processed soon. The answer to one
    that was sent before is the same.

    A refused one leaves a trace where `leave_trace(feed id, verdict)` agrees.
    """
    line = queries.line(session, call.provider, call.feed)
    if line is None:
        return Answer(verdict=None)
    keys = feeds.keys_of(line, data_key=data_key, now=now)
    known = PROVIDERS[line.provider]
    verdict = known.verify(call.headers, call.body, keys, now)
    if verdict is Verdict.GOOD:
        headers = rules.kept_headers(call.headers)
        feeds.put_in(session, line.id, call.body, headers=headers, source=call.source, now=now)
        return Answer(verdict=verdict, accepted=known.ACCEPTED)
    if leave_trace(line.id, verdict):
        _refuse(session, line, verdict, call, now)
    return Answer(verdict=verdict)


def _refuse(session: Session, line: Line, verdict: Verdict, call: Call, now: datetime) -> None:
    """Leave a trace of a message that was refused; nothing of it is kept. The owners hear of it
    once a day: a key may be wrong, or a clock."""
    feed = session.get_one(BankFeed, line.id)
    actor = Actor(kind="provider", organisation_id=line.organisation_id, request_id=call.request_id)
    audit.record(
        session,
        "bank_feeds.refused",
        feed,
        actor=actor,
        now=now,
        reason=verdict.value,
        source=call.source,
    )
    kind = "bank_feed.clock" if verdict is Verdict.STALE else "bank_feed.refused"
    feeds.tell_owners_today(session, feed, kind, now=now)
