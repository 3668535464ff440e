"""What is a slip where calls are played, and what a call with wrong arguments comes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spindle import (
    Errored,
    UsageError,
    cleanup,
    fiber,
    fork,
    perform,
    sleep,
    use,
)
from spindle.testing import Fake, Transcript
from tests.store import (
    TEA,
    Inventory,
    SoldOut,
    Stock,
    checkout,
)
from tests.talk import Clerk, Desk, Echo, ask_once, ask_twice


def failure(step) -> str:
    with pytest.raises(AssertionError) as failed:
        step()
    return str(failed.value)


async def pays() -> str:
    return await (await use(Clerk)).pay(amount=3)


def test_Y9_a_question_that_a_due_deadline_withdraws_is_not_answered() -> None:
    async def again() -> None:
        await sleep(1)
        await fork(Desk, ask_twice, replace=True)

    async def twice() -> None:
        await fiber(again)
        await fiber(again)
        await sleep(5)

    run = Transcript(twice)
    first = run.expect(Desk.Ask(1))
    assert "Ask(number=1) is not asked any more: a deadline that was due" in failure(
        lambda: first.answer(Desk.Told("x"))
    )
    run.expect(Desk.Ask(1)).answer(Desk.Told("y"))
    run.expect(Desk.Ask(2))


def test_what_a_due_deadline_calls_is_no_reply_to_the_question() -> None:
    async def calls() -> None:
        await sleep(1)
        await (await use(Clerk)).pay(3)

    async def both() -> str:
        async def asks_then() -> None:
            await sleep(1)
            await ask_once()

        await fiber(asks_then)
        await fiber(calls)
        await sleep(5)
        return "end"

    run = Transcript(both, provide={Clerk: Fake(Clerk).when(Clerk.pay).returns("paid")})
    run.expect(Desk.Ask(1)).answer(Desk.Told("x"))
    assert "expected" in failure(lambda: run.expect_returned("other"))
    assert "run.expect(Desk.Ask(number=1)).answer(" in run.as_test("test_it")


async def fetch(url: str, times: int = 1) -> bytes:
    raise NotImplementedError


async def fetches() -> bytes:
    return await perform(fetch, "/a", 2)


def check_slips(slips: dict[Callable[[], object], str]) -> None:
    """See that each is refused with its words."""
    for slip, said in slips.items():
        with pytest.raises(UsageError) as refused:
            slip()
        assert str(refused.value) == said


def test_slips_of_who_says_what_is_called() -> None:
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
        lambda: run.expect_call(Fake(Clerk).pay): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "that of an implementation, Clerk.pay: write expect_call(Clerk.pay, ...)"
        ),
        lambda: run.expect_call(Echo().look): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "that of an implementation, Echo.look: write expect_call(Clerk.look, ...)"
        ),
        lambda: run.expect_call(Echo.look): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "that of an implementation, Echo.look: write expect_call(Clerk.look, ...)"
        ),
        lambda: run.expect_call(Clerk): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "a port as a whole: name one of its methods, Clerk.look, Clerk.note, Clerk.pay"
        ),
        lambda: run.expect_call(Echo()): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "a port as a whole: name one of its methods, Clerk.look, Clerk.note, Clerk.pay"
        ),
        lambda: run.expect_call(Desk.Ask(1)): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "a message: use expect(Talk.Desk.Ask(...))"
        ),
        lambda: run.expect_call(Desk.Said): (
            "expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
            "a message: use expect_notified(Talk.Desk.Said(...))"
        ),
    }
    check_slips(slips)
    run.expect_call(Clerk.pay).returns("nothing has happened")
    assert run.result == "nothing has happened"


def test_slips_of_who_says_with_what_it_is_called() -> None:
    run = Transcript(pays, stub=[fetch])
    slips = {
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
    check_slips(slips)
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


async def says_and_asks() -> None:
    await Desk.Said("seen tea")
    await Desk.Ask(1)


def test_a_notify_is_not_asked_and_a_yield_not_said() -> None:
    run = Transcript(says_and_asks)
    with pytest.raises(UsageError) as refused:
        run.expect(Desk.Said("seen tea"))  # type: ignore[arg-type]
    assert str(refused.value) == (
        "Talk.Desk.Said is a Notify: use expect_notified(Talk.Desk.Said(...))"
    )
    with pytest.raises(UsageError) as refused:
        run.expect_notified(Desk.Said("seen tea"), Desk.Ask(1))  # type: ignore[arg-type]
    assert str(refused.value) == "Talk.Desk.Ask is a Yield: use expect(Talk.Desk.Ask(...))"
    with pytest.raises(UsageError) as refused:
        run.expect(Desk.Ask)  # type: ignore[arg-type]
    assert str(refused.value) == "expect() takes a yield, not its class: write Talk.Desk.Ask(...)"
    with pytest.raises(UsageError) as refused:
        run.expect_notified(Desk.Said)  # type: ignore[arg-type]
    assert str(refused.value) == (
        "expect_notified() takes a notify, not its class: write Talk.Desk.Said(...)"
    )
    with pytest.raises(UsageError) as refused:
        run.expect("seen tea")  # type: ignore[arg-type]
    assert str(refused.value) == "expect() takes a yield, not 'seen tea'"
    run.expect(Desk.Ask(1))


def test_a_coroutine_object_is_refused_with_what_was_written() -> None:
    with pytest.raises(UsageError) as refused:
        Transcript(ask_once())  # type: ignore[arg-type]
    assert str(refused.value) == (
        "Transcript takes a function and its arguments, not a coroutine object: "
        "write Transcript(..., ask_once, ...) instead of Transcript(..., ask_once(...))"
    )
