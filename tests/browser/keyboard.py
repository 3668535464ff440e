"""The way of those who have no pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def tab_to(page: Page, name: str) -> None:
    """Press the tab key until the element of that name has the focus."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.labels?.[0]?.innerText") == name:
            return
        if page.evaluate("document.activeElement.innerText") == name:
            return
    raise AssertionError(f"the tab key does not lead to {name!r}")
