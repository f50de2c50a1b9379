"""The application factory: the only place that knows every package."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, current_app
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import foundation.web
from catalog.assortment.views import products
from catalog.categories.cli import categories_cli
from catalog.editing.views import editing
from catalog.ocop.views import ocop
from catalog.search.api import search_api
from catalog.search.cli import search_cli
from catalog.search.engine import Engine
from catalog.search.jobs import make_engine
from catalog.sheets.views import sheets
from foundation import clock, db
from foundation.accounts import queries as accounts_queries
from foundation.accounts.cli import accounts_cli
from foundation.accounts.entrance.views import accounts
from foundation.accounts.profile.views import profile
from foundation.accounts.second_factor.views import second_factor
from foundation.accounts.service import SIGN_IN_LASTS
from foundation.config import Config
from foundation.jobs import queries as jobs_queries
from foundation.jobs.jobs import make_queue
from foundation.notifications import queries as notifications_queries
from foundation.notifications.jobs import make_transports
from foundation.notifications.views import notifications
from foundation.organisations import queries as organisations_queries
from foundation.organisations.cli import organisations_cli
from foundation.organisations.documents.views import documents
from foundation.organisations.members.views import members
from foundation.organisations.models import Membership
from foundation.organisations.rules import needs_second_factor, permissions
from foundation.organisations.views import organisations
from foundation.outbox import queries as outbox_queries
from foundation.places import views as places_views
from foundation.places.cli import places_cli
from foundation.places.views import places
from foundation.storage import service as storage_service
from foundation.storage import views as storage_views
from foundation.storage.views import storage
from foundation.web import filters, frame, guard, health, i18n, icons, limits, logs, pages, weight
from foundation.web.access import Acting, Me, me_or_none, request_id
from foundation.web.commands import LateCommands
from foundation.web.offline import offline
from foundation.web.openapi import openapi
from marketplace import navigation, wiring
from marketplace.demo import service as demo
from marketplace.demo.cli import demo as demo_cli
from marketplace.operations.certificates.views import operations_certificates
from marketplace.operations.products.views import operations_products
from marketplace.operations.views import operations
from marketplace.sellers.views import sellers
from marketplace.storefront.directory.views import directory
from marketplace.storefront.share.views import share
from marketplace.storefront.sitemap.views import sitemap
from marketplace.storefront.views import storefront
from payments.bank_accounts.views import bank_accounts
from payments.bank_feeds.statements.views import statements
from payments.bank_feeds.views import bank_feeds
from payments.bank_feeds.webhooks.api import webhooks
from payments.counter.views import counter
from payments.gateways.api import card_notices
from payments.gateways.cash_desk.views import cash_desk
from payments.gateways.cash_on_delivery.views import cash_on_delivery
from payments.gateways.views import cards
from payments.ledger.views import ledger
from payments.payouts.views import payouts
from payments.reconciliation.board.views import board
from payments.reconciliation.decisions.views import decisions
from payments.reconciliation.tellings.views import tellings
from payments.refunds.views import refunds

BLUEPRINTS = (
    accounts,
    second_factor,
    profile,
    notifications,
    organisations,
    documents,
    members,
    places,
    storage,
    products,
    editing,
    sheets,
    ocop,
    sellers,
    storefront,
    directory,
    share,
    sitemap,
    operations,
    operations_certificates,
    operations_products,
    offline,
    counter,
    cards,
    ledger,
    board,
    decisions,
    tellings,
    payouts,
    refunds,
    bank_accounts,
    bank_feeds,
    card_notices,
    cash_desk,
    cash_on_delivery,
    search_api,
    openapi,
    webhooks,
    statements,
)
# Called by programs, which sign what they send and have no forms.
SIGNED_BY_SENDER = (webhooks, card_notices)
LATE_COMMANDS = {
    "check": "marketplace.cli",
    "migrate": "marketplace.cli",
    "start": "marketplace.cli",
    "worker": "foundation.jobs.cli",
}
WEB = Path(foundation.web.__file__).parent
MAX_REQUEST = 60 * 1024 * 1024
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'none'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def create_app(config: Config) -> Flask:
    """Return the application for a checked configuration."""
    app = Flask(
        "marketplace",
        template_folder=str(WEB / "templates"),
        static_folder=str(WEB / "static"),
    )
    app.cli = LateCommands(LATE_COMMANDS)
    app.config.from_mapping(
        SECRET_KEY=config.secret_key,
        TESTING=config.profile == "test",
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.public_url.startswith("https://"),
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,
        WTF_CSRF_ENABLED=config.profile != "test",
        # A sign-in ends on the server; its cookie is sent again only when something in it changes.
        PERMANENT_SESSION_LIFETIME=SIGN_IN_LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["config"] = config
    app.extensions["listeners"] = wiring.LISTENERS
    app.extensions["phiencho_sessions"] = db.Sessions(db.make_engine(config.database_url))
    app.extensions["queue"] = make_queue(config)
    app.extensions["search"] = make_engine(config)
    app.extensions["transports"] = make_transports(config)
    storage_service.open_store(config)
    logs.init_app(app)  # first, so that its line is written last
    health.init_app(app)
    limits.init_app(app, config)
    weight.init_app(app)
    _set_up_pages(app, config)
    _register(app)
    _watch(app)
    return app


def _set_up_pages(app: Flask, config: Config) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["asset_versions"] = {
        str(path.relative_to(WEB / "static")): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in (WEB / "static").rglob("*")
        if path.is_file()
    }
    i18n.init_app(app)
    frame.init_app(app)
    filters.init_app(app)
    storage_views.init_app(app)
    places_views.init_app(app)
    app.jinja_env.globals.update(icon=icons.icon, stars=icons.stars, sprite=icons.sprite)
    CSRFProtect(app)
    pages.init_app(app)
    app.context_processor(
        lambda: {
            "nav": navigation.navigation(),
            "demo": config.demo,
            "demo_code": demo.officer_code,
            "me": me_or_none(),
            "public_url": config.public_url,
        }
    )
    app.after_request(_protect)
    app.teardown_appcontext(db.close_reading)
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the way Flask documents
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    headers.setdefault("X-Request-Id", request_id())
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _register(app: Flask) -> None:
    guard.init_app(app, find_me)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for blueprint in SIGNED_BY_SENDER:
        app.extensions["csrf"].exempt(blueprint)
    app.cli.add_command(accounts_cli)
    app.cli.add_command(categories_cli)
    app.cli.add_command(demo_cli)
    app.cli.add_command(organisations_cli)
    app.cli.add_command(places_cli)
    app.cli.add_command(search_cli)
    silent = guard.open_routes(app)
    if silent:
        raise RuntimeError(f"routes that do not say who may use them: {silent}")


def _watch(app: Flask) -> None:
    engine: Engine = app.extensions["search"]
    health.add_check(app, "jobs", lambda: jobs_queries.open_count(db.reading()) >= 0)
    health.add_check(app, "search", lambda: bool(engine.version(db.reading())))
    for name, help_text, figure in (
        (
            "outbox_lag_seconds",
            "Age of the oldest fact that has not been told to all.",
            lambda: outbox_queries.lag(db.reading(), now=clock.now()),
        ),
        (
            "outbox_waiting",
            "Facts that have not been told to all.",
            lambda: outbox_queries.waiting_count(db.reading()),
        ),
        (
            "jobs_waiting",
            "Jobs asked for that are not over.",
            lambda: jobs_queries.open_count(db.reading()),
        ),
        (
            "messages_waiting",
            "Messages not sent yet.",
            lambda: notifications_queries.waiting_count(db.reading()),
        ),
    ):
        health.add_figure(app, name, help_text, figure)


def find_me(token: str) -> Me | None:
    """Return who holds a sign-in token, with what they work for."""
    session = db.reading()
    held = accounts_queries.holder_of(session, token, now=clock.now())
    if held is None:
        return None
    person, sign_in = held
    return Me(
        person_id=person.id,
        public_id=person.public_id,
        full_name=person.full_name,
        language=person.language,
        sign_in_id=sign_in.id,
        token=token,
        last_seen_at=sign_in.last_seen_at,
        has_second_factor=person.totp_confirmed_at is not None,
        second_factor_passed=sign_in.second_factor_at is not None,
        second_factor_at=sign_in.second_factor_at,
        memberships=tuple(
            _acting(membership)
            for membership in organisations_queries.memberships_of(session, person.id)
        ),
        unread=notifications_queries.unread_count(session, person.id),
    )


def _acting(membership: Membership) -> Acting:
    organisation = membership.organisation
    return Acting(
        organisation_id=organisation.id,
        public_id=organisation.public_id,
        slug=organisation.slug,
        name=organisation.name,
        kind=organisation.kind,
        state=organisation.state,
        role=membership.role,
        permissions=permissions(organisation.kind, membership.role),
        needs_second_factor=needs_second_factor(organisation.kind, membership.role),
    )
