"""A conversation with a call on the way: told what is wanted, a spindle looks up the price."""

from __future__ import annotations

from spindle import Event, Port, Spindle, Yield, read, use

__all__ = ["Desk", "PriceList", "Prices", "quote", "quote_many"]


class Desk(Spindle):
    """Names prices."""

    class Wanted(Event):
        """What a price is wanted for."""

        sku: str

    class Named(Yield[Wanted]):
        """The price of what was wanted last."""

        price: int

    class Asked(Event):
        """The price is to be looked up so many times."""

        times: int

    class Counted(Yield[Asked]):
        """All the prices that were found last."""

        total: int


class Prices(Port):
    """Where prices are looked up."""

    @read
    async def price(self, sku: str) -> int:
        """Of one thing."""


class PriceList(Prices):
    """Answers without waiting, as a test's own implementation does."""

    def __init__(self, **prices: int) -> None:
        self.prices = prices

    async def price(self, sku: str) -> int:
        return self.prices[sku]


async def quote() -> None:
    """Name prices for ever."""
    prices = await use(Prices)
    price = 0
    while True:
        wanted = await Desk.Named(price)
        price = await prices.price(wanted.sku)


async def quote_many() -> None:
    """Look a price up many times, for ever."""
    prices = await use(Prices)
    total = 0
    while True:
        asked = await Desk.Counted(total)
        total = sum([await prices.price("tea") for _ in range(asked.times)])
