"""What of a webhook is kept, and how much of a flood is looked at. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final

SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "secure-token", "cookie", "x-api-key"}
)
HIDDEN: Final = "•••"
MOST_HEADERS: Final = 40
LONGEST_HEADER: Final = 500
MINUTE: Final = 60
# Refusals in a minute after which an address is not looked at for that feed any more.
MOST_REFUSALS: Final = 120
# Traces left in a minute: for each address, and for each feed whatever the addresses.
MOST_TRACES_OF_ADDRESS: Final = 3
MOST_TRACES: Final = 20


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers as they are stored: without secrets, bounded."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        if len(kept) == MOST_HEADERS:
            break
        hidden = name.lower() in SECRET_HEADERS
        kept[name[:80]] = HIDDEN if hidden else value[:LONGEST_HEADER].replace("\0", "")
    return kept


class Tally:
    """Counts by key within the running minute, in one process; bounded, so that made-up keys do
    not fill the memory."""

    def __init__(self, most_keys: int = 20_000) -> None:
        self._most_keys = most_keys
        self._minute = -1
        self._counts: dict[Hashable, int] = {}

    def count(self, key: Hashable, seconds: int) -> int:
        """Return how often this key was noted in the minute of this moment, in seconds."""
        return self._counts.get(key, 0) if seconds // MINUTE == self._minute else 0

    def note(self, key: Hashable, seconds: int) -> int:
        """Note the key once more and return its count."""
        if seconds // MINUTE != self._minute or len(self._counts) >= self._most_keys:
            self._minute = seconds // MINUTE
            self._counts = {}
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]
