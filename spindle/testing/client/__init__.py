"""Live pages tested as a visitor uses them: in memory, and by the same script in a browser.

    async with open_client(app) as client:
        shop = await client.visit("/buy/tea")
        await shop.click("button:text('Buy')")
        assert shop.yields() == [Checkout.AskPayment(total=4)]

In memory there is no browser, port or network; on trio's mock clock time is virtual.
`spindle.testing.client.chromium` opens the same in Chromium. Needs the extra `client`.
"""

from __future__ import annotations

from spindle._core.public import publish
from spindle.testing.client.errors import (
    ClientError,
    ElementError,
    NotSettled,
    PageEnded,
    VisitFailed,
)
from spindle.testing.client.memory import open_client
from spindle.testing.client.seen import Outcome, Seen
from spindle.testing.client.tab import Tab
from spindle.testing.client.visitor import Client

__all__ = [
    "Client",
    "ClientError",
    "ElementError",
    "NotSettled",
    "Outcome",
    "PageEnded",
    "Seen",
    "Tab",
    "VisitFailed",
    "open_client",
]

publish(__name__, [globals()[name] for name in __all__])
