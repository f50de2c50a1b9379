"""The twin for development and the demo: messages are read in the log and in a file."""

from __future__ import annotations

from pathlib import Path

import structlog

from foundation.notifications.models import Channel
from foundation.notifications.rules import plain_letters
from foundation.notifications.service import Outgoing

log = structlog.get_logger(__name__)
FILE = "outgoing.log"


class ConsoleTransport:
    """Writes messages, codes and all, to `data_dir`/outgoing.log. Never used in production."""

    def __init__(self, data_dir: Path, public_url: str) -> None:
        self.path = data_dir / FILE
        self.public_url = public_url

    def send(self, message: Outgoing) -> None:
        """Append the message to the file and say so in the log."""
        text = message.body
        if message.channel is not Channel.EMAIL:
            text = plain_letters(text)
        if message.url:
            text += f"\n{self.public_url}{message.url}"
        entry = f"[{message.channel.value}] {message.recipient}\n{message.subject}\n{text}\n\n"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(entry)
        log.info("message.on_console", channel=message.channel.value, text=text)
