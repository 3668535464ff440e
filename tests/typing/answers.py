"""What the checkers infer, asserted; each line is checked by both."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from typing import assert_type

from spindle import (
    AsyncCoroutine,
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Handle,
    Notified,
    PageMachine,
    Receipt,
    Suspended,
    Withdrawn,
    describe,
    open_coroutine,
    perform,
    use,
)
from spindle.testing import Transcript
from spindle.view import click, fields, submit
from tests.typing.store import (
    Address,
    Card,
    CardRefused,
    Catalog,
    Checkout,
    Filters,
    Found,
    Order,
    Search,
    SoldOut,
    Store,
    checkout,
    home,
    search,
    tea,
)
from tests.typing.wizard import AskEmail, AskName, User, wizard


async def spindle() -> None:
    assert_type(await Checkout.AskShipping(tea), Checkout.ShippingGiven)
    assert_type(await Search.Browsing(), Search.QueryTyped | Search.Filtered | Search.BuyPressed)
    await Search.Results((), total=0)
    assert_type(await AskName(), str)
    assert_type((await Checkout.AskPayment(4)).payment, Card)


async def narrowed() -> None:
    match await Search.Browsing():
        case Search.QueryTyped(query):
            assert_type(query, str)
        case Search.Filtered(filters):
            assert_type(filters, Filters)
        case Search.BuyPressed() as pressed:
            assert_type(pressed, Search.BuyPressed)


async def ports() -> None:
    catalog = await use(Catalog)
    assert_type(catalog, Catalog)
    assert_type(await catalog.search(Filters()), Found)
    assert_type(await perform(wizard), User)


async def page(machine: PageMachine) -> None:
    handle = machine.start(Checkout, checkout, tea)
    assert_type(handle, Handle[Order | SoldOut | CardRefused])
    assert_type(machine.start(Search, search, Filters()), Handle[None])
    assert_type(machine.resume(Search.QueryTyped("tea")), Receipt)


def hands() -> None:
    state = Coroutine(checkout, tea).run()
    assert_type(state, Suspended | Completed[Order | SoldOut | CardRefused] | Errored | Cancelled)
    match state:
        case Completed(outcome):
            assert_type(outcome, Order | SoldOut | CardRefused)
        case _:
            pass
    assert_type(Transcript(wizard).result, User)


async def alone() -> None:
    async with open_coroutine(wizard, tag="wizard") as runner:
        assert_type(runner, AsyncCoroutine[User])
        assert_type(await runner.run(), Suspended | Completed[User] | Errored | Cancelled)
        resumed = await runner.resume(AskEmail("Ada"), "ada@example.org")
        assert_type(resumed, Suspended | Completed[User] | Errored | Cancelled)
        assert_type(runner.state, Suspended | Completed[User] | Errored | Cancelled | None)
        assert_type(runner.outcome, Completed[User] | Errored | Cancelled | None)
        assert_type(await runner.cancel(), Completed[User] | Errored | Cancelled)
        async for tag, said in runner.results:
            assert_type(tag, str)
            assert_type(
                said, Suspended | Withdrawn | Notified | Completed[User] | Errored | Cancelled
            )
    async with open_coroutine(checkout, tea, hosted=True) as buying:
        assert_type(buying, AsyncCoroutine[Order | SoldOut | CardRefused])
        buying.resume_nowait(Checkout.AskShipping(tea), Checkout.ShippingGiven(home))


def view() -> None:
    field = fields(Checkout.ShippingGiven)
    assert_type(field.shipping, Address)
    assert_type(field.shipping.street, str)
    submit(Checkout.ShippingGiven, to=Checkout.AskShipping(tea))
    click(Search.BuyPressed("tea"))


def introspection() -> None:
    for contract in (Store, Checkout, Search):
        described = describe(contract)
        print(described.blocks, described.events, described.yields, described.notifies)
