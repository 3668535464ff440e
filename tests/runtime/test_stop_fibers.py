"""What a spindle and its fibers make of the time of grace of a page that is stopped."""

from __future__ import annotations

import trio
import trio.testing

from spindle import (
    ESCALATE,
    Channel,
    Errored,
    PageClosing,
    WasCancelled,
    fiber,
    open_page,
    perform,
    scope,
    sleep,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once


async def sleeps(seconds: float) -> str:
    await sleep(seconds)
    return "slept"


@under("hand", "hosted", "task")
async def test_E10_fibers_may_start_to_bring_the_work_to_an_end(page: Stage) -> None:
    async def saves() -> str:
        try:
            await Desk.Ask()
        except PageClosing:
            async with scope():
                await fiber(sleeps, 2)
                await fiber(sleeps, 3)
            return "saved"
        return "answered"

    page.start(Desk, saves)
    await page.settle()
    await page.stop("update", 30)
    assert page.said()[-1] == "Desk returned 'saved'"
    assert page.kernel.now == 3


@under("hand", "hosted", "task")
async def test_E10_a_yield_that_raises_has_handled_what_came_before(page: Stage) -> None:
    """The spindle got on to its next yield: what it had in hand is not lost by the stop."""

    async def works() -> None:
        await Desk.Ask()
        await sleep(1)
        await Desk.Ask(2)

    page.start(Desk, works)
    await page.settle()
    receipts = [page.resume(Desk.Told()), page.resume(Desk.Queued(1))]
    await page.settle()
    await page.stop("update", 30)
    assert [receipt.settlement.value for receipt in receipts] == ["handled", "dead-lettered"]
    assert receipts[1].reason == "Talk.Desk ended before it took the event"
    assert page.said()[-1] == "Desk was cancelled: update (stopped)"


@under("hand", "hosted", "task")
async def test_E10_what_a_fiber_lets_through_its_joiner_sees(page: Stage) -> None:
    """It makes way like its spindle: no error is reported, and no result is taken for whole."""
    seen: list[str] = []

    async def asks() -> str:
        return (await Desk.Ask()).word

    async def joins() -> None:
        handle = await fiber(asks)
        try:
            await handle.result()
        except PageClosing:
            seen.append("joiner")
            raise

    async def holds() -> None:
        try:
            async with scope():
                await fiber(asks)
        except PageClosing:
            seen.append("scope")
            raise

    async def returns() -> str:
        await fiber(asks)
        return await sleeps(1)

    async def leaves_it() -> None:
        await fiber(asks)
        await sleep(2)
        await Desk.Ask(3)

    for fn in (joins, holds, returns, leaves_it):
        page.start(Desk, fn, instance=fn.__name__, policy=ESCALATE)
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert seen == ["joiner", "scope"]
    assert page.said()[4:] == [
        "Desk[joins] was cancelled: update (stopped)",
        "Desk[holds] was cancelled: update (stopped)",
        "Desk[returns] returned 'slept'",
        "Desk[leaves_it] was cancelled: update (stopped)",
    ]
    assert page.kernel.escalated is None


@under("hand", "hosted", "task")
async def test_E10_a_failure_below_a_fiber_that_makes_way_is_not_lost(page: Stage) -> None:
    """As it is not where that is cancelled: making way is no error that could stand before it."""

    async def fails() -> None:
        raise LookupError("nobody has joined it")

    async def asks() -> None:
        await fiber(fails)
        await Desk.Ask()

    async def returns() -> str:
        await fiber(asks)
        return await sleeps(1)

    handle = page.start(Desk, returns)
    await page.settle()
    await page.stop("update", 30)
    assert page.said()[-1] == "Desk failed: LookupError"
    assert str(handle.outcome.error) == "nobody has joined it"


@under("hand", "hosted", "task")
async def test_E10_who_joins_a_spindle_that_made_way_makes_way_too(page: Stage) -> None:
    said: list[str] = []

    async def joins() -> None:
        try:
            await asking.result()
        except PageClosing as closing:
            said.append(str(closing))
            raise

    async def joins_a_cancelled_one() -> None:
        try:
            await cancelled.result()
        except WasCancelled as error:
            said.append(str(error))
            raise

    asking = page.start(Desk, ask_once)
    cancelled = page.start(Desk, ask_once, instance="cancelled")
    page.start(Bell, joins)
    page.start(Bell, joins_a_cancelled_one, instance="other")
    await page.settle()
    cancelled.cancel_nowait("enough")
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert said == [
        "Talk.Desk['cancelled'] was cancelled (enough)",
        "Talk.Desk made way: the page is being stopped (update)",
    ]
    assert page.said()[-1] == "Bell was cancelled: update (stopped)"


@under("hand", "hosted", "task")
async def test_E10_an_error_of_its_own_is_an_error(page: Stage) -> None:
    async def fails() -> None:
        try:
            await Desk.Ask()
        finally:
            raise LookupError

    page.start(Desk, fails)
    await page.settle()
    await page.stop("update", 30)
    assert page.said()[-1] == "Desk failed: LookupError"


@under("task")
async def test_E10_made_way_inside_a_nursery(page: Stage) -> None:
    async def nests() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            await Desk.Ask()

    page.start(Desk, nests)
    await page.settle()
    await page.stop("update", 30)
    assert page.said()[-1] == "Desk was cancelled: update (stopped)"


@HOSTED
@on_trio()
async def test_E10_calls_in_flight_go_on(hosted: bool) -> None:
    async def call() -> float:
        await trio.sleep(4)
        return trio.current_time()

    async def calls() -> list[float]:
        return [await perform(call), await perform(call)]

    async with open_page(Talk, hosted=hosted) as page:
        began = trio.current_time()
        handle = page.start(Desk, calls)
        slow = page.start(Desk, calls, instance="slow")
        await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(1)
        slow.cancel_nowait("enough")
        await page.stop("update", grace=30)
        assert handle.outcome.value == [began + 4, began + 8]
        assert trio.current_time() == began + 8


@HOSTED
@on_trio()
async def test_E10_channels_are_open_to_the_outside_in_the_time_of_grace(hosted: bool) -> None:
    channel = Channel[int](0)

    async def flushes() -> str:
        try:
            await Desk.Ask()
        except PageClosing:
            for number in range(5):
                await channel.put(number)
            await channel.close()
            return "flushed"
        return "answered"

    got: list[int] = []

    async def takes(receiver: trio.abc.ReceiveChannel[int]) -> None:
        await trio.sleep(1)
        got.extend([item async for item in receiver])

    async with open_page(Talk, hosted=hosted) as page, trio.open_nursery() as nursery:
        handle = page.start(Desk, flushes)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(takes, page.receiver(channel))
        await page.stop("update", grace=30)
        assert handle.outcome.value == "flushed"
    assert got == [0, 1, 2, 3, 4]


@under("hand", "hosted", "task")
async def test_E10_what_one_has_in_hand_that_makes_way_was_cut_by_the_stop(page: Stage) -> None:
    async def works() -> None:
        await Desk.Ask()
        await (await fiber(ask_once)).result()

    page.start(Desk, works)
    await page.settle()
    receipt = page.resume(Desk.Told())
    await page.settle()
    await page.stop("update", 30)
    assert receipt.reason == ("Talk.Desk was cancelled while it handled the event (update)")


@under("hand", "hosted", "task")
async def test_E10_an_error_in_the_time_of_grace_is_told_before_that_of_a_fiber(
    page: Stage,
) -> None:
    """Only one that makes way leaves the word to what its fibers came to."""

    async def fails() -> None:
        raise LookupError("the fiber's")

    async def works() -> None:
        await fiber(fails)
        try:
            await Desk.Ask()
        except PageClosing:
            raise LookupError("its own") from None

    handle = page.start(Desk, works)
    await page.settle()
    await page.stop("update", 30)
    assert isinstance(handle.outcome, Errored)
    assert handle.outcome.error.args == ("its own",)
