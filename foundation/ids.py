"""Ids that people see: unguessable, readable aloud, safe in an address."""

from __future__ import annotations

import secrets

# Crockford's alphabet: no i, l, o, u, so that nothing is misread from paper.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 14


def new_public_id() -> str:
    """Return 14 characters, 70 random bits."""
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(LENGTH))


def new_token() -> str:
    """Return a secret of 256 bits for an address or a cookie; store only its hash."""
    return secrets.token_urlsafe(32)


def new_code(digits: int = 6) -> str:
    """Return a code of decimal digits for a message to a phone."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))
