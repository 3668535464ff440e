"""Fakes that compute and remember, what they were asked, and what is a slip."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from spindle import Completed, Coroutine, Errored, Port, UsageError, many, read, use, write
from spindle.testing import Fake, Transcript
from tests.store import TEA, CardRefused, Inventory, Order, Orders, SoldOut, checkout
from tests.talk import Clerk


class Shelf:
    """What a backend keeps."""

    def __init__(self, **units: int) -> None:
        self.units = units

    def reserve(self, sku: str) -> bool:
        if not self.units[sku]:
            return False
        self.units[sku] -= 1
        return True

    def release(self, sku: str) -> None:
        self.units[sku] += 1


def stock(shelf: Shelf) -> Fake:
    return (
        Fake(Inventory)
        .when(Inventory.reserve)
        .does(shelf.reserve)
        .when(Inventory.release)
        .does(shelf.release)
    )


def test_a_fake_with_a_state() -> None:
    shelf = Shelf(tea=1)
    inventory = stock(shelf)
    first = Transcript(checkout, TEA, provide={Inventory: inventory})
    second = Transcript(checkout, TEA, provide={Inventory: inventory})
    assert second.result == SoldOut("tea")
    first.cancel("the tab was closed")
    assert shelf.units == {"tea": 1}
    assert inventory.calls == [("reserve", ("tea",)), ("reserve", ("tea",)), ("release", ("tea",))]


async def pays(*amounts: int) -> list[object]:
    clerk = await use(Clerk)
    seen: list[object] = []
    for amount in amounts:
        try:
            seen.append(await clerk.pay(amount, currency="USD"))
        except ValueError as error:
            seen.append(str(error))
    return seen


def answered(clerk: Fake, *amounts: int) -> object:
    ended = Coroutine(pays, *amounts, provide={Clerk: clerk}).run()
    assert isinstance(ended, Completed)
    return ended.value


def test_a_function_is_one_answer_of_the_script() -> None:
    def bank(amount: int, *, currency: str = "EUR") -> str:
        if amount > 3:
            raise ValueError("too much")
        return f"{amount} {currency}"

    clerk = Fake(Clerk).returns(Clerk.pay, "first").does(Clerk.pay, bank)
    assert answered(clerk, 1, 2, 4, 3) == ["first", "2 USD", "too much", "3 USD"]


def test_the_short_forms_answer_as_the_long_ones() -> None:
    clerk = Fake(Clerk).returns(Clerk.pay, "a", "b").raises(Clerk.pay, ValueError("c"))
    assert answered(clerk, 1, 2, 3) == ["a", "b", "c"]


def test_a_batched_read_is_done_by_a_function() -> None:
    class Catalog(Port):
        @read
        async def product(self, sku: str) -> int: ...
        @many(product)
        async def products(self, skus: tuple[str, ...]) -> Mapping[str, int]:
            raise NotImplementedError

    async def reads() -> int:
        return await (await use(Catalog)).product("ab")

    catalog = Fake(Catalog).does(Catalog.products, lambda skus: {sku: len(sku) for sku in skus})
    assert Coroutine(reads, provide={Catalog: catalog}).run() == Completed(2)
    catalog.expect_called(Catalog.products, ("ab",))
    catalog.expect_not_called(Catalog.product)


# --- what it was asked ------------------------------------------------------------------------


def asked() -> Fake:
    clerk = Fake(Clerk).returns(Clerk.pay, "paid")
    answered(clerk, 3, 4)
    return clerk


def test_calls_of_a_method() -> None:
    clerk = asked()
    assert clerk.calls_of(Clerk.pay) == [(3, "USD"), (4, "USD")]
    assert clerk.calls_of(Clerk.look) == []
    assert clerk.calls_of(clerk.pay) == clerk.calls_of(Clerk.pay)


def test_that_it_was_called() -> None:
    clerk = asked()
    clerk.expect_called(Clerk.pay)
    clerk.expect_called(Clerk.pay, 4, currency="USD")
    clerk.expect_called(Clerk.pay, currency="USD", amount=3)
    clerk.expect_not_called(Clerk.look)
    with pytest.raises(AssertionError) as failed:
        clerk.expect_called(Clerk.pay, 4)
    assert str(failed.value) == (
        "expected Clerk.pay(4) to be called; what was called:\n"
        "  Clerk.pay(amount=3, currency='USD')\n"
        "?     ['amount']: expected 4, came 3\n"
        "?     ['currency']: expected 'EUR', came 'USD'\n"
        "  Clerk.pay(amount=4, currency='USD')\n"
        "?     ['currency']: expected 'EUR', came 'USD'"
    )
    with pytest.raises(AssertionError, match=r"^expected Clerk\.pay not to be called; what was ca"):
        clerk.expect_not_called(Clerk.pay)
    with pytest.raises(
        AssertionError, match=r"^expected Clerk\.look to be called; .*:\n  Clerk\.p"
    ):
        clerk.expect_called(Clerk.look)
    with pytest.raises(AssertionError, match=r"^expected Clerk\.look\('a'\) to be .*\n  nothing$"):
        Fake(Clerk).expect_called(Clerk.look, "a")


# --- slips --------------------------------------------------------------------------------------


async def waits(what: str) -> str:
    return what


class Late:
    async def __call__(self, what: str) -> str:
        return what


class Other(Port):
    @read
    async def look(self, what: str) -> str: ...


def refused(slip) -> str:
    with pytest.raises(UsageError) as error:
        slip()
    return str(error.value)


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (
            lambda: Fake(Clerk).does(Clerk.look, waits),
            "does() takes a plain function, and waits is async: leave the async out, for a fake "
            "does not wait",
        ),
        (lambda: Fake(Clerk).does(Clerk.look, Late()), "Late object at"),
        (
            lambda: Fake(Clerk).does(Clerk.look, "found"),
            "does() takes a plain function that answers Clerk.look, not 'found': for a value "
            "there is returns()",
        ),
        (
            lambda: Fake(Clerk).does(Clerk.look, waits("a")),
            "does() takes what the method returns, not a coroutine object: give the value that "
            "waits(...) would return",
        ),
        (
            lambda: Fake(Clerk).returns(Clerk.look, "a", waits("a")),
            "returns() takes what the method returns, not a coroutine object: give the value that "
            "waits(...) would return",
        ),
        (
            lambda: Fake(Clerk).raises(Clerk.look, LookupError),
            "raises() takes an error, as in raises(LookupError('gone')), not its class: write "
            "LookupError(...)",
        ),
        (
            lambda: Fake(Clerk).does(Clerk.look, dict.fromkeys),
            None,
        ),
        (
            lambda: Fake(Clerk).does(Clerk.look, lambda: "a"),
            "cannot answer Clerk.look, which takes (what): too many positional arguments",
        ),
        (
            lambda: Fake(Clerk).does(Clerk.pay, lambda amount: "a"),
            "cannot answer Clerk.pay, which takes (amount, currency): got an unexpected keyword "
            "argument 'currency'",
        ),
        (
            lambda: Fake(Clerk).returns(Other.look, "a"),
            "Other.look is not an operation of Clerk, which has one of that name: write Clerk.look",
        ),
        (
            lambda: Fake(Clerk).when(Other.look(Fake(Other), "a")),
            "when() takes the method itself: write Other.look, without calling it",
        ),
        (
            lambda: Fake(Clerk).calls_of(Orders.place),
            "Clerk has no operation place; it has look, note, pay",
        ),
        (
            lambda: Fake(Clerk).expect_called(Clerk.look, 1, 2),
            "expect_called() demands a call that cannot be: Clerk.look(what): too many "
            "positional arguments",
        ),
    ],
)
def test_slips_have_messages_of_their_own(slip, said: str | None) -> None:
    if said is None:
        slip()  # what cannot be looked at is taken as it is
    else:
        assert said in refused(slip)


def test_a_function_that_returns_a_coroutine_is_named_when_it_is_called() -> None:
    clerk = Fake(Clerk).does(Clerk.look, lambda what: waits(what))

    async def looks() -> str:
        return await (await use(Clerk)).look("a")

    ended = Coroutine(looks, provide={Clerk: clerk}).run()
    assert isinstance(ended, Errored)
    assert str(ended.error) == (
        "what does() was given for Clerk.look returned a coroutine object: give a plain function, "
        "which does not wait"
    )


def test_a_call_with_wrong_arguments_raises_as_that_of_a_real_one_would() -> None:
    async def looks(*args: str, **keywords: str) -> str:
        return await (await use(Clerk)).look(*args, **keywords)

    async def looks_twice() -> str:
        return await looks("a", what="b")

    async def looks_at_two() -> str:
        return await looks("a", "b")

    for wrong, said in (
        (looks_at_two, "too many positional arguments"),
        (looks_twice, "multiple values for argument 'what'"),
    ):
        clerk = Fake(Clerk).returns(Clerk.look, "x")
        ended = Coroutine(wrong, provide={Clerk: clerk}).run()
        assert isinstance(ended, Errored)
        assert isinstance(ended.error, TypeError)
        assert str(ended.error) == f"Clerk.look(what): {said}"
        clerk.expect_not_called(Clerk.look)


def test_a_method_that_a_derived_port_declares_anew() -> None:
    class Depot(Inventory):
        @write
        async def release(self, sku: str) -> None: ...

    depot = Fake(Depot).returns(Inventory.release, None).returns(Depot.reserve, True)

    async def takes() -> bool:
        given = await use(Depot)
        await given.release("a")
        return await given.reserve("a")

    assert Coroutine(takes, provide={Depot: depot}).run() == Completed(True)
    depot.expect_called(Inventory.release, "a")


def test_an_operation_called_returns() -> None:
    class Desk(Port):
        @write
        async def returns(self, sku: str) -> None: ...

    assert "Fake(Desk) cannot have the operation returns" in refused(lambda: Fake(Desk))


def test_unions_are_returned_by_their_parts() -> None:
    orders = Fake(Orders).when(Orders.place).returns(CardRefused("no"), Order("o1"))
    assert isinstance(orders, Orders)
