"""What can go wrong on the way to a person."""

from __future__ import annotations

from foundation.errors import N_, Invalid


class TransportError(Exception):
    """A channel could not pass a message on. `permanent` says that trying again cannot help.

    The message is kept for operators: it must name no person and no address.
    """

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class CannotReach(Invalid):
    """The person left no address that this channel could use."""

    code = "notifications.cannot_reach"
    sentence = N_("Bạn chưa có địa chỉ cho cách nhận tin này. Thêm vào hồ sơ trước.")
