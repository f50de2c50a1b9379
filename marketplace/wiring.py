"""Who listens to what: the one file where the neighbours meet."""

from __future__ import annotations

import catalog.categories.models
import catalog.ocop.jobs
import catalog.ocop.models
import catalog.products.models
import foundation.accounts.jobs
import foundation.accounts.models
import foundation.audit.models
import foundation.jobs.jobs
import foundation.jobs.models
import foundation.notifications.jobs
import foundation.notifications.models
import foundation.organisations.models
import foundation.outbox.models
import foundation.places.models
import foundation.storage.models
from catalog.products.events import ProductReviewed
from catalog.publication import service as publication
from foundation.outbox.service import Listener

# Every table must be known before the first query: keys name tables of other packages by string.
TABLES = (
    catalog.categories.models,
    catalog.ocop.models,
    catalog.products.models,
    foundation.accounts.models,
    foundation.audit.models,
    foundation.jobs.models,
    foundation.notifications.models,
    foundation.organisations.models,
    foundation.outbox.models,
    foundation.places.models,
    foundation.storage.models,
)

# Loading a feature's jobs declares them; the worker then knows their names and their hours.
JOBS = (
    catalog.ocop.jobs,
    foundation.accounts.jobs,
    foundation.jobs.jobs,
    foundation.notifications.jobs,
)

LISTENERS: tuple[Listener, ...] = (
    Listener(
        event=ProductReviewed, name="publication.tell_members", hear=publication.tell_members
    ),
)
