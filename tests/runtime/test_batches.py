"""Batched reads on a page: what makes one batch, whom it serves, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping

import trio
import trio.testing

from spindle import (
    Channel,
    Completed,
    PageLimits,
    TooSlow,
    cleanup,
    fiber,
    forget,
    fork,
    open_page,
    perform,
    scope,
    sleep,
    timeout,
    use,
)
from spindle._core.kernel.snapshot import snapshot
from spindle._core.kernel.turns import TURN_BOUND
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.library import Books, Index, Library, Slow, ask, ask_all
from tests.talk import Bell, Desk, Talk, ask_once


def log_of(library: Index) -> list[object]:
    """What the last page has asked for: a scenario is played more than once."""
    log, library.log = library.log, []
    return log


# --- what makes a batch ---------------------------------------------------------------------------


@under("hand", "hosted", "task")
async def test_what_several_spindles_ask_for_in_one_turn_is_one_call(page: Stage) -> None:
    books = Books()

    async def starts() -> None:
        await fork(Bell, ask_all, 1, 2)
        await fork(Bell, ask, 2, 5, instance="second")
        await ask(3, 1)

    page.start(Desk, starts, provide={Library: books})
    assert await page.hears() == [
        "Desk returned None",
        "Bell returned ['1, edition 1', '2, edition 1']",
        "Bell[second] returned ['2, edition 1', '5, edition 1']",
    ]
    assert log_of(books) == [(3, 2, 1), (5,)]


@under("hand", "hosted", "task")
async def test_spindles_that_are_woken_by_one_event_ask_together(page: Stage) -> None:
    books = Books()
    given = {Library: books}

    async def answered(number: int) -> list[str]:
        await Desk.Ask(number)
        return await ask(number)

    async def both() -> list[str]:
        first = await fiber(answered, 1)
        return [*await ask(7), *await first.result()]

    page.start(Desk, both, provide=given)
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    page.resume(Desk.Told())
    assert await page.hears() == ["Desk returned ['7, edition 1', '1, edition 1']"]
    assert log_of(books) == [(7,), (1,)]


@under("hand", "hosted", "task")
async def test_a_batch_waits_until_nobody_can_run(page: Stage) -> None:
    """Also for who is woken in the same turn by another one."""
    books = Books()
    passed = Channel[int](0)

    async def asks_what_it_is_told() -> list[str]:
        return await ask(await passed.take())

    async def tells() -> list[str]:
        later = await fiber(asks_what_it_is_told)
        first = await fiber(ask, 1)
        await passed.put(2)
        return [*await first.result(), *await later.result()]

    page.start(Desk, tells, provide={Library: books})
    assert await page.hears() == ["Desk returned ['1, edition 1', '2, edition 1']"]
    assert log_of(books) == [(2, 1)]


@under("hand", "hosted", "task")
async def test_one_that_never_waits_does_not_keep_a_batch_for_ever(page: Stage) -> None:
    """It is sent out when that one's turn is over."""
    books = Books()
    rounds: list[int] = []

    async def spins() -> int:
        reader = await fiber(ask, 1)
        count = 0
        while reader.outcome is None:
            await Desk.Said("") if count % 100 == 0 else await sleep(0)
            count += 1
        rounds.append(count)
        return count // TURN_BOUND

    page.start(Desk, spins, provide={Library: books})
    await page.settle()
    assert log_of(books) == [(1,)]
    if page.driver == "hand":
        assert rounds[0] <= 10 * TURN_BOUND
    page.said()
    page.transcript.clear()  # how long it spins is a matter of the driver


@under("hand", "hosted", "task")
async def test_two_that_wake_each_other_do_not_either(page: Stage) -> None:
    books = Books()
    ball = Channel[int](0)
    back = Channel[int](0)

    async def returns() -> None:
        while True:
            await back.put(await ball.take())

    async def plays() -> bool:
        reader = await fiber(ask, 1)
        await fiber(returns)
        rounds = 0
        while reader.outcome is None and rounds < 10 * TURN_BOUND:
            await ball.put(rounds)
            rounds += 1
            await back.take()
        return reader.outcome is not None

    page.start(Desk, plays, provide={Library: books})
    assert await page.hears() == ["Desk returned True"]
    assert log_of(books) == [(1,)]


@under("hand", "hosted", "task")
async def test_callers_go_on_in_the_order_in_which_they_asked(page: Stage) -> None:

    async def says(number: int) -> None:
        await Desk.Said((await ask(number))[0])

    async def starts() -> None:
        for number in (2, 1, 3, 1):
            await fiber(says, number)
        await sleep(1)

    page.start(Desk, starts, provide={Library: Books()})
    said = [line.partition("word='")[2][0] for line in await page.hears()]
    assert said == ["2", "1", "3", "1"]
    await page.advance(1)
    assert await page.hears() == ["Desk returned None"]


