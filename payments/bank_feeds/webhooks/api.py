"""The address providers call: /webhooks/<provider>/<feed>.

Whatever can be refused is refused before any work is done, and in a few bytes. An unknown feed,
another provider's, and one that is switched off are told alike.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from foundation import clock
from foundation.config import Config
from foundation.db import extension, reading, transaction
from foundation.web.access import public, request_id
from foundation.web.limits import asker
from payments.bank_feeds import queries
from payments.bank_feeds.queries import Line
from payments.bank_feeds.rules import LARGEST_BODY, Verdict
from payments.bank_feeds.webhooks import rules, service
from payments.bank_feeds.webhooks.rules import Tally

log = structlog.get_logger(__name__)
webhooks = Blueprint("webhooks", __name__)

# Answering the wrong method here costs a line; the error page would cost a page.
METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE")


@webhooks.record_once
def _set_up(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]  # Flask's BlueprintSetupState
    app.extensions["webhook_refusals"] = Tally()
    app.extensions["webhook_traces"] = Tally()


@webhooks.route("/webhooks/<provider>/<feed>", methods=METHODS)
@public
def hear(provider: str, feed: str) -> ResponseReturnValue:
    """Keep what a provider sends, if it signed it."""
    if request.method != "POST":
        return _answer(HTTPStatus.METHOD_NOT_ALLOWED, Allow="POST")
    now = clock.now()
    seconds = int(now.timestamp())
    refusals: Tally = extension("webhook_refusals")
    sender = (asker(), feed)
    if refusals.count(sender, seconds) >= rules.MOST_REFUSALS:
        wait = rules.MINUTE - seconds % rules.MINUTE
        return _answer(HTTPStatus.TOO_MANY_REQUESTS, Retry_After=str(wait), Connection="close")
    body = _body()
    if body is None:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Connection="close")
    line = queries.line(reading(), provider, feed)
    if line is None:
        refusals.note(sender, seconds)
        return _answer(HTTPStatus.NOT_FOUND)
    config: Config = extension("config")
    verdict = service.judge(line, dict(request.headers), body, data_key=config.data_key, now=now)
    if verdict is not Verdict.GOOD:
        refusals.note(sender, seconds)
        return _refuse(line, verdict, seconds)
    headers = rules.kept_headers(request.headers)
    with transaction() as session:
        accepted = service.keep(
            session, line, body, headers=headers, source=request.remote_addr or "", now=now
        )
    return Response(accepted, content_type="application/json")


def _body() -> bytes | None:
    """Return the body; None when it is larger than any notice, of which then nothing is read."""
    request.max_content_length = LARGEST_BODY
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None
    except BadRequest:  # the sender went away in the middle
        return b""


def _refuse(line: Line, verdict: Verdict, seconds: int) -> Response:
    """Answer an unsigned or wrongly signed message; a flood leaves a few traces a minute."""
    traces: Tally = extension("webhook_traces")
    of_address = traces.note((line.id, asker(), verdict), seconds)
    if (
        of_address <= rules.MOST_TRACES_OF_ADDRESS
        and traces.note(line.id, seconds) <= rules.MOST_TRACES
    ):
        with transaction() as session:
            service.refuse(
                session,
                line,
                verdict,
                source=request.remote_addr or "",
                request_id=request_id(),
                now=clock.now(),
            )
    return _answer(HTTPStatus.UNAUTHORIZED)


def _answer(status: HTTPStatus, **headers: str) -> Response:
    words = status.phrase.lower().replace(" ", "_")
    answer = Response(f'{{"success": false, "error": "{words}"}}', status)
    answer.content_type = "application/json"
    for name, value in headers.items():
        answer.headers[name.replace("_", "-")] = value
    return answer
