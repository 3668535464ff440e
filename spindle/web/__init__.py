"""Live pages over HTTP and a websocket, on one port.

    app = App(provide={Backend: Shop()})

    @app.page("/buy/{sku}", Store, StoreView)
    async def mount(page: PageMachine, request: Request, sku: str) -> None:
        page.start(Store.Checkout, checkout, sku)

    app.run(path="/buy/tea")

`spindle.web.memory` has visitors for tests.
"""

from __future__ import annotations

from spindle._core.public import publish
from spindle.web.app import App
from spindle.web.asgi.application import AsgiApp
from spindle.web.errors import NotFound, PageDeclarationError, ServeError
from spindle.web.http.request import Request
from spindle.web.http.response import Response
from spindle.web.limits import Limits
from spindle.web.site import Site, open_site
from spindle.web.socket.transport import Transport, TransportClosed

__all__ = [
    "App",
    "AsgiApp",
    "Limits",
    "NotFound",
    "PageDeclarationError",
    "Request",
    "Response",
    "ServeError",
    "Site",
    "Transport",
    "TransportClosed",
    "open_site",
]

publish(__name__, [globals()[name] for name in __all__])
