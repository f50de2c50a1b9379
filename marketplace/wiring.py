"""Who listens to what: the one file where the neighbours meet."""

from __future__ import annotations

import catalog.categories.models
import catalog.ocop.models
import catalog.products.models
import foundation.accounts.models
import foundation.audit.models
import foundation.notifications.models
import foundation.organisations.models
import foundation.outbox.models
import foundation.places.models
import foundation.storage.models
from foundation.outbox.service import Listener

# Every table must be known before the first query: keys name tables of other packages by string.
TABLES = (
    catalog.categories.models,
    catalog.ocop.models,
    catalog.products.models,
    foundation.accounts.models,
    foundation.audit.models,
    foundation.notifications.models,
    foundation.organisations.models,
    foundation.outbox.models,
    foundation.places.models,
    foundation.storage.models,
)

LISTENERS: tuple[Listener, ...] = ()
