"""W6, D2: turns that take long, or never end: others are told, and others go on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Channel,
    DurableHost,
    PageMachine,
    ReplayMismatch,
    fiber,
    fork,
    mark,
    now,
    open_durable_host,
    sleep,
    use,
)
from spindle._core.replay import retelling
from spindle._lasting.looks import until_kept
from spindle._runtime import ontrio
from spindle._runtime.outbox import HIGH_WATER
from spindle._tools.command import main
from spindle.durable import MemoryStore, PageStatus, open_sqlite_store
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.prefixes import driver_of, received
from tests.lasting.test_handed_over import hosted

Clock = Counting.Clock


async def talks_on(more: int) -> int:
    """Say more than an outbox holds, and call."""
    shop = await use(Shop)
    channel = Channel[None](1)
    await fiber(asks_beside)
    await fiber(puts, channel)
    await channel.take()
    for number in range(HIGH_WATER + more):
        await Counter.Told(str(number))
    await shop.order(1)
    return 1


async def asks_beside() -> None:
    """Ask in the same turn."""
    await Counter.Ask(1)


async def puts(channel: Channel[None]) -> None:
    await channel.put(None)


async def never_waits() -> None:
    """What a spindle does that lacks an `await` of something."""
    while await Counter.total.get(0) < 1000:
        pass


async def waits_today() -> int:
    """Wait, unless the code has changed."""
    if CHANGED:
        while True:
            await now()
    match await Counter.Ask(1):
        case _:
            return 1


async def marks_today(total: int) -> int:
    """Mark, and wait, unless the code has changed."""
    while True:
        await mark(total)
        if not CHANGED:
            match await Counter.Ask(1):
                case _:
                    pass
        total += 1


async def marks_and_never_waits(total: int) -> int:
    """A loop that lacks an `await` of something."""
    while True:
        await mark(total)
        total += 1


CHANGED: list[bool] = []


@pytest.mark.parametrize("killed", [False, True])
async def test_D2_a_page_that_pauses_for_its_view_goes_on_elsewhere(
    killed: bool, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ontrio, "SPELL", 1e9)
    monkeypatch.setattr(ontrio, "STEPS", 10**9)  # it does not rest, it pauses
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, talks_on, HIGH_WATER)
        await wait_all_tasks_blocked()
        assert page.outbox.statistics().waiting == HIGH_WATER
        assert [ask for _, ask in page.pending()] == [Counter.Ask(1)]
        if killed:
            store = store.restarted()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page = await host.take_up("one")
        told = list[str]()
        while page.outbox.statistics().waiting:
            told += received(page)
            await wait_all_tasks_blocked()
    assert [each for each in told if "Told(" in each][-1].endswith(f"'{2 * HIGH_WATER - 1}')))")
    assert sum("Told(" in each for each in told) == 2 * HIGH_WATER
    assert till.calls == ["order 1"]


async def polled(host: DurableHost, *, marks: bool = False) -> PageMachine:
    """A page with one spindle that counts, and another that never waits."""
    page = await host.create(Counting, "one")
    page.start(Counter, count, 1)
    if marks:
        page.start(Clock, marks_and_never_waits, 1)
    else:
        page.start(Clock, never_waits)
    return page


async def rings() -> None:
    """Say something, and call, when nobody has done anything."""
    await sleep(0.01)
    await Clock.Rang(1.0)
    await (await use(Shop)).order(1)


async def test_D2_what_is_said_and_called_beside_a_spindle_that_never_waits() -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page = await host.create(Counting, "one")
        page.start(Clock, rings)
        page.start(Clock, never_waits, instance="busy")
        with trio.fail_after(30):
            assert "Rang(at=1.0)" in str(await page.outbox.receive())
            while not till.calls:
                await trio.lowlevel.checkpoint()


async def works(steps: int) -> int:
    """Do a lot at a stretch, then wait."""
    for _ in range(steps):
        await now()
    match await Counter.Ask(steps):
        case _:
            return steps


async def test_D1_a_long_turn_is_told_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its log says how many steps it took, so it is not taken for one without an end."""
    store = MemoryStore()
    async with open_durable_host(store, wake=None) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, works, 50_000)
        await asks(page, 50_000)
    monkeypatch.setattr(retelling, "STRETCH", 1)
    async with open_durable_host(store, wake=None) as host:
        assert await turns_of_others(host) > 5


async def asks(page: PageMachine, total: int) -> None:
    """Wait until a page asks that; no longer than it takes."""
    while not any(ask == Counter.Ask(total) for _, ask in page.pending()):
        await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize("killed", [False, True])
async def test_D2_others_are_told_beside_a_spindle_that_never_waits(
    killed: bool, marks: bool
) -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page = await polled(host, marks=marks)
        await asks(page, 1)
        await page.resume(Counter.Add(2)).settled()
        await asks(page, 7)
        if killed:
            store = store.restarted()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        with trio.fail_after(30):
            page = await host.take_up("one")
            await asks(page, 7)
            await page.resume(Counter.Order()).settled()
            await page.cancel("enough")
    assert till.calls == ["price", "order 7"]


