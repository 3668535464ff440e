"""Each line marked `error` must be reported by both checkers; the rest must not.

No `_ = ...` here: to mypy that is a variable of type Any, which hides half of the mistakes.
"""

from __future__ import annotations

import spindle as library
from spindle import AsyncCoroutine, PageMachine, Suspended, describe, open_coroutine
from spindle.testing import Fake, Transcript
from spindle.view import click, fields, on, on_complete, on_error, submit
from tests.typing.store import (
    Address,
    Catalog,
    Checkout,
    Filters,
    Inventory,
    Order,
    Product,
    Search,
    SoldOut,
    StoreView,
    checkout,
    home,
    search,
    tea,
)
from tests.typing.wizard import AskName, User, wizard


async def spindle() -> None:
    answer = await Checkout.AskShipping(tea)
    answer.payment  # error: ShippingGiven has no payment
    Checkout.AskShipping(sku="tea")  # error: no such field
    Checkout.AskShipping(tea)  # error: not awaited
    Search.Results((), total=0)  # error: not awaited
    answer.shipping = home  # error: messages are frozen
    _given = Checkout.ShippingGiven("Main St")  # error: not an address
    match await Search.Browsing():  # error: BuyPressed is left out
        case Search.QueryTyped() | Search.Filtered():
            pass
    name = await AskName()
    name.email  # error: a str
    _sold: SoldOut = await AskName()  # error: a str


def page(machine: PageMachine) -> None:
    library.open_pages  # error: no such name
    _started = machine.start(Checkout, checkout, "tea")  # error: checkout takes a Product
    _object = machine.start(Checkout, checkout(tea))  # error: a coroutine object, no function
    _other = machine.start(Checkout, search, Filters())  # error: not what Checkout returns
    _receipt = machine.resume(Checkout.AskShipping(tea))  # error: a yield is no event
    _catalog = Catalog()  # error: nothing implements its methods
    _described = describe(Product)  # error: neither contract nor block


async def alone(runner: AsyncCoroutine[User]) -> None:
    runner.run()  # error: not awaited
    runner.resume_nowait(AskName(), 3)  # error: AskName takes a str
    runner.resume_nowait(AskName(), str)  # error: a class
    runner.resume_nowait(AskName, "Ada")  # error: a class
    runner.resume_nowait(Suspended(AskName()), "Ada")  # error: a state
    _state = await runner.resume("Ada", AskName())  # error: the wrong way round
    _user: User = await runner.run()  # error: a state, not what it returned
    _number: int = (await anext(runner.results))[0]  # error: a str
    _object = open_coroutine(wizard())  # error: a coroutine object, no function
    _few = open_coroutine(checkout)  # error: checkout takes a Product


def hands() -> None:
    Fake(Inventory).when(Inventory.reserve).returns("yes")  # error: reserve returns a bool
    run = Transcript(checkout, tea)
    run.expect(Checkout.AskShipping(tea)).answer(Search.BuyPressed("tea"))  # error: not its answer
    _number: int = run.result  # error: an outcome of checkout


def view() -> None:
    _form = submit(Checkout.PaymentGiven, to=Checkout.AskShipping(tea))  # error: not its answer
    _button = click(Search.BuyPressed("tea"), to=Checkout.AskShipping(tea))  # error: not its answer
    _path = fields(Checkout.ShippingGiven).shipping.zip  # error: no such field


class WrongCatalog(Catalog):
    async def product(self, sku: str) -> Address: ...  # error: the port returns a Product


class WrongView(StoreView):
    @on(Search.Results)  # error: handler takes another message
    def wrong_message(self, message: Checkout.AskShipping) -> None: ...

    @on_complete(Checkout)  # error: handler takes another outcome
    def wrong_outcome(self, outcome: Order | SoldOut) -> None: ...

    @on_error(Checkout)  # error: handler takes an exception
    def wrong_error(self, error: str) -> None: ...
