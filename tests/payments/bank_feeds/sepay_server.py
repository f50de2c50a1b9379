"""A local server that answers like SePay's list of transactions, and can misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "khoa-hoi-lai-123"


def listed(number: int, account: str, amount: int = 120_000, **more: Any) -> dict[str, Any]:
    """A row of the list; `number` makes its id and its moment."""
    return {
        "id": str(1000 + number),
        "bank_brand_name": "MBBank",
        "account_number": account,
        "transaction_date": f"{datetime(2026, 11, 22) + timedelta(seconds=number)}",  # noqa: DTZ001
        "amount_out": "0.00",
        "amount_in": f"{amount}.00",
        "transaction_content": f"CHUYEN TIEN {number}",
        "reference_number": f"FT26326{number:06d}",
        "code": None,
        "sub_account": None,
        **more,
    }


@dataclass
class Sepay:
    """What the server holds and heard. `fault`, where set, answers instead."""

    url: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    ascending: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    fault: Callable[[BaseHTTPRequestHandler], None] | None = None

    def page(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        found = [
            row
            for row in self.rows
            if int(row["id"]) >= int(asked.get("since_id", "0"))
            and row["transaction_date"] >= asked.get("transaction_date_min", "")
            and row["transaction_date"] <= asked.get("transaction_date_max", "9")
        ]
        found.sort(key=lambda row: int(row["id"]), reverse=not self.ascending)
        return found[: int(asked["limit"])]


@contextmanager
def running() -> Iterator[Sepay]:
    """Serve on a free port for the length of the block."""
    state = Sepay()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            state.asked.append({**asked, "path": parts.path})
            if state.fault is not None:
                state.fault(self)
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                answer(self, 401, b"{}")
            else:
                body = {"status": 200, "error": None, "transactions": state.page(asked)}
                answer(self, 200, json.dumps(body).encode())

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Send one answer."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
