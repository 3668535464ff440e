"""The books of a page: every event is settled once, and somebody has seen it if they say so."""

from __future__ import annotations

import trio
import trio.testing

from spindle import Settlement, open_page, perform
from tests.drivers import Stage, on_trio, under
from tests.talk import Desk, Talk, ask_once

HANDLED, REFUSED, DEAD = Settlement.HANDLED, Settlement.REFUSED, Settlement.DEAD_LETTERED


def balances(page: Stage) -> None:
    accepted, handled, refused, dead, pending = page.balance()
    assert accepted == handled + refused + dead + pending


@under("hand", "hosted", "task")
async def test_Y8_the_ledger_balances_at_every_step(page: Stage) -> None:
    async def listens() -> None:
        for _ in range(5):
            await Desk.Listen()

    page.start(Desk, listens)
    receipts = []
    for number in range(4):
        for event in (Desk.Told(str(number)), Desk.Queued(number), Desk.Typed(str(number))):
            receipts.append(page.resume(event, yield_id=None if number % 2 else number))
            balances(page)
            await page.settle()
            balances(page)
    assert page.ledger.pending == sum(receipt.settlement is None for receipt in receipts)
    await page.cancel("enough")
    balances(page)
    assert page.ledger.pending == 0
    for settlement, count in zip((HANDLED, REFUSED, DEAD), page.balance()[1:4], strict=True):
        assert sum(receipt.settlement is settlement for receipt in receipts) == count


@under("hand", "hosted", "task")
async def test_Y8_handled_at_the_next_yield_or_at_the_return(page: Stage) -> None:
    async def two() -> None:
        await Desk.Ask(1)
        await Desk.Said("not a yield")
        await Desk.Ask(2)

    page.start(Desk, two)
    await page.settle()
    first = page.resume(Desk.Told())
    await page.settle()
    assert first.settlement is HANDLED
    second = page.resume(Desk.Told())
    await page.settle()
    assert (second.settlement, second.reason) == (HANDLED, "")


@under("hosted", "task")
async def test_Y8_the_event_in_hand_is_dead_lettered_once_with_the_cause(page: Stage) -> None:
    async def works() -> None:
        await Desk.Ask()
        await perform(trio.sleep_forever)

    page.start(Desk, works)
    await page.settle()
    in_hand = page.resume(Desk.Told())
    waiting = page.resume(Desk.Queued(1))
    await page.settle()
    assert page.balance() == (2, 0, 0, 0, 2)
    await page.cancel("closing time")
    assert in_hand.settlement is DEAD
    assert in_hand.reason == ("Talk.Desk was cancelled while it handled the event (closing time)")
    assert waiting.reason == "Talk.Desk ended before it took the event"
    assert page.balance() == (2, 0, 0, 2, 0)


@under("hand", "hosted", "task")
async def test_Y8_the_event_in_hand_of_a_spindle_that_fails(page: Stage) -> None:
    async def fails() -> None:
        await Desk.Ask()
        raise LookupError("gone")

    page.start(Desk, fails)
    await page.settle()
    receipt = page.resume(Desk.Told())
    await page.settle()
    assert receipt.settlement is DEAD
    assert receipt.reason == "Talk.Desk failed with LookupError while it handled the event"


@under("hand", "hosted", "task")
async def test_Y8_a_spindle_that_returns_although_cancelled_has_handled(page: Stage) -> None:
    async def insists() -> str:
        told = await Desk.Ask()
        try:
            await Desk.Ask(2)
        except BaseException:
            return told.word
        return "never"

    page.start(Desk, insists)
    await page.settle()
    receipt = page.resume(Desk.Told("kept"))
    await page.settle()
    await page.cancel("x")
    assert page.said()[-1] == "Desk returned 'kept'"
    assert receipt.settlement is HANDLED


@on_trio()
async def test_Y8_pending_is_none_when_the_page_has_ended() -> None:
    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, ask_once)
            receipts = [page.resume(Desk.Queued(number)) for number in range(3)]
            receipts.append(page.resume(Desk.Told()))
            # Left in the same tick: the inputs are applied before the end is.
        assert page.ledger.pending == 0
        assert [receipt.settlement for receipt in receipts] == [DEAD] * 3 + [HANDLED]


@on_trio()
async def test_a_receipt_can_be_waited_for() -> None:
    async def slow() -> None:
        await Desk.Ask()
        await perform(trio.sleep, 5)

    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, slow)
            await trio.testing.wait_all_tasks_blocked()
            receipt = page.resume(Desk.Told())
            with trio.move_on_after(1) as scope:
                await receipt.settled()
            assert scope.cancelled_caught, "it has to wait"
            assert repr(receipt) == "<receipt of Talk.Desk.Told, pending>"
            began = trio.current_time()
            settlements = []

            async def wait_for_it(receipt=receipt, settlements=settlements) -> None:
                settlements.append(await receipt.settled())

            async with trio.open_nursery() as nursery:
                for _ in range(3):
                    nursery.start_soon(wait_for_it)
            assert trio.current_time() - began == 4
            assert settlements == [HANDLED] * 3
            with trio.testing.assert_checkpoints():
                assert await receipt.settled() is HANDLED
            assert repr(receipt) == "<receipt of Talk.Desk.Told, handled>"
            refused = page.resume(Desk.Told())
            await trio.testing.wait_all_tasks_blocked()
            assert repr(refused).startswith("<receipt of Talk.Desk.Told, refused: no spindle: ")
