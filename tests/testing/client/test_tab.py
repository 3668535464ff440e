"""What a visitor in memory sees and does, with nothing but virtual time around."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from spindle import Contract, Event, PageMachine, Spindle, Yield
from spindle.testing.client import (
    ClientError,
    ElementError,
    NotSettled,
    PageEnded,
    VisitFailed,
    open_client,
)
from spindle.testing.client.chromium import open_browser
from spindle.view import Markup, View, on
from spindle.web import App, Request
from tests.testing.client import scripts
from tests.testing.client.pages import Desk, SlowClerk, counter
from tests.web.store import HOME, Checkout, Shelf, store


async def test_a_purchase_in_memory(autojump_clock: MockClock) -> None:
    shelf = Shelf()
    async with open_client(store(shelf)) as client:
        shop = await client.visit("/buy/tea")
        assert shop.title == "Shipping for tea"
        assert shop.yields() == [Checkout.AskShipping("tea")]
        await shop.submit("form", HOME)
        assert shop.yields() == [Checkout.AskPayment(total=4)]
        assert "Pay 4" in shop.html()
        assert shop.text("form") == "Pay 4"
        assert shop.attribute("form", "method") == "post"
        assert shop.count("form") == 1
        await shop.close()
        assert shelf.calls == [("reserve", "tea"), ("release", "tea")]


async def test_what_is_done_on_the_page_of_everything(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        filled = await scripts.fill_in(client)
        told = filled[-1][1]
        assert told == [
            "Filled(name='Ada', note='a\\nb', colour='red', size='m', wishes=(), "
            "extras=('sugar',), gift=False, secret='s3', by='send')",
            "Filled(name='Bob', note='x\\ny', colour='blue', size='S', wishes=('a', 'c'), "
            "extras=('milk',), gift=True, secret='s3', by='keep')",
            "Filled(name='Ada', note='a\\nb', colour='red', size='m', wishes=(), "
            "extras=('sugar',), gift=False, secret='s3', by='send')",
            "Filled(name='Ada', note='a\\nb', colour='blue', size='S', wishes=('b', 'c'), "
            "extras=(), gift=True, secret='s3', by='send')",
        ]


async def test_every_kind_of_event_is_sent(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_client(counter()) as client:
        seen = await scripts.send_events(client)
    told = [each[0] if isinstance(each[0], tuple) else each for each in seen[:-2]]
    assert [ask[-1] for _, _, (ask,), _, _ in told] == [
        "Named(name='Eve', also='')",
        "Named(name='', also='Zoe')",
        "Pressed(what='escape')",
        "Pressed(what='plus')",
        "Pressed(what='plus')",
        "Pressed(what='plus')",
        "Pressed(what='box')",
        "Answered(answer='yes')",
        "Pressed(what='plus')",
    ]
    assert "it fell down" in caplog.text


async def test_a_slip_is_an_error_that_names_it(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        seen = await scripts.slip(client)
    assert {kind for kind, _ in seen} == {"ElementError"}
    assert len({text for _, text in seen}) == len(seen) - 1, "each has words of its own"


async def test_pages_come_and_go(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        seen = await scripts.go_about(client)
    assert [kind for kind, _ in seen[-3:]] == ["VisitFailed"] * 3


async def test_a_page_that_is_gone_is_loaded_anew_but_not_for_ever(
    autojump_clock: MockClock,
) -> None:
    async with open_client(counter()) as client:
        seen = await scripts.come_late(client)
    assert seen[0] == (4, False, "Connection lost. Reload", [])
    assert seen[1:3] == ["PageEnded", (5, False)]
    assert (seen[3][0], seen[3][1][2]) == (6, [("Pressed(what='plus')",)])


async def test_no_time_has_to_pass_between_a_hundred_events(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        tab = await client.visit("/")
        for _ in range(100):
            await tab.press("#keys", "Escape")
        assert tab.count("li") == 100
        assert trio.current_time() == 0


async def test_an_error_lists_what_could_be_meant(autojump_clock: MockClock) -> None:
    async with open_client(store(Shelf())) as client:
        shop = await client.visit("/buy/tea")
        with pytest.raises(ElementError) as caught:
            await shop.click("button:text('Wav it')")
        said, *listed, shows = str(caught.value).splitlines()
        assert said == (
            "nothing on the page matches \"button:text('Wav it')\" to click. What could be meant:"
        )
        assert listed == ["  <button>Wave</button>", "  <button>Crash</button>"], (
            "the nearest first"
        )
        assert shows.startswith('The page shows: <form method="post"><label for=')
        assert "data-sp" not in shows


async def test_a_page_whose_mount_raises_says_so(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        with pytest.raises(VisitFailed, match="mount function failed: LookupError") as caught:
            await client.visit("/broken")
    assert caught.value.status == 500
    assert isinstance(caught.value.__cause__, LookupError)
    assert "Something went wrong" in caught.value.html


async def test_a_page_that_is_not_there_says_so(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        with pytest.raises(VisitFailed, match="That desk was sold") as caught:
            await client.visit("/missing")
        assert caught.value.status == 404
        with pytest.raises(VisitFailed, match="426"):
            await client.visit("/spindle/socket")


async def test_a_page_that_has_ended_says_so(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        short = await client.visit("/short")
        await short.click("#plus")
        await trio.sleep(61)
        await short.settle()
        with pytest.raises(PageEnded, match=r"^/short has ended on the server\. It shows: "):
            await short.click("#plus")
        assert short.yields() == []
        await short.reload()
        await short.click("#plus")


async def test_a_page_ends_before_the_next_one_begins(autojump_clock: MockClock) -> None:
    shelf = Shelf(stock=1)
    async with open_client(store(shelf)) as client:
        shop = await client.visit("/buy/tea")
        await shop.reload()
        assert [name for name, _ in shelf.calls] == ["reserve", "release", "reserve"]
        assert shop.yields() == [Checkout.AskShipping("tea")]


async def test_what_a_test_raises_comes_out_as_it_is(autojump_clock: MockClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_client(counter()):
            raise ZeroDivisionError


async def test_leaving_ends_every_page(autojump_clock: MockClock) -> None:
    shelf = Shelf()
    async with open_client(store(shelf)) as client:
        await client.visit("/buy/tea")
        await client.visit("/buy/tea")
        assert shelf.stock == 1
    assert shelf.stock == 3


async def test_headers_reach_the_page(autojump_clock: MockClock) -> None:
    class Hall(Contract):
        class Door(Spindle):
            class Rung(Event):
                pass

            class Greeting(Yield[Rung]):
                name: str

    class HallView(View):
        name = ""

        @on(Hall.Door.Greeting)
        def greet(self, ask: Hall.Door.Greeting) -> None:
            self.name = ask.name

        def render(self) -> Markup:
            return Markup("<h1>{}</h1>").format(self.name)

    app = App()

    async def door(name: str) -> None:
        await Hall.Door.Greeting(name)

    @app.page("/", Hall, HallView)
    async def hall(page: PageMachine, request: Request) -> None:
        page.start(Hall.Door, door, request.cookies.get("name", "nobody"))

    async with open_client(app, headers={"cookie": "name=Ada"}) as client:
        tab = await client.visit("/")
        assert tab.text() == "Ada"
        await tab.reload()
        assert tab.text() == "Ada"


# --- settling -------------------------------------------------------------------------------------


async def test_settle_waits_for_what_takes_time_and_no_longer(autojump_clock: MockClock) -> None:
    async with open_client(counter(SlowClerk(seconds=3))) as client:
        tab = await client.visit("/")
        began = trio.current_time()
        await tab.click("#plus")
        assert trio.current_time() - began == 3
        assert tab.yields() == [Desk.AskMore(("Pressed(what='plus')",))]
        await tab.settle()
        assert trio.current_time() - began == 3, "there is nothing left to wait for"


async def test_a_page_that_takes_time_to_begin_has_begun(autojump_clock: MockClock) -> None:
    clerk = SlowClerk(seconds=3)
    async with open_client(counter(clerk)) as client:
        tab = await client.visit("/slow")
        assert trio.current_time() == 4
        assert clerk.calls == ["first"]
        assert tab.yields() == [Desk.AskMore(())]
    async with open_client(counter(clerk), waits_for_calls=False) as client:
        tab = await client.visit("/slow")
        assert tab.yields() == [], "its mount function has done its work"


async def test_what_the_test_holds_up_is_waited_for_by_what_shows(
    autojump_clock: MockClock,
) -> None:
    clerk = SlowClerk()
    async with open_client(counter(clerk)) as client:
        tab = await client.visit("/")
        clerk.open = trio.Event()
        await tab.click("#plus", settle=False)
        await tab.wait_for("#plus[data-sp-pending]")
        assert tab.yields() == []
        with pytest.raises(NotSettled) as caught:
            await tab.settle()
        assert "Desk.Pressed is not settled, 1 call of ports under way" in str(caught.value)
        assert "Clerk.note" in str(caught.value), "it shows what the page waits for"
        clerk.open.set()
        await tab.wait_for("li:text('plus')")
        await tab.settle()
        assert tab.count("[data-sp-pending]") == 0


async def test_what_does_not_come_says_so(autojump_clock: MockClock) -> None:
    async with open_client(counter(), patience=2) as client:
        tab = await client.visit("/")
        with pytest.raises(NotSettled, match="nothing that matches 'li' came to / within 2 s"):
            await tab.wait_for("li")
        with pytest.raises(ElementError, match="is no selector"):
            await tab.wait_for("li[[")


async def test_what_is_typed_is_paced_on_the_virtual_clock(autojump_clock: MockClock) -> None:
    clerk = SlowClerk()
    async with open_client(counter(clerk)) as client:
        tab = await client.visit("/")
        for text in ("t", "te", "tea"):
            await tab.type("#typed input", text, settle=False)
        await tab.settle()
        assert clerk.calls == ["Named(name='t', also='')", "Named(name='tea', also='')"]
        assert trio.current_time() < 0.1
        await tab.type("#alone", "x", settle=False)
        await tab.click("#plus")
        assert clerk.calls[2:] == ["Named(name='', also='x')", "Pressed(what='plus')"]


async def test_two_tabs_settle_at_once(autojump_clock: MockClock) -> None:
    async with open_client(counter(SlowClerk(seconds=1))) as client:
        first, second = await client.visit("/"), await client.visit("/")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(first.click, "#plus")
            nursery.start_soon(second.click, "#box")
        assert (first.count("li"), second.count("li")) == (1, 1)


async def test_a_call_that_waits_for_news_may_go_on(autojump_clock: MockClock) -> None:
    clerk = SlowClerk()
    app = counter(clerk)
    async with open_client(app, waits_for_calls=False, patience=1) as client:
        tab = await client.visit("/")
        clerk.open = trio.Event()
        await tab.click("#plus", settle=False)
        with pytest.raises(NotSettled, match=r"s: Desk.Pressed is not settled\. If"):
            await tab.settle()


async def test_a_closed_tab_is_used_no_more(autojump_clock: MockClock) -> None:
    async with open_client(counter()) as client:
        tab = await client.visit("/")
        await tab.close()
        for doing in (tab.click, tab.visit, tab.wait_for):
            with pytest.raises(PageEnded, match="this tab is closed"):
                await doing("#plus")
        with pytest.raises(PageEnded, match="this tab is closed"):
            await tab.settle()


async def test_a_browser_has_no_mock_clock(autojump_clock: MockClock) -> None:
    with pytest.raises(ClientError, match="a browser has a real clock"):
        async with open_browser(counter()):
            pass


async def test_what_a_test_says_to_pytest_comes_out_as_it_is(autojump_clock: MockClock) -> None:
    with pytest.raises(pytest.fail.Exception, match="on purpose"):
        async with open_client(counter()):
            pytest.fail("on purpose")


def test_all_errors_have_one_base() -> None:
    for kind in (ElementError, NotSettled, PageEnded, VisitFailed):
        assert issubclass(kind, ClientError)
