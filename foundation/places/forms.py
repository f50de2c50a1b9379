"""The field in which people name a commune, of today or as it was called before July 2025."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import StringField

from foundation.db import reading
from foundation.places import queries
from foundation.places.queries import Outcome, Suggestion
from foundation.text import clean


class CommuneField(StringField):
    """`data` is the code of a commune, "" when none was named. Works without scripts: what was
    typed is looked up when the form comes back, and where it may mean several, they are offered
    to choose from."""

    typed: str = ""
    choices: Sequence[Suggestion] = ()

    def _value(self) -> str:
        if self.typed:
            return self.typed
        if not self.data:
            return ""
        found = queries.suggestions(reading(), [self.data])
        return found[self.data].label if self.data in found else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        given = [clean(str(value)) for value in valuelist]
        self.typed = given[0][:200] if given else ""
        chosen = given[1] if len(given) > 1 else ""
        self.data = ""
        if not self.typed and not chosen:
            return
        if chosen:
            known = queries.suggestions(reading(), [chosen])
            if chosen in known and (not self.typed or self._still_meant(known[chosen])):
                self.data, self.typed = chosen, known[chosen].label
                return
        self._look_up()

    def _still_meant(self, chosen: Suggestion) -> bool:
        found = queries.resolve_old(reading(), self.typed)
        codes = {each.code for each in (*found.choices, *([found.commune] if found.commune else []))}
        return chosen.code in codes or not codes

    def _look_up(self) -> None:
        found = queries.resolve_old(reading(), self.typed)
        if found.outcome is Outcome.ONE and found.commune:
            self.data, self.typed = found.commune.code, found.commune.label
            return
        self.choices = found.choices or queries.find_communes(reading(), self.typed)
        if self.choices:
            raise ValueError(str(_("Tên này có thể là mấy nơi. Chọn đúng nơi ở dưới.")))
        raise ValueError(
            str(_("Không tìm thấy xã, phường này. Gõ tên xã và tỉnh, ví dụ Truông Mít, Tây Ninh."))
        )
