"""Who listens to what: the one file where the neighbours meet."""

from __future__ import annotations

import catalog.categories.models
import catalog.ocop.jobs
import catalog.ocop.models
import catalog.products.models
import catalog.search.jobs
import catalog.search.models
import catalog.sheets.models
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
import payments.bank_accounts.models
import payments.bank_feeds.models
import payments.bank_feeds.polling.jobs
import payments.bank_feeds.processing.jobs
import payments.bank_feeds.statements.jobs
import payments.bank_feeds.statements.models
import payments.credits.models
import payments.gateways.card_refunds.jobs
import payments.gateways.cash_desk.models
import payments.gateways.cash_on_delivery.models
import payments.gateways.jobs
import payments.gateways.models
import payments.intents.jobs
import payments.intents.models
import payments.ledger.models
import payments.payouts.models
import payments.reconciliation.board.jobs
import payments.reconciliation.models
import payments.refunds.cards.jobs
import payments.refunds.models
from catalog.ocop.events import CertificateChanged
from catalog.products.events import ProductChanged, ProductReviewed
from catalog.publication import service as publication
from catalog.search import service as search_service
from foundation.organisations.events import OrganisationChanged
from foundation.outbox.service import Listener
from payments.gateways import service as gateways
from payments.intents.events import IntentMoved

# Every table must be known before the first query: keys name tables of other packages by string.
TABLES = (
    catalog.categories.models,
    catalog.ocop.models,
    catalog.products.models,
    catalog.sheets.models,
    catalog.search.models,
    foundation.accounts.models,
    foundation.audit.models,
    foundation.jobs.models,
    foundation.notifications.models,
    foundation.organisations.models,
    foundation.outbox.models,
    foundation.places.models,
    foundation.storage.models,
    payments.bank_accounts.models,
    payments.bank_feeds.models,
    payments.bank_feeds.statements.models,
    payments.credits.models,
    payments.gateways.models,
    payments.gateways.cash_desk.models,
    payments.gateways.cash_on_delivery.models,
    payments.intents.models,
    payments.ledger.models,
    payments.payouts.models,
    payments.reconciliation.models,
    payments.refunds.models,
)

# Loading a feature's jobs declares them; the worker then knows their names and their hours.
JOBS = (
    payments.gateways.card_refunds.jobs,
    payments.gateways.jobs,
    catalog.ocop.jobs,
    foundation.accounts.jobs,
    catalog.search.jobs,
    foundation.jobs.jobs,
    foundation.notifications.jobs,
    payments.bank_feeds.polling.jobs,
    payments.bank_feeds.processing.jobs,
    payments.bank_feeds.statements.jobs,
    payments.intents.jobs,
    payments.reconciliation.board.jobs,
    payments.refunds.cards.jobs,
)

LISTENERS: tuple[Listener, ...] = (
    Listener(event=ProductChanged, name="search.product", hear=search_service.hear_product_changed),
    Listener(
        event=CertificateChanged,
        name="search.certificate",
        hear=search_service.hear_certificate_changed,
    ),
    Listener(
        event=OrganisationChanged,
        name="search.organisation",
        hear=search_service.hear_organisation_changed,
    ),
    Listener(event=IntentMoved, name="gateways.close", hear=gateways.hear_intent_moved),
    Listener(event=ProductReviewed, name="publication.tell_members", hear=publication.tell_members),
)
