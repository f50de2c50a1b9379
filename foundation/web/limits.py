"""Rate limits: a view says `@limiter.limit("30 per minute")` under its route.

Counts are kept in memory, so each web process counts for itself, or in Redis, where all count
together. Guessing of passwords and codes is slowed down by accounts' own throttle, in the
database, whatever is set here.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, request
from flask_limiter import Limiter

from foundation.config import Config


def asker() -> str:
    """Return what requests are counted by: the address, of IPv6 the network a home is given."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


limiter = Limiter(
    key_func=asker,
    headers_enabled=True,
    strategy="sliding-window-counter",
    in_memory_fallback_enabled=True,
    retry_after="delta-seconds",
)


def init_app(app: Flask, config: Config) -> None:
    """Set the limits' store up."""
    app.config.update(RATELIMIT_STORAGE_URI=config.redis_url or "memory://")
    limiter.init_app(app)
    # Its hook is for limits of all routes together, of which there are none: a route's own limit
    # is looked at as the route is entered.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
