"""One spindle stepped by hand: its states, and the slips that have an error of their own."""

from __future__ import annotations

import contextlib
import gc
import sys

import pytest

from spindle import (
    Cell,
    Completed,
    Coroutine,
    Errored,
    NotOwner,
    Spindle,
    StillRunning,
    Suspended,
    UnexpectedEvent,
    UsageError,
    WrongBlock,
    cleanup,
    use,
)
from spindle._core.kernel.stubborn import CLOSE_BOUND
from tests.talk import Bell, Clerk, Desk, Echo, ask_once, ask_twice


def test_it_asks_is_answered_and_returns() -> None:
    fiber = Coroutine(ask_twice)
    assert fiber.run() == Suspended(Desk.Ask(1))
    assert fiber.state == Suspended(Desk.Ask(1))
    assert fiber.run(Desk.Told("a")) == Suspended(Desk.Ask(2))
    assert fiber.run(Desk.Told("b")) == Completed(("a", "b"))
    assert fiber.state == Completed(("a", "b"))


def test_nothing_runs_before_run() -> None:
    ran: list[int] = []

    async def runs(number: int) -> None:
        ran.append(number)

    fiber = Coroutine(runs, 3)
    assert ran == []
    with pytest.raises(StillRunning, match="runs is new: it has not asked anything yet"):
        _ = fiber.state
    assert fiber.run() == Completed(None)
    assert ran == [3]


def test_what_it_raises_is_its_state() -> None:
    error = LookupError("gone")

    async def fails() -> None:
        await Desk.Ask()
        raise error

    fiber = Coroutine(fails)
    fiber.run()
    assert fiber.run(Desk.Told()) == Errored(error)
    assert fiber.state == Errored(error)


def test_it_notifies_without_pausing() -> None:
    async def notifies() -> None:
        await Desk.Said("one")
        await Desk.Said("two")
        await Desk.Ask()
        await Desk.Said("three")

    fiber = Coroutine(notifies)
    assert fiber.notified == ()
    fiber.run()
    assert fiber.notified == (Desk.Said("one"), Desk.Said("two"))
    fiber.run(Desk.Told())
    assert fiber.notified == (Desk.Said("three"),)


@pytest.mark.parametrize(
    ("answer", "brought"),
    [
        (Desk.Queued(1), "Talk.Desk.Queued"),
        (Bell.Rung(), "Talk.Bell.Rung"),
        (Desk.Told, "the class Talk.Desk.Told, not an instance of it"),
        (None, "nothing"),
        ("word", "str"),
        (Desk.Ask(), "Talk.Desk.Ask"),
    ],
)
def test_a_wrong_answer_changes_nothing(answer: object, brought: str) -> None:
    fiber = Coroutine(ask_once)
    fiber.run()
    with pytest.raises(UnexpectedEvent) as refused:
        fiber.run(answer)
    assert str(refused.value) == (
        f"Talk.Desk asks Talk.Desk.Ask, which takes Talk.Desk.Told; run() brought {brought}"
    )
    assert fiber.state == Suspended(Desk.Ask())
    assert fiber.run(Desk.Told("still works")) == Completed("still works")


def test_every_class_a_yield_accepts_is_listed() -> None:
    async def listens() -> None:
        await Desk.Listen()

    fiber = Coroutine(listens)
    fiber.run()
    with pytest.raises(UnexpectedEvent) as refused:
        fiber.run()
    assert str(refused.value) == (
        "Talk.Desk asks Talk.Desk.Listen, which takes Talk.Desk.Queued or Talk.Desk.Told or "
        "Talk.Desk.Typed; run() brought nothing"
    )


def test_run_after_the_end() -> None:
    fiber = Coroutine(ask_once)
    fiber.run()
    fiber.run(Desk.Told("a"))
    for answer in (None, Desk.Told("b")):
        with pytest.raises(UsageError, match=r"Talk.Desk has ended: Completed\(value='a'\)"):
            fiber.run(answer)


def test_an_answer_before_the_start() -> None:
    fiber = Coroutine(ask_once)
    with pytest.raises(
        UsageError, match=r"ask_once has not asked anything yet: call run\(\) first"
    ):
        fiber.run(Desk.Told())
    assert fiber.run() == Suspended(Desk.Ask())


def test_run_from_inside() -> None:
    refusals: list[str] = []

    async def runs_itself() -> None:
        for touch in (fiber.run, lambda: fiber.state):
            with pytest.raises((UsageError, StillRunning)) as refused:
                touch()
            refusals.append(str(refused.value))
        await Desk.Ask()

    fiber = Coroutine(runs_itself)
    assert fiber.run() == Suspended(Desk.Ask())
    assert refusals == [
        "run() was called from the code of runs_itself: call it from the test instead",
        "runs_itself is running: it has not asked anything yet",
    ]


def test_a_coroutine_object_is_refused_and_closed() -> None:
    with pytest.raises(UsageError) as refused:
        Coroutine(ask_once())
    assert str(refused.value) == (
        "Coroutine takes a function and its arguments, not a coroutine object: "
        "write Coroutine(..., ask_once, ...) instead of Coroutine(..., ask_once(...))"
    )


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(UsageError, match="takes an async function and its arguments, not 'fn'"):
        Coroutine("fn")


