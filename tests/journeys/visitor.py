"""Somebody at a browser: does what a person can do with what is to be seen, and minds faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    Request,
    Response,
    ViewportSize,
)

from tests.journeys import inspection
from tests.journeys.platform import Platform, until

PATIENCE = 10_000


@dataclass(frozen=True)
class Size:
    """How big somebody's screen is, in CSS pixels."""

    name: str
    width: int
    height: int
    scale: float = 1


PHONE = Size("phone", 360, 740)
DESKTOP = Size("desktop", 1280, 900)


class Visitor:
    """A browser of its own. As a context manager it fails at the end on any fault seen."""

    def __init__(
        self,
        browser: Browser,
        platform: Platform,
        *,
        size: Size = PHONE,
        script: bool = True,
        came_from: str,
        signed_in: Any = None,
        service_workers: bool = False,
        curious: bool = True,
    ) -> None:
        self.platform = platform
        self.size = size
        self.script = script
        self.curious = curious and script
        self.language = "vi"
        self.context = browser.new_context(
            base_url=platform.address,
            viewport=ViewportSize(width=size.width, height=size.height),
            device_scale_factor=size.scale,
            java_script_enabled=script,
            reduced_motion="reduce",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            storage_state=signed_in,
            service_workers="allow" if service_workers else "block",
            extra_http_headers={"X-Forwarded-For": came_from},
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.status = 0
        self.faults: list[str] = []
        self.refusals: list[tuple[int, str]] = []
        self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.context.close()
        if error is None:
            assert not self.all_faults, "\n".join(self.all_faults)

    @property
    def all_faults(self) -> list[str]:
        """What went wrong so far: errors in the console, requests refused, faults of pages."""
        return self.faults + [f"{status} {address}" for status, address in self.refusals]

    # --- going about -------------------------------------------------------------------------

    @property
    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def go(self, path: str, *, status: int = 200) -> None:
        """Type an address."""
        self._arrive(self.page.goto(path), status)

    def press(self, name: str, *, status: int = 200, within: Locator | None = None) -> None:
        """Press the button of exactly this name; a page must follow."""
        self._lead(self.button(name, within).click, status)

    def follow(self, name: str, *, status: int = 200, within: Locator | None = None) -> None:
        """Follow the first link of this name in the main part of the page."""
        link = (within or self.main).get_by_role("link", name=name).first
        self._lead(link.click, status)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def submit(self, locator: Locator, *, status: int = 200) -> None:
        """Press Enter in a field."""
        self._lead(lambda: locator.press("Enter"), status)

    def lead(self, act: Callable[[], object], *, status: int = 200) -> None:
        """Do something that a page must follow."""
        self._lead(act, status)

    def choose_files(self, locator: Locator, *files: FilePayload) -> None:
        locator.set_input_files(list(files))

    def download(self, name: str) -> bytes:
        """Follow a link that gives a file; return what is in it."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=name).first.click()
        return waiting.value.path().read_bytes()

    # --- reading and writing -----------------------------------------------------------------

    def fill(self, label: str, text: str, *, exact: bool = False) -> None:
        self.field(label, exact=exact).fill(text)

    def field(self, label: str, *, exact: bool = False) -> Locator:
        typed = "input:not([type=radio], [type=checkbox], [type=file]), textarea, select"
        return self.main.get_by_label(label, exact=exact).and_(self.page.locator(typed))

    def tick(self, label: str, *, exact: bool = False) -> None:
        """Choose a radio button or tick a box by the words beside it."""
        self.main.get_by_label(label, exact=exact).first.check()

    def remembers(self, expression: str, what: str) -> None:
        """Wait until an expression is true in the page. Raises Impatient, naming `what`."""
        until(lambda: self.page.evaluate(expression), what)

    def sees(self, *words: str) -> None:
        """Fail unless the main part of the page shows all these words."""
        text = self.words()
        for each in words:
            assert each in text, f"{each!r} is not on {self.path}:\n{text}"

    def misses(self, *words: str) -> None:
        text = self.words()
        for each in words:
            assert each not in text, f"{each!r} is on {self.path}:\n{text}"

    def words(self) -> str:
        """Return the main part of the page as text, white space as single blanks."""
        return " ".join(self.main.inner_text().split())

    def look_again(self, path: str, done: Callable[[], bool], what: str) -> None:
        """Load a page anew until something is so. Raises Impatient."""

        def look() -> bool:
            self.go(path)
            return done()

        until(look, what)

    def inspect(self) -> None:
        """Look closely at the page shown, once for every kind of page and size of screen.

        Not without scripts, for axe is one.
        """
        kind = (self.size.name, self.language, inspection.kind_of(self.path), self.status)
        if not self.curious or kind in self.platform.looked_at:
            return
        self.platform.looked_at.add(kind)
        where = f"{self.size.name} {self.language} {self.path} ({self.status})"
        self.faults += [
            f"{where}: {fault}" for fault in inspection.faults(self.page, language=self.language)
        ]

    # --- minding -----------------------------------------------------------------------------

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Take the network away for a while; what fails for want of it is no fault."""
        kept = list(self.faults)
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)
            self.faults = kept

    def _lead(self, act: Callable[[], object], status: int) -> None:
        with self.page.expect_navigation() as waiting:
            act()
        self._arrive(waiting.value, status)

    def _arrive(self, response: Response | None, status: int) -> None:
        assert response is not None, f"no answer at {self.page.url}"
        refusal = (response.status, response.url)
        if response.status == status:
            self.refusals = [each for each in self.refusals if each != refusal]
        else:
            raise AssertionError(
                f"{response.status} instead of {status} at {response.url}:\n{self.words()}"
            )
        self.status = status
        self.inspect()

    def _listen(self) -> None:
        self.page.on("console", self._hear_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.path}: {error}"))
        self.page.on("response", self._hear_response)
        self.page.on("requestfailed", self._hear_failure)

    def _hear_console(self, message: ConsoleMessage) -> None:
        # Refused and failed requests are heard of themselves.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{self.path}: {message.text}")

    def _hear_response(self, response: Response) -> None:
        if response.status >= 400:
            self.refusals.append((response.status, response.url))

    def _hear_failure(self, request: Request) -> None:
        # Going to the next page ends what the last one was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.url}: {request.failure}")
