"""Pages that are being stopped when their process ends, and come to their end in another."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Contract,
    Event,
    Notify,
    PageClosed,
    PageClosing,
    PageMachine,
    Spindle,
    Yield,
    cancel_reason,
    cleanup,
    now,
    open_durable_host,
    sleep,
)
from spindle._lasting.looks import until_kept
from spindle.durable import Chain, Kept, MemoryStore, PageStatus, read_log
from tests.lasting.make_golden import copied
from tests.lasting.prefixes import driver_of, received


class Office(Contract):
    class Clerk(Spindle[str]):
        class Came(Event): ...

        class Wait(Yield[Came]): ...

        class Said(Notify):
            text: str


Clerk = Office.Clerk


async def tidies(seconds: float) -> str:
    """Takes its time when the page is being stopped."""
    try:
        await Clerk.Wait()
    except PageClosing:
        try:
            await sleep(seconds)
        finally:
            async with cleanup(seconds=1):
                await Clerk.Said(f"at {await now():.1f}: {await cancel_reason()}")
    return "tidy"


def hosted(store: MemoryStore, wake: float | None = None) -> Any:
    return open_durable_host(
        store,
        wake=wake,
        wall_clock=trio.current_time,
        grace=0,
    )


async def stopped(page: PageMachine, reason: str, grace: float) -> None:
    with suppress(PageClosed):  # it has left this process
        await page.stop(reason, grace=grace)


async def killed(
    fn: Any, *args: object, stops: tuple[tuple[str, float], ...] = (("closing time", 5),)
) -> MemoryStore:
    """A page that was asked to stop after a second, and its process was killed after another."""
    store = MemoryStore(clock=trio.current_time)
    async with trio.open_nursery() as nursery, hosted(store) as host:
        page = await host.create(Office, "page")
        page.start(Clerk, fn, *args)
        await trio.sleep(1)
        for reason, grace in stops:
            nursery.start_soon(stopped, page, reason, grace)
            await wait_all_tasks_blocked()
        await trio.sleep(1)
        await until_kept(page)
        left = MemoryStore(clock=trio.current_time)
        await copied(await store.look("page"), left)
        await host.put_away("page")
    return left


async def status(store: MemoryStore) -> tuple[PageStatus, float | None]:
    [kept] = await store.pages()
    return kept.status, kept.wake_at


@pytest.mark.parametrize("down", [0, 1, 100])
@pytest.mark.parametrize("seconds", [2, 4, 50])
async def test_E10_D2_a_page_killed_in_its_time_of_grace_ends_as_one_that_was_not(
    autojump_clock: MockClock, down: float, seconds: float
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with hosted(store) as host:
        page = await host.create(Office, "page")
        page.start(Clerk, tidies, seconds)
        await trio.sleep(1)
        await page.stop("closing time", grace=5)
        said = [repr(each) for each in received(page)]
    store = await killed(tidies, seconds)
    await trio.sleep(down)
    began = trio.current_time()
    async with hosted(store) as host:
        page = await host.take_up("page")
        await page.wait()
        assert trio.current_time() == began + max(0, min(seconds, 5) - 1 - down)
        assert page.ended
        assert driver_of(page).kernel.timers.next_at() is None
        assert [repr(each) for each in received(page)] == said
        await wait_all_tasks_blocked()
        assert host.pages == ()
        assert await status(store) == (PageStatus.ENDED, None)


async def test_E10_D1_a_page_in_its_time_of_grace_is_woken_when_that_is_over(
    autojump_clock: MockClock,
) -> None:
    opened = trio.current_time()
    store = await killed(tidies, 500)
    async with hosted(store) as host:
        page = await host.take_up("page")
        await wait_all_tasks_blocked()
        assert not page.ended
        with pytest.raises(PageClosing):
            page.start(Clerk, tidies, 1, instance="late")
    assert await status(store) == (PageStatus.LIVE, opened + 6)
    async with hosted(store, wake=1):
        await trio.sleep(10)
        assert await status(store) == (PageStatus.ENDED, None)


def bodies_of(kept: Kept) -> list[bytes]:
    """What its frames say."""
    return [each.body for each in read_log(Chain("page"), kept.frames, kept.record.head)]


@pytest.mark.parametrize(
    ("stops", "reason", "after"),
    [((("a", 9), ("b", 4)), "b", 3), ((("a", 4), ("b", 9)), "a", 3)],
    ids=["the second", "the first"],
)
async def test_E10_of_several_stops_the_one_that_is_over_first(
    autojump_clock: MockClock, stops: tuple[tuple[str, float], ...], reason: str, after: float
) -> None:
    store = await killed(tidies, 50, stops=stops)
    began = trio.current_time()
    async with hosted(store) as host:
        page = await host.take_up("page")
        await page.wait()
        assert trio.current_time() == began + after
        assert page.ended
        assert f"reason='{reason}', origin=<Origin.STOPPED" in repr(received(page)[-1])


async def test_E10_what_is_due_when_grace_ends_is_done_before(autojump_clock: MockClock) -> None:
    store = await killed(tidies, 5)
    async with hosted(store) as host:
        page = await host.take_up("page")
        await page.wait()
        assert "tidy" in repr(received(page)[-1])


async def test_E10_grace_without_end(autojump_clock: MockClock) -> None:
    store = await killed(tidies, 500, stops=(("closing time", float("inf")),))
    async with hosted(store) as host:
        page = await host.take_up("page")
        await page.wait()
        assert page.ended
        assert "tidy" in repr(received(page)[-1])


async def test_E10_a_page_killed_between_its_last_spindle_and_its_end(
    autojump_clock: MockClock,
) -> None:
    store = await killed(tidies, 0.5)
    kept = await store.look("page")
    assert b"cancel" in bodies_of(kept)[-1]
    cut = MemoryStore(clock=trio.current_time)
    await copied(replace(kept, frames=kept.frames[:-1]), cut)
    async with hosted(cut) as host:
        page = await host.take_up("page")
        assert page.ended
        await wait_all_tasks_blocked()
    assert (await status(cut))[0] is PageStatus.ENDED


async def test_E10_an_older_log_that_does_not_know_the_time_of_grace(
    autojump_clock: MockClock,
) -> None:
    store = await killed(tidies, 50)
    kept, older = await store.look("page"), MemoryStore(clock=trio.current_time)
    bodies = bodies_of(kept)
    at, said, *rest = msgspec.msgpack.decode(bodies[-1])
    assert said == ["stop", "closing time", 6]
    bodies[-1] = msgspec.msgpack.encode([at, said[:2], *rest])
    chain = Chain("page")
    await copied(replace(kept, frames=[chain.seal(0, each) for each in bodies]), older)
    async with hosted(older) as host:
        page = await host.take_up("page")
        await page.wait()
        assert page.ended
        assert "reason='closing time', origin=<Origin.STOPPED" in repr(received(page)[-1])
