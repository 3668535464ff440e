"""What leaves a page: in order, bounded, and never at the cost of the page."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Completed, Notified, open_page
from spindle._runtime.outbox import HIGH_WATER
from tests.drivers import HOSTED, on_trio
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

MANY = 3 * HIGH_WATER


def waiting(page) -> int:
    return page.outbox.statistics().waiting


async def count(number: int) -> str:
    for each in range(number):
        await Desk.Said(str(each))
    return "counted"


@HOSTED
@on_trio()
async def test_messages_come_in_program_order_until_the_page_has_ended(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, count, 3)
        page.start(Bell, ring_once)
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Bell.Rung(2))
        await page.wait()
    messages = [message async for _, message in page.outbox]
    words = [message.notify.word for message in messages if isinstance(message, Notified)]
    assert words == ["0", "1", "2"]
    assert messages[-1] == Completed(2)
    with pytest.raises(trio.EndOfChannel):
        page.outbox.receive_nowait()
    with pytest.raises(trio.EndOfChannel):
        await page.outbox.receive()


@HOSTED
@on_trio()
async def test_an_outbox_is_a_receive_channel(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        assert isinstance(page.outbox, trio.abc.ReceiveChannel)
        with pytest.raises(trio.WouldBlock):
            page.outbox.receive_nowait()
        with trio.move_on_after(1) as scope:
            await page.outbox.receive()
        assert scope.cancelled_caught
        page.start(Desk, count, 1)
        source, message = await page.outbox.receive()
        assert (source.block, source.instance, source.yield_id) == (Desk, None, None)
        assert message == Notified(Desk.Said("0"))


@pytest.mark.bulk
@HOSTED
@on_trio()
async def test_N2_the_page_pauses_for_a_slow_reader_and_goes_on_in_order(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, count, MANY)
        page.start(Bell, ring_once)
        receipt = page.resume(Bell.Rung(1))
        await trio.testing.wait_all_tasks_blocked()
        # Stopped at the mark, nothing else goes on: no spindle, no event.
        assert waiting(page) == HIGH_WATER
        assert handle.outcome is None
        assert receipt.settlement is None

        heard = []
        while handle.outcome is None:
            assert waiting(page) <= HIGH_WATER
            heard.append(await page.outbox.receive())
            await trio.testing.wait_all_tasks_blocked()
        heard += [await page.outbox.receive() for _ in range(waiting(page))]
        await trio.testing.wait_all_tasks_blocked()
        words = [message.notify.word for _, message in heard if isinstance(message, Notified)]
        assert words == [str(number) for number in range(MANY)]
        assert receipt.settlement is not None


@pytest.mark.bulk
@HOSTED
@on_trio(2)
async def test_a_fast_reader_hears_the_same_as_a_slow_one(hosted: bool) -> None:
    async def talk(number: int) -> None:
        await Desk.Ask()
        for each in range(number):
            await Desk.Said(f"{number}/{each}")

    async def listen(drained_each: int) -> list[object]:
        heard: list[object] = []
        async with open_page(Talk, hosted=hosted) as page:
            for number in (HIGH_WATER, 20, 700):
                page.start(Desk, talk, number, instance=str(number))
                page.resume(Desk.Told(), instance=str(number))
            await trio.testing.wait_all_tasks_blocked()
            while page._driver.kernel.live:
                for _ in range(drained_each):
                    try:
                        heard.append(page.outbox.receive_nowait())
                    except trio.WouldBlock:
                        break
                await trio.testing.wait_all_tasks_blocked()
        return heard + [item async for item in page.outbox]

    assert await listen(1) == await listen(100) == await listen(HIGH_WATER * 3)


async def talk_for_ever(log: list[str]) -> None:
    """Notify without end; bounded, so that a fault is a failed test and not a stuck one."""
    number = 0
    try:
        while number < 100 * HIGH_WATER:
            number += 1
            await Desk.Said(str(number))
    finally:
        log.append(f"stopped at {number}")


@HOSTED
@on_trio()
async def test_a_reader_that_never_drains_does_not_keep_the_page(hosted: bool) -> None:
    log: list[str] = []
    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, talk_for_ever, log)
        page.start(Bell, ring_once)
        receipt = page.resume(Bell.Rung())
        await trio.testing.wait_all_tasks_blocked()
        assert log == []
        await page.cancel("closing time")
    assert isinstance(handle.outcome, Cancelled)
    # The spindle learnt of it at its next operation.
    assert log[0] in (f"stopped at {HIGH_WATER + 1}", f"stopped at {HIGH_WATER}")
    assert page.ledger.pending == 0
    assert receipt.settlement is not None
    assert waiting(page) <= HIGH_WATER + 5


@HOSTED
@on_trio()
async def test_a_cancel_right_after_a_message_was_taken(hosted: bool) -> None:
    """The stopped spindle has the turn again, and hears of the cancel all the same."""
    log: list[str] = []
    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, talk_for_ever, log)
        await trio.testing.wait_all_tasks_blocked()
        page.outbox.receive_nowait()
        await page.cancel("closing time")
    assert handle.outcome == Cancelled("closing time")
    assert int(log[0].split()[-1]) <= HIGH_WATER + 3


@HOSTED
@on_trio()
async def test_a_view_that_closes_the_outbox_wants_no_more(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, count, MANY)
        asking = page.start(Desk, ask_once, instance="asking")
        await trio.testing.wait_all_tasks_blocked()
        assert handle.outcome is None
        page.outbox.close()
        await trio.testing.wait_all_tasks_blocked()
        # The page goes on, unheard.
        assert handle.outcome == Completed("counted")
        with pytest.raises(trio.ClosedResourceError):
            page.outbox.receive_nowait()
        with pytest.raises(trio.ClosedResourceError):
            await page.outbox.receive()
        page.resume(Desk.Told("on"), instance="asking")
        await trio.testing.wait_all_tasks_blocked()
        assert asking.outcome == Completed("on")
        page.start(Desk, ask_once)
    with trio.testing.assert_checkpoints():
        await page.outbox.aclose()


@HOSTED
@on_trio()
async def test_closing_the_outbox_wakes_who_waits_at_it(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page, trio.open_nursery() as nursery:

        async def reads() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await page.outbox.receive()

        nursery.start_soon(reads)
        await trio.testing.wait_all_tasks_blocked()
        page.outbox.close()


@HOSTED
@on_trio()
async def test_cancelling_a_reader_loses_nothing(hosted: bool) -> None:
    heard: list[str] = []
    async with open_page(Talk, hosted=hosted) as page:

        async def reads(scope: trio.CancelScope) -> None:
            with scope:
                while True:
                    _, message = await page.outbox.receive()
                    if isinstance(message, Notified):
                        heard.append(message.notify.word)

        async with trio.open_nursery() as nursery:
            for round_number in range(10):
                scope = trio.CancelScope()
                nursery.start_soon(reads, scope)
                await trio.testing.wait_all_tasks_blocked()
                page.start(Desk, count, 3, instance=str(round_number))
                scope.cancel()
                await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(reads, trio.CancelScope())
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
    assert heard == ["0", "1", "2"] * 10


@HOSTED
@on_trio(2)
async def test_outcomes_have_room_above_the_mark(hosted: bool) -> None:
    """However many spindles a page has that nobody listens to, its end is told of each."""
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, count, MANY)
        for number in range(50):
            page.start(Desk, ask_once, instance=str(number))
        await trio.testing.wait_all_tasks_blocked()
    told = [message async for _, message in page.outbox]
    assert sum(isinstance(message, Cancelled) for message in told) == 51


@HOSTED
@on_trio()
async def test_a_busy_page_refuses_events_beyond_its_bound(hosted: bool) -> None:
    from spindle._runtime.page import INPUT_BOUND

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, count, MANY)
        page.start(Bell, ring_once)
        await trio.testing.wait_all_tasks_blocked()
        receipts = [page.resume(Bell.Rung()) for _ in range(INPUT_BOUND + 5)]
        refused = [receipt for receipt in receipts if receipt.settlement is not None]
        assert 5 <= len(refused) <= 7
        assert refused[0].reason == f"the page is busy ({INPUT_BOUND} inputs wait)"
    assert page.ledger.pending == 0
