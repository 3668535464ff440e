"""The hooks for async generators: ours while a page is stepped, everybody else's untouched."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

import pytest
import trio
import trio.testing

from spindle import Coroutine, Suspended, open_host, open_page, perform
from tests.drivers import on_trio, run_on_trio
from tests.runtime.dropping import REFUSED, break_out, drop_by_name
from tests.talk import Bell, Desk, Talk, ring_once

# It is right that a dropped generator is warned of, in trio's words or ours. What is printed
# besides (an exception nobody can see) is an error in these tests as in all others.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def test_K6_by_hand_the_hooks_are_back_after_each_step() -> None:
    def firstiter(generator: object) -> None:
        begun.append(generator)

    begun: list[object] = []
    before = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter, None)
    try:
        coroutine = Coroutine(break_out, [])
        coroutine.run()
        assert sys.get_asyncgen_hooks() == (firstiter, None)
        with pytest.raises(Exception, match=r"takes Talk\.Desk\.Told"):
            coroutine.run(3)
        assert sys.get_asyncgen_hooks() == (firstiter, None)
        assert begun == [], "what was there before has nothing to do with a spindle's generators"
    finally:
        sys.set_asyncgen_hooks(*before)


def test_K6_on_trio_the_hooks_are_installed_once_and_gone_with_the_run() -> None:
    before = sys.get_asyncgen_hooks()

    async def main() -> None:
        trios = sys.get_asyncgen_hooks()
        async with open_page(Talk) as page:
            page.start(Bell, ring_once)
            assert sys.get_asyncgen_hooks() == trios, "tasks need no others"
        async with open_page(Talk, hosted=True):
            ours = sys.get_asyncgen_hooks()
            assert ours != trios
        async with open_page(Talk, hosted=True), open_host() as host:
            host.open(Talk)
            assert sys.get_asyncgen_hooks() == ours

    for seed in range(2):
        run_on_trio(main, seed)
        assert sys.get_asyncgen_hooks() == before


async def waits_in_finally(log: list[str]) -> AsyncGenerator[int]:
    try:
        yield 1
    finally:
        log.append(trio.lowlevel.current_task().name)
        with trio.CancelScope(shield=True):
            await trio.sleep(1)
        log.append("closed")


@on_trio(3)
async def test_K6_generators_of_everybody_else_are_trios() -> None:
    async def use_one(log: list[str]) -> None:
        async for _ in waits_in_finally(log):
            break

    ports: list[str] = []
    views: list[str] = []

    async def performs() -> None:
        await perform(use_one, ports)

    async with open_page(Talk, hosted=True) as page:
        page.start(Desk, performs)
        await use_one(views)
        await page.wait()
        await trio.sleep(2)
    assert [log[1:] for log in (ports, views)] == [["closed"]] * 2
    assert "close asyncgen" in ports[0]
    assert "close asyncgen" in views[0]


async def test_K6_under_a_test_runner_for_trio() -> None:
    """With hooks of ours around trio's and the runner's own generators at work."""
    log: list[str] = []
    async with open_page(Talk, hosted=True) as page:
        handle = page.start(Desk, drop_by_name, log)
        await trio.testing.wait_all_tasks_blocked()
        assert log == [*REFUSED, "went on"]
        assert handle.outcome is None


async def test_K6_by_hand_in_a_test_on_trio() -> None:
    log: list[str] = []
    hooks = sys.get_asyncgen_hooks()
    assert Coroutine(drop_by_name, log).run() == Suspended(Desk.Ask())
    assert log == [*REFUSED, "went on"], "not by trio, in a task, later"
    assert sys.get_asyncgen_hooks() == hooks


def test_K6_in_a_guest_run_the_hosts_generators_are_the_hosts() -> None:
    log: list[str] = []
    host_log: list[str] = []

    async def hosts() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            host_log.append("closed by the host")

    async def guest() -> None:
        async with open_page(Talk, hosted=True) as page:
            page.start(Desk, drop_by_name, log)
            asyncio.get_running_loop().call_soon(opened.set_result, page)
            await trio.sleep_forever()

    async def host() -> None:
        nonlocal opened
        loop = asyncio.get_running_loop()
        opened = loop.create_future()
        ended = loop.create_future()
        trio.lowlevel.start_guest_run(
            guest,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            done_callback=lambda outcome: ended.set_result(outcome),
            host_uses_signal_set_wakeup_fd=True,
        )
        page = await opened
        async for _ in hosts():
            break
        for _ in range(5):
            await asyncio.sleep(0)
        assert host_log == ["closed by the host"]
        log.append("from the host")
        # A spindle may be stepped by the host's own code, too.
        page.start(Desk, drop_by_name, log, instance="second")
        page._driver.nursery.cancel_scope.cancel()
        await ended

    opened: asyncio.Future[object]
    asyncio.run(host())
    once = [*REFUSED, "went on"]
    assert log == [*once, "from the host", *once]
