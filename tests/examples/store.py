"""The store's backend as a class of a few lines, for pages that are stepped by hand."""

from __future__ import annotations

from examples.checkout.contract import Address, Card
from examples.checkout.ports import Refusal
from examples.store.contract import Basket, Filters, Found, Order, Overview, SoldOut, Tea
from examples.store.ports import Catalog, Inventory, Orders, Reservation

HOME = Address("Ada Smith", "Main St 1", "89073", "Ulm")
GOOD, BAD = Card("4242424242424242"), Card("4000000000000002")


def tea(number: int, *, kind: str = "Green", price: int = 500) -> Tea:
    return Tea(f"tea-{number:02}", f"Tea {number}", kind, "Ulm", f"{kind} tea", price)


class Shelf(Catalog, Inventory, Orders):
    """So many teas, one bag of each. `fails` names calls that raise."""

    def __init__(self, *teas: Tea) -> None:
        self.sold = {each.sku: each for each in teas or map(tea, range(30))}
        self.stock = dict.fromkeys(self.sold, 1)
        self.calls: list[str] = []
        self.fails: set[str] = set()

    async def search(self, filters: Filters, skip: int = 0) -> Found:
        self.called("search", filters.query or "everything", skip)
        fitting = self.fitting(filters)
        return Found(tuple(fitting[skip : skip + 12]), len(fitting))

    async def overview(self, filters: Filters) -> Overview:
        self.called("overview")
        prices = [each.price for each in self.fitting(filters)] or [0]
        left = sum(self.stock[each.sku] for each in self.fitting(filters))
        return Overview(len(self.fitting(filters)), min(prices), max(prices), left)

    async def tea(self, sku: str) -> Tea:
        self.called("tea", sku)
        return self.sold[sku]

    async def alike(self, sku: str) -> tuple[str, ...]:
        self.called("alike", sku)
        return tuple(each for each in reversed(self.sold) if each != sku)[:3]

    async def reserve(self, basket: Basket) -> Reservation | SoldOut:
        self.called("reserve")
        for line in basket.lines:
            if self.stock[line.tea.sku] < line.count:
                return SoldOut(line.tea)
        for line in basket.lines:
            self.stock[line.tea.sku] -= line.count
        return Reservation(len(self.calls), basket)

    async def release(self, reservation: Reservation) -> None:
        self.called("release")
        for line in reservation.basket.lines:
            self.stock[line.tea.sku] += line.count

    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        self.called("place")
        if card == BAD:
            return Refusal("no money")
        return Order(7, reservation.basket, shipping, card.number[-4:])

    def called(self, *call: object) -> None:
        self.calls.append(" ".join(map(str, call)))
        if call[0] in self.fails:
            raise ConnectionError(f"{call[0]} does not answer")

    def fitting(self, filters: Filters) -> list[Tea]:
        return [
            each
            for each in self.sold.values()
            if filters.query in each.name
            and filters.kind in ("", each.kind)
            and (filters.most is None or each.price <= filters.most * 100)
        ]
