"""What every channel can do. A provider of SMS or Zalo messages is one more file here."""

from __future__ import annotations

from typing import Protocol

from foundation.notifications.service import Outgoing


class Transport(Protocol):
    """Passes one message on. The same message may be given twice after a crash; providers that
    take an id of ours get `message.public_id`."""

    def send(self, message: Outgoing) -> None:
        """Pass the message on within some seconds.

        Raises TransportError, which says whether trying again can help.
        """
