"""Keeping personal data unreadable at rest: encryption, and hashes that need our key to make.

Pure: the key is `Config.data_key`, passed in by whoever calls. Two keys are derived from it, so
that nothing learned of the one tells anything of the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotDecrypt(ValueError):  # reads like the sentence it is
    """The text was not encrypted with this key, or was changed since."""


def encrypt(text: str, key: str) -> str:
    """Return `text` encrypted and signed, in ASCII; the same text looks different every time."""
    return _fernet(key).encrypt(text.encode()).decode()


def decrypt(encrypted: str, key: str) -> str:
    """Return what was encrypted with the same key. Raises CannotDecrypt."""
    try:
        return _fernet(key).decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise CannotDecrypt("wrong key or damaged text") from error


def keyed_hash(text: str, key: str) -> str:
    """Return 64 hexadecimal digits, the same for the same text and key.

    For finding a phone or personal number again without storing it, and for short codes: a plain
    hash of either could be undone by trying them all.
    """
    return hmac.new(_derived(key, "hash"), text.encode(), hashlib.sha256).hexdigest()


def same(first: str, second: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(first.encode(), second.encode())


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key, "encryption")))


@lru_cache(maxsize=8)
def _derived(key: str, purpose: str) -> bytes:
    info = f"phiencho {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key.encode())
