"""The kinds of refusal. Every feature's errors.py subclasses one of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


def N_(sentence: str) -> str:  # noqa: N802  # gettext's customary mark for later translation
    """Mark a sentence for translation where no request, and so no language, is known."""
    return sentence


class DomainError(Exception):
    """A rule said no. Not a bug: never logged as one, always explained to the person.

    `code` is stable, for programs; `sentence` is what people read: Vietnamese, marked with N_ and
    translated when shown, with `facts` filled in as %(name)s; `field` names the form field it
    belongs beside, where there is one.
    """

    code: ClassVar[str]
    sentence: ClassVar[str]
    status: ClassVar[HTTPStatus]
    field: ClassVar[str | None] = None

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!s}" for name, value in self.facts.items())
        return f"{self.code} ({details})" if details else self.code


class NotFound(DomainError):
    """It does not exist, or it is a stranger's: the two are told alike."""

    status = HTTPStatus.NOT_FOUND


class NotAllowed(DomainError):
    status = HTTPStatus.FORBIDDEN


class Conflict(DomainError):
    """The row is not in a state that allows this, or somebody else changed it meanwhile."""

    status = HTTPStatus.CONFLICT


class Invalid(DomainError):
    """What was given breaks a rule."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooMany(DomainError):
    """Asked too often; `retry_after` seconds is among the facts."""

    status = HTTPStatus.TOO_MANY_REQUESTS
