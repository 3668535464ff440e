"""Calls of ports that nobody gave, played by the transcript."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from unittest.mock import ANY

import pytest

from spindle import (
    Cancelled,
    Channel,
    Errored,
    OutcomeUnknown,
    Port,
    TooSlow,
    UsageError,
    await_all,
    await_any,
    cleanup,
    fiber,
    fork,
    many,
    map_fibers,
    perform,
    read,
    sleep,
    timeout,
    use,
    within,
    write,
)
from spindle.testing import Fake, Transcript
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
    SoldOut,
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


# --- cancelled and too slow -------------------------------------------------------------------


def test_E_a_call_in_a_cleanup_ends_before_the_spindle_does() -> None:
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve, "tea").returns(True)
    assert run.cancel("the tab was closed") is None
    run.expect_call(Inventory.release, "tea").returns(None)
    run.expect_cancelled("the tab was closed")


async def looks() -> str:
    return await (await use(Clerk)).look("a")


def test_a_read_is_cut_when_its_spindle_is_cancelled() -> None:
    run = Transcript(looks)
    call = run.expect_call(Clerk.look, "a")
    assert run.cancel("enough") == Cancelled("enough")
    assert run.conversation.splitlines()[1:] == [
        "spindle                  -> Clerk.look('a')",
        "page                     <- cancelled: enough",
        "spindle                  .. Clerk.look was cut",
        "spindle                  -> cancelled: enough",
    ]
    assert "to be still in flight" in failure(lambda: call.returns("late"))


async def notes() -> None:
    await (await use(Clerk)).note("a")
    await Desk.Said("noted")


def test_a_write_runs_on_after_the_cancellation() -> None:
    run = Transcript(notes)
    assert run.cancel("enough") is None
    run.advance(1)
    run.expect_call(Clerk.note, "a").returns(None)
    run.expect_cancelled("enough")
    run.expect_notified()


def test_a_write_that_takes_too_long_is_cut() -> None:
    run = Transcript(notes)
    assert run.cancel("enough") is None
    run.advance(1000)
    run.expect_cancelled("enough")


def test_it_is_not_known_whether_a_cut_once_was_done() -> None:
    seen: list[Exception] = []

    async def pays_in_time() -> None:
        clerk = await use(Clerk)
        try:
            await clerk.pay(3)
        except OutcomeUnknown as error:
            seen.append(error)
            raise

    run = Transcript(pays_in_time)
    assert run.cancel() is None
    run.advance(1000)
    assert len(seen) == 1
    assert run.expect_raised(OutcomeUnknown) is seen[0]


def test_a_budget_of_a_cleanup_passes_while_a_call_is_in_flight() -> None:
    async def works() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(2):
                await (await use(Clerk)).look("a")
            await Desk.Said("cut")

    run = Transcript(works)
    assert run.cancel("enough") is None
    _ = run.expect_call(Clerk.look, "a")
    run.advance(2)
    run.expect_cancelled("enough")


def test_a_cleanup_without_end_is_refused() -> None:
    async def never_ends() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(float("inf")):
                await Channel[int]().take()

    run = Transcript(never_ends)
    with pytest.raises(UsageError, match="it goes on although it was cancelled"):
        run.cancel()


def test_deadlines_of_a_cleanup_pass_at_once() -> None:
    async def takes_its_time() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(9):
                for _ in range(3):
                    await sleep(2)
                await Desk.Said("done")

    run = Transcript(takes_its_time)
    assert run.cancel() == Cancelled("")
    run.expect_notified(Desk.Said("done"))
    assert run.now == 6


def test_A8_time_passes_while_a_call_is_in_flight() -> None:
    async def patient() -> str:
        clerk = await use(Clerk)
        await sleep(5)
        try:
            async with timeout(10):
                return await clerk.look("a")
        except TooSlow:
            return "too slow"

    run = Transcript(patient)
    assert run.now == 5
    run.advance(9)
    _ = run.expect_call(Clerk.look, "a")
    run.advance(1)
    assert run.result == "too slow"
    run = Transcript(patient)
    run.advance(9)
    run.expect_call(Clerk.look, "a").returns("in time")
    assert run.result == "in time"


def test_a_method_with_a_limit_of_its_own() -> None:
    class Slow(Port):
        @within(3)
        @read
        async def look(self, what: str) -> str: ...

    async def looks() -> str:
        return await (await use(Slow)).look("a")

    run = Transcript(looks)
    run.advance(3)
    assert isinstance(run.expect_raised(TooSlow), TooSlow)
    run = Transcript(looks)
    run.expect_call(Slow.look, "a").returns("b")
    assert run.result == "b"


# --- slips --------------------------------------------------------------------------------------


def test_slips_of_who_expects_a_call() -> None:
    run = Transcript(pays, provide={Inventory: Stock()}, stub=[fetch])
    slips = {
        lambda: run.expect_call(Inventory.reserve, "tea"): (
            "Inventory.reserve is called at once, for provide= gives Inventory: leave it out, and "
            "the test says what comes of its calls"
        ),
        lambda: run.expect_call(fetch, "/a"): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "fetch: for what perform() is given there is expect_perform()"
        ),
        lambda: run.expect_call(3): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "3: for what perform() is given there is expect_perform()"
        ),
        lambda: run.expect_call(fetch("/a")): (
            "expect_call() takes a function and its arguments, not a coroutine object: "
            "write expect_call(fetch, ...) instead of expect_call(fetch(...))"
        ),
        lambda: run.expect_call(Clerk.pay, 3, 4): (
            "expect_call() demands a call that cannot be: Clerk.pay(amount, *, "
            "currency='EUR'): too many positional arguments"
        ),
        lambda: run.expect_perform(Clerk.pay, 3): (
            "Clerk.pay is a port's method: use expect_call(Clerk.pay, ...)"
        ),
        lambda: run.expect_perform(pays): (
            "pays is called at once: give it to the transcript, Transcript(..., stub=[pays]), "
            "and the test says what comes of it"
        ),
        lambda: run.expect_perform(fetch("/a")): (
            "expect_perform() takes a function and its arguments, not a coroutine object: "
            "write expect_perform(fetch, ...) instead of expect_perform(fetch(...))"
        ),
        lambda: run.expect_call(Clerk.pay).returns(fetch("/a")): (
            "returns() takes what the method returns, not a coroutine object: give the value that "
            "fetch(...) would return"
        ),
        lambda: run.expect_call(Clerk.pay).raises(LookupError): (
            "raises() takes an error, as in raises(LookupError('gone')), not its class: "
            "write LookupError(...)"
        ),
        lambda: run.expect_call(Clerk.pay).raises("gone"): (
            "raises() takes an error, as in raises(LookupError('gone')), not 'gone'"
        ),
    }
    for slip, said in slips.items():
        with pytest.raises(UsageError) as refused:
            slip()
        assert str(refused.value) == said
    run.expect_call(Clerk.pay).returns("nothing has happened")
    assert run.result == "nothing has happened"


@pytest.mark.parametrize("stub", [fetch, [3], "fetch", 3])
def test_stub_takes_functions(stub: object) -> None:
    with pytest.raises(UsageError, match=r"takes a list of async functions, as in stub=\[fetch\]"):
        Transcript(fetches, stub=stub)


def test_stub_does_not_take_what_was_called() -> None:
    with pytest.raises(UsageError, match=r"not \[<coroutine object fetch"):
        Transcript(fetches, stub=[fetch("/a")])


def test_a_base_port_may_be_played_beside_one_that_is_given() -> None:
    class Depot(Inventory):
        pass

    async def takes() -> tuple[bool, bool]:
        own, others = await use(Depot), await use(Inventory)
        return await own.reserve("a"), await others.reserve("a")

    depot = Fake(Depot).when(Depot.reserve).returns(True)
    run = Transcript(takes, provide={Depot: depot})
    assert "expected Inventory.reserve('b') to be called" in failure(
        lambda: run.expect_call(Inventory.reserve, "b")
    )
    run.expect_call(Inventory.reserve, "a").returns(False)
    assert run.result == (True, False)


def test_a_call_with_wrong_arguments_raises_as_a_real_one_would() -> None:
    async def slips() -> str:
        return await (await use(Clerk)).look()  # type: ignore[call-arg]

    with Transcript(slips) as run:
        _ = run.expect_raised(
            TypeError, match=r"Clerk\.look\(what\): missing a required argument: 'what'"
        )


def test_the_test_cannot_step_it_from_inside() -> None:
    class Nosy(Clerk):
        async def look(self, what: str) -> str:
            runs[0].advance(1)
            return what

        async def note(self, what: str) -> None: ...

        async def pay(self, amount: int, *, currency: str = "EUR") -> str:
            return ""

    async def looks() -> str:
        await Desk.Ask(1)
        return await (await use(Clerk)).look("a")

    runs: list[Transcript[str]] = []
    runs.append(Transcript(looks, provide={Clerk: Nosy()}))
    runs[0].expect(Desk.Ask(1)).answer(Desk.Told())
    _ = runs[0].expect_raised(UsageError, match=r"advance\(\) was called from a port")


def test_a_fake_beside_a_played_port() -> None:
    run = Transcript(
        checkout, TEA, provide={Inventory: Fake(Inventory).when(Inventory.reserve).returns(False)}
    )
    assert run.result == SoldOut("tea")


def test_an_errored_spindle_is_told_when_cancelled() -> None:
    async def fails() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(1):
                await (await use(Clerk)).look("a")

    run = Transcript(fails)
    assert run.cancel("x") is None
    run.expect_call(Clerk.look).raises(ValueError("broken"))
    assert isinstance(run.cancel("again"), Errored)
