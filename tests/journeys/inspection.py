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

# A link inside a sentence is excepted, as in WCAG 2.5.8; a field is as big as its label.
_SMALL_TARGETS = """(least) => {
  const inSentence = (each) => each.tagName === "A"
    && getComputedStyle(each).display === "inline"
    && each.parentElement.textContent.trim().length > each.textContent.trim().length;
  const labelled = (each) => ["checkbox", "radio", "file"].includes(each.type)
    && each.closest("label") || each;
  return [...document.querySelectorAll(
    "a[href], button, select, textarea, summary, input:not([type=hidden])")]
    .filter((each) => each.checkVisibility() && !each.closest(".skip, [aria-hidden=true]"))
    .filter((each) => !inSentence(each))
    .map((each) => [each, labelled(each).getBoundingClientRect()])
    .filter(([each, box]) => box.height + 0.5 < least || box.width + 0.5 < least)
    .map(([each, box]) => `${each.outerHTML.slice(0, 120)} is ${Math.round(box.width)} × `
      + `${Math.round(box.height)} px`);
}"""

# Colours that glide from light to dark are looked at when they have arrived.
_SETTLED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => Promise.allSettled(document.getAnimations().map((each) => each.finished)).then(done))))"""


def kind_of(path: str) -> str:
    """Return an address with what differs from one row to the next taken out."""
    path = ID.sub("*", path.partition("?")[0])
    return SLUG.sub(r"/\1/*", path)


def faults(page: Page, *, language: str | None = None) -> list[str]:
    """Return what is wrong with the page as it stands, at the window's present width.

    axe looks at all of it, in light and in dark, through a window as tall as the page.
    """
    before = page.viewport_size or ViewportSize(width=1280, height=900)
    facts = page.evaluate(_FACTS)
    found = _about(facts, language)
    narrow = before["width"] <= max(NARROWEST)
    for width in NARROWEST if narrow else ():
        page.set_viewport_size(ViewportSize(width=width, height=before["height"]))
        found += [
            f"at {width} px wider than the screen: {what}" for what in page.evaluate(_TOO_WIDE)
        ]
    if narrow:
        page.set_viewport_size(before)
        found += [f"small target: {what}" for what in page.evaluate(_SMALL_TARGETS, LEAST_TARGET)]
    else:
        found += [f"wider than the screen: {what}" for what in page.evaluate(_TOO_WIDE)]
    tall = ViewportSize(width=before["width"], height=max(before["height"], facts["height"]))
    page.set_viewport_size(tall)
    found += [f"axe: {what}" for what in _axe(page, {})]
    page.emulate_media(color_scheme="dark")
    page.evaluate(_SETTLED)
    # Only colours differ in the dark.
    found += [f"axe, dark: {what}" for what in _axe(page, {"runOnly": ["color-contrast"]})]
    page.emulate_media(color_scheme="light")
    page.evaluate(_SETTLED)
    page.set_viewport_size(before)
    return found


def _about(facts: dict[str, Any], language: str | None) -> list[str]:
    found = []
    if facts["language"] != (language or "vi"):
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
