"""Durable pages that nobody has open, and on which something is under way."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import Event
from spindle.durable import MemoryStore, PageStatus
from spindle.web.limits import Limits
from spindle.web.memory import Visitor, visit
from spindle.web.site import Site, open_site
from tests.lasting.counter import Counter, Till
from tests.web.kept import counting, new_link, open_at

CALLS = [(Counter.Order(), "order"), (Counter.Pay(), "pay")]
TOLD = {"order": "order of 1", "pay": "paid 1"}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(clock=trio.current_time)


async def pressed(site: Site, event: Event) -> tuple[Visitor, str]:
    """A visitor who has pressed a button; the call that this leads to is under way."""
    visitor = await open_at(site, link := await new_link(site))
    await visitor.click(event)
    await wait_all_tasks_blocked()
    return visitor, link


async def owner(store: MemoryStore) -> str | None:
    """Who has the only page."""
    [page] = await store.pages()
    assert page.status is PageStatus.LIVE
    return page.owner


@pytest.mark.parametrize(("event", "called"), CALLS)
async def test_a_call_that_changes_something_is_not_cut_because_its_tab_is_closed(
    event: Event, called: str, store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True))
    async with open_site(app) as site:
        visitor, link = await pressed(site, event)
        await visitor.close()
        await trio.sleep(60)
        assert await owner(store) is not None
        till.go.set()
        await trio.sleep(2)
        assert await owner(store) is None
        assert site.live_pages == 0
        visitor = await open_at(site, link)
        assert till.calls == [f"{called} 1"]


@pytest.mark.parametrize(("event", "called"), CALLS)
async def test_a_visitor_who_reloads_finds_the_call_under_way_and_sees_its_end(
    event: Event, called: str, store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True))
    async with open_site(app) as site:
        visitor, link = await pressed(site, event)
        await visitor.close()
        await trio.sleep(3)
        visitor = await open_at(site, link)
        await trio.sleep(60)
        till.go.set()
        await visitor.shows(TOLD[called])
        assert till.calls == [f"{called} 1"]
        await trio.sleep(60)
        assert await owner(store) is not None  # somebody has it open


@pytest.mark.parametrize("later", range(6))
async def test_a_reload_comes_at_once_at_whatever_moment_the_socket_goes(
    later: int, store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True))
    async with open_site(app) as site:
        visitor, link = await pressed(site, Counter.Pay())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(visitor.close)
            for _ in range(later):
                await trio.lowlevel.checkpoint()
            with trio.fail_after(1):
                visitor = await open_at(site, link)
        till.go.set()
        await visitor.shows("paid 1")
        assert till.calls == ["pay 1"]


async def test_a_call_that_only_reads_keeps_no_page_here(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True))
    async with open_site(app) as site:
        visitor = await open_at(site, await new_link(site))
        await visitor.submit(Counter.Add, {"number": "2"})
        await wait_all_tasks_blocked()
        await visitor.close()
        await wait_all_tasks_blocked()
        assert till.calls == ["price"]
        assert await owner(store) is None


async def test_a_page_that_stays_for_its_call_waits_for_whoever_has_loaded_it(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True))
    async with open_site(app) as site:
        visitor, link = await pressed(site, Counter.Order())
        await visitor.close()
        await wait_all_tasks_blocked()
        visitor = await visit(site, link)
        till.go.set()
        await wait_all_tasks_blocked()
        await trio.sleep(5)
        assert site.live_pages == 1
        await visitor.connect()
        await visitor.shows("order of 1")
        await visitor.close()
        await wait_all_tasks_blocked()
        assert site.live_pages == 0


async def test_a_socket_that_comes_late_has_its_page_for_good(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True))
    async with open_site(app) as site:
        visitor, link = await pressed(site, Counter.Order())
        late = await visit(site, link)
        await visitor.close()
        await trio.sleep(30)  # longer than anybody waits for a socket
        await late.connect()
        till.go.set()
        await late.shows("order of 1")
        await trio.sleep(30)
        assert await owner(store) is not None


async def test_a_server_that_stops_waits_for_no_call_longer_than_its_grace(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, till := Till(slow=True), Limits(grace=0.5))
    async with open_site(app) as site:
        visitor, _ = await pressed(site, Counter.Pay())
        await visitor.close()
        await trio.sleep(20)
        assert await owner(store) is not None
        begun = trio.current_time()
    assert trio.current_time() - begun < 1
    assert till.calls == ["pay 1"]
    assert await owner(store) is None
