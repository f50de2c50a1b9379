"""Contacts, passwords, pauses and devices. Pure."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from foundation import identity
from foundation.accounts.errors import (
    BadContact,
    BadName,
    PasswordIsPersonal,
    PasswordTooLong,
    PasswordTooObvious,
    PasswordTooShort,
)
from foundation.text import clean, fold

# --- contacts ---------------------------------------------------------------------------------

LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 120


@dataclass(frozen=True)
class Contact:
    """A phone number or an e-mail address in normal form: one of the two is there."""

    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)

    @property
    def value(self) -> str:
        return self.phone or self.email or ""

    @property
    def masked(self) -> str:
        """The contact as a page may show it to whoever typed it: 091••••678."""
        return identity.mask_phone(self.phone) if self.phone else identity.mask_email(self.value)


def read_contact(typed: str) -> Contact:
    """Return the phone number or e-mail address in a text of any usual spelling.

    Raises BadContact.
    """
    try:
        if "@" not in typed:
            return Contact(phone=identity.parse_phone(typed))
        email = identity.parse_email(typed)
    except identity.BadIdentity as error:
        raise BadContact from error
    if len(email) > LONGEST_EMAIL:
        raise BadContact
    return Contact(email=email)


def stored_contact(value: str) -> Contact:
    """Return a contact that was stored in normal form."""
    return Contact(email=value) if "@" in value else Contact(phone=value)


def read_name(typed: str) -> str:
    """Return a person's name, cleaned. Raises BadName when it holds no letter or is too long."""
    name = clean(typed)
    if not any(letter.isalpha() for letter in name) or len(name) > LONGEST_NAME:
        raise BadName
    return name


# --- passwords --------------------------------------------------------------------------------

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
_RUNS: Final = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz")
_OBVIOUS: Final = frozenset(
    Path(__file__).with_name("data").joinpath("obvious_passwords.txt").read_text().split()
)

# OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Nobody's password, with the same parameters: checking it takes as long as checking a real one.
NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$3yOUFhtm/eXoiLBvU5L2Bw"
    "$vvadqj2hLgBe98lCqv97w0ZSP+paX9NunlWIm9puFbs"
)


def check_new_password(password: str, *, personal: Iterable[str | None]) -> None:
    """Refuse a password that is short, obvious, or made of what others know of the person.

    `personal` are the person's name, phone and e-mail. There are no rules about which kinds of
    characters it must hold. Raises a WeakPassword.
    """
    composed = _composed(password)
    if len(composed) < SHORTEST_PASSWORD:
        raise PasswordTooShort(least=SHORTEST_PASSWORD)
    if len(composed) > LONGEST_PASSWORD:
        raise PasswordTooLong(most=LONGEST_PASSWORD)
    bare = _bare(composed)
    if _is_obvious(composed, bare):
        raise PasswordTooObvious
    if any(_gives_away(part, bare) for part in personal if part):
        raise PasswordIsPersonal


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; takes about 30 ms and 19 MiB."""
    return _hasher.hash(_composed(password))


def password_matches(stored: str, password: str) -> bool:
    """Say whether a password is the stored one. An impossible hash matches nothing."""
    try:
        return _hasher.verify(stored, _composed(password)[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _composed(password: str) -> str:
    """Give accents one form: phones and desks type the same Vietnamese letter differently."""
    return unicodedata.normalize("NFKC", password)


def _bare(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _is_obvious(password: str, bare: str) -> bool:
    core = bare.strip("0123456789")
    if bare in _OBVIOUS or (core in _OBVIOUS and len(bare) - len(core) <= 6):
        return True
    if bare and any(bare in run for run in _RUNS):
        return True
    return _repeats(password) or (bool(bare) and _repeats(bare))


def _repeats(text: str) -> bool:
    """Say whether a text is one piece of at most four characters over and over."""
    return any(
        (text[:size] * (len(text) // size + 1))[: len(text)] == text
        for size in range(1, 5)
        if len(text) >= 2 * size
    )


def _gives_away(part: str, bare: str) -> bool:
    if "@" in part:
        part = part.partition("@")[0]
    known = _bare(part)
    if known.isdecimal():
        known = known.removeprefix("0")
    return len(known) >= 5 and known in bare


# --- pauses -----------------------------------------------------------------------------------

FREE_TRIES: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=15)


def pause_after(failures: int) -> timedelta:
    """Return how long a door stays shut after so many failures in a row: 0, then 30 s doubling
    to 15 minutes. It never shuts for good."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return min(FIRST_PAUSE * (1 << min(failures - FREE_TRIES, 10)), LONGEST_PAUSE)


# --- devices ----------------------------------------------------------------------------------

_BROWSERS: Final = (
    ("Zalo", re.compile(r"\bZalo\b", re.IGNORECASE)),
    ("Facebook", re.compile(r"\bFBA[NV]\b")),
    ("Cốc Cốc", re.compile(r"coc_coc_browser")),
    ("Edge", re.compile(r"\bEdgA?/|\bEdgiOS/")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Opera", re.compile(r"\bOPR/|\bOPT/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|HeadlessChrome/")),
    ("Safari", re.compile(r"Safari/")),
)
_SYSTEMS: Final = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("Mac", re.compile(r"Macintosh|Mac OS X")),
    ("Linux", re.compile(r"Linux|X11")),
)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Where a request comes from. `device_token` is the long-lived cookie of a browser that was
    signed in before; `token` is the sign-in it holds just now, which a new one replaces."""

    address: str = ""
    user_agent: str = ""
    device_token: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def device(self) -> str:
        """The browser and the system, "Chrome, Android": all that is kept of the header."""
        names = (_first(_BROWSERS, self.user_agent), _first(_SYSTEMS, self.user_agent))
        return ", ".join(name for name in names if name)

    @property
    def network(self) -> str:
        """What is counted as one address: a home or a phone owns a whole /64 of IPv6."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return ""
        if address.version == 4:
            return str(address)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)

    @property
    def place(self) -> str:
        """The address as it is stored and shown, its end hidden: 113.161.•.•"""
        network = self.network
        if "." in network:
            return ".".join([*network.split(".")[:2], "•", "•"])
        return ":".join([*network.split(":")[:2], "…"]) if network else ""


def _first(names: Iterable[tuple[str, re.Pattern[str]]], text: str) -> str:
    return next((name for name, pattern in names if pattern.search(text)), "")
