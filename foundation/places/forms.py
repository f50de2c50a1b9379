"""The field in which people name a commune, of today or as it was called before July 2025."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from foundation.db import reading
from foundation.places import queries
from foundation.places.queries import Outcome, Resolution, Suggestion
from foundation.text import clean

LONGEST = 200


class CommuneField(StringField):
    """`data` is the code of a commune, "" when none was named; `typed` is what was printed.

    Works without scripts. A text that leaves no doubt is taken; where it may mean several
    communes they stand in `choices`, and the macro places/picker.html shows them as radio buttons
    of the same name, so that the next time the chosen code comes behind the text.
    """

    typed: str = ""
    choices: Sequence[Suggestion] = ()

    def _value(self) -> str:
        if self.typed or self.raw_data or not self.data:
            return self.typed
        found = queries.suggestions(reading(), [self.data])
        return found[self.data].label if self.data in found else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        given = [clean(str(value))[:LONGEST] for value in valuelist]
        self.typed, chosen = (*given, "", "")[:2]
        self.data = ""
        if not self.typed:
            return
        found = queries.resolve_old(reading(), self.typed)
        self.choices = found.choices
        taken = next((each for each in found.choices if each.code == chosen), found.commune)
        if taken is None:
            raise ValueError(_question(found))
        self.data, self.typed, self.choices = taken.code, taken.label, ()


def explain(suggestion: Suggestion) -> str:
    """Return what to say below a commune that was found by another name; "" where it was not."""
    if suggestion.part:
        return str(_("Một phần của %(old)s cũ nay thuộc nơi này.", old=suggestion.old))
    if suggestion.old:
        return str(_("%(old)s cũ nay thuộc nơi này.", old=suggestion.old))
    if suggestion.former_name:
        return str(_("Trước đây là %(old)s.", old=suggestion.former_name))
    return ""


def _question(found: Resolution) -> str:
    """Return what to ask of somebody whose text names no one commune."""
    if found.outcome is Outcome.CHOICE:
        return str(_("Tên này nay có thể là những nơi dưới đây. Chọn đúng xã, phường của bạn."))
    if found.outcome is Outcome.AREA and found.choices:
        return str(
            _("%(area)s nay chia thành những xã, phường dưới đây. Chọn một nơi.", area=found.area)
        )
    if found.outcome is Outcome.AREA:
        return str(_("Mới có tên tỉnh. Gõ thêm tên xã, phường, ví dụ Truông Mít, Tây Ninh."))
    if found.choices:
        return str(_("Không có xã, phường tên đúng như vậy. Bạn muốn nói nơi nào dưới đây?"))
    return str(_("Không tìm thấy xã, phường này. Gõ tên xã và tỉnh, ví dụ Truông Mít, Tây Ninh."))
