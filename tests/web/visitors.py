"""How far a visitor has come when a test begins."""

from __future__ import annotations

import pytest

from spindle.web.memory import Visitor, visit
from spindle.web.site import Site
from spindle.web.socket.transport import TransportClosed
from tests.web.store import HOME, Checkout


async def connected(site: Site, target: str = "/buy/tea") -> Visitor:
    visitor = await visit(site, target)
    await visitor.connect()
    return visitor


async def at_payment(site: Site) -> Visitor:
    visitor = await connected(site)
    await visitor.settled(await visitor.submit(Checkout.ShippingGiven, HOME))
    assert "Pay 4" in visitor.html
    return visitor


async def closed_with(visitor: Visitor) -> tuple[int, str]:
    with pytest.raises(TransportClosed) as caught:  # noqa: PT012 - sooner or later
        while True:
            await visitor.receive()
    return caught.value.code, caught.value.reason
