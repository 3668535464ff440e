"""Live pages over HTTP and a websocket, on one port.

    app = App(provide={Backend: Shop()})

    @app.page("/buy/{sku}", Store, StoreView)
    async def mount(page: PageMachine, request: Request, sku: str) -> None:
        page.start(Store.Checkout, checkout, sku)

    app.run(path="/buy/tea")

`spindle.web.memory` has visitors for tests.
"""

from __future__ import annotations

from spindle.web.app import App
from spindle.web.errors import NotFound, PageDeclarationError, ServeError
from spindle.web.http.request import Request
from spindle.web.limits import Limits
from spindle.web.site import open_site

__all__ = [
    "App",
    "Limits",
    "NotFound",
    "PageDeclarationError",
    "Request",
    "ServeError",
    "open_site",
]