def test_a_function_that_is_not_async_fails_as_a_spindle() -> None:
    ended = Coroutine(lambda: 3).run()
    assert isinstance(ended, Errored)
    assert "<lambda> is to run as a spindle but returned int: write `async def`" in str(ended.error)


def test_a_callable_that_makes_coroutines_will_do() -> None:
    class Makes:
        def __call__(self, word: str):
            return self.greet(word)

        async def greet(self, word: str) -> str:
            return f"{word} {(await Desk.Ask()).word}"

    for fn in (Makes(), Makes().greet, lambda word: Makes().greet(word)):
        fiber = Coroutine(fn, "hello")
        assert fiber.run() == Suspended(Desk.Ask())
        assert fiber.run(Desk.Told("you")) == Completed("hello you")


def test_wrong_arguments_are_its_own_error() -> None:
    ended = Coroutine(ask_once, 1).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, TypeError)


def test_it_keeps_to_the_block_of_its_first_message() -> None:
    async def strays() -> None:
        await Bell.Wait()
        await Desk.Ask()

    fiber = Coroutine(strays)
    fiber.run()
    ended = fiber.run(Bell.Rung())
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, WrongBlock)
    assert str(ended.error).startswith(
        "Talk.Bell awaited Talk.Desk.Ask, which belongs to Talk.Desk"
    )


class Counter(Spindle[int]):
    count = Cell[int]()


def test_it_keeps_to_the_block_of_the_first_cell_that_it_writes() -> None:
    async def counts() -> int:
        await Counter.count.put(1)
        value = await Counter.count.get()
        await Desk.Ask()
        return value

    ended = Coroutine(counts).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, WrongBlock)
    assert str(ended.error).startswith("Counter awaited Talk.Desk.Ask, which belongs to Talk.Desk")


def test_a_cell_of_an_instance_is_not_its_own() -> None:
    async def counts() -> None:
        await Counter.count.of("left").put(1)

    ended = Coroutine(counts).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, NotOwner)
    assert str(ended.error).startswith("counts wanted to write the cell Counter['left'].count")


def test_an_end_that_cannot_be_printed() -> None:
    class Unspeakable(Exception):
        def __repr__(self) -> str:
            raise ValueError("no repr")

    async def fails() -> None:
        raise Unspeakable

    fiber = Coroutine(fails)
    ended = fiber.run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, Unspeakable)
    with pytest.raises(UsageError, match="fails has ended: <Errored, whose repr fails>"):
        fiber.run()


def test_E11_an_interrupt_while_an_end_is_printed_comes_out() -> None:
    class Endless:
        def __repr__(self) -> str:
            raise KeyboardInterrupt  # Ctrl-C, while it prints

    async def returns() -> Endless:
        return Endless()

    fiber = Coroutine(returns)
    fiber.run()
    with pytest.raises(KeyboardInterrupt):
        fiber.run()


def test_ports_answer_from_what_is_provided() -> None:
    async def calls() -> tuple[str, str]:
        clerk = await use(Clerk)
        return await clerk.look("tea"), await clerk.pay(3, currency="USD")

    assert Coroutine(calls, provide={Clerk: Echo()}).run() == Completed(("seen tea", "3 USD"))


def test_many_steps_need_no_stack() -> None:
    async def counts() -> int:
        total = 0
        for number in range(5000):
            await Desk.Said(str(number))
            total += len((await Desk.Ask()).word)
        return total

    fiber = Coroutine(counts)
    state = fiber.run()
    while isinstance(state, Suspended):
        state = fiber.run(Desk.Told("x"))
    assert state == Completed(5000)


def test_one_that_is_dropped_half_way_says_nothing() -> None:
    """Half of all tests stop in the middle; the interpreter closes what they leave."""
    done: list[str] = []

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(1):
                await Desk.Said("bye")
                done.append("cleaned")
            await Desk.Said("bye")

    Coroutine(cleans).run()
    gc.collect()
    assert done == [], "nothing goes on by itself"


def test_one_that_is_dropped_before_it_began_says_nothing() -> None:
    Coroutine(ask_once)
    gc.collect()


def test_one_that_is_dropped_half_way_and_resists_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python has the last word then, as it has with any coroutine."""
    rounds: list[int] = []
    said: list[str] = []

    async def resists() -> None:
        while True:
            with contextlib.suppress(BaseException):
                rounds.append(1)
                await Desk.Ask()

    monkeypatch.setattr(sys, "unraisablehook", lambda last: said.append(str(last.exc_value)))
    Coroutine(resists).run()
    gc.collect()
    assert said == ["coroutine ignored GeneratorExit"]
    assert len(rounds) == 1 + CLOSE_BOUND + 1


def test_what_unwinds_a_cancelled_spindle_says_so() -> None:
    heard: list[str] = []

    async def hears() -> None:
        try:
            await Desk.Ask()
        except BaseException as error:
            heard.append(str(error))
            raise

    coroutine = Coroutine(hears)
    coroutine.run()
    coroutine.cancel("x")
    assert heard == ["the spindle is cancelled"]


def test_a_seed_is_a_whole_number() -> None:
    with pytest.raises(UsageError, match="seed= takes a whole number, not '1'"):
        Coroutine(ask_once, seed="1")  # type: ignore[arg-type]
