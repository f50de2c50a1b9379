"""Finding a bank: by the numbers that payment codes carry, or by what people call it.

The directory is a table of facts in data/, read once: no query goes to the database. A search takes
half a millisecond, and two where a slip of the finger is looked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from payments.banks.rules import PRACTICE, Bank, Fit, Spellings, fit, query, read, slips, spellings

DATA: Final = Path(__file__).parent / "data"


def by_bin(bin: str) -> Bank | None:  # noqa: A002  # what the card world calls it
    """Return the bank with this BIN under its present name; also that of the demo."""
    return _by_bin().get(bin)


def by_code(code: str) -> Bank | None:
    """Return the bank with this code, in any letter case, under its present name if it has one."""
    return _by_code().get(code.upper())


def offered(*, practice: bool = False) -> list[Bank]:
    """Return every bank at which one can be paid, in the order of a list, each BIN once.

    The bank of the demo stands in front, and only where there is no real money (`practice`).
    """
    banks = [bank for bank in _directory() if bank.receives and not bank.former]
    return [PRACTICE, *banks] if practice else banks


def search(text: str, *, practice: bool = False) -> list[Bank]:
    """Return the banks at which one can be paid that fit a typed name, the best first.

    Accents, case and blanks do not count. An exact code comes before an exact name, that before
    the beginning of one, that before words out of it; where nothing fits, one slip of the finger
    is forgiven. Names no longer in use come last. Nothing typed, or "bank", gives the whole list.
    """
    asked = query(text)
    if not asked.joined:
        return offered(practice=practice)
    known = [bank for bank in _known() if bank.receives and (practice or not bank.practice)]
    fits = {bank: fit(asked, _spellings(bank)) for bank in known}
    found = [(bank, how) for bank, how in fits.items() if how is not None]
    if not found:
        found = [(bank, Fit.SLIP) for bank in known if slips(asked, _spellings(bank))]
    # Sorting keeps the order of the list among equals.
    return [bank for bank, _how in sorted(found, key=lambda each: (each[0].former, each[1]))]


def _known() -> tuple[Bank, ...]:
    return (PRACTICE, *_directory())


@cache
def _directory() -> tuple[Bank, ...]:
    return read((DATA / "banks.json").read_text("utf-8"), (DATA / "names.json").read_text("utf-8"))


@cache
def _by_bin() -> dict[str, Bank]:
    return {bank.bin: bank for bank in reversed(_known())}


@cache
def _by_code() -> dict[str, Bank]:
    return {bank.code: bank for bank in reversed(_known())}


@cache
def _spellings(bank: Bank) -> Spellings:
    return spellings(bank)
