"""Reading reference codes out of what banks leave of a memo, and deciding what money is for."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from payments.intents.rules import PREFIX, REFERENCE_LENGTH, is_reference

# Nothing in a code can be misread: what people and machines make of these is put right.
_MISREAD: Final = str.maketrans("OILUBĐ", "011V8D")
_NOT_CODE: Final = re.compile(r"[^A-Z0-9]+")


class AllocationKind(StrEnum):
    INTENT = "intent"
    BALANCE = "balance"
    RETURN = "return"
    NOT_OURS = "not_ours"


def references_in(memo: str) -> list[str]:
    """Return the reference codes in a memo, in order, each once.

    Banks change case, drop or insert blanks and punctuation, glue words of their own to it and
    lose accents; people type O for 0. A code cut short, or with a wrong character, fails its
    check character and is not found.
    """
    plain = unicodedata.normalize("NFKD", memo).upper().translate(_MISREAD)
    letters = _NOT_CODE.sub("", plain)
    found: dict[str, None] = {}
    start = letters.find(PREFIX)
    while start >= 0:
        candidate = letters[start : start + REFERENCE_LENGTH]
        if is_reference(candidate):
            found[candidate] = None
            start = letters.find(PREFIX, start + REFERENCE_LENGTH)
        else:
            start = letters.find(PREFIX, start + 1)
    return list(found)