# --- whose it is ----------------------------------------------------------------------------------


@HOSTED
@on_trio(1)
async def test_each_page_has_its_own(hosted: bool) -> None:
    books = Books()
    for _ in range(2):
        async with open_page(Talk, provide={Library: books}, hosted=hosted) as page:
            page.start(Desk, ask, 1, 1)
            await page.wait()
    assert log_of(books) == [(1,), (1,)]


@under("hand", "hosted", "task")
async def test_each_implementation_has_its_own(page: Stage) -> None:
    """A fork may be given another one; spindles that are given the same share it."""
    first, second = Books(), Books()

    async def starts() -> list[str]:
        await ask(1)
        handle = await fork(Bell, ask, 1, 1, provide={Library: second})
        third = await fork(Bell, ask, 1, instance="third")
        await handle.result()
        await third.result()
        return await ask(1)

    page.start(Desk, starts, provide={Library: first})
    assert len(await page.hears()) == 3
    assert log_of(first) == [(1,)]
    assert log_of(second) == [(1,)]


@under("hand", "hosted", "task")
async def test_what_was_given_to_spindles_is_let_go_with_the_last_of_them(page: Stage) -> None:
    books = Books()

    async def stays() -> None:
        await ask(1)
        await Desk.Ask()

    for number in range(3):
        page.start(Desk, stays, instance=str(number), provide={Library: books})
    await page.settle()
    shelves = page.kernel.shelves
    assert shelves is not None
    for number in range(3):
        assert len(shelves) == 1
        page.resume(Desk.Told(), instance=str(number))
        await page.settle()
    assert len(shelves) == 0
    assert log_of(books) == [(1,)]
    page.start(Desk, ask, 1, provide={Library: books})
    await page.settle()
    assert log_of(books) == [(1,)]


@HOSTED
@on_trio(1)
async def test_the_oldest_value_makes_room(hosted: bool) -> None:
    books, limits = Books(), PageLimits(kept_values=2)
    async with open_page(Talk, provide={Library: books}, hosted=hosted, limits=limits) as page:
        page.start(Desk, ask, 1, 2, 3, 3, 2, 1)
        await page.wait()
    assert log_of(books) == [(1,), (2,), (3,), (1,)]


# --- under way ------------------------------------------------------------------------------------


@HOSTED
@on_trio()
async def test_who_asks_for_what_is_being_read_joins_that_batch(hosted: bool) -> None:
    slow = Slow()
    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        first = page.start(Desk, ask_all, 1, 2)
        await trio.sleep(0.5)
        second = page.start(Bell, ask_all, 2, 3)
        with trio.fail_after(1.6):
            await page.wait()
        assert first.outcome == Completed(["1, edition 1", "2, edition 1"])
        assert second.outcome == Completed(["2, edition 1", "3, edition 1"])
    assert slow.log == [(1, 2), (3,)]


@HOSTED
@on_trio()
async def test_the_page_tells_what_is_waited_for(hosted: bool) -> None:
    slow = Slow()

    async def asks() -> None:
        library = await use(Library)
        async with scope():
            await fiber(library.book, 1)
            await fiber(library.book, 2)
            await perform(trio.sleep, 0.5)

    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        page.start(Desk, asks)
        await trio.sleep(0.1)
        [desk, batch] = page.snapshot().spindles
        assert [each.waits for each in desk.fibers] == [
            ("Library.book(1), in a batch of 2",),
            ("Library.book(2), in a batch of 2",),
        ]
        assert (batch.name, batch.state, batch.waits) == (
            "Library.books",
            "away",
            ("the call Library.books",),
        )


@under("hand", "hosted", "task")
async def test_who_is_gathered_is_told_so(page: Stage) -> None:
    seen: list[tuple[str, ...]] = []

    async def looks() -> None:
        await fiber(ask, 1)
        while not any(seen):
            await sleep(0)
            seen.append(snapshot(page.kernel).spindles[0].fibers[0].waits)

    page.start(Desk, looks, provide={Library: Books()})
    await page.settle()
    assert seen[-1] == ("Library.book(1), gathered",)


@HOSTED
@on_trio()
async def test_cancelling_one_that_waits_leaves_the_others_their_batch(hosted: bool) -> None:
    slow = Slow()
    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:

        async def starts() -> None:
            await fork(Bell, ask, 1)
            await fork(Bell, ask, 2, instance="second")
            await ask(1)

        first = page.start(Desk, starts)
        await trio.sleep(0.5)
        first.cancel_nowait("enough")
        await trio.testing.wait_all_tasks_blocked()
        assert first.outcome is not None
        assert page.snapshot().spindles[0].name == "Talk.Bell"
        await page.wait()
    assert slow.log == [(1, 2)]


