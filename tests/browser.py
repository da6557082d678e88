"""A real browser without a window: Chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from firmware.source import Missing
from playwright.sync_api import Page, sync_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    # It would look for hosts of its own, otherwise.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def program() -> str:
    """Return the path of a Chromium. Raises Missing where there is none."""
    for name in _PROGRAMS:
        path = shutil.which(name)
        if path:
            return path
    raise Missing("no Chromium: install it, or run .ci/install on Debian")


class Visit:
    """What happened while a page was shown: answers, and what should not have happened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []  # console messages, exceptions, failed requests
        self._urls: dict[str, str] = {}  # by the id of a request
        self.ranges: list[str] = []  # that were asked for
        self._answers: list[tuple[str, int, dict[str, str]]] = []  # id, status, headers
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", lambda request: self.errors.append(request.url))
        # What came over the wire; the page itself is told 200 where the cache was right.
        protocol = page.context.new_cdp_session(page)
        protocol.on("Network.requestWillBeSent", self._asked)
        protocol.on("Network.responseReceivedExtraInfo", self._answered)
        protocol.send("Network.enable")

    def take_answers(self) -> dict[str, list[tuple[int, dict[str, str]]]]:
        """Return the status and the headers of the answers since the last call, by url."""
        found: dict[str, list[tuple[int, dict[str, str]]]] = {}
        for number, status, headers in self._answers:
            found.setdefault(self._urls[number], []).append((status, headers))
        self._answers.clear()
        return found

    def _asked(self, event: dict[str, Any]) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]
        asked = {name.lower(): value for name, value in event["request"]["headers"].items()}
        if "range" in asked:
            self.ranges.append(asked["range"])

    def _answered(self, event: dict[str, Any]) -> None:
        # The two events of a request come in any order.
        headers = {name.lower(): value for name, value in event["headers"].items()}
        self._answers.append((event["requestId"], event["statusCode"], headers))


@contextlib.contextmanager
def visit(width: int = 640, height: int = 440, dark: bool = False) -> Iterator[Visit]:
    """A browser with an empty cache and one page, which is blank yet; sizes in pixels."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=program(),
            args=OPTIONS,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        try:
            yield Visit(context.pages[0])
        finally:
            context.close()
