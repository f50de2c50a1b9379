"""Asking programs of others over HTTP: with time-outs, a bound on the answer, and a clear word on
whether asking again can help."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError

CONNECT_TIMEOUT: Final = 5
READ_TIMEOUT: Final = 15
LONGEST: Final = 30  # seconds for the whole answer, however slowly it drips
LARGEST: Final = 5 * 1024 * 1024
_PART: Final = 64 * 1024
# Nothing is tried again here: whoever asks knows when, and whether it would do harm.
_POOL: Final = urllib3.PoolManager(retries=False, maxsize=4)


class CannotReach(Exception):  # reads like the sentence it is
    """No useful answer came. `permanent` when asking the same again cannot help; `status` is None
    when there was no answer at all."""

    def __init__(self, why: str, *, permanent: bool, status: int | None = None) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def get(url: str, *, headers: Mapping[str, str], params: Mapping[str, str]) -> Answer:
    """Return a good answer (2xx) to a GET.

    A redirect is not followed, since it would carry our keys elsewhere. Raises CannotReach.
    """
    if not url.startswith(("https://", "http://")):
        raise CannotReach("no such address", permanent=True)
    until = time.monotonic() + LONGEST
    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
    try:
        response = _POOL.request(
            "GET",
            url,
            fields=dict(params),
            headers=dict(headers),
            timeout=timeout,
            redirect=False,
            preload_content=False,
        )
    except LocationValueError as error:
        raise CannotReach("no such address", permanent=True) from error
    except (HTTPError, OSError) as error:
        raise CannotReach(type(error).__name__, permanent=False) from error
    try:
        _check_status(response.status)
        body = _body(response, until)
    except (HTTPError, OSError) as error:
        raise CannotReach(type(error).__name__, permanent=False) from error
    finally:
        response.close()  # half an answer may be left in it
    return Answer(status=response.status, headers=dict(response.headers), body=body)


def _check_status(status: int) -> None:
    if 200 <= status < 300:
        return
    passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
    raise CannotReach(f"HTTP {status}", permanent=not passing, status=status)


def _body(response: urllib3.BaseHTTPResponse, until: float) -> bytes:
    parts: list[bytes] = []
    length = 0
    for part in response.stream(_PART, decode_content=True):
        parts.append(part)
        length += len(part)
        if length > LARGEST:
            raise CannotReach("answer too large", permanent=True, status=response.status)
        if time.monotonic() > until:
            raise CannotReach("answer too slow", permanent=False, status=response.status)
    return b"".join(parts)
