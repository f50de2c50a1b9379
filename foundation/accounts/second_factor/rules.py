"""Time-based codes (RFC 6238) and recovery codes. Pure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
import qrcode

from foundation.crypto import keyed_hash, same
from foundation.ids import ALPHABET

ISSUER: Final = "Phiên Chợ"
STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10
_RECOVERY_LETTERS: Final = 10


def new_secret() -> str:
    """Return a secret of 160 bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, account: str) -> str:
    """Return the otpauth:// address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def in_groups(secret: str) -> str:
    """Return a secret in groups of four, for typing it in."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def matching_step(secret: str, typed: str, *, now: datetime, after: int | None) -> int | None:
    """Return the time step whose code was typed, None when it is none of the three around now.

    Steps up to `after` were used before and do not count: a code seen over a shoulder is worth
    nothing.
    """
    digits = "".join(letter for letter in typed if letter.isdecimal())
    present = int(now.timestamp()) // STEP_SECONDS
    code_at = pyotp.TOTP(secret).generate_otp
    fitting = [step for step in range(present - 1, present + 2) if same(code_at(step), digits)]
    return next((step for step in fitting if after is None or step > after), None)


def new_recovery_codes() -> list[str]:
    """Return ten codes of 50 random bits, to be written down: h3k9m-2q7xw."""
    letters = [
        "".join(secrets.choice(ALPHABET) for _ in range(_RECOVERY_LETTERS))
        for _ in range(RECOVERY_CODES)
    ]
    return [f"{code[:5]}-{code[5:]}" for code in letters]


def recovery_hash(typed: str, data_key: str) -> str:
    """Return what is stored of a recovery code, however it was typed."""
    letters = "".join(letter for letter in typed.lower() if letter.isalnum())
    # The letters left out of the alphabet are read as the digits they look like.
    return keyed_hash(letters.translate(str.maketrans("ilo", "110")), data_key)


@dataclass(frozen=True)
class QrPicture:
    """A QR code as one SVG path of squares in a box of `size` units, quiet zone included."""

    size: int
    path: str


def qr_picture(text: str) -> QrPicture:
    """Return the QR code of a text."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
    code.add_data(text)
    matrix = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    )
    return QrPicture(size=len(matrix), path=path)
