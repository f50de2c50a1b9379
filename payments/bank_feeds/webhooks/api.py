"""The address providers call: /webhooks/<provider>/<feed>.

Whatever can be refused is refused before any work is done, and in a few bytes. An unknown feed,
another provider's, and one that is switched off are told alike.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from foundation import clock
from foundation.config import Config
from foundation.db import extension, transaction
from foundation.web.access import public, request_id
from foundation.web.limits import asker
from payments.bank_feeds.rules import LARGEST_BODY, Verdict
from payments.bank_feeds.webhooks import rules, service
from payments.bank_feeds.webhooks.rules import Tally
from payments.bank_feeds.webhooks.service import Call

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
    config: Config = extension("config")
    call = Call(
        provider=provider,
        feed=feed,
        headers=dict(request.headers),
        body=body,
        source=request.remote_addr or "",
        request_id=request_id(),
    )
    with transaction() as session:
        answer = service.hear(
            session, call, data_key=config.data_key, leave_trace=_leave_trace, now=now
        )
    if answer.accepted is not None:
        return Response(answer.accepted, content_type="application/json")
    refusals.note(sender, seconds)
    return _answer(HTTPStatus.UNAUTHORIZED if answer.verdict else HTTPStatus.NOT_FOUND)


def _body() -> bytes | None:
    """Return the body; None when it is larger than any notice, of which then nothing is read."""
    request.max_content_length = LARGEST_BODY
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None
    except BadRequest:  # the sender went away in the middle
        return b""


def _leave_trace(feed_id: int, verdict: Verdict) -> bool:
    """Say whether a refusal is worth a row: a flood leaves a few in a minute."""
    traces: Tally = extension("webhook_traces")
    seconds = int(clock.now().timestamp())
    of_address = traces.note((feed_id, asker(), verdict), seconds)
    return (
        of_address <= rules.MOST_TRACES_OF_ADDRESS
        and traces.note(feed_id, seconds) <= rules.MOST_TRACES
    )


def _answer(status: HTTPStatus, **headers: str) -> Response:
    words = status.phrase.lower().replace(" ", "_")
    answer = Response(f'{{"success": false, "error": "{words}"}}', status)
    answer.content_type = "application/json"
    for name, value in headers.items():
        answer.headers[name.replace("_", "-")] = value
    return answer
