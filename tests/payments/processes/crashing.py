"""The platform's own web and worker, made to die as by `kill -9` at a chosen place.

Runs only in processes of its own, started by tests/payments/processes/running.py. A place is armed
by a file of its name in the data folder; whoever reaches it first takes the file away and dies, so
the process that comes after lives.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wsgi import ClosingIterator

from foundation import config
from foundation.accounts.models import Person
from foundation.db import Sessions
from foundation.ids import new_public_id
from foundation.jobs.cli import worker
from foundation.notifications import service as notifications
from foundation.outbox import service as outbox
from foundation.outbox.service import Listener
from foundation.web import logs
from marketplace.app import create_app
from payments.bank_feeds.processing import jobs as processing_jobs
from payments.bank_feeds.processing import service as processing
from payments.bank_feeds.webhooks import service as webhooks
from payments.intents.events import IntentMoved

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LISTENER = "tests.tell"
HEARD: list[int] = []  # intents whose news this process has told


def make_web() -> WSGIApplication:
    """Return the application for gunicorn."""
    app = _make()
    real = webhooks.hear

    def hear(session: Session, *args: Any, **more: Any) -> webhooks.Answer:
        answer = real(session, *args, **more)
        session.flush()
        _die_if_armed("web.before_commit")
        return answer

    webhooks.hear = hear

    def web(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = app(environ, start_response)
        if not environ["PATH_INFO"].startswith("/webhooks/"):
            return answer
        _die_if_armed("web.before_answer")  # all is committed, not a byte of the answer is out
        return ClosingIterator(answer, lambda: _die_if_armed("web.after_answer"))

    return web


def make_worker() -> Flask:
    """Return the application for `flask worker`."""
    app = _make()
    app.extensions["listeners"] = (
        *app.extensions["listeners"],
        Listener(event=IntentMoved, name=LISTENER, hear=_tell),
    )
    _mine_processing()
    _mine_outbox()
    return app


def keep_worker() -> None:
    """Run `flask worker`, and another one whenever it was killed, until SIGTERM. Each is forked
    from here, so that all the modules need not be read again."""
    stopping, child = False, 0

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, stop)
    while not stopping:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            worker.main([], standalone_mode=False, obj=ScriptInfo(create_app=make_worker))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            sys.exit(f"the worker ended by itself with {status}")


def _make() -> Flask:
    settings = config.read(os.environ)
    logs.set_up(settings)
    return create_app(settings)


def _die_if_armed(place: str) -> None:
    try:
        Path(os.environ["DATA_DIR"], place).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _mine_processing() -> None:
    process, batch = processing.process, processing_jobs._batch

    def dying_process(session: Session, taken: Sequence[Any], *, now: datetime) -> None:
        process(session, taken, now=now)
        session.flush()
        if taken:
            _die_if_armed("processing.before_commit")

    def dying_batch() -> int:
        done = batch()
        if done:
            _die_if_armed("processing.after_commit")
        return done

    processing.process, processing_jobs._batch = dying_process, dying_batch


def _mine_outbox() -> None:
    together = outbox._tell_together

    def dying(
        sessions: Sessions,
        wanted: Mapping[str, Sequence[Listener]],
        event_ids: Sequence[int],
        now: datetime,
    ) -> int:
        told = together(sessions, wanted, event_ids, now)
        if HEARD:
            _die_if_armed("listener.after_commit")
        return told

    outbox._tell_together = dying


def _tell(session: Session, event: IntentMoved) -> None:
    """Tell the one person there is. Each telling has a name of its own, so that a fact heard twice
    would be told twice."""
    notifications.tell(
        session,
        session.scalars(select(Person.id).order_by(Person.id).limit(1)).one(),
        "bank_feed.changed",
        once_key=new_public_id(),
        facts={"feed": "SePay", "at": event.occurred_at},
        url=f"/intents/{event.intent_id}",
        now=event.occurred_at,
    )
    session.flush()
    _die_if_armed("listener.before_commit")
    HEARD.append(event.intent_id)


if __name__ == "__main__":
    keep_worker()
