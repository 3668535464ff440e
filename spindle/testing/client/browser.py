"""Playwright and its Chromium; everything here happens in the worker's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.testing.client.errors import ClientError
from spindle.testing.client.watch import WATCH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page, Playwright

__all__ = ["Browser"]


class Browser:
    """A browser for one visitor.

    Args:
        executable: the browser's; None for the one that Playwright has installed.
        arguments: for its command line.
        headless: without a window.
        patience: in seconds, for whatever Playwright waits for.
    """

    def __init__(
        self,
        executable: str | Path | None,
        arguments: Sequence[str],
        headless: bool,
        patience: float,
    ) -> None:
        self.faults: list[str] = []
        """What scripts in its pages raised."""
        self._executable = executable
        self._arguments = list(arguments)
        self._headless = headless
        self._patience = patience
        self._playwright: Playwright | None = None
        self._context: BrowserContext | None = None

    def open(self) -> None:
        """Start it.

        Raises:
            ClientError: Playwright is not installed, or Chromium does not start.
        """
        try:
            from playwright.sync_api import Error, sync_playwright
        except ImportError:
            raise ClientError("open_browser() needs Playwright: pip install playwright") from None
        self._playwright = sync_playwright().start()
        try:
            browser = self._playwright.chromium.launch(
                executable_path=self._executable, args=self._arguments, headless=self._headless
            )
        except Error as error:
            raise ClientError(f"Chromium does not start: {error.message}") from error
        self._context = browser.new_context()
        self._context.set_default_timeout(self._patience * 1000)
        self._context.add_init_script(WATCH)

    def close(self) -> None:
        """End it, and Playwright with it."""
        if self._context is not None and self._context.browser is not None:
            self._context.browser.close()
        if self._playwright is not None:
            self._playwright.stop()

    def new_page(self) -> Page:
        """Open a tab."""
        assert self._context is not None
        page = self._context.new_page()
        page.on("pageerror", lambda error: self.faults.append(error.stack or error.message))
        return page
