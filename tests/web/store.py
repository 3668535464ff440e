"""A small store for the tests: one product at a time, one backend whose calls can be held up."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
import trio

from spindle._core.contracts.contract import Contract, Spindle
from spindle._core.messages import Delivery, Event, Yield
from spindle._core.operations.port import Port, once, use, write
from spindle._core.operations.scope import cleanup
from spindle._core.states import Cancelled
from spindle._runtime.page import PageMachine
from spindle.view import Markup, View, click, fields, on, on_cancel, on_complete, on_error, submit
from spindle.web.app import App
from spindle.web.http.request import Request
from spindle.web.limits import Limits

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Address(msgspec.Struct, frozen=True):
    street: Text
    city: Text
    lines: tuple[str, ...] = ()
    gift: bool = False
    floor: int | None = None


class Addresses(list[Address]):
    """What the spindles were given."""


class Order(msgspec.Struct, frozen=True):
    id: str
    total: int


class Store(Contract):
    class Checkout(Spindle[Order | None]):
        class ShippingGiven(Event):
            shipping: Address

        class PaymentGiven(Event):
            card: str

        class Crashed(Event):
            """Makes the spindle raise."""

        class Waved(Event):
            delivery: ClassVar = Delivery.QUEUE
            times: int = 1

        class AskShipping(Yield[ShippingGiven | Crashed | Waved]):
            sku: str

        class AskPayment(Yield[PaymentGiven]):
            total: int
            refused: str = ""


Checkout = Store.Checkout


class Backend(Port):
    @write
    async def reserve(self, sku: str) -> bool: ...
    @write
    async def release(self, sku: str) -> None: ...
    @once
    async def charge(self, card: str, sku: str) -> Order | None: ...


class Shelf(Backend):
    """A backend that counts; while `open` is not set, `reserve` waits."""

    def __init__(self, stock: int = 3) -> None:
        self.stock = stock
        self.calls: list[tuple[str, str]] = []
        self.given = Addresses()
        self.open = trio.Event()
        self.open.set()

    async def reserve(self, sku: str) -> bool:
        self.calls.append(("reserve", sku))
        await self.open.wait()
        if self.stock == 0:
            return False
        self.stock -= 1
        return True

    async def release(self, sku: str) -> None:
        self.calls.append(("release", sku))
        self.stock += 1

    async def charge(self, card: str, sku: str) -> Order | None:
        self.calls.append(("charge", card))
        return None if card == "refused" else Order(f"order-{card}", 4)

    def count(self, call: str) -> int:
        return sum(name == call for name, _ in self.calls)


async def checkout(sku: str) -> Order | None:
    shelf = await use(Backend)
    if not await shelf.reserve(sku):
        return None
    sold = False
    try:
        match answer := await Checkout.AskShipping(sku):
            case Checkout.ShippingGiven(address):
                (await use(Addresses)).append(address)
            case _:
                raise RuntimeError(f"secret of {type(answer).__name__}")
        order, refused = None, ""
        while order is None:
            card = (await Checkout.AskPayment(4, refused)).card
            order = await shelf.charge(card, sku)
            refused = f"{card} was refused"
        sold = True
        return order
    finally:
        if not sold:
            async with cleanup(2):
                await shelf.release(sku)


class StoreView(View):
    panel: Checkout.AskShipping | Checkout.AskPayment | Order | str = "Loading"

    @on(Checkout.AskShipping)
    def ask_shipping(self, ask: Checkout.AskShipping) -> None:
        self.panel = ask
        self.title = f"Shipping for {ask.sku}"

    @on(Checkout.AskPayment)
    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        self.panel = ask
        if ask.refused:
            self.flash("error", ask.refused)

    @on_complete(Checkout)
    def done(self, outcome: Order | None) -> None:
        self.panel = outcome or "Sold out"

    @on_error(Checkout)
    def failed(self, error: Exception) -> None:
        self.flash("error", "The checkout failed.")

    @on_cancel(Checkout)
    def cancelled(self, cancelled: Cancelled) -> None:
        self.flash("info", f"Cancelled: {cancelled.reason}")

    def render(self) -> Markup:
        match self.panel:
            case Checkout.AskShipping():
                return self.shipping()
            case Checkout.AskPayment(total, refused):
                form = submit(Checkout.PaymentGiven)
                return Markup("<form {}>Pay {} <em>{}</em></form>").format(form, total, refused)
            case Order(number, total):
                return Markup("<p>Order {}, paid {}</p>").format(number, total)
            case str(text):
                return Markup("<p>{}</p>").format(text)

    def shipping(self) -> Markup:
        shipping = fields(Checkout.ShippingGiven).shipping
        street, city = self.field(shipping.street), self.field(shipping.city)
        return Markup(
            "<form {}><label {street.label}>Street</label><input {street.control}>{street.message}"
            "<input {city.control}>{city.message}</form>"
            "<button {}>Crash</button><button {}>Wave</button>"
        ).format(
            submit(Checkout.ShippingGiven),
            click(Checkout.Crashed()),
            click(Checkout.Waved()),
            street=street,
            city=city,
        )


HOME = {"shipping.street": "Main St 1", "shipping.city": "Ulm"}
PAYMENT = {"card": "visa"}


# A loaded machine may stall longer than a visitor should wait for the first thing to show.
PATIENT = Limits(first_render=20.0)


def store(shelf: Shelf, **limits: float) -> App:
    """The app with its page at /buy/{sku}."""
    app = App(
        provide={Backend: shelf, Addresses: shelf.given},
        limits=msgspec.structs.replace(PATIENT, **limits),
    )

    @app.page("/buy/{sku}", Store, StoreView, title="Buy")
    async def mount(page: PageMachine, request: Request, sku: str, copies: int = 1) -> None:
        page.start(Checkout, checkout, sku)

    return app
