"""Events that come while their spindle does not wait for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import trio

from spindle import Settlement, perform
from spindle._core.kernel.mail import MAILBOX_BOUND
from tests.drivers import Stage, under
from tests.talk import Desk

HANDLED, REFUSED, DEAD = Settlement.HANDLED, Settlement.REFUSED, Settlement.DEAD_LETTERED


async def busy_asking() -> list[int]:
    """Ask something else first, then take three."""
    await Desk.Ask()
    return [(await Desk.Take()).number for _ in range(3)]


async def read_after(work: Callable[..., object]) -> str:
    """Be away in a call, then read."""
    await perform(work)
    return (await Desk.Read()).text


@under("hand", "hosted", "task")
async def test_Y4_queued_events_wait_in_order(page: Stage) -> None:
    handle = page.start(Desk, busy_asking)
    receipts = [page.resume(Desk.Queued(number)) for number in range(4)]
    await page.settle()
    assert [receipt.settlement for receipt in receipts] == [None] * 4
    page.resume(Desk.Told())
    await page.settle()
    assert handle.outcome.value == [0, 1, 2]
    assert [receipt.settlement for receipt in receipts] == [HANDLED] * 3 + [DEAD]
    assert page.balance() == (5, 4, 0, 1, 0)


@under("hand", "hosted", "task")
async def test_Y4_a_full_mailbox_refuses(page: Stage) -> None:
    page.start(Desk, busy_asking)
    receipts = [page.resume(Desk.Queued(number)) for number in range(MAILBOX_BOUND + 2)]
    await page.settle()
    assert page.ledger.pending == MAILBOX_BOUND
    for receipt in receipts[MAILBOX_BOUND:]:
        assert receipt.settlement is REFUSED
        assert receipt.reason == "the mailbox of Talk.Desk is full (64 events)"
    # Room again: the next one is taken.
    page.resume(Desk.Told())
    await page.settle()
    assert [receipt.settlement for receipt in receipts[:3]] == [HANDLED] * 3


@under("hand", "hosted", "task")
async def test_Y4_of_the_latest_the_newest_stays_in_the_place_of_the_oldest(page: Stage) -> None:
    async def drain() -> list[object]:
        await Desk.Ask()
        return [await Desk.Listen() for _ in range(3)]

    handle = page.start(Desk, drain)
    typed = [page.resume(Desk.Typed("t"))]
    first = page.resume(Desk.Queued(1))
    typed += [page.resume(Desk.Typed("te")), page.resume(Desk.Typed("tea"))]
    page.resume(Desk.Queued(2))
    page.resume(Desk.Told())
    await page.settle()
    assert handle.outcome.value == [Desk.Typed("tea"), Desk.Queued(1), Desk.Queued(2)]
    assert [receipt.settlement for receipt in typed] == [DEAD, DEAD, HANDLED]
    assert typed[0].reason == "a newer one of its class took its place"
    assert first.settlement is HANDLED


@under("hand", "hosted", "task")
async def test_Y4_a_yield_takes_from_the_mailbox_only_what_it_accepts(page: Stage) -> None:
    async def picky() -> tuple[str, int]:
        await Desk.Ask()
        text = (await Desk.Read()).text
        return text, (await Desk.Take()).number

    handle = page.start(Desk, picky)
    page.resume(Desk.Queued(1))
    page.resume(Desk.Typed("x"))
    page.resume(Desk.Told())
    await page.settle()
    assert handle.outcome.value == ("x", 1)


@under("hosted", "task")
async def test_Y4_events_wait_for_a_spindle_that_is_away_in_a_call(page: Stage) -> None:
    done = trio.Event()
    handle = page.start(Desk, read_after, done.wait)
    await page.settle()
    typed = [page.resume(Desk.Typed(text)) for text in ("a", "ab", "abc")]
    asked = page.resume(Desk.Told())
    await page.settle()
    assert asked.settlement is REFUSED
    assert asked.reason == (
        "not asked: Talk.Desk does not ask for anything now, so not for Talk.Desk.Told"
    )
    done.set()
    await page.settle()
    assert handle.outcome.value == "abc"
    assert [receipt.settlement for receipt in typed] == [DEAD, DEAD, HANDLED]


@under("task")
async def test_Y4_events_wait_for_a_spindle_that_is_away_in_trio(page: Stage) -> None:
    async def sleeps() -> list[int]:
        await trio.sleep(10)
        return [(await Desk.Take()).number for _ in range(2)]

    handle = page.start(Desk, sleeps)
    await page.settle()
    for number in range(2):
        page.resume(Desk.Queued(number))
    await trio.sleep(11)
    assert handle.outcome.value == [0, 1]


@under("hand", "hosted", "task")
async def test_a_burst_is_settled_one_event_at_a_time(page: Stage) -> None:
    """Three answers at once: each finds the yield that the one before it led to."""

    async def three() -> list[str]:
        return [(await Desk.Ask(number)).word for number in range(3)]

    page.start(Desk, three)
    receipts = [page.resume(Desk.Told(word)) for word in "abcd"]
    await page.settle()
    assert page.said()[-1] == "Desk returned ['a', 'b', 'c']"
    assert [receipt.settlement for receipt in receipts] == [HANDLED] * 3 + [REFUSED]


@under("hand", "hosted", "task")
async def test_a_burst_of_double_clicks_answers_one_yield_each(page: Stage) -> None:
    async def two() -> list[str]:
        return [(await Desk.Ask(number)).word for number in range(2)]

    page.start(Desk, two)
    told = partial(page.resume, yield_id=1)
    clicks = [told(Desk.Told("a")), told(Desk.Told("a again"))]
    clicks.append(page.resume(Desk.Told("b"), yield_id=2))
    await page.settle()
    assert page.said()[-1] == "Desk returned ['a', 'b']"
    assert [click.settlement for click in clicks] == [HANDLED, REFUSED, HANDLED]
