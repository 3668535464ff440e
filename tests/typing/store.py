"""The store of the project's introduction, as its users write it: clean under both checkers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from spindle import (
    Cell,
    Completed,
    Contract,
    Coroutine,
    Delivery,
    Event,
    Notify,
    Port,
    Settlement,
    Source,
    Spindle,
    Suspended,
    Yield,
    await_any,
    cleanup,
    fork,
    many,
    once,
    open_page,
    read,
    use,
    within,
    write,
)
from spindle.testing import Fake, HandPage, Transcript
from spindle.view import Markup, View, click, fields, on, on_complete, on_error, submit


class Product(msgspec.Struct, frozen=True):
    sku: str
    price: int


class Address(msgspec.Struct, frozen=True):
    street: str
    city: str


class Card(msgspec.Struct, frozen=True):
    token: str


class Filters(msgspec.Struct, frozen=True):
    query: str = ""
    tags: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
    products: tuple[Product, ...]
    total: int


class Order(msgspec.Struct, frozen=True):
    id: str


class SoldOut(msgspec.Struct, frozen=True):
    sku: str


class CardRefused(msgspec.Struct, frozen=True):
    reason: str


class Store(Contract):
    """One page: browse products, check one out, watch what changes."""

    class Search(Spindle):
        results = Cell[tuple[Product, ...]]()

        class QueryTyped(Event):
            delivery: ClassVar = Delivery.LATEST
            query: str

        class Filtered(Event):
            delivery: ClassVar = Delivery.QUEUE
            filters: Filters

        class BuyPressed(Event):
            """Carries what the visitor chose, never a fact the server knows (no price)."""

            delivery: ClassVar = Delivery.QUEUE
            sku: str

        class Browsing(Yield[QueryTyped | Filtered | BuyPressed]): ...

        class Results(Notify):
            products: tuple[Product, ...]
            total: int

    class Checkout(Spindle[Order | SoldOut | CardRefused]):
        class ShippingGiven(Event):
            shipping: Address

        class PaymentGiven(Event):
            payment: Card

        class AskShipping(Yield[ShippingGiven]):
            product: Product

        class AskPayment(Yield[PaymentGiven]):
            total: int

    class Dashboard(Spindle):
        class Refreshed(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Watching(Yield[Refreshed]): ...

        class Updated(Notify):
            conflate: ClassVar = True
            products: tuple[Product, ...]


Search = Store.Search
Checkout = Store.Checkout
Dashboard = Store.Dashboard


class Catalog(Port):
    @read
    @within(2)
    async def search(self, filters: Filters) -> Found: ...
    @read
    async def product(self, sku: str) -> Product: ...

    @many(product)
    async def products(self, skus: tuple[str, ...]) -> Mapping[str, Product]:
        raise NotImplementedError


class SqliteCatalog(Catalog):
    async def search(self, filters: Filters) -> Found:
        return Found((), 0)

    async def product(self, sku: str) -> Product:
        return (await self.products((sku,)))[sku]

    async def products(self, skus: tuple[str, ...]) -> dict[str, Product]:
        return {sku: Product(sku, 4) for sku in skus}


class Inventory(Port):
    @write
    async def reserve(self, sku: str) -> bool: ...
    @write
    async def release(self, sku: str) -> None: ...


class Orders(Port):
    @once
    async def place(
        self, product: Product, shipping: Address, payment: Card
    ) -> Order | CardRefused: ...


async def search(filters: Filters) -> None:
    catalog = await use(Catalog)
    while True:
        found = await catalog.search(filters)
        _ = await Search.results.put(found.products)
        await Search.Results(found.products, total=found.total)
        match await Search.Browsing():
            case Search.QueryTyped(query):
                filters = Filters(query)
            case Search.Filtered(filters):
                pass
            case Search.BuyPressed(sku):
                product = await catalog.product(sku)
                _ = await fork(Checkout, checkout, product, replace=True)


async def checkout(product: Product) -> Order | SoldOut | CardRefused:
    inventory, orders = await use(Inventory), await use(Orders)
    if not await inventory.reserve(product.sku):
        return SoldOut(product.sku)
    placed = False
    try:
        shipping = (await Checkout.AskShipping(product)).shipping
        payment = (await Checkout.AskPayment(product.price)).payment
        outcome = await orders.place(product, shipping, payment)
        placed = isinstance(outcome, Order)
        return outcome
    finally:
        if not placed:
            async with cleanup(seconds=2):
                await inventory.release(product.sku)


async def dashboard() -> None:
    changes = Search.results.changes()
    while True:
        match await await_any(changes.next(), Dashboard.Watching()):
            case 0, products:
                await Dashboard.Updated(products)
            case 1, Dashboard.Refreshed():
                await Dashboard.Updated(await Search.results.get(()))


class StoreView(View):
    products: tuple[Product, ...] = ()
    total: int = 0
    panel: Checkout.AskShipping | Checkout.AskPayment | Order | None = None

    @on(Search.Browsing)
    def browsing(self, ask: Search.Browsing) -> None: ...

    @on(Search.Results)
    def show_results(self, message: Search.Results) -> None:
        self.products, self.total = message.products, message.total

    @on(Dashboard.Watching)
    def watching(self, ask: Dashboard.Watching) -> None: ...

    @on(Dashboard.Updated)
    def updated(self, message: Dashboard.Updated) -> None:
        self.products = message.products

    @on(Checkout.AskShipping)
    def ask_shipping(self, ask: Checkout.AskShipping) -> None:
        self.panel = ask

    @on(Checkout.AskPayment)
    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        self.panel = ask

    @on_complete(Checkout)
    def checked_out(self, outcome: Order | SoldOut | CardRefused) -> None:
        match outcome:
            case Order():
                self.panel = outcome
            case SoldOut(sku):
                self.flash("error", f"{sku} is sold out")
            case CardRefused(reason):
                self.flash("error", reason)

    @on_error(Checkout)
    def failed(self, error: Exception) -> None:
        self.flash("error", "The checkout failed; nothing was charged.")

    def render(self) -> Markup:
        field = fields(Checkout.ShippingGiven)
        to = self.panel if isinstance(self.panel, Checkout.AskShipping) else None
        form = (
            f"<form {submit(Checkout.ShippingGiven, to=to)}>"
            f'<input name="{field.shipping.street}"></form>'
        )
        buttons = "".join(
            f"<button {click(Search.BuyPressed(each.sku))}>Buy</button>" for each in self.products
        )
        return Markup(form + buttons)


home, card = Address("Main St 1", "Ulm"), Card("tok")
tea, order = Product("tea", 4), Order("o1")
placed: Order | CardRefused = order


def backend() -> dict[type, object]:
    return {
        Inventory: Fake(Inventory).when(Inventory.reserve).returns(True),
        Orders: Fake(Orders).when(Orders.place).returns(placed),
    }


def check_by_hand() -> None:
    fiber = Coroutine(checkout, tea, provide=backend())
    assert fiber.run() == Suspended(Checkout.AskShipping(tea))
    assert fiber.run(Checkout.ShippingGiven(home)) == Suspended(Checkout.AskPayment(4))
    assert fiber.run(Checkout.PaymentGiven(card)) == Completed(order)


def check_as_a_transcript() -> None:
    run = Transcript(checkout, tea, provide=backend())
    run.expect(Checkout.AskShipping(tea)).answer(Checkout.ShippingGiven(home))
    run.expect(Checkout.AskPayment(4)).answer(Checkout.PaymentGiven(card))
    assert run.result == order


def check_the_page_by_hand() -> None:
    found = Found((tea,), 1)
    catalog = Fake(Catalog).when(Catalog.search).returns(found).when(Catalog.product).returns(tea)
    with HandPage(Store, provide=backend() | {Catalog: catalog}) as page:
        watching = page.start(Dashboard, dashboard)
        _ = page.start(Search, search, Filters())
        assert page.said()[-1] == "Dashboard asks Watching() #2"
        assert page.get(Search.results) == (tea,)
        assert page.resume(Search.BuyPressed("tea")).settlement is Settlement.HANDLED
        _ = page.resume(Checkout.ShippingGiven(home))
        _ = page.resume(Dashboard.Refreshed())
        _ = page.resume(Checkout.PaymentGiven(card))
        assert (Source(Checkout), Completed(order)) in page.sent()
        assert watching.outcome is None


async def check_on_a_page() -> None:
    async with open_page(Store, provide=backend()) as page:
        handle = page.start(Checkout, checkout, tea)
        for answer in (Checkout.ShippingGiven(home), Checkout.PaymentGiven(card)):
            source, _ = await page.outbox.receive()
            receipt = page.resume(answer, yield_id=source.yield_id)
            assert await receipt.settled() is Settlement.HANDLED
        assert await page.outbox.receive() == (Source(Checkout), Completed(order))
        assert handle.outcome == Completed(order)
