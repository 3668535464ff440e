"""What a page tells its journal: the inputs in their one order, and what came of them."""

from __future__ import annotations

from functools import partial

import trio

from spindle import Coroutine, Settlement, cleanup, fork, perform, use
from spindle._core.journal import (
    CallBegan,
    CallEnded,
    CancelCame,
    EventCame,
    EventSettled,
    MessageSent,
    Started,
    TimerFired,
)
from spindle._core.source import Source
from spindle._core.states import Cancelled, Completed, Notified, Withdrawn, Yielded
from spindle.testing import Recording
from tests.drivers import Stage, under
from tests.talk import Bell, Clerk, Desk, Echo, ring_once


async def works(word: str) -> str:
    clerk = await use(Clerk)
    await Desk.Said(await clerk.look(word))
    return (await Desk.Ask()).word


HERE = Source(Desk, "here")


@under("hand", "hosted", "task")
async def test_a_conversation_is_told_in_order(page: Stage) -> None:
    page.start(Desk, works, "tea", instance="here", provide={Clerk: Echo()})
    await page.settle()
    refused = page.resume(Desk.Told("no"), yield_id=7, instance="here")
    page.resume(Desk.Told("yes"), instance="here")
    await page.settle()
    at, entries = zip(*page.recording.entries, strict=True)
    assert set(at) == {0.0}
    assert list(entries) == [
        Started(HERE, "works", ("tea",)),
        CallBegan(HERE, "Clerk.look", ("tea",), {}),
        CallEnded(HERE, "Clerk.look", "seen tea", None),
        MessageSent(HERE, Notified(Desk.Said("seen tea"))),
        MessageSent(Source(Desk, "here", 1), Yielded(Desk.Ask())),
        EventCame(Desk.Told("no"), 7, "here"),
        EventSettled(Desk.Told("no"), Settlement.REFUSED, refused.reason),
        EventCame(Desk.Told("yes"), None, "here"),
        EventSettled(Desk.Told("yes"), Settlement.HANDLED, ""),
        MessageSent(HERE, Completed("yes")),
    ]


@under("hosted", "task")
async def test_entries_carry_the_pages_time(page: Stage) -> None:
    async def limited() -> None:
        await perform(trio.sleep, 3)
        async with cleanup(2):
            await Desk.Ask()
        await Desk.Ask(2)

    page.start(Desk, limited)
    await trio.sleep(10)
    await page.cancel("x")
    ask, again = Source(Desk, None, 1), Source(Desk, None, 2)
    assert page.recording.entries == [
        (0.0, Started(Source(Desk), "limited", ())),
        (0.0, CallBegan(Source(Desk), "sleep", (3,), {})),
        (3.0, CallEnded(Source(Desk), "sleep", None, None)),
        (3.0, MessageSent(ask, Yielded(Desk.Ask()))),
        (5.0, TimerFired()),
        (5.0, MessageSent(ask, Withdrawn(Desk.Ask()))),
        (5.0, MessageSent(again, Yielded(Desk.Ask(2)))),
        (10.0, CancelCame("x")),
        (10.0, MessageSent(again, Withdrawn(Desk.Ask(2)))),
        (10.0, MessageSent(Source(Desk), Cancelled("x"))),
    ]


@under("hand", "hosted", "task")
async def test_keywords_of_a_call_are_told(page: Stage) -> None:
    async def pays() -> str:
        clerk = await use(Clerk)
        return await clerk.pay(3, currency="USD")

    page.start(Desk, pays, provide={Clerk: Echo()})
    await page.settle()
    assert "Desk                     -> Clerk.pay(3, currency='USD')" in page.recording.lines()


@under("hand", "hosted", "task")
async def test_a_call_that_raises_and_an_event_that_is_dead(page: Stage) -> None:
    async def fails() -> None:
        raise LookupError("gone")

    async def calls() -> None:
        await Desk.Ask()
        await perform(fails)

    page.start(Desk, calls)
    await page.settle()
    page.resume(Desk.Told("a"))
    await page.settle()
    entries = [entry for _, entry in page.recording.entries]
    (ended,) = [entry for entry in entries if isinstance(entry, CallEnded)]
    assert isinstance(ended.error, LookupError)
    (settled,) = [entry for entry in entries if isinstance(entry, EventSettled)]
    assert settled.settlement is Settlement.DEAD_LETTERED
    assert settled.reason == "Talk.Desk failed with LookupError while it handled the event"


def test_a_partial_is_told_by_the_name_of_its_function(recording: Recording) -> None:
    fiber = Coroutine(partial(works, "tea"), journal=recording, provide={Clerk: Echo()})
    fiber.run()
    (started, *_) = (entry for _, entry in recording.entries)
    assert isinstance(started, Started)
    assert started.function == "works"


def test_an_answer_to_a_coroutine_is_told_with_its_yield_and_whose_it_is(
    recording: Recording,
) -> None:
    async def forks() -> str:
        await fork(Bell, ring_once, instance="b")
        return (await Desk.Ask()).word

    coroutine = Coroutine(forks, journal=recording)
    coroutine.run()
    coroutine.run(Bell.Rung(2), to=Bell.Wait())
    coroutine.run(Desk.Told("yes"))
    came = [entry for _, entry in recording.entries if isinstance(entry, EventCame)]
    assert came == [EventCame(Bell.Rung(2), 1, "b"), EventCame(Desk.Told("yes"), 1, None)]
