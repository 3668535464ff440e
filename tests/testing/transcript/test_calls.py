"""Calls of ports that nobody gave, played by the transcript."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from unittest.mock import ANY

import pytest

from spindle import (
    Port,
    await_all,
    await_any,
    fiber,
    fork,
    many,
    map_fibers,
    perform,
    read,
    use,
    write,
)
from spindle.testing import Transcript
from tests.store import (
    CARD,
    HOME,
    PAYMENT,
    SHIPPING,
    TEA,
    Address,
    CardRefused,
    Checkout,
    Inventory,
    Order,
    Orders,
    Stock,
    checkout,
)
from tests.talk import Bell, Clerk, Desk, Echo


def failure(step) -> str:
    with pytest.raises(AssertionError) as failed:
        step()
    return str(failed.value)


def test_a_port_that_is_not_given_is_played_by_the_test() -> None:
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve, "tea").returns(True)
    run.expect(Checkout.AskShipping(TEA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(4)).answer(PAYMENT)
    run.expect_call(Orders.place, TEA, HOME, CARD).returns(Order("o1"))
    assert run.result == Order("o1")
    assert run.conversation.splitlines() == [
        "spindle                  started as checkout(Product(sku='tea', price=4))",
        "spindle                  -> Inventory.reserve('tea')",
        "spindle                  <- Inventory.reserve returned True",
        "Checkout                 -> AskShipping(product=Product(sku='tea', price=4))   (yield 1)",
        "view                     <- ShippingGiven(shipping=Address(street='Main St 1', "
        "city='Ulm'))   (for yield 1)",
        "Checkout                 -> AskPayment(total=4)   (yield 2)",
        "view                     <- PaymentGiven(payment=Card(token='tok'))   (for yield 2)",
        "Checkout                 -> Orders.place(Product(sku='tea', price=4), "
        "Address(street='Main St 1', city='Ulm'), Card(token='tok'))",
        "Checkout                 <- Orders.place returned Order(id='o1')",
        "Checkout                 -> completed: Order(id='o1')",
    ]


def test_a_call_raises_what_the_test_says() -> None:
    error = LookupError("no stock")
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve).raises(error)
    assert run.expect_raised(LookupError, match="no st") is error


def test_what_is_given_goes_on_to_be_called() -> None:
    stock = Stock(tea=1)
    run = Transcript(checkout, TEA, provide={Inventory: stock})
    run.expect(Checkout.AskShipping(TEA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(4)).answer(PAYMENT)
    run.expect_call(Orders.place).returns(CardRefused("not covered"))
    assert run.result == CardRefused("not covered")
    assert stock.log == ["reserve tea", "release tea"]


def test_a_fork_has_its_own_and_the_test_plays_the_rest() -> None:
    async def looks() -> str:
        clerk = await use(Clerk)
        return await clerk.look("a")

    async def forks() -> str:
        bell = await fork(Bell, looks, provide={Clerk: Echo()})
        return await bell.result() + await looks()

    run = Transcript(forks)
    run.expect_call(Clerk.look, "a").returns("!")
    assert run.result == "seen a!"


async def pays() -> str:
    return await (await use(Clerk)).pay(amount=3)


def test_arguments_are_compared_by_what_they_are_given_to() -> None:
    for expected in (
        lambda run: run.expect_call(Clerk.pay, 3),
        lambda run: run.expect_call(Clerk.pay, amount=3, currency="EUR"),
        lambda run: run.expect_call(Clerk.pay, ANY),
        lambda run: run.expect_call(Clerk.pay),
    ):
        run = Transcript(pays)
        call = expected(run)
        assert call.arguments == {"amount": 3, "currency": "EUR"}
        call.returns("paid")
        assert run.result == "paid"


def test_other_arguments_fail_with_what_differs() -> None:
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve, "tea").returns(True)
    run.expect(Checkout.AskShipping(TEA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(4)).answer(PAYMENT)
    message = failure(
        lambda: run.expect_call(Orders.place, TEA, Address("Main St 1", "Bonn"), CARD)
    )
    assert message.startswith("expected Orders.place(Product(sku='tea', price=4), Address(")
    assert message.endswith("?     ['shipping'].city: expected 'Bonn', came 'Ulm'")
    *_, missing, came, _ = message.splitlines()
    assert missing.startswith("- Checkout                 -> Orders.place(")
    assert came.startswith("+ Checkout                 -> Orders.place(")


def test_another_call_fails_with_what_is_called() -> None:
    run = Transcript(pays)
    assert failure(lambda: run.expect_call(Clerk.look, "tea")) == dedent(
        """\
        expected Clerk.look('tea') to be called, but it calls Clerk.pay(amount=3)
        Clerk is not in provide=, so its calls wait for the test: write \
