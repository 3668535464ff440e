"""Fibers: further coroutines of a spindle, which speak for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spindle import Coroutine, Errored, Settlement, TooSlow, UsageError, fiber, sleep, timeout
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ring_once

HANDLED, REFUSED = Settlement.HANDLED, Settlement.REFUSED


async def ask(number: int) -> str:
    return (await Desk.Ask(number)).word


@under("hand", "hosted", "task")
async def test_Y9_two_fibers_ask_and_each_yield_has_its_id(page: Stage) -> None:
    async def asks() -> tuple[str, str]:
        first, second = await fiber(ask, 1), await fiber(ask, 2)
        return await first.result(), await second.result()

    page.start(Desk, asks)
    assert await page.hears() == ["Desk asks Ask(number=1) #1", "Desk asks Ask(number=2) #2"]
    second = page.resume(Desk.Told("two"), yield_id=2)
    again = page.resume(Desk.Told("late"), yield_id=2)
    first = page.resume(Desk.Told("one"), yield_id=1)
    assert await page.hears() == ["Desk returned ('one', 'two')"]
    assert (first.settlement, second.settlement) == (HANDLED, HANDLED)
    assert again.settlement is REFUSED
    assert again.reason.startswith("stale: yield 2 of Talk.Desk")


@under("hand", "hosted", "task")
async def test_Y9_without_an_id_an_event_goes_to_the_oldest_that_accepts_it(page: Stage) -> None:
    async def take() -> int:
        return (await Desk.Take()).number

    async def listen() -> str:
        return type(await Desk.Listen()).__name__

    async def asks() -> list[object]:
        handles = [await fiber(fn) for fn in (take, listen, listen)]
        last = await fiber(ask, 4)
        return [await handle.result() for handle in (*handles, last)]

    page.start(Desk, asks)
    await page.settle()
    page.resume(Desk.Told("to the first that listens"))
    page.resume(Desk.Told("to the second"))
    page.resume(Desk.Told("to the last"))
    page.resume(Desk.Queued(7))
    assert (await page.hears())[-1] == "Desk returned [7, 'Told', 'Told', 'to the last']"
    assert page.balance() == (4, 4, 0, 0, 0)


@under("hand", "hosted", "task")
async def test_Y9_what_a_fiber_asks_again_is_the_youngest(page: Stage) -> None:
    async def asks_twice(name: str) -> str:
        return name + (await Desk.Ask()).word + (await Desk.Ask()).word

    async def asks() -> list[str]:
        handles = [await fiber(asks_twice, name) for name in "ab"]
        return [await handle.result() for handle in handles]

    page.start(Desk, asks)
    for word in "1234":
        page.resume(Desk.Told(word))
    assert (await page.hears())[-1] == "Desk returned ['a13', 'b24']"


@under("hand", "hosted", "task")
async def test_Y9_the_yield_of_a_fiber_that_is_cancelled_is_withdrawn(page: Stage) -> None:
    async def asks() -> str:
        first, second = await fiber(ask, 1), await fiber(ask, 2)
        await sleep(1)
        await first.cancel()
        return await second.result()

    page.start(Desk, asks)
    await page.advance(1)
    late = page.resume(Desk.Told("late"), yield_id=1)
    page.resume(Desk.Told("two"))
    assert (await page.hears())[2:] == [
        "Desk withdraws Ask(number=1) #1",
        "Desk returned 'two'",
    ]
    assert late.settlement is REFUSED


@under("hand", "hosted", "task")
async def test_Y9_an_event_is_handled_by_the_fiber_that_received_it(page: Stage) -> None:
    async def fails() -> None:
        await Desk.Ask(1)
        raise LookupError("x")

    async def asks() -> None:
        handle = await fiber(fails)
        await fiber(ask, 2)
        with pytest.raises(LookupError):
            await handle.result()
        await Desk.Ask(3)

    page.start(Desk, asks)
    await page.settle()
    failed = page.resume(Desk.Told(), yield_id=1)
    fine = page.resume(Desk.Told(), yield_id=2)
    await page.settle()
    assert failed.settlement is Settlement.DEAD_LETTERED
    assert failed.reason.startswith("fails of Talk.Desk failed with LookupError")
    assert fine.settlement is HANDLED


@under("hand", "hosted", "task")
async def test_F3_a_timeout_does_not_cover_fibers_started_inside(page: Stage) -> None:
    async def starts() -> object:
        try:
            async with timeout(1):
                handle = await fiber(ask, 1)
                await sleep(5)
        except TooSlow:
            return await handle.result()

    page.start(Desk, starts)
    await page.advance(3)
    page.resume(Desk.Told("still asked"))
    assert await page.hears() == ["Desk asks Ask(number=1) #1", "Desk returned 'still asked'"]


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (
            lambda: fiber(ask(1)),
            "fiber takes a function and its arguments, not a coroutine object: "
            "write fiber(..., ask, ...) instead of fiber(..., ask(...))",
        ),
        (
            lambda: fiber(Desk.Ask(1)),
            "fiber takes an async function and its arguments, not Ask(number=1)",
        ),
        (
            lambda: fiber(Bell, ring_once),
            "fiber() takes an async function, not the class Talk.Bell: a fiber speaks for the "
            "block of its spindle, write fiber(function, ...); to ask in it, ask in that function",
        ),
        (lambda: fiber(None), "fiber takes an async function and its arguments, not None"),
    ],
)
def test_slips_are_told_by_name(slip: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        slip()
    assert str(raised.value) == said


def test_a_forgotten_await_is_told_by_name() -> None:
    with pytest.raises(AttributeError) as raised:
        fiber(ask, 1).cancel("x")  # type: ignore[attr-defined]
    assert str(raised.value) == (
        "fiber() was not awaited, so there is no handle with `cancel` yet: "
        "write `handle = await fiber(...)`"
    )


def test_a_function_that_is_not_async_fails_in_the_fiber_by_name() -> None:
    def plain() -> int:
        return 1

    async def starts() -> None:
        await (await fiber(plain)).result()  # type: ignore[arg-type]

    ended = Coroutine(starts).run()
    assert isinstance(ended, Errored)
    assert str(ended.error) == "plain is to run as a spindle but returned int: write `async def`"
