"""Batched reads under way: who joins a batch, who leaves it, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping

import trio
import trio.testing

from spindle import (
    Completed,
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
from spindle._core.kernel.snapshot import stuck, tree
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.library import Books, Library, Slow, ask, ask_all
from tests.talk import Bell, Desk, Talk, ask_once


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
        [desk, batch] = page.tree().spindles
        assert [each.waits for each in desk.fibers] == [
            ("Library.book(1), in a batch of 2",),
            ("Library.book(2), in a batch of 2",),
        ]
        assert (batch.name, batch.state, batch.waits) == (
            "Library.books",
            "away",
            ("the call Library.books",),
        )
        assert "Talk.Desk" in str(stuck(page._driver.kernel))
        assert "in a ring" not in str(stuck(page._driver.kernel))


@under("hand", "hosted", "task")
async def test_who_is_gathered_is_told_so(page: Stage) -> None:
    seen: list[tuple[str, ...]] = []

    async def looks() -> None:
        await fiber(ask, 1)
        while not any(seen):
            await sleep(0)
            seen.append(tree(page.kernel).spindles[0].fibers[0].waits)

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
        assert page.tree().spindles[0].name == "Talk.Bell"
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
    monkeypatch.setattr(ontrio, "report", lambda said, **where: named.append(said))

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
