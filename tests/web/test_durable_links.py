"""The links of durable pages: made once, secret, and good for one page."""

from __future__ import annotations

import logging

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle.durable import MemoryStore, PageStatus
from spindle.web.limits import Limits
from spindle.web.memory import visit
from spindle.web.site import open_site
from tests.web.kept import add, counting, new_link, open_at, secret_of


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


# ── The link ─────────────────────────────────────────────────────────────────────────────────────


async def test_an_address_without_an_id_makes_a_page_and_leads_to_its_link(
    store: MemoryStore,
) -> None:
    app, mounted = counting(store)
    async with open_site(app) as site:
        link = await new_link(site, "/count/7?colour=blue+sky&x=")
        assert link.startswith("/count/7?colour=blue+sky&x=&page=")
        assert len(secret_of(link)) == 43
        made = await visit(site, "/count/7")
        assert made.response.header("location") != link
        for response in (made.response, (await visit(site, link)).response):
            assert response.header("cache-control") == "no-store"
            assert response.header("referrer-policy") == "no-referrer"
        visitor = await open_at(site, link)
        assert "total 7" in visitor.html
        assert " data-lasting>" in visitor.response.body.decode()
    assert mounted.times == 2


async def test_a_link_leads_to_no_page_that_is_half_made(store: MemoryStore) -> None:
    app, _ = counting(store)
    links: list[str] = []
    async with open_site(app) as site, trio.open_nursery() as nursery:
        kept = store.delay()

        async def visit_it() -> None:
            links.append(await new_link(site))

        nursery.start_soon(visit_it)
        await wait_all_tasks_blocked()
        assert links == []
        kept.set()
        await wait_all_tasks_blocked()
        assert "total 1" in (await open_at(site, *links)).html


async def test_the_store_does_not_know_the_secret_and_the_log_does_not_tell_it(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app, _ = counting(store)
    async with open_site(app) as site:
        link = await new_link(site)
        visitor = await open_at(site, link)
        await add(visitor, 1)
        await visitor.close()
        await wait_all_tasks_blocked()
        await visit(site, link)
    [page] = await store.pages()
    assert page.page.startswith("/count/*:")
    assert page.page in caplog.text
    assert secret_of(link) not in caplog.text
    assert secret_of(link) not in page.page


@pytest.mark.parametrize(
    "target",
    [
        f"/count/1?page={'x' * 43}",
        "/count/1?page=x",
        "/count/1?page=",
        "/count/1?page=%00",
        f"/count/1?page={'x' * 43}&page={'y' * 43}",
    ],
)
async def test_an_id_that_no_page_has_is_not_found(store: MemoryStore, target: str) -> None:
    app, mounted = counting(store)
    async with open_site(app) as site:
        visitor = await visit(site, target)
        assert visitor.response.status == 404
        assert site.live_pages == 0
    assert mounted.times == 0


async def test_an_id_is_good_for_its_route_and_for_nothing_else(store: MemoryStore) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        link = await new_link(site)
        assert (await visit(site, link.replace("/count/1", "/other/1"))).response.status == 404
        assert (await visit(site, link.replace("/count/1", "/count/x"))).response.status == 404
        assert "total 1" in (await visit(site, link)).html


async def test_a_browser_that_only_looks_ahead_makes_no_page(store: MemoryStore) -> None:
    app, mounted = counting(store)
    async with open_site(app) as site:
        visitor = await visit(site, "/count/1", headers={"sec-purpose": "prefetch"})
        assert visitor.response.status == 503
    assert mounted.times == 0


async def test_a_mount_function_that_finds_nothing_or_fails_leaves_no_live_page(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        assert (await visit(site, "/count/404")).response.status == 404
        assert (await visit(site, "/count/500")).response.status == 500
        assert "its mount function failed" in caplog.text
        await wait_all_tasks_blocked()
        assert [page.status for page in await store.pages()] == [PageStatus.ENDED] * 2


async def test_a_mount_function_that_takes_too_long_makes_no_page(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store)
    async with open_site(app) as site:
        assert (await visit(site, "/count/408")).response.status == 500
        assert trio.current_time() == pytest.approx(10)
        assert site.live_pages == 0
        await wait_all_tasks_blocked()
        assert [page.status for page in await store.pages()] == [PageStatus.ENDED]


async def test_there_is_room_for_so_many_pages_only(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    app, _ = counting(store, limits=Limits(pages=1))
    async with open_site(app) as site:
        link = await new_link(site)
        assert (await visit(site, "/count/2")).response.status == 503
        await trio.sleep(11)  # nobody has followed its link: it was put away
        await new_link(site, "/count/2")
        assert (await visit(site, link)).response.status == 503
