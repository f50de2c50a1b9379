"""Journeys through the pages in a real browser, on one real platform for the whole run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import steps
from tests.journeys.platform import BROWSER_ARGUMENTS, Platform, find_browser, running
from tests.journeys.visitor import PHONE, Size, Visitor

HERE = Path(__file__).parent
RUNNING = pytest.StashKey[Platform]()

Visit = Callable[..., Visitor]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the journeys together, so that they share one platform under pytest-xdist, and in
    front: one worker walks them while the others run everything else."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show what the platform logged when a journey fails."""
    report: Any = yield
    if report.failed and RUNNING in item.config.stash and HERE in item.path.parents:
        report.sections.append(("The platform's log", item.config.stash[RUNNING].tail()))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        reason = "no Chromium was found: the journeys through the pages need one"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def platform(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        pytestconfig.stash[RUNNING] = platform
        yield platform


@pytest.fixture(scope="session")
def addresses() -> Iterator[int]:
    return count(1)


@pytest.fixture
def visit(browser: Browser, platform: Platform, addresses: Iterator[int]) -> Iterator[Visit]:
    """Return a function that opens a browser; faults seen in it fail the journey at its end."""
    visitors: list[Visitor] = []

    def open_browser(**wishes: Any) -> Visitor:
        came_from = f"198.51.100.{next(addresses)}"
        visitors.append(Visitor(browser, platform, came_from=came_from, **wishes))
        return visitors[-1]

    yield open_browser
    for visitor in visitors:
        visitor.context.close()
    faults = [fault for visitor in visitors for fault in visitor.all_faults]
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def officer_state(browser: Browser, platform: Platform) -> Any:
    """Sign the province's officer in, once: an authenticator's code is good for one sign-in."""
    with Visitor(browser, platform, size=PHONE, came_from="198.51.101.1") as officer:
        steps.sign_in_officer(officer)
        return officer.context.storage_state()


@pytest.fixture(scope="session")
def seller_state(browser: Browser, platform: Platform) -> Any:
    """Sign the demo's baker in."""
    with Visitor(browser, platform, size=PHONE, came_from="198.51.101.2") as seller:
        steps.sign_in(seller, steps.SELLER_PHONE, steps.DEMO_PASSWORD)
        return seller.context.storage_state()


@pytest.fixture(params=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> Size:
    """Both screens, one after the other."""
    return steps.SIZES[request.param]


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def script(request: pytest.FixtureRequest) -> bool:
    """With JavaScript, and without."""
    return bool(request.param)