run.expect_call(Clerk.pay, ...).returns(...), or give an implementation

          spindle                  started as pays()
        - spindle                  -> Clerk.look('tea')
        + spindle                  -> Clerk.pay(amount=3)"""
    )
    assert "expected Clerk.look to be called, but" in failure(lambda: run.expect_call(Clerk.look))
    assert "to be asked, but it calls Clerk.pay(amount=3)\n" in failure(
        lambda: run.expect(Desk.Ask(1))
    )
    run.expect_call(Clerk.pay).returns("paid")
    message = failure(lambda: run.expect_call(Clerk.pay))
    assert message.startswith("expected Clerk.pay to be called, but it returned 'paid'\n\n")


def test_a_call_with_other_arguments_is_no_call_that_waits_for_its_port() -> None:
    run = Transcript(pays)
    assert failure(lambda: run.expect_call(Clerk.pay, 2)) == dedent(
        """\
        expected Clerk.pay(2) to be called, but it calls Clerk.pay(amount=3)
        Clerk.pay is called with other arguments: what differs is marked with ?

          spindle                  started as pays()
        - spindle                  -> Clerk.pay(2)
        + spindle                  -> Clerk.pay(amount=3)
        ?     ['amount']: expected 2, came 3"""
    )


async def looked(clerk: Clerk, what: str) -> str:
    return await clerk.look(what) + await clerk.look(what)


async def looks_in_fibers() -> tuple[str, ...]:
    clerk = await use(Clerk)
    fibers = [await fiber(looked, clerk, what) for what in "bc"]
    return await await_all(await fiber(clerk.look, "a"), *fibers)


def test_several_calls_are_told_apart() -> None:
    """Of a fiber its function is named, and which call has ended if there are others like it."""
    run = Transcript(looks_in_fibers)
    run.expect_call(Clerk.look, "b").returns("B")
    run.expect_call(Clerk.look, "a").returns("A")
    run.expect_call(Clerk.look, "b").returns("B")
    run.expect_call(Clerk.look, "c").returns("C")
    assert run.conversation.splitlines()[1:] == [
        "spindle                  -> Clerk.look('b')   (fiber looked)",
        "spindle                  -> Clerk.look('c')   (fiber looked #2)",
        "spindle                  -> Clerk.look('a')",
        "spindle                  <- Clerk.look('b') returned 'B'",
        "spindle                  -> Clerk.look('b')   (fiber looked)",
        "spindle                  <- Clerk.look('a') returned 'A'",
        "spindle                  <- Clerk.look('b') returned 'B'",
        "spindle                  <- Clerk.look returned 'C'",
        "spindle                  -> Clerk.look('c')   (fiber looked #2)",
    ]
    with pytest.raises(AssertionError) as failed, Transcript(looks_in_fibers):
        pass
    assert str(failed.value).endswith(
        "\n"
        "  spindle                  started as looks_in_fibers()\n"
        "+ spindle                  -> Clerk.look('b')   (fiber looked)\n"
        "+ spindle                  -> Clerk.look('c')   (fiber looked #2)\n"
        "+ spindle                  -> Clerk.look('a')"
    )


def test_the_hint_is_given_until_the_test_has_looked_at_a_call() -> None:
    run = Transcript(pays)
    assert "\nClerk is not in provide=" in failure(lambda: run.result)
    _ = run.expect_call(Clerk.pay)
    assert "is not in provide=" not in failure(lambda: run.result)


def test_a_call_ends_once() -> None:
    run = Transcript(pays)
    call = run.expect_call(Clerk.pay)
    call.returns("paid")
    message = failure(lambda: call.returns("again"))
    assert message.startswith("expected Clerk.pay(amount=3) to be still in flight, but it returned")


def test_the_next_call_is_not_ended_with_the_one_before() -> None:
    async def looks_twice() -> None:
        clerk = await use(Clerk)
        await clerk.look("a")
        await clerk.look("a")

    run = Transcript(looks_twice)
    first = run.expect_call(Clerk.look)
    first.returns("1")
    assert "to be still in flight, but it calls Clerk.look('a')" in failure(
        lambda: first.returns("2")
    )
    run.expect_call(Clerk.look).returns("2")
    assert run.result is None


async def both() -> tuple[str, str]:
    clerk = await use(Clerk)
    return await await_all(await fiber(clerk.look, "a"), await fiber(clerk.look, "b"))


def test_calls_in_flight_are_expected_in_any_order() -> None:
    run = Transcript(both)
    run.expect_call(Clerk.look, "b").returns("2")
    run.expect_call(Clerk.look, "a").returns("1")
    assert run.result == ("1", "2")
    run = Transcript(both)
    run.expect_call(Clerk.look).returns("the oldest first")
    run.expect_call(Clerk.look, "b").raises(LookupError("gone"))
    _ = run.expect_raised(LookupError)


def test_questions_and_calls_at_a_time() -> None:
    async def asks() -> str:
        return (await Desk.Ask(1)).word

    async def races() -> tuple[int, object]:
        clerk = await use(Clerk)
        call = await fiber(clerk.look, "a")
        return await await_any(call.result(), (await fiber(asks)).result())

    run = Transcript(races)
    message = failure(lambda: run.expect(Desk.Ask(2)))
    assert "but it asks Ask(number=1) and calls Clerk.look('a')\n" in message
    call = run.expect_call(Clerk.look, "a")
    run.expect(Desk.Ask(1)).answer(Desk.Told("w"))
    assert run.result == (1, "w")
    assert "to be still in flight" in failure(lambda: call.returns("late"))


class Catalog(Port):
    @read
    async def product(self, sku: str) -> int: ...
    @many(product)
    async def products(self, skus: tuple[str, ...]) -> Mapping[str, int]:
        raise NotImplementedError


def test_a_batched_read_is_played_key_by_key() -> None:
    async def prices() -> tuple[int, ...]:
        catalog = await use(Catalog)
        return await map_fibers(catalog.product, ["a", "b", "a"], limit=9)

    run = Transcript(prices)
    run.expect_call(Catalog.product, "b").returns(2)
    run.expect_call(Catalog.product, "a").returns(1)
    assert run.result == (1, 2, 1)


def test_a_call_with_many_keys_is_one_call() -> None:
    async def prices() -> Mapping[str, int]:
        return await (await use(Catalog)).products(("a", "b"))

    run = Transcript(prices)
    run.expect_call(Catalog.products, ("a", "b")).returns({"a": 1, "b": 2})
    assert run.result == {"a": 1, "b": 2}


def test_a_method_of_a_base_port_is_one_of_its_own() -> None:
    class Depot(Inventory):
        @write
        async def release(self, sku: str) -> None: ...

    async def takes() -> bool:
        depot = await use(Depot)
        await depot.release("a")
        return await depot.reserve("a")

    run = Transcript(takes)
    run.expect_call(Inventory.release, "a").returns(None)
    run.expect_call(Depot.reserve, "a").returns(True)
    assert run.result is True


def test_many_calls_are_not_taken_for_a_spindle_that_never_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spindle._core.kernel.hand.STRETCH", 50)

    async def looks() -> None:
        clerk = await use(Clerk)
        for number in range(100):
            await clerk.look(str(number))

    run = Transcript(looks)
    for number in range(100):
        run.expect_call(Clerk.look, str(number)).returns("")
    assert run.result is None


# --- perform ----------------------------------------------------------------------------------


async def fetch(url: str, times: int = 1) -> bytes:
    raise NotImplementedError


async def fetches() -> bytes:
    return await perform(fetch, "/a", 2)


def test_a_function_of_stub_is_played() -> None:
    run = Transcript(fetches, stub=[fetch])
    message = failure(lambda: run.expect_perform(fetch, "/b"))
    assert "\n?     ['url']: expected '/b', came '/a'\n" in message
    assert message.endswith("['times']: expected 1, came 2")
    run.expect_perform(fetch, "/a", 2).returns(b"a")
    assert run.result == b"a"
    run = Transcript(fetches, stub=[fetch])
    run.expect_perform(fetch).raises(OSError("down"))
    _ = run.expect_raised(OSError, match="down")


async def _looks() -> str:
    return await (await use(Clerk)).look("tea")


async def _asks() -> str:
    return (await Desk.Ask()).word


def test_of_two_equal_calls_in_flight_each_is_demanded_once() -> None:
    async def looks_twice() -> tuple[str, str]:
        return await await_all(await fiber(_looks), await fiber(_looks))

    run = Transcript(looks_twice)
    first, second = run.expect_call(Clerk.look, "tea"), run.expect_call(Clerk.look, "tea")
    second.returns("second")
    first.returns("first")
    run.expect_returned(("first", "second"))


def test_of_two_equal_questions_each_is_demanded_once() -> None:
    async def asks_twice() -> tuple[str, str]:
        return await await_all(await fiber(_asks), await fiber(_asks))

    run = Transcript(asks_twice)
    first, second = run.expect(Desk.Ask()), run.expect(Desk.Ask())
    second.answer(Desk.Told("second"))
    first.answer(Desk.Told("first"))
    run.expect_returned(("first", "second"))
