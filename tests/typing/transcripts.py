"""What the checkers infer of transcripts and fakes."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from typing import assert_type

from spindle import Cancelled, Completed, Errored, perform
from spindle.testing import CallExpectation, Expectation, Fake, Transcript
from tests.typing.store import (
    Address,
    Card,
    CardRefused,
    Catalog,
    Checkout,
    Dashboard,
    Filters,
    Found,
    Inventory,
    Order,
    Orders,
    Product,
    Search,
    SoldOut,
    checkout,
    dashboard,
    home,
    search,
    tea,
)

card = Card("tok")


async def load(url: str, times: int) -> bytes:
    return url.encode() * times


async def loads() -> bytes:
    return (await perform(load, "/", 2))[:]


def transcripts() -> None:
    with Transcript(checkout, tea, stub=[load]) as run:
        assert_type(run, Transcript[Order | SoldOut | CardRefused])
        assert_type(run.expect_call(Inventory.reserve, "tea"), CallExpectation[bool])
        run.expect_call(Inventory.reserve, "tea").returns(True)
        run.expect_call(Inventory.reserve, sku="tea").returns(False)
        run.expect_call(Inventory.release).returns(None)
        assert_type(
            run.expect_call(Orders.place, tea, home, card), CallExpectation[Order | CardRefused]
        )
        run.expect_call(Orders.place, tea, home, payment=card).returns(Order("o1"))
        run.expect_call(Orders.place).returns(CardRefused("not covered"))
        run.expect_call(Orders.place).raises(LookupError("down"))
        run.expect_call(Catalog.search, Filters()).returns(Found((), 0))
        run.expect_call(Catalog.products, ("tea",)).returns({"tea": tea})
        assert_type(run.expect_perform(load, "/", 2), CallExpectation[bytes])
        run.expect_perform(load).returns(b"")
        asked = run.expect(Checkout.AskShipping(tea))
        assert_type(asked, Expectation[Checkout.ShippingGiven])
        run.expect_forked(Dashboard)
        run.expect_forked(Dashboard, dashboard)
        run.expect_forked(Search, search, Filters(), instance="left")
        run.expect_put(Search.results, (tea,))
        run.expect_put(Search.results.of("left"), ())
        run.expect_returned(Order("o1"))
        run.expect_returned(SoldOut("tea"))
        assert_type(run.expect_raised(KeyError, match="tea"), KeyError)
        run.expect_cancelled()
        run.expect_cancelled("the tab was closed")
        assert_type(
            run.cancel(), Completed[Order | SoldOut | CardRefused] | Errored | Cancelled | None
        )
        assert_type(run.as_test(), str)
        assert_type(run.result, Order | SoldOut | CardRefused)


def returns_within_a_strict_one() -> float:
    """No code behind the block is missing: leaving it swallows nothing."""
    with Transcript(checkout, tea) as run:
        return run.now


class Shelf:
    def reserve(self, sku: str) -> bool:
        return bool(sku)


def place(product: Product, shipping: Address, payment: Card) -> Order:
    return Order(f"{product}{shipping}{payment}")


def fakes() -> None:
    fake = Fake(Orders)
    assert_type(fake.when(Orders.place).does(place), Fake)
    assert_type(fake.does(Orders.place, place), Fake)
    assert_type(fake.returns(Orders.place, Order("o1"), CardRefused("not covered")), Fake)
    assert_type(fake.raises(Orders.place, LookupError("down")), Fake)
    assert_type(fake.calls_of(Orders.place), list[tuple[object, ...]])
    fake.expect_called(Orders.place)
    fake.expect_called(Orders.place, tea, home, payment=card)
    fake.expect_not_called(Orders.place)
    fake.expect_refused(Orders.place)
    fake.expect_refused(Orders.place, tea, home, payment=card)
    shelf = Fake(Inventory).when(Inventory.reserve).does(Shelf().reserve)
    assert_type(shelf.when(Inventory.release).does(lambda sku: None), Fake)
