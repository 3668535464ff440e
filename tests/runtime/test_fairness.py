"""A spindle that never suspends stops neither its page nor the program."""

from __future__ import annotations

import contextlib

import pytest
import trio

from spindle import (
    Cancelled,
    Cell,
    Channel,
    Completed,
    Contract,
    Errored,
    Event,
    LimitReached,
    PageLimits,
    Port,
    Restart,
    Spindle,
    SpindleError,
    When,
    Yield,
    await_any,
    cleanup,
    fiber,
    fork,
    open_page,
    perform,
    read,
    scope,
    sleep,
    timeout,
    unique_id,
    use,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.runtime.hostile import street
from tests.talk import Bell, Desk, Talk

pytestmark = pytest.mark.bulk


class Clock(Port):
    @read
    async def now(self) -> int: ...


class StoppedClock(Clock):
    async def now(self) -> int:
        return 0


async def uses() -> None:
    while True:
        await use(str)


async def says() -> None:
    while True:
        await Desk.Said("x")


async def polls() -> None:
    clock = await use(Clock)
    while await clock.now() == 0:
        pass


async def performs() -> None:
    while True:
        await perform(trio.lowlevel.cancel_shielded_checkpoint)


async def fails_to_use() -> None:
    while True:
        with contextlib.suppress(SpindleError):
            await use(int)


BUSY = pytest.mark.parametrize(
    "busy", [uses, says, polls, performs, fails_to_use], ids=lambda fn: fn.__name__
)


@HOSTED
@BUSY
@on_trio(3)
async def test_K7_the_program_goes_on_and_the_page_can_be_cancelled(busy, hosted: bool) -> None:
    provide = {Clock: StoppedClock(), str: "text"}
    async with open_page(Talk, provide=provide, hosted=hosted) as page:
        page.outbox.close()
        handle = page.start(Desk, busy)
        for _ in range(20):
            await trio.lowlevel.checkpoint()
        assert handle.outcome is None
        await page.cancel("enough")
    assert handle.outcome == Cancelled("enough")


@HOSTED
@BUSY
@on_trio(3)
async def test_K7_a_busy_page_ends_with_the_program_around(busy, hosted: bool) -> None:
    handles = []
    with trio.CancelScope() as program:
        async with open_page(
            Talk, provide={Clock: StoppedClock(), str: "text"}, hosted=hosted
        ) as page:
            page.outbox.close()
            handles.append(page.start(Desk, busy))
            await trio.lowlevel.checkpoint()
            program.cancel()
            await trio.lowlevel.checkpoint()
    assert isinstance(handles[0].outcome, Cancelled)


# --- neighbours are served meanwhile ------------------------------------------------------------


async def forks_on() -> None:
    number = 0
    while True:
        number += 1
        await fork(Desk, nothing, instance=f"{number}")


async def nothing() -> None:
    pass


async def forks_a_chain(number: int = 0) -> None:
    """Each one starts the next and ends: there is always one."""
    await fork(Desk, forks_a_chain, number + 1, instance=f"{number + 1}")


async def starts_fibers() -> None:
    while True:
        await (await fiber(nothing)).result()


async def ping_pong(capacity: int = 0) -> None:
    there, back = Channel[int](capacity), Channel[int](capacity)

    async def returns() -> None:
        while True:
            await back.put(await there.take())

    await fiber(returns)
    while True:
        await there.put(1)
        await back.take()


async def ping_pong_with_room() -> None:
    await ping_pong(3)


async def puts_into_a_cell() -> None:
    async def follows() -> None:
        changes = Kept.count.changes()
        while True:
            await changes.next()

    await fiber(follows)
    number = 0
    while True:
        number += 1
        await Kept.count.put(number)


async def races() -> None:
    channel = Channel[int](1)
    while True:
        await channel.put(1)
        await await_any(channel.take(), sleep(1))


async def sleeps_for_nothing() -> None:
    while True:
        await sleep(0)


async def limits_nothing() -> None:
    while True:
        async with timeout(1), scope():
            await Desk.Said("x")


async def swallows_errors() -> None:
    while True:
        with contextlib.suppress(LookupError):
            await (await fiber(fails)).result()


async def fails() -> None:
    raise LookupError


class Kept(Spindle[object]):
    count = Cell[int]()

    class Asked(Event): ...

    class Ask(Yield[Asked]): ...


class Busy(Contract):
    Desk = Desk
    Bell = Bell
    Kept = Kept


ENDLESS = [
    forks_on,
    forks_a_chain,
    starts_fibers,
    ping_pong,
    ping_pong_with_room,
    races,
    sleeps_for_nothing,
    limits_nothing,
    swallows_errors,
]


@HOSTED
@pytest.mark.parametrize("endless", ENDLESS, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_K7_neighbours_and_other_pages_are_served_meanwhile(endless, hosted: bool) -> None:
    async with street(hosted) as around:
        handle = around.start(endless)
        for _ in range(3):
            await around.all_answer()
        assert endless in (forks_on, forks_a_chain) or handle.outcome is None
        await around.page.cancel("enough")


@HOSTED
@on_trio(3)
async def test_K7_a_writer_and_its_watcher(hosted: bool) -> None:
    async with open_page(Busy, hosted=hosted) as page, street(not hosted) as around:
        handle = page.start(Kept, puts_into_a_cell)
        for _ in range(5):
            await around.all_answer()
        assert handle.outcome is None


@HOSTED
@pytest.mark.parametrize("fn", [fails, nothing])
@on_trio(2)
async def test_K7_a_storm_of_restarts_without_delay(fn, hosted: bool) -> None:
    storm = Restart(when=When.PERMANENT, intensity=10**9, delay=0)
    async with street(hosted) as around:
        around.start(fn, policy=storm)
        for _ in range(2):
            await around.all_answer()
        await around.page.cancel("enough")


async def count_turns(turns: list[int]) -> None:
    while True:
        await trio.lowlevel.checkpoint()
        turns[0] += 1


MANY = 4_000


@HOSTED
@pytest.mark.parametrize("let_start", [False, True])
@on_trio(1)
async def test_K7_a_bomb_of_fibers_up_to_the_limit(let_start: bool, hosted: bool) -> None:
    turns = [0]
    started = [0]
    marks: list[int] = []

    async def asks() -> None:
        started[0] += 1
        await Desk.Ask()

    async def bomb() -> None:
        marks.append(turns[0])
        with contextlib.suppress(LimitReached):
            while True:
                await fiber(asks)
        marks.append(turns[0])
        while let_start and started[0] < MANY - 2:
            await perform(trio.lowlevel.checkpoint)
        marks.append(turns[0])
        raise LookupError

    limits = PageLimits(coroutines=MANY)
    async with trio.open_nursery() as nursery, street(hosted, limits) as around:
        nursery.start_soon(count_turns, turns)
        handle = around.start(bomb)
        await around.all_answer()
        outcome = await handle.wait()
        marks.append(turns[0])
        nursery.cancel_scope.cancel()
    assert isinstance(outcome, Errored)
    began, full, fell, ended = marks
    assert full - began >= MANY / 1100, "while they are started"
    assert ended - fell >= MANY / 600, "while they are cancelled"


@under("hand", "hosted", "task", seeds=2)
async def test_K7_very_many_fibers_end_before_their_owner_the_newest_first(page: Stage) -> None:
    ended: list[int] = []
    never = Channel[int]()

    async def waits(number: int) -> None:
        try:
            await never.take()
        finally:
            ended.append(number)

    async def owns() -> str:
        for number in range(1700):
            await fiber(waits, number)
        await sleep(1)
        await fork(Bell, rings_meanwhile)
        return "returned"

    async def rings_meanwhile() -> None:
        assert len(ended) == 0
        ended.append(-1)

    handle = page.start(Desk, owns)
    await page.advance(1)
    await page.settle()
    assert handle.outcome == Completed("returned")
    assert ended == [-1, *reversed(range(1700))]
    page._drained()


@pytest.mark.parametrize("busily", ["by waiting for each other", "by operations alone"])
@under("hand", "hosted", "task")
async def test_K7_an_input_waits_as_many_steps_under_every_driver(page: Stage, busily: str) -> None:
    rounds = 0
    there = Channel[int]()

    async def rings() -> None:
        try:
            await Bell.Wait()
        finally:
            async with cleanup(1):
                await Bell.Rang(rounds)

    async def takes() -> None:
        while True:
            await there.take()

    async def is_busy() -> None:
        nonlocal rounds
        handle = await fork(Bell, rings)
        await fiber(takes)
        await there.put(0)
        handle.cancel_nowait("in the middle")
        for _ in range(3000):
            rounds += 1
            if busily == "by operations alone":
                await unique_id()
            else:
                await there.put(1)

    page.start(Desk, is_busy)
    said = await page.hears()
    assert said[-1] == "Desk returned None"
    [rang] = [line for line in said if "Rang" in line]
    assert 0 < int(rang.partition("times=")[2].rstrip(")")) < 2000
