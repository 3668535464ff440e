"""What the store needs of a backend, declared apart from what implements it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from examples.checkout.contract import Address, Card
from examples.checkout.ports import Refusal
from examples.store.contract import Basket, Filters, Found, Order, Overview, SoldOut, Tea
from spindle import Port, many, once, read, within, write

__all__ = ["Catalog", "Inventory", "Orders", "Reservation"]


class Reservation(msgspec.Struct, frozen=True):
    """What was taken from the shelf for one visitor."""

    number: int
    basket: Basket


class Catalog(Port):
    """What is sold."""

    @read
    @within(10)  # seconds, all attempts included; then the search fails and is told so
    async def search(self, filters: Filters, skip: int = 0) -> Found:
        """A dozen of what fits, best first, after the first `skip`."""

    @read
    async def overview(self, filters: Filters) -> Overview:
        """All of what fits, counted."""

    @read
    async def tea(self, sku: str) -> Tea:
        """One tea."""

    @many(tea)
    async def teas(self, skus: tuple[str, ...]) -> Mapping[str, Tea]:
        """Those that are asked for at the same time, in one query."""
        raise NotImplementedError

    @read
    async def alike(self, sku: str) -> tuple[str, ...]:
        """The skus of teas that taste like this one and come from elsewhere."""


class Inventory(Port):
    """What is on the shelf."""

    @once
    async def reserve(self, basket: Basket) -> Reservation | SoldOut:
        """Take all of it from the shelf, or nothing."""

    @write
    async def release(self, reservation: Reservation) -> None:
        """Put it back, unless an order has used the reservation."""


class Orders(Port):
    """What is sent out."""

    @once
    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        """Charge the card and use up the reservation: both, or neither."""
