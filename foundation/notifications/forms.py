"""The form of preferences: one choice for each group of news."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField

from foundation.notifications.models import Channel
from foundation.notifications.queries import Reach
from foundation.notifications.rules import GROUP_NAMES, Group
from foundation.web.forms import Form

INBOX_ONLY = "inbox"
CHANNEL_NAMES = {
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("Tin nhắn SMS"),
    Channel.ZALO: _("Zalo"),
}


class PreferencesBase(Form):
    """Has a field for each group, named as the group. `addresses` says where each channel leads."""

    addresses: dict[str, str]

    def offer(self, reach: Reach | None, offered: Collection[Channel]) -> None:
        """Offer each group the channels that exist here and reach this person."""
        found = {channel.value: reach.address(channel) for channel in Channel} if reach else {}
        self.addresses = {value: address for value, address in found.items() if address}
        usable = [one for one in Channel if one in offered and one.value in self.addresses]
        for group in Group:
            choices = [(channel.value, CHANNEL_NAMES[channel]) for channel in usable]
            if group is not Group.SECURITY:
                choices.append((INBOX_ONLY, _("Chỉ xem trong hộp tin")))
            field = self[group.value]
            field.choices = choices
            field.label.text = gettext(GROUP_NAMES[group])
            if not field.raw_data and reach is not None:
                chosen = reach.channel(group)
                field.data = chosen.value if chosen else INBOX_ONLY

    def wanted(self) -> dict[Group, Channel | None]:
        """Return what was chosen. A group without a choice is left out."""
        typed = {group: self[group.value].data for group in Group if self[group.value].choices}
        return {
            group: None if value == INBOX_ONLY else Channel(value)
            for group, value in typed.items()
            if value
        }


def _choice() -> RadioField:
    # Nothing chosen leaves a group as it is; anything else must be among what was offered.
    return RadioField(validate_choice=True, coerce=lambda value: value or "", default="")


PreferencesForm = cast(
    "type[PreferencesBase]",
    type("PreferencesForm", (PreferencesBase,), cast("Any", {g.value: _choice() for g in Group})),
)
