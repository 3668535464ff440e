"""Where durable pages are kept, and what is wrong with a declaration."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from inspect import signature
from pathlib import Path

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Contract,
    Notify,
    PageMachine,
    Spindle,
    UsageError,
    mark,
    open_durable_host,
)
from spindle.durable import (
    Durability,
    MemoryStore,
    NotAStore,
    Store,
    StoreClosed,
    StoreInUse,
    open_sqlite_store,
)
from spindle.testing.client import open_client
from spindle.view import View, on
from spindle.web import App, PageDeclarationError, Request
from spindle.web.memory import visit
from spindle.web.site import open_site
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.web.kept import CounterView, counting, new_link, open_at


async def wait_for_page(page: str) -> int:
    return await count(int(page))


def coroutine_app(store: MemoryStore) -> App:
    app = App(provide={Shop: Till()}, store=store)
    app.coroutine("/count/{start}", count, Counter, CounterView, title="Count", durable=True)
    return app


async def test_W3_a_coroutine_outlives_its_process_too() -> None:
    store = MemoryStore()
    async with open_client(coroutine_app(store)) as client:
        tab = await client.visit("/count/3")
        assert "page=" in tab.url
        await tab.submit("form", {"number": "1"})
        assert "total 6" in tab.html()
        url = tab.url
    async with open_client(coroutine_app(store)) as client:
        tab = await client.visit(url)
        assert "total 6" in tab.html()
        await tab.submit("form", {"number": "1"})
        assert "total 9" in tab.html()
        await tab.disconnect()
        await tab.reconnect()
        assert "total 9" in tab.html()
        assert (await client.visit(url)).connected
        await tab.settle()
        assert not tab.connected


async def test_a_file_is_open_as_long_as_the_site(tmp_path: Path) -> None:
    path = tmp_path / "pages.sqlite"
    app = App(provide={Shop: Till()}, store=str(path))
    app.coroutine("/count/{start}", count, Counter, CounterView, durable=True)
    async with open_site(app) as site:
        link = await new_link(site)
        with pytest.raises(StoreInUse):
            async with open_sqlite_store(path):
                pass
    async with open_site(app) as site:
        assert "total 1" in (await open_at(site, link)).html
    async with open_sqlite_store(path) as store:
        assert len(await store.pages()) == 1


async def test_what_opens_a_store_is_called_for_each_site(tmp_path: Path) -> None:
    opened: list[Store] = []

    @asynccontextmanager
    async def opens() -> AsyncIterator[Store]:
        async with open_sqlite_store(tmp_path / "pages", level=Durability.PROCESS) as store:
            opened.append(store)
            yield store

    app = App(provide={Shop: Till()}, store=opens)
    app.coroutine("/count/{start}", count, Counter, CounterView, durable=True)
    for number in 1, 2:
        async with open_site(app) as site:
            await new_link(site)
            assert len(opened) == number
    with pytest.raises(StoreClosed):
        await opened[0].pages()


async def test_a_store_that_cannot_be_opened_is_an_error_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pages"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE others (x)")
    with pytest.raises(NotAStore):
        async with open_site(App(store=path)):
            pass


def test_a_program_whose_store_cannot_be_opened_says_so_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "pages"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE others (x)")
    with pytest.raises(SystemExit, match="needs a file of its own"):
        App(store=path).run(port=0)


async def test_the_link_is_where_the_app_is_mounted() -> None:
    app, _ = counting(MemoryStore())
    async with open_site(app) as site:
        request = Request.of("GET", "/count/1", [("host", "localhost")], prefix="/shop")
        response = await site.respond(request)
        assert response.header("location").startswith("/shop/count/1?page=")


# ── Slips ────────────────────────────────────────────────────────────────────────────────────────


def test_an_app_without_a_store_has_no_durable_pages() -> None:
    with pytest.raises(PageDeclarationError, match=r"App\(store=Path\('pages\.sqlite'\)\)"):
        App().coroutine("/count/{start}", count, Counter, CounterView, durable=True)


def test_the_parameter_that_names_the_page_is_taken() -> None:
    app = App(store=MemoryStore())
    with pytest.raises(PageDeclarationError, match="Give yours another name"):
        app.coroutine("/", wait_for_page, Counter, CounterView, durable=True)


def test_a_route_that_names_the_page_is_told_so_and_not_to_add_it() -> None:
    app = App(store=MemoryStore())
    taken = r"'/a/\{page\}'.*the parameter 'page' .* says which page it is\. Give yours another"

    async def mount(page: PageMachine, request: Request) -> None: ...

    with pytest.raises(PageDeclarationError, match=taken):
        app.coroutine("/a/{page}", count, Counter, CounterView, durable=True)
    with pytest.raises(PageDeclarationError, match=taken):
        app.page("/a/{page}", Counter, CounterView, durable=True)(mount)


def test_a_durable_page_is_hosted_and_cannot_be_told_not_to_be() -> None:
    app = App(store=MemoryStore())

    async def mount(page: PageMachine, request: Request) -> None: ...

    with pytest.raises(PageDeclarationError, match="durable=True and hosted=False do not go toge"):
        app.page("/", Counter, CounterView, durable=True, hosted=False)(mount)
    with pytest.raises(PageDeclarationError, match="durable=True and hosted=False do not go toge"):
        app.coroutine("/{start}", count, Counter, CounterView, durable=True, hosted=False)
    app.page("/", Counter, CounterView, durable=True, hosted=True)(mount)
    app.coroutine("/{start}", count, Counter, CounterView, durable=True)
    assert [each.hosted for each in app.pages] == [True, True]


def test_what_would_not_be_found_again_is_refused() -> None:
    app = App(store=MemoryStore())

    class Local(Contract):
        class Only(Spindle):
            class Said(Notify):
                pass

    class LocalView(View):
        @on(Local.Only.Said)
        def said(self, message: Local.Only.Said) -> None: ...

        def render(self) -> str:
            return ""

    async def only() -> int:
        return 1

    async def mount(page: PageMachine, request: Request) -> None: ...

    with pytest.raises(PageDeclarationError, match=r"page\('/'\).*top of a module"):
        app.page("/", Local, LocalView, durable=True)(mount)
    with pytest.raises(PageDeclarationError, match=r"coroutine\('/'\).*top of a module"):
        app.coroutine("/", only, Counter, CounterView, durable=True)


def test_a_store_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="function that opens one"):
        App(store=7)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="store=lambda"):
        App(store=open_sqlite_store("pages"))  # type: ignore[arg-type]


async def test_pages_that_nobody_comes_back_to_are_removed_if_the_app_says_so() -> None:
    store = MemoryStore(clock=lambda: 0.0)
    await store.release(await store.create("old", b"", [], owner="ann", ttl=10))
    for purge_after, left in ((None, 1), (60.0, 0)):
        async with open_site(App(store=store, purge_after=purge_after)):
            await wait_all_tasks_blocked()
        assert len(await store.pages()) == left
    with pytest.raises(UsageError, match=r"App\(purge_after=\) takes a positive number"):
        App(store=store, purge_after=-1)
    with pytest.raises(UsageError, match="and those need a store"):
        App(purge_after=5)


async def adds(total: int) -> int:
    while True:
        await mark(total)
        match await Counter.Ask(total):
            case Counter.Add(number):
                total += number
            case _:
                return total


@pytest.mark.parametrize(("every", "covered"), [(256, None), (2, 2)])
async def test_the_app_says_after_how_many_inputs_a_log_begins_anew(
    every: int, covered: int | None
) -> None:
    store = MemoryStore()
    app = App(store=store, snapshot_every=every)
    app.coroutine("/add/{total}", adds, Counter, CounterView, durable=True)
    async with open_client(app) as client:
        tab = await client.visit("/add/1")
        await tab.submit("form", {"number": "1"})
        await tab.settle()
    (page,) = await store.pages()
    snapshot = (await store.look(page.page)).snapshot
    assert page.head == 2, "the start, and a number"
    assert (None if snapshot is None else snapshot.seq) == covered


@pytest.mark.parametrize("wrong", [0, 1.5, True, "1"])
def test_how_long_a_log_may_get_is_a_number(wrong: int) -> None:
    with pytest.raises(
        UsageError, match=r"App\(snapshot_every=\) takes a positive whole number, n"
    ):
        App(store=MemoryStore(), snapshot_every=wrong)


def test_an_app_without_a_store_has_no_logs() -> None:
    with pytest.raises(UsageError, match="and those need a store"):
        App(snapshot_every=1)
    assert App().snapshot_every == signature(open_durable_host).parameters["snapshot_every"].default


async def test_the_contract_of_a_route_may_not_change_under_its_pages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    app, _ = counting(store)
    async with open_site(app) as site:
        link = await new_link(site)
    app = App(provide={Shop: Till()}, store=store)
    app.coroutine("/count/{start}", count, Counter, CounterView, durable=True)
    async with open_site(app) as site:
        assert (await visit(site, link)).response.status == 500
        assert "another contract" in caplog.text
    assert Counting is not Counter
