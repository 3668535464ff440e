"""Which address shows what."""

# Handles are left unused; modules that hold spindles keep this rule on, for a forgotten await.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from pathlib import Path

from examples.checkout.contract import Checkout, Listing, Store
from examples.checkout.ports import Catalog, Inventory, Orders
from examples.checkout.shop import SqliteShop
from examples.checkout.spindle import checkout, listing
from examples.checkout.view import CheckoutView, ListingView
from spindle import PageMachine
from spindle.web import App, NotFound, Request

__all__ = ["tea_shop"]

STYLESHEET = Path(__file__).parents[1] / "style.css"


def tea_shop(shop: SqliteShop) -> App:
    """Make the site of a shop."""
    app = App(provide={Catalog: shop, Inventory: shop, Orders: shop})

    @app.page("/", Listing, ListingView, title="Steep & Co.", stylesheet=STYLESHEET)
    async def browse(page: PageMachine, request: Request) -> None:
        page.start(Listing, listing)

    @app.page("/buy/{sku}", Store, CheckoutView, stylesheet=STYLESHEET)
    async def buy(page: PageMachine, request: Request, sku: str) -> None:
        product = await shop.product(sku)
        if product is None:
            raise NotFound("This tea is not sold here.")
        page.start(Checkout, checkout, product)

    return app
