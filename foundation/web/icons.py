"""Icons: a page carries only the symbols it uses, once, at its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import g
from markupsafe import Markup

_SOURCE = Path(__file__).with_name("icons.svg").read_text()
SYMBOLS = {
    match[1]: match[0] for match in re.finditer(r'<symbol id="i-([\w-]+)".*?</symbol>', _SOURCE)
}
_STAR_WIDTH = 20
_OWN = Markup  # everything below is put together from our own drawings and names


def icon(name: str, css: str = "icon") -> Markup:
    """Return an icon by its name in icons.svg, and remember that the page needs it."""
    _use(name)
    return _OWN(f'<svg class="{css}" aria-hidden="true"><use href="#i-{name}"/></svg>')


def stars(count: int) -> Markup:
    """Return the drawn stars of an OCOP badge, 3 to 5."""
    _use(f"star-{count}")
    width = count * _STAR_WIDTH
    return _OWN(
        f'<svg viewBox="0 0 {width} 20" width="{width * 3 // 5}" height="12" aria-hidden="true">'
        f'<use href="#i-star-{count}"/></svg>'
    )


def sprite() -> Markup:
    """Return the symbols the page has used so far. Stands at the end of the layout."""
    used: dict[str, str] = g.get("icons", {})
    return _OWN(f"<div hidden><svg>{''.join(used.values())}</svg></div>")


@dataclass(frozen=True)
class Drawn:
    """A part of a page, and the symbols it needs."""

    markup: Markup
    symbols: dict[str, str]


def drawn(draw: Callable[[], Markup]) -> Drawn:
    """Return a part together with the symbols that drawing it asked for, to be kept."""
    before = g.pop("icons", {})
    try:
        return Drawn(draw(), g.get("icons", {}))
    finally:
        g.icons = before


def used_by(part: Drawn) -> Markup:
    """Return a part that was kept, and remember the symbols it needs."""
    if part.symbols:
        g.setdefault("icons", {}).update(part.symbols)
    return part.markup


def _use(name: str) -> None:
    if "icons" not in g:
        g.icons = {}
    g.icons[name] = SYMBOLS[name]
