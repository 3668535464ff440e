"""The one address, and what runs behind it."""

# pyright: reportUnusedCallResult=false

from __future__ import annotations

from pathlib import Path

from examples.passport.contract import Passport, Passports
from examples.passport.form import Form
from examples.passport.ports import Office
from examples.passport.spindle import apply
from examples.passport.view import PassportView
from spindle import PageMachine
from spindle.durable import Store
from spindle.web import App, Request

__all__ = ["MONTH", "passport_page", "passport_site"]

MONTH = 30 * 24 * 3600
"""After so many seconds an application is removed that nobody goes on with."""


def passport_page(app: App) -> None:
    """Add the page to an app that is given an `Office`, and a store."""
    style = Path(__file__).with_name("passport.css")

    @app.page("/passport", Passports, PassportView, stylesheet=style, durable=True)
    async def fill_in(page: PageMachine, request: Request) -> None:
        page.start(Passport, apply, Form())


def passport_site(office: Office, pages: Path | Store) -> App:
    """Make a site that has this page only, and keeps what is filled in in a file, or a store."""
    app = App(provide={Office: office}, store=pages, purge_after=MONTH, snapshot_every=1)
    passport_page(app)
    return app
