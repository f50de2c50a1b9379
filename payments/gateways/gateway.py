"""What every gateway can be asked. A new one is a file beside this and a line in registry.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from payments.gateways.rules import Asked, Capability, Facts, Notice, Refunded, Script


class Gateway(Protocol):
    """A provider. Each call has a timeout and raises GatewayError; none opens a transaction.

    `code` names the provider in rows, ledger accounts and addresses; `least` and `most` are the
    đồng it takes at once; `script` is there with Capability.SCRIPT.
    """

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def capabilities(self) -> frozenset[Capability]: ...
    @property
    def least(self) -> int: ...
    @property
    def most(self) -> int: ...

    @property
    def script(self) -> Script | None: ...

    def begin(self, asked: Asked) -> Facts:
        """Open a payment. The same key again gives the same payment."""

    def ask(self, asked: Asked) -> Facts:
        """Say how a payment stands, whether or not the provider's id is known."""

    def confirm(self, asked: Asked) -> Facts:
        """Take the money of a payment agreed to on our page (Capability.OWN_FORM)."""

    def cancel(self, asked: Asked) -> Facts:
        """Close a payment nobody has finished. What was paid meanwhile stays paid."""

    def read_notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Return what the provider told us. Raises BadNotice."""

    def refund(self, asked: Asked, amount: int, key: str) -> Refunded:
        """Give some of a payment back. The same key again is the same refund."""
