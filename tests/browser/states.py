"""The states of a page, each looked at and kept as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.visits import expect_heading

if TYPE_CHECKING:
    import re

    from playwright.sync_api import Page

SCREENS = pytest.mark.parametrize(("width", "colours"), [(360, "dark"), (1280, "light")])
"""Each width and each scheme of colours: the one is for the layout, the other for the contrast."""
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, which has to be as wide as the screen."""
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"


class States:
    """Looks at each state of a page, and keeps a picture of it."""

    def __init__(self, page: Page, suffix: str) -> None:
        self._page = page
        self._suffix = suffix
        self._axe = Axe()

    def check(self, name: str, heading: str | re.Pattern[str]) -> None:
        page = self._page
        expect_heading(page, heading)
        keep_picture(page, f"{name}-{self._suffix}")
        found = self._axe.run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
