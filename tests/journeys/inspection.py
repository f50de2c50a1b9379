"""What every page must be, whoever looks at it: measured in the browser itself."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

NARROWEST = (320, 360)
LEAST_TARGET = 44
ID = re.compile(r"(?<=/)[0-9a-hjkmnp-tv-z]{14}(?=/|$)|(?<=/)[\w-]{20,}(?=/|$)")
SLUG = re.compile(r"^/(products|sellers|places)/(?!suggest)[^/]+$")

_FACTS = """() => ({
  language: document.documentElement.lang,
  title: document.title,
  headings: document.querySelectorAll("h1").length,
  twins: [...document.querySelectorAll("[id]")].map((each) => each.id)
    .filter((id, index, all) => all.indexOf(id) !== index),
  height: document.documentElement.scrollHeight,
})"""

_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > room + 1)
    .map((each) => each.tagName + "." + each.className).slice(0, 6);
  return wide.length ? wide : ["the page, " + document.documentElement.scrollWidth + " px"];
}"""

# A link inside a sentence is excepted, as in WCAG 2.5.8; a field is as big as its label, a card's
# link as big as the card it is spread over.
_SMALL_TARGETS = """(least) => {
  const inSentence = (each) => each.tagName === "A"
    && getComputedStyle(each).display === "inline"
    && each.parentElement.textContent.trim().length > each.textContent.trim().length;
  const labelled = (each) => ["checkbox", "radio", "file"].includes(each.type)
    && each.closest("label") || each;
  const spread = (each) => {
    const after = getComputedStyle(each, "::after");
    return after.content !== "none" && after.position === "absolute" ? each.offsetParent : each;
  };
  return [...document.querySelectorAll(
    "a[href], button, select, textarea, summary, input:not([type=hidden])")]
    .filter((each) => each.checkVisibility() && !each.closest(".skip, [aria-hidden=true]"))
    .filter((each) => !inSentence(each))
    .map((each) => [each, spread(labelled(each)).getBoundingClientRect()])
    .filter(([each, box]) => box.height + 0.5 < least || box.width + 0.5 < least)
    .map(([each, box]) => `${each.outerHTML.slice(0, 120)} is ${Math.round(box.width)} × `
      + `${Math.round(box.height)} px`);
}"""


def kind_of(path: str) -> str:
    """Return an address with what differs from one row to the next taken out."""
    path = ID.sub("*", path.partition("?")[0])
    return SLUG.sub(r"/\1/*", path)


def faults(page: Page, *, language: str = "vi") -> list[str]:
    """Return what is wrong with the page as it stands, at the window's present width.

    axe looks at all of it, in light and in dark, through a window as tall as the page. The
    browser must prefer reduced motion, or axe meets colours on their way. In another language
    only the lengths of words differ.
    """
    before = page.viewport_size or ViewportSize(width=1280, height=900)
    facts = page.evaluate(_FACTS)
    found = _about(facts, language) + _layout(page, before)
    if language == "vi":
        height = max(before["height"], facts["height"])
        page.set_viewport_size(ViewportSize(width=before["width"], height=height))
        found += _seen_by_axe(page)
        page.set_viewport_size(before)
    return found


def _layout(page: Page, size: ViewportSize) -> list[str]:
    if size["width"] > max(NARROWEST):
        return [f"wider than the screen: {what}" for what in page.evaluate(_TOO_WIDE)]
    found = []
    for width in NARROWEST:
        page.set_viewport_size(ViewportSize(width=width, height=size["height"]))
        found += [f"wider than {width} px: {what}" for what in page.evaluate(_TOO_WIDE)]
    page.set_viewport_size(size)
    small = page.evaluate(_SMALL_TARGETS, LEAST_TARGET)
    return found + [f"small target: {what}" for what in small]


def _seen_by_axe(page: Page) -> list[str]:
    found = [f"axe: {what}" for what in _axe(page, {})]
    page.emulate_media(color_scheme="dark")
    # Only colours differ in the dark.
    found += [f"axe, dark: {what}" for what in _axe(page, {"runOnly": ["color-contrast"]})]
    page.emulate_media(color_scheme="light")
    return found


def _about(facts: dict[str, Any], language: str) -> list[str]:
    found = []
    if facts["language"] != language:
        found.append(f"lang is {facts['language']!r}")
    if not facts["title"].strip():
        found.append("no title")
    if facts["headings"] != 1:
        found.append(f"{facts['headings']} h1")
    if facts["twins"]:
        found.append(f"ids used twice: {facts['twins']}")
    return found


def _axe(page: Page, options: dict[str, Any]) -> list[str]:
    answer = Axe().run(page, options={"resultTypes": ["violations"], **options}).response
    return [
        f"{violation['id']}: {node['html'][:160]} ({node.get('failureSummary', '')})"
        for violation in answer["violations"]
        for node in violation["nodes"][:4]
    ]