@HOSTED
@on_trio()
async def test_the_last_one_takes_the_batch_along(hosted: bool) -> None:
    slow = Slow()
    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        handle = page.start(Desk, ask_all, 1, 2)
        await trio.sleep(0.5)
        handle.cancel_nowait("enough")
        await page.wait()
        await trio.testing.wait_all_tasks_blocked()
        assert slow.log == [(1, 2), "(1, 2) cut"]
        # What was cut is not joined, and was not kept.
        page.start(Desk, ask, 1)
        await page.wait()
    assert slow.log[2:] == [(1,)]


@HOSTED
@on_trio()
async def test_who_asks_while_a_batch_is_being_cut_gets_another_one(hosted: bool) -> None:
    class Winding(Slow):
        async def last(self, what: object) -> None:
            try:
                await super().last(what)
            finally:
                with trio.CancelScope(shield=True):
                    await trio.sleep(1)

    winding = Winding()
    async with open_page(Talk, provide={Library: winding}, hosted=hosted) as page:
        began = trio.current_time()
        handle = page.start(Desk, ask, 1)
        await trio.sleep(0.5)
        handle.cancel_nowait("enough")
        await page.wait()
        assert trio.current_time() - began == 0.5  # who is cancelled goes on at once
        again = page.start(Desk, ask, 1)
        await page.wait()
        assert again.outcome == Completed(["1, edition 1"])
    assert winding.log == [(1,), "(1,) cut", (1,)]


@HOSTED
@on_trio()
async def test_a_page_ends_after_its_batches(hosted: bool) -> None:
    log: list[str] = []

    class Winding(Slow):
        async def last(self, what: object) -> None:
            try:
                await trio.sleep_forever()
            finally:
                with trio.CancelScope(shield=True):
                    await trio.sleep(1)
                log.append("batch over")

    async with open_page(Talk, provide={Library: Winding()}, hosted=hosted) as page:
        page.start(Desk, ask, 1)
        await trio.sleep(0.5)
        began = trio.current_time()
        await page.cancel("closing time")
        assert trio.current_time() - began == 1
        assert log == ["batch over"]
        kernel = page._driver.kernel
        assert not kernel.coroutines
        assert not kernel.outside
        assert kernel.gathered is None


@HOSTED
@on_trio()
async def test_a_cleanup_of_a_page_that_ends_may_read(hosted: bool) -> None:
    slow = Slow()
    read: list[str] = []

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(2):
                read.extend(await ask(1))

    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        page.start(Desk, cleans)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    assert read == ["1, edition 1"]
    assert slow.log == [(1,)]


@HOSTED
@on_trio()
async def test_a_batch_that_serves_a_cleanup_outlasts_the_cancellation(hosted: bool) -> None:
    slow = Slow()
    read: list[str] = []

    async def cleans() -> None:
        async with cleanup(2):
            read.extend(await ask(1))

    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        page.start(Desk, cleans)
        page.start(Bell, ask, 1)
        await trio.sleep(0.5)
        await page.cancel("closing time")
    assert read == ["1, edition 1"]
    assert slow.log == [(1,)]


@HOSTED
@on_trio()
async def test_a_timeout_around_one_leaves_the_others_their_batch(hosted: bool) -> None:
    slow = Slow()

    async def hurries() -> str:
        try:
            async with timeout(0.5):
                await ask(1)
        except TooSlow:
            return f"too slow at {trio.current_time() - began:g}"
        return "in time"

    async def starts() -> list[str]:
        other = await fiber(ask, 1)
        return [await hurries(), *await other.result()]

    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        began = trio.current_time()
        handle = page.start(Desk, starts)
        await page.wait()
        assert handle.outcome == Completed(["too slow at 0.5", "1, edition 1"])
    assert slow.log == [(1,)]


@on_trio()
async def test_a_scope_of_trios_around_one_leaves_the_others_their_batch() -> None:
    slow = Slow()

    async def moves_on() -> str:
        with trio.move_on_after(0.5):
            return (await ask(1))[0]
        return f"moved on at {trio.current_time() - began:g}"

    async def starts() -> list[str]:
        other = await fiber(ask, 1)
        return [await moves_on(), *await other.result()]

    async with open_page(Talk, provide={Library: slow}) as page:
        began = trio.current_time()
        both = page.start(Desk, starts)
        alone = page.start(Bell, moves_on, provide={Library: (other := Slow())})
        await page.wait()
        assert both.outcome == Completed(["moved on at 0.5", "1, edition 1"])
        assert alone.outcome == Completed("moved on at 0.5")
    assert slow.log == [(1,)]
    assert other.log == [(1,), "(1,) cut"]


