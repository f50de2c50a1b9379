"""What is fixed in the demo's payments, so that it can be written down and tried. Pure."""

from __future__ import annotations

from typing import Final

BANK: Final = "970499"  # the practice bank: no money moves there
INTENT: Final = "dem0thanht0an1"
REFERENCE: Final = "PZCDEM0000000018"
# The sample seller's, at which the demo's payment arrives; all others count on from it.
ACCOUNT: Final = 8_800_000_001
PROPOSED: Final = "8899000001"  # of the same seller, for somebody else to confirm
FEED: Final = "dem0sepay00001"
FEED_KEY: Final = "phien-cho-demo-key"  # known to all, which is why the demo never runs for real
PAGE: Final = f"/pay/{INTENT}"
