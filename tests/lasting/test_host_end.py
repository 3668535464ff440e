"""Leaving a host."""

from __future__ import annotations

from struct import Struct as Layout
from zlib import crc32

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import ESCALATE, Port, many, now, open_durable_host, read, use
from spindle._lasting.chores import AT_A_TIME
from spindle.durable import Chain, MemoryStore, PageStatus
from spindle.durable.frames import FRAME, VERSION
from tests.lasting import household
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.household import Guest, House
from tests.lasting.prefixes import driver_of, received


async def test_a_host_is_left_before_its_chores_have_begun(autojump_clock: MockClock) -> None:
    """Which of its tasks and this one runs first is chance: both do, in so many."""
    for _ in range(20):
        with trio.fail_after(5):
            async with open_durable_host(MemoryStore()):
                pass


class Dear(Till):
    async def price(self) -> int:
        raise ValueError("sold out")


async def test_a_failure_that_ends_its_page_ends_no_other(autojump_clock: MockClock) -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Dear()}) as host:
        other = await host.create(Counting, "other")
        other.start(Counter, count, 1)
        page = await host.create(Counting, "page")
        page.start(Counter, count, 1, policy=ESCALATE)
        page.resume(Counter.Add(1))
        with pytest.raises(ExceptionGroup) as failed:
            await page.wait()
        assert isinstance(failed.value.exceptions[0], ValueError)
        await wait_all_tasks_blocked()
        assert host.pages == ("other",)
        assert other.pending()[0][1] == Counter.Ask(1)
    ended, live = await store.pages(PageStatus.ENDED), await store.pages(PageStatus.LIVE)
    assert ([each.page for each in ended], [each.page for each in live]) == (["page"], ["other"])


async def spins(times: int) -> int:
    for _ in range(times):
        await now()
    return times


async def test_a_page_is_put_away_in_the_midst_of_its_work() -> None:
    """It had made a pause for the sake of other tasks; nothing of it goes on behind that."""
    async with open_durable_host(MemoryStore()) as host:
        for number in range(5):
            page = await host.create(Counting, f"page-{number}")
            page.start(Counter, spins, 100_000)
            await trio.lowlevel.checkpoint()
        assert not page.ended
    assert host.pages == ()


class Many(Port):
    @read
    async def price(self, name: str) -> int: ...
    @many(price)
    async def prices(self, names: tuple[str, ...]) -> dict[str, int]: ...


class Slow(Many):
    async def price(self, name: str) -> int:
        raise AssertionError

    async def prices(self, names: tuple[str, ...]) -> dict[str, int]:
        await trio.sleep_forever()
        raise AssertionError


async def prices(name: str) -> int:
    return await (await use(Many)).price(name)


async def test_a_page_is_put_away_that_reads_many_things_at_a_time(
    autojump_clock: MockClock,
) -> None:
    """What reads them is no call of a spindle, and is left behind all the same."""
    with trio.fail_after(5):
        async with open_durable_host(MemoryStore(), provide={Many: Slow()}) as host:
            page = await host.create(Counting, "page")
            page.start(Counter, prices, "tea")
            await wait_all_tasks_blocked()


async def of_a_newer_spindle(store: MemoryStore, name: str) -> None:
    """Keep a page that is due, in a format that is not known yet."""
    payload = Chain(name).seal(0.0, b"")[6:]
    newer = VERSION + 1
    checksum = crc32(payload, crc32(FRAME, newer))
    frame = Layout(">BcI").pack(newer, FRAME, checksum) + payload
    lease = await store.create(name, b"", [frame], owner="me", ttl=10)
    await store.release(lease, wake_at=0.0)


async def test_pages_that_are_due_and_cannot_be_taken_up_keep_none_waiting(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a rollback: each is told of, tried more and more seldom, and in nobody's way."""
    store = MemoryStore(clock=trio.current_time)
    for number in range(AT_A_TIME):
        await of_a_newer_spindle(store, f"a{number}")
    async with open_durable_host(store, wake=1, wall_clock=trio.current_time) as host:
        page = await host.create(House, "good")
        page.start(Guest, household.comes_late)
        await wait_all_tasks_blocked()
        await host.put_away("good")
        await trio.sleep(100)
        page = await host.take_up("good")
        assert "Came" in str(received(page))
    told = caplog.text.count("a page that is due could not be taken up")
    assert told == 7 * AT_A_TIME  # after 1, 1, 2, 4, 8, 16, 32 seconds
    caplog.clear()


async def test_a_page_that_is_due_and_of_a_newer_spindle_ends_no_host(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    await of_a_newer_spindle(store, "page")
    async with open_durable_host(store, wake=1.0) as host:
        await trio.sleep(1.5)
        assert host.pages == ()
    assert "a page that is due could not be taken up" in caplog.text
    assert (await store.look("page")).record.status is PageStatus.LIVE


async def test_all_who_wait_for_a_page_to_rest_are_woken() -> None:
    till = Till(slow=True)
    async with open_durable_host(MemoryStore(), provide={Shop: till}) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        page.resume(Counter.Order())
        await wait_all_tasks_blocked()
        driver = driver_of(page)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(driver.until, lambda page: page.rests)
            nursery.start_soon(driver.until, lambda page: not page.changes)
            nursery.start_soon(driver.calls_over)
            await wait_all_tasks_blocked()
            assert len(nursery.child_tasks) == 3
            till.go.set()