@HOSTED
@on_trio()
async def test_who_is_cancelled_while_it_is_gathered_is_not_read_for(hosted: bool) -> None:
    books = Books()

    async def starts() -> None:
        one = await fiber(ask, 1)
        two = await fiber(ask, 2)
        await sleep(0)
        await fiber(cancels, one, two)

    async def cancels(*handles) -> None:
        for handle in handles:
            await handle.cancel("not needed")

    async with open_page(Talk, provide={Library: books}, hosted=hosted) as page:
        handle = page.start(Desk, starts)
        await page.wait()
        assert handle.outcome == Completed(None)
        assert page._driver.kernel.gathered is None
    assert books.log == []


@HOSTED
@on_trio()
async def test_what_a_write_overtakes_is_neither_joined_nor_kept(hosted: bool) -> None:
    slow = Slow()

    async def lends() -> list[str]:
        library = await use(Library)
        await sleep(0.25)
        await library.lend(1)  # from 0.25 to 1.25; the first batch ends at 1
        return await ask(1)

    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        early = page.start(Desk, ask, 1)
        writer = page.start(Bell, lends)
        await trio.sleep(0.5)
        during = page.start(Desk, ask, 1, instance="during")  # until 1.5
        await page.wait()
        assert early.outcome == Completed(["1, edition 1"])
        assert during.outcome == Completed(["1, edition 2"])
        assert writer.outcome == Completed(["1, edition 2"])
    assert slow.log == [(1,), (1,), (1,)]


@HOSTED
@on_trio()
async def test_what_is_forgotten_while_it_is_read_is_read_anew(hosted: bool) -> None:
    slow = Slow()

    async def forgets() -> list[str]:
        library = await use(Library)
        await sleep(0.5)
        await forget(library.book, 1)
        return await ask_all(1, 2)

    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        page.start(Desk, ask_all, 1, 2)
        page.start(Bell, forgets)
        await page.wait()
    assert slow.log == [(1, 2), (1,)]


@HOSTED
@on_trio()
async def test_in_the_time_of_grace_reads_go_on(hosted: bool) -> None:
    slow = Slow()
    async with open_page(Talk, provide={Library: slow}, hosted=hosted) as page:
        handle = page.start(Desk, ask, 1, 2)
        await trio.sleep(0.5)
        await page.stop("closing time", grace=3)
        assert handle.outcome == Completed(["1, edition 1", "2, edition 1"])


@HOSTED
@on_trio()
async def test_a_batch_that_does_not_end_is_named(hosted: bool, monkeypatch) -> None:
    from spindle._runtime import ontrio

    named: list[str] = []
    monkeypatch.setattr(ontrio, "report", named.append)

    class Stubborn(Slow):
        async def last(self, what: object) -> None:
            with trio.CancelScope(shield=True):
                await trio.sleep(15)

    async with open_page(Talk, provide={Library: Stubborn()}, hosted=hosted) as page:
        page.start(Desk, ask, 1)
        await trio.sleep(0.5)
        await page.cancel("closing time")
    assert len(named) == 1
    assert "Library.books" in named[0]


@HOSTED
@on_trio()
async def test_what_a_batch_raises_hurts_who_waits_for_it_only(hosted: bool) -> None:
    class Broken(Slow):
        async def books(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
            await trio.sleep(0.1)
            raise SystemExit(3) if numbers == (1,) else BaseExceptionGroup("", [KeyError()])

    async with open_page(Talk, provide={Library: Broken()}, hosted=hosted) as page:
        one = page.start(Desk, ask, 1)
        two = page.start(Bell, ask, 2)
        asks = page.start(Desk, ask_once, instance="other")
        await trio.sleep(1)
        assert "SystemExit" in str(one.outcome.error)
        assert type(two.outcome.error) is ExceptionGroup
        assert asks.outcome is None


@HOSTED
@on_trio()
async def test_context_variables_are_those_of_the_first_that_asked(hosted: bool) -> None:
    from contextvars import ContextVar

    who: ContextVar[str] = ContextVar("who", default="nobody")
    seen: list[str] = []

    class Looking(Books):
        async def books(self, numbers):
            seen.append(who.get())
            who.set("the batch")
            return await super().books(numbers)

    async def asks(name: str, number: int) -> str:
        who.set(name)
        await ask(number)
        return who.get()

    async def starts() -> list[str]:
        fibers = [await fiber(asks, "first", 1), await fiber(asks, "second", 2)]
        return [await each.result() for each in fibers]

    async with open_page(Talk, provide={Library: Looking()}, hosted=hosted) as page:
        handle = page.start(Desk, starts)
        await page.wait()
        assert handle.outcome == Completed(["first", "second"])
    assert seen == ["first"]
