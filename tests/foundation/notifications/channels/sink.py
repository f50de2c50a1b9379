"""A small SMTP server on this machine that keeps what it is given."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Any


class _Talk(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.say(self.server.greeting)
        while line := self.rfile.readline():
            word = line.split()[0].upper().decode() if line.split() else ""
            self.server.heard.append(line.decode().strip())
            if word == "EHLO":
                self.say("250-sink")
                self.say("250-AUTH PLAIN")
                self.say("250 SMTPUTF8")
            elif word == "DATA":
                self.take_letter()
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say(self.server.answers.get(word, "250 fine"))

    def take_letter(self) -> None:
        refusal = self.server.answers.get("DATA")
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if refusal is None:
            letter: Any = message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.letters.append(letter)
        self.say(refusal or "250 kept")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class Sink(socketserver.ThreadingTCPServer):
    """`answers` maps a command to what is said to it instead of 250."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[EmailMessage] = []
        self.heard: list[str] = []
        self.answers: dict[str, str] = {"AUTH": "235 come in"}
        self.greeting = "220 sink"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[Sink]:
    """Run a server for the length of the block."""
    with Sink() as sink:
        thread = Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield sink
        sink.shutdown()
        thread.join()
