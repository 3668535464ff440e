"""The kiosk as loads of a run."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import trio

from spindle._core.errors import Abandoned
from spindle._runtime.page import PageMachine
from spindle.stress.builtin.kiosk import (
    RESTART,
    Books,
    Broken,
    Clerk,
    Counter,
    Flaky,
    Kiosk,
    Quick,
    ServedKiosk,
)
from spindle.stress.builtin.kiosk_view import KioskView
from spindle.stress.page_load import PageLoad
from spindle.stress.site_load import SiteLoad
from spindle.web.app import App
from spindle.web.http.request import Request
from spindle.web.limits import Limits

__all__ = ["kiosk_pages", "kiosk_site"]

ADOPTION = 0.25
"""Seconds after which a page to which nobody comes is ended: short, so that it happens often."""


class Office:
    """The books of every page that is open."""

    def __init__(self) -> None:
        self._books: WeakKeyDictionary[PageMachine, Books] = WeakKeyDictionary()

    def start(self, page: PageMachine) -> None:
        """Start the counter of a page, which starts the rest."""
        books = self._books[page] = Books()
        page.start(Counter, books.counter)

    def start_all(self, page: PageMachine) -> None:
        """Start the counter of a page, and what fails on purpose."""
        self.start(page)
        page.start(Flaky, self._books[page].flaky, policy=RESTART)

    def left(self, page: PageMachine) -> Iterable[str]:
        """Ask the books of a page that has ended."""
        books = self._books.pop(page, None)
        return [] if books is None else books.left()


def kiosk_pages() -> PageLoad:
    """Make the load of kiosks in the process."""
    office = Office()
    return PageLoad(
        Kiosk,
        office.start_all,
        provide={Clerk: Quick()},
        hosted=True,
        # The second: of a wait for a cell whose writer was cancelled.
        expected=(Broken, Abandoned),
        left=office.left,
    )


def kiosk_site() -> SiteLoad:
    """Make the load of a site with a kiosk."""
    office = Office()
    app = App(provide={Clerk: Quick()}, limits=Limits(adoption=ADOPTION))

    @app.page("/", ServedKiosk, KioskView, title="Kiosk")
    async def mount(page: PageMachine, request: Request) -> None:
        office.start(page)
        await trio.lowlevel.checkpoint()

    return SiteLoad(app, left=office.left)
