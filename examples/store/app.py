"""The one address, and what runs behind it."""

# Handles are left unused; modules that hold spindles keep this rule on, for a forgotten await.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from pathlib import Path

from examples.store.contract import Cart, Dashboard, Filters, Search, Store, Suggestions
from examples.store.persistent import Persistent
from examples.store.ports import Catalog, Inventory, Orders
from examples.store.shop import SqliteStore
from examples.store.spindles import cart, dashboard, search, suggestions
from examples.store.view import StoreView
from spindle import PageMachine, Restart
from spindle.web import App, Request

__all__ = ["given", "store_page", "store_site"]

HERE = Path(__file__)
STYLES = (HERE.parents[1] / "style.css", HERE.with_name("store.css"))


def store_page(app: App, store: SqliteStore) -> None:
    """Add the page to an app that is given what `given` says."""

    @app.page("/", Store, StoreView, title="Steep & Co.", stylesheet=STYLES)
    async def browse(page: PageMachine, request: Request, q: str = "") -> None:
        # The search, and the purchases it forks, ask again before they give up.
        patient = Persistent(store)
        page.start(Search, search, Filters(q[:100]), policy=Restart(), provide={Catalog: patient})
        page.start(Cart, cart, policy=Restart())
        page.start(Suggestions, suggestions, policy=Restart())
        page.start(Dashboard, dashboard, policy=Restart())


def given(store: SqliteStore) -> dict[type, object]:
    """What the page's spindles are given."""
    return {Catalog: store, Inventory: store, Orders: store}


def store_site(store: SqliteStore) -> App:
    """Make the site of a store."""
    app = App(provide=given(store))
    store_page(app, store)
    return app