async def test_D1_what_is_done_when_a_page_is_put_away_is_kept_though_it_never_waits() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        page = await polled(host)
        await host.put_away("one")
        assert page.tree().spindles == ()
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        page = await host.take_up("one")
        assert len(page.tree().spindles) == 2
        assert driver_of(page).idle is False


async def test_D1_a_page_that_goes_on_and_on_is_woken_and_holds_up_nobody() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        page = await polled(host)
        await asks(page, 1)
    async with open_durable_host(store, provide={Shop: Till()}, wake=0.01) as host:
        while host.pages != ("one",):
            await trio.lowlevel.checkpoint()
        other = await host.create(Counting, "two")
        other.start(Counter, count, 1)
        await other.resume(Counter.Add(1)).settled()


@pytest.mark.parametrize("fn", [waits_today, marks_today])
def test_W6_code_that_never_waits_now_is_told_of(
    fn: Callable[..., Coroutine[Any, Any, int]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "pages.db"
    monkeypatch.setattr(retelling, "STRETCH", 1000)

    async def changes() -> None:
        async with open_sqlite_store(path) as store:
            async with open_durable_host(store, wake=None) as host:
                page = await host.create(Counting, "one")
                page.start(Counter, fn, *([1] if fn is marks_today else []))
                await asks(page, 1)
            monkeypatch.setattr(f"{__name__}.CHANGED", [True])
            async with open_durable_host(store, wake=None) as host:
                with pytest.raises(ReplayMismatch, match="goes on and on now after input 1"):
                    await host.take_up("one")
            assert (await store.look("one")).record.status is PageStatus.PARKED

    trio.run(changes)
    assert main(["check", "--store", str(path)]) == 1
    said = capsys.readouterr().out
    assert "goes on and on now" in said
    assert f"{Path(__file__).name}" in said


async def turns_of_others(host: DurableHost) -> int:
    """How many turns other tasks have while a page is taken up."""
    turns, over = 0, False

    async def others() -> None:
        nonlocal turns
        while not over:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(others)
        await host.take_up("one")
        over = True
    return turns


async def test_D1_a_long_log_is_told_part_by_part() -> None:
    """Others have their turns meanwhile; who is cancelled then leaves it where it was."""
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        for _ in range(600):
            await page.resume(Counter.Add(1)).settled()
            received(page)
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        assert await turns_of_others(host) > 5
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        with trio.CancelScope() as scope:

            async def cancels() -> None:
                for _ in range(3):
                    await trio.lowlevel.checkpoint()
                scope.cancel()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(cancels)
                await host.take_up("one")
        assert scope.cancelled_caught
        assert host.pages == ()
        assert (await store.look("one")).record.owner is None
        await host.take_up("one")


async def forks_many(number: int) -> None:
    """Have others that wait for ever."""
    for each in range(number):
        await fork(Clock, waits_for_ever, instance=str(each))
    await Counter.Ask(number)


async def waits_for_ever() -> None:
    await Counter.total.changes().next()


async def test_D2_a_cancellation_that_says_more_than_an_outbox_holds(
    autojump_clock: MockClock,
) -> None:
    store = MemoryStore()
    async with open_durable_host(store, wake=None) as host:
        page = await host.create(Counting, "one")
        handle = page.start(Counter, forks_many, HIGH_WATER + 100)
        await wait_all_tasks_blocked()
        handle.cancel_nowait("enough")
        await wait_all_tasks_blocked()
        store = store.restarted()
    async with open_durable_host(store, wake=None) as host:
        page = await host.take_up("one")
        while received(page):
            await wait_all_tasks_blocked()
        assert page.tree().spindles == ()


async def ends_its_process() -> int:
    """Call what the process does not outlive."""
    return len(await (await use(Shop)).order(1))


async def test_D2_a_page_that_ends_its_process_is_left_alone_until_somebody_wants_it(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with hosted(store, till) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, ends_its_process)
        await until_kept(page)
        store = store.restarted()
    for _ in range(10):
        async with hosted(store, till):
            await trio.sleep(20)
            store = store.restarted()
    assert len(till.calls) == 3
    assert (await store.look("one")).record.status is PageStatus.PARKED
    async with hosted(store, till) as host:
        await host.take_up("one")
        await wait_all_tasks_blocked()
        assert len(till.calls) == 4


async def test_D2_a_page_that_pauses_for_its_view_is_not_taken_for_one_that_ends_its_process(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ontrio, "SPELL", 1e9)
    monkeypatch.setattr(ontrio, "STEPS", 10**9)  # it does not rest, it pauses
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, talks_on, HIGH_WATER)
        await wait_all_tasks_blocked()
        store = store.restarted()
    for _ in range(5):
        async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
            await host.take_up("one")
            await wait_all_tasks_blocked()
            store = store.restarted()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page = await host.take_up("one")
        told = list[str]()
        while page.outbox.statistics().waiting:
            told += received(page)
            await wait_all_tasks_blocked()
    assert sum("Told(" in each for each in told) == 2 * HIGH_WATER
    assert till.calls == ["order 1"]
