"""The one interface to where bytes are kept, and the store this process uses."""

from __future__ import annotations

from typing import Protocol


class Store(Protocol):
    """Keeps bytes under keys such as photos/ab/abc-640.webp. Every method raises
    StoreError when the place behind it does not answer."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep the bytes; after an error nothing is there under the key."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes, None when there are none under the key."""

    def delete(self, key: str) -> None:
        """Forget the bytes; it is no error when there are none."""


_chosen: list[Store] = []


def use(store: Store) -> None:
    """Keep this process's files in `store` from now on. Called once, by the application."""
    _chosen[:] = [store]


def current() -> Store:
    """Return the store of this process. Raises RuntimeError before `use` was called."""
    if not _chosen:
        raise RuntimeError("no store was chosen: the application does it at its start")
    return _chosen[0]
