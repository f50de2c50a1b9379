"""Taking a provider's message: is it signed, then keep it as it is and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from payments.bank_feeds import service as feeds
from payments.bank_feeds.models import BankFeed
from payments.bank_feeds.providers import PROVIDERS
from payments.bank_feeds.queries import Line
from payments.bank_feeds.rules import Verdict


def judge(
    line: Line, headers: Mapping[str, str], body: bytes, *, data_key: str, now: datetime
) -> Verdict:
    """Say whether the feed's provider signed a body."""
    keys = feeds.keys_of(line, data_key=data_key, now=now)
    return PROVIDERS[line.provider].verify(headers, body, keys, now)


def keep(
    session: Session,
    line: Line,
    body: bytes,
    *,
    headers: dict[str, str],
    source: str,
    now: datetime,
) -> bytes:
    """Store a rightly signed message, to be processed soon. Returns the answer it expects, which
    is the same when it was sent before."""
    feeds.put_in(session, line.id, body, headers=headers, source=source, now=now)
    return PROVIDERS[line.provider].ACCEPTED


def refuse(
    session: Session,
    line: Line,
    verdict: Verdict,
    *,
    source: str,
    request_id: str,
    now: datetime,
) -> None:
    """Leave a trace of a message that was refused; nothing of it is kept. The owners hear of it
    once a day: a key may be wrong, or a clock."""
    feed = session.get_one(BankFeed, line.id)
    actor = Actor(kind="provider", organisation_id=line.organisation_id, request_id=request_id)
    audit.record(
        session,
        "bank_feeds.refused",
        feed,
        actor=actor,
        now=now,
        reason=verdict.value,
        source=source,
    )
    kind = "bank_feed.clock" if verdict is Verdict.STALE else "bank_feed.refused"
    feeds.tell_owners_today(session, feed, kind, now=now)
