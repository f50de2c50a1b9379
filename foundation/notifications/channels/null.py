"""The twin for tests: keeps what it was given, sends nothing."""

from __future__ import annotations

from foundation.notifications.errors import TransportError
from foundation.notifications.service import Outgoing


class NullTransport:
    """`sent` is what was passed on; set `fault` to have the next messages refused."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.fault: TransportError | None = None

    def send(self, message: Outgoing) -> None:
        """Keep the message, or raise the fault."""
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)
