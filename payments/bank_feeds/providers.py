"""Which file understands which provider: adding one is that file and a line here."""

from __future__ import annotations

from typing import Final

from payments.bank_feeds import casso, payos, sepay
from payments.bank_feeds.feed import Feed
from payments.bank_feeds.rules import Provider

PROVIDERS: Final[dict[Provider, Feed]] = {
    Provider.SEPAY: sepay,
    Provider.CASSO: casso,
    Provider.PAYOS: payos,
}
