"""Durable pages in a web app: who has them, what they go on with, and what cannot be shown."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle.durable import Fault, MemoryStore, PageStatus
from spindle.web.memory import visit
from spindle.web.site import open_site
from spindle.web.socket.protocol import Bye, Elsewhere, Gone
from tests.lasting import counter
from tests.lasting.counter import Counter, Till
from tests.web.kept import add, counting, new_link, open_at
from tests.web.visitors import closed_with


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


# ── Put away and taken up ────────────────────────────────────────────────────────────────────────


async def test_D1_a_page_goes_on_where_it_was_and_its_mount_function_does_not_run_again(
    store: MemoryStore,
) -> None:
    app, mounted = counting(store)
    async with open_site(app) as site:
        link = await new_link(site)
        visitor = await open_at(site, link)
        await add(visitor, 2)
        shown = visitor.html
    app, again = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link)
        assert visitor.html == shown
        assert "total 7" in shown
        await add(visitor, 1)
        await visitor.shows("total 10")
    assert (mounted.times, again.times) == (1, 0)


async def test_D1_after_a_kill_it_goes_on_at_what_was_kept(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        await add(visitor, 2)
        killed = store.restarted()
    app, _ = counting(killed)
    async with open_site(app) as site:
        assert "total 7" in (await open_at(site, link)).html


async def test_what_flashed_does_not_flash_again(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        await visitor.settled(await visitor.click(Counter.Order()))
        await visitor.shows("order of 1")
        await visitor.close()
        await wait_all_tasks_blocked()
        assert "order of 1" not in (await open_at(site, link)).html


async def test_a_page_whose_spindle_has_ended_shows_its_end(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        await visitor.settled(await visitor.click(Counter.Done()))
        await visitor.shows("done with 1")
    app, _ = counting(store)
    async with open_site(app) as site:
        assert "done with 1" in (await open_at(site, link)).html


async def test_a_page_that_a_failure_has_ended_shows_its_end_and_hurts_no_other(
    store: MemoryStore,
) -> None:
    class Closed(Till):
        async def price(self) -> int:
            raise ValueError("closed")

    app, _ = counting(store, Closed())
    for attempt in range(2):
        async with open_site(app) as site:
            if attempt == 0:
                other = await open_at(site, await new_link(site, "/count/5"))
                visitor = await open_at(site, link := await new_link(site))
                await visitor.submit(Counter.Add, {"number": "1"})
                await visitor.shows("failed with ValueError")
                await wait_all_tasks_blocked()
                await visitor.close()
                await other.settled(await other.click(Counter.Order()))
                await wait_all_tasks_blocked()
            visitor = await open_at(site, link)
            assert "failed with ValueError" in visitor.html
            sent = await visitor.click(Counter.Order())
            assert (await visitor.settled(sent)).settlement == "refused"


async def test_a_closed_tab_puts_its_page_away_and_cancels_nothing(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        await add(visitor, 1)
        await visitor.close()
        await wait_all_tasks_blocked()
        assert site.live_pages == 0
        [page] = await store.pages()
        assert (page.status, page.owner) == (PageStatus.LIVE, None)
        assert "total 4" in (await open_at(site, link)).html


async def test_a_page_whose_link_nobody_follows_is_put_away(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        link = await new_link(site)
        await trio.sleep(11)
        assert site.live_pages == 0
        await visit(site, link)  # loaded, but its socket does not come
        assert site.live_pages == 1
        await trio.sleep(11)
        assert site.live_pages == 0
        assert "total 1" in (await open_at(site, link)).html


async def test_a_reload_in_the_same_tab_shows_the_same_page(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, await new_link(site))
        await add(visitor, 1)
        again = await visitor.reload()
        await again.connect()
        await wait_all_tasks_blocked()
        await add(again, 1)
        await again.shows("total 7")
        assert site.live_pages == 1


async def test_a_server_that_stops_says_bye_and_keeps_its_pages(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, await new_link(site))
        await visitor.settle()
    await visitor.receive()
    assert visitor.received == [Bye()]
    [page] = await store.pages()
    assert (page.status, page.owner) == (PageStatus.LIVE, None)


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────────


async def test_the_socket_that_comes_last_has_the_page(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        first = await open_at(site, link := await new_link(site))
        await add(first, 1)
        second = await open_at(site, link)
        await second.settle()
        assert await closed_with(first) == (4409, "this page is open elsewhere")
        assert first.received[-1] == Elsewhere()
        await wait_all_tasks_blocked()
        await add(second, 1)
        await second.shows("total 7")


async def test_a_document_that_is_only_loaded_takes_the_page_from_nobody(
    store: MemoryStore,
) -> None:
    """Such as those whose programs follow links to show what they lead to."""
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        loaded = [await visit(site, link) for _ in range(6)]
        await add(visitor, 1)
        await loaded[0].connect()  # too many have been loaded since
        assert await loaded[0].receive() == Gone()
        await add(visitor, 1)
        await loaded[3].connect()
        await loaded[3].shows("total 7")
        await loaded[3].close()
        await wait_all_tasks_blocked()
        assert site.live_pages == 1  # others of them may still come
        await loaded[5].connect()
        await loaded[5].shows("total 7")
        await add(loaded[5], 1)


async def test_a_page_that_is_being_put_away_is_waited_for(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        given_back = store.delay(call="release")
        await visitor.close()
        await wait_all_tasks_blocked()
        assert site.live_pages == 1
        async with trio.open_nursery() as nursery:
            nursery.start_soon(open_at, site, link)
            await wait_all_tasks_blocked()
            assert len(nursery.child_tasks) == 1
            given_back.set()


# ── What is kept, and what cannot be ─────────────────────────────────────────────────────────────


async def test_I7_nothing_is_shown_or_settled_before_it_is_kept(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, await new_link(site))
        await visitor.settle()
        kept = store.delay()
        await visitor.submit(Counter.Add, {"number": "2"})
        await visitor.settle()
        assert visitor.received == []
        kept.set()
        await visitor.shows("total 7")


async def test_a_store_that_fails_ends_the_connection_and_the_visitor_may_come_back(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        store.fail(Fault.FULL)
        await visitor.submit(Counter.Add, {"number": "2"})
        assert await closed_with(visitor) == (4503, "the page has left this process")
        assert visitor.received == [Gone()]
        await wait_all_tasks_blocked()
        assert site.live_pages == 0
        again = await visit(site, link)
        assert again.response.status == 503
        assert again.response.header("retry-after") == "5"
        assert "full" not in again.response.body.decode()
        new = await visit(site, link.partition("?")[0])
        assert new.response.status == 503
        assert "entered" not in new.response.body.decode()
    assert "a page was lost to this process" in caplog.text


async def test_an_event_that_the_log_cannot_keep_is_refused(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, await new_link(site))
        sent = await visitor.submit(Counter.Add, {"number": str(2**70)})
        assert (await visitor.settled(sent)).settlement == "refused"
        await visitor.shows("Something went wrong")
        await add(visitor, 1)
    assert "could not be kept" in caplog.text


async def test_D3_a_page_of_other_code_is_not_taken_up_and_loses_nothing(
    store: MemoryStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def recount(start: int) -> int:
        return (await Counter.Ask(start * 2)) and 0

    app, _ = counting(store)
    async with open_site(app) as site:
        visitor = await open_at(site, link := await new_link(site))
        await add(visitor, 2)
    with monkeypatch.context() as patched:
        patched.setattr(counter, "count", recount)
        async with open_site(app) as site:
            refused = await visit(site, link)
            assert refused.response.status == 500
            assert "What you have entered is kept." in refused.response.body.decode()
            assert "Ask" not in refused.response.body.decode()
            assert "ReplayMismatch" in caplog.text
            assert site.live_pages == 0
    async with open_site(app) as site:
        assert "total 7" in (await open_at(site, link)).html


async def test_D4_a_damaged_page_is_not_taken_up(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        link = await new_link(site)
    [page] = await store.pages()
    store.damage(page.page, 1)
    async with open_site(app) as site:
        assert (await visit(site, link)).response.status == 500
    assert "PageLogCorrupt" in caplog.text
