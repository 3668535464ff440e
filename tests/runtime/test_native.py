"""Trio's own nurseries, waits and tools inside spindles that are tasks."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Completed, open_page
from tests.drivers import on_trio
from tests.talk import Desk, Talk


@on_trio()
async def test_a_spindles_own_nursery_with_children_around_a_yield() -> None:
    log: list[str] = []

    async def child(number: int) -> None:
        try:
            await trio.sleep(number)
            log.append(f"child {number} done")
        finally:
            log.append(f"child {number} over")

    async def works() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child, 1)
            nursery.start_soon(child, 100)
            word = (await Desk.Ask()).word
            nursery.cancel_scope.cancel()
        return word

    async with open_page(Talk) as page:
        handle = page.start(Desk, works)
        second = page.start(Desk, works, instance="cancelled")
        await trio.sleep(2)
        page.resume(Desk.Told("on"))
        await trio.testing.wait_all_tasks_blocked()
        assert handle.outcome == Completed("on")
        assert log[:2] == ["child 1 done", "child 1 over"]
        assert log.count("child 100 over") == 1
        await page.cancel("closing time")
    assert second.outcome == Cancelled("closing time")
    assert log.count("child 100 over") == 2


@on_trio()
async def test_a_child_that_fails_withdraws_the_yield_it_surrounds() -> None:
    async def fails() -> None:
        await trio.sleep(1)
        raise LookupError("child")

    async def works() -> str:
        caught = ""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(fails)
                await Desk.Ask(1)
        except* LookupError:
            caught = "caught"
        return caught + (await Desk.Ask(2)).word

    async with open_page(Talk) as page:
        handle = page.start(Desk, works)
        await trio.sleep(2)
        ((source, ask),) = page.pending()
        assert (source.yield_id, ask) == (2, Desk.Ask(2))
        page.resume(Desk.Told("!"))
        await page.wait()
        assert handle.outcome == Completed("caught!")


@on_trio()
async def test_a_foreign_await_gives_the_turn_to_the_others() -> None:
    log: list[str] = []

    async def sleeps(name: str, seconds: float) -> None:
        await trio.sleep(seconds)
        log.append(f"{name} woke at {trio.current_time() - began:g}")
        await Desk.Said(name)

    began = trio.current_time()
    async with open_page(Talk) as page:
        for name, seconds in (("a", 3), ("b", 1), ("c", 2)):
            page.start(Desk, sleeps, name, seconds, instance=name)
        await page.wait()
        assert trio.current_time() - began == 3
    assert log == ["b woke at 1", "c woke at 2", "a woke at 3"]


@on_trio()
async def test_trios_own_tools_work_in_a_spindle() -> None:
    async def uses() -> list[object]:
        seen: list[object] = []
        send, receive = trio.open_memory_channel[int](1)
        async with send, receive:
            await send.send(1)
            seen.append(await receive.receive())
        with pytest.raises(trio.TooSlowError), trio.fail_after(1):
            await Desk.Ask()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 1)
        event = trio.Event()
        trio.lowlevel.current_trio_token().run_sync_soon(event.set)
        await event.wait()
        seen.append((await Desk.Ask(2)).word)
        return seen

    async with open_page(Talk) as page:
        handle = page.start(Desk, uses)
        async for source, _ in page.outbox:
            if source.yield_id == 2:
                break
        page.resume(Desk.Told("2"))
        await page.wait()
        assert handle.outcome == Completed([1, "2"])
