"""From the GET of a page to the document it is answered with."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Notify
from spindle._runtime.page import PageMachine
from spindle.view import WENT_WRONG, Markup, View, on
from spindle.web.app import App
from spindle.web.errors import NotFound
from spindle.web.http.request import Request
from spindle.web.http.response import Response
from spindle.web.limits import Limits
from spindle.web.live.intake import Refusal
from spindle.web.live.page import LivePage
from spindle.web.memory import NotOnPage, visit
from spindle.web.site import Site, open_site
from spindle.web.socket.protocol import EventSent
from tests.web.store import (
    HOME,
    PATIENT,
    PAYMENT,
    Backend,
    Checkout,
    Shelf,
    Store,
    StoreView,
    store,
)


async def test_P1_a_get_is_answered_with_real_html_and_starts_the_page_once(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        assert visitor.response.status == 200
        assert visitor.response.header("content-type") == "text/html; charset=utf-8"
        assert 'data-sp-submit="Checkout.ShippingGiven"' in visitor.html
        assert 'data-sp-to="1"' in visitor.html
        assert visitor.title == "Shipping for tea"
        assert shelf.calls == [("reserve", "tea")]
        assert site.live_pages == 1


async def test_P1_a_port_held_open_shows_the_loading_view(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    shelf.open = trio.Event()
    async with open_site(store(shelf, first_render=Limits().first_render)) as site:
        begun = trio.current_time()
        visitor = await visit(site, "/buy/tea")
        assert trio.current_time() - begun == pytest.approx(0.1)
        assert "<p>Loading</p>" in visitor.html
        assert visitor.title == "Buy"
        await visitor.connect()
        shelf.open.set()
        await visitor.shows("Checkout.ShippingGiven")
        assert visitor.title == "Shipping for tea"
        assert shelf.calls == [("reserve", "tea")]


@pytest.mark.parametrize("hosted", [False, True])
async def test_a_page_on_which_nothing_runs_is_answered_at_once(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    app = App()

    class StillView(View):
        def render(self) -> Markup:
            return Markup("<p>Nothing moves.</p>")

    class Still(Spindle): ...

    @app.page("/", Still, StillView, hosted=hosted)
    async def still(page: PageMachine, request: Request) -> None:
        await trio.lowlevel.checkpoint()

    async with open_site(app) as site:
        begun = trio.current_time()
        visitor = await visit(site, "/")
        assert trio.current_time() == begun
        assert "<p>Nothing moves.</p>" in visitor.html


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {}, 200),
        ("GET", {"sec-purpose": "prefetch"}, 503),
        ("GET", {"sec-purpose": "prefetch;prerender"}, 503),
        ("GET", {"purpose": "prefetch"}, 503),
        ("POST", {}, 405),
    ],
)
async def test_P1_head_and_prefetch_start_nothing(
    shelf: Shelf, method: str, headers: dict[str, str], status: int
) -> None:
    async with open_site(store(shelf)) as site:
        response = await ask(site, method, "/buy/tea", headers)
        assert response.status == status
        assert response.body == b""
        assert response.header("cache-control") == "no-store"
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0
        assert shelf.calls == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/", "nothing at this address"),
        ("/buy", "nothing at this address"),
        ("/buy/tea?copies=many", "copies cannot be &#39;many&#39;"),
        ("/buy/tea?copies=%3Cscript%3E", "copies cannot be &#39;&lt;script&gt;&#39;"),
        ("/buy/tea?copies=1&copies=2", "copies is given 2 times"),
    ],
)
async def test_P4_a_bad_address_is_a_clear_404(shelf: Shelf, target: str, said: str) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, target)
        assert visitor.response.status == 404
        assert said in visitor.response.body.decode()
        assert "<script" not in visitor.response.body.decode()
        assert site.live_pages == 0


async def test_P4_a_parameter_with_hostile_text_is_escaped(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/%3C%2Ftitle%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
        assert visitor.response.status == 200
        assert b"<script" not in visitor.response.body
        assert visitor.title == "Shipping for </title><script>alert(1)</script>"


async def test_a_mount_function_that_raises_is_answered_500(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(limits=PATIENT)

    @app.page("/", Store, StoreView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Checkout, wait_for_ever)
        raise RuntimeError("secret")

    async with open_site(app) as site:
        visitor = await visit(site, "/")
        assert visitor.response.status == 500
        assert "secret" not in visitor.response.body.decode()
        assert "secret" in caplog.text
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0


async def test_P4_a_mount_function_may_know_that_there_is_no_such_page(
    caplog: pytest.LogCaptureFixture, autojump_clock: trio.testing.MockClock
) -> None:
    app = App()

    @app.page("/{sku}", Store, StoreView)
    async def mount(page: PageMachine, request: Request, sku: str) -> None:
        await trio.sleep(1 if sku == "late" else 0)
        raise NotFound(f"No <{sku}> here.")

    async with open_site(app) as site:
        visitor = await visit(site, "/mug")
        assert visitor.response.status == 404
        assert b"<p>No &lt;mug&gt; here.</p>" in visitor.response.body
        late = await visit(site, "/late")
        assert late.response.status == 200
        await late.connect()
        await late.shows("No &lt;late&gt; here.")
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0
        assert not caplog.records


async def test_a_mount_function_that_raises_late_ends_the_page_and_says_so(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    app = App()

    @app.page("/", Store, StoreView)
    async def mount(page: PageMachine, request: Request) -> None:
        await trio.sleep(1)
        raise RuntimeError("secret")

    async with open_site(app) as site:
        visitor = await visit(site, "/")
        assert visitor.response.status == 200
        await visitor.connect()
        await visitor.shows(WENT_WRONG)
        assert "secret" not in visitor.html
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0


async def test_a_mount_function_that_waits_is_cancelled_with_its_page(
    autojump_clock: trio.testing.MockClock,
) -> None:
    app = App()
    cancelled = trio.Event()

    @app.page("/", Store, StoreView)
    async def mount(page: PageMachine, request: Request) -> None:
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with open_site(app) as site:
        visitor = await visit(site, "/")
        await visitor.connect()
        await visitor.close()
        await cancelled.wait()
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0


async def test_a_mount_function_that_comes_too_late_is_no_failure(
    caplog: pytest.LogCaptureFixture, autojump_clock: trio.testing.MockClock
) -> None:
    app = App()

    @app.page("/", Store, StoreView)
    async def mount(page: PageMachine, request: Request) -> None:
        with trio.CancelScope(shield=True):  # as what a thread does, which cannot be cut
            await trio.sleep(1)
        page.start(Checkout, wait_for_ever)

    async with open_site(app) as site:
        visitor = await visit(site, "/")
        await visitor.connect()
        await visitor.close()
        await trio.sleep(2)
        assert site.live_pages == 0
    assert not caplog.records


async def test_a_page_that_cannot_be_opened_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    app = store(Shelf())
    app.provide = {Backend: Shelf}
    async with open_site(app) as site:
        visitor = await visit(site, "/buy/tea")
        assert visitor.response.status == 500
        assert "Backend was given a class" in caplog.text
        assert site.live_pages == 0
        with pytest.raises(NotOnPage, match="/buy/tea was answered 500"):
            await visitor.connect()


async def test_a_page_that_has_not_started_takes_nothing() -> None:
    (page,) = store(Shelf()).pages
    live = LivePage(page, "early", Limits())
    assert "Loading" in live.render()
    with pytest.raises(Refusal, match="not started"):
        live.take(EventSent(1, "Checkout.Waved"))


class Counter(Spindle[None]):
    class Counted(Notify):
        number: int


class CounterView(View):
    number: int = 0

    @on(Counter.Counted)
    def counted(self, news: Counter.Counted) -> None:
        self.number = news.number

    def render(self) -> Markup:
        return Markup("<p>{}</p>").format(self.number)


@pytest.mark.parametrize("hosted", [False, True])
async def test_a_flood_of_news_is_shown_as_its_last(hosted: bool) -> None:
    async def count() -> None:
        for number in range(5000):
            await Counter.Counted(number)

    app = App()

    @app.page("/", Counter, CounterView, hosted=hosted)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Counter, count)

    async with open_site(app) as site:
        visitor = await visit(site, "/")
        await visitor.connect()
        await visitor.shows("4999")
        assert len(visitor.received) < 100


async def test_a_spindle_that_fails_at_once_fails_alone() -> None:
    app = store(Shelf())
    app.provide = {}
    async with open_site(app) as site:
        visitor = await visit(site, "/buy/tea")
        assert visitor.response.status == 200
        assert "The checkout failed." in visitor.html


async def test_P8_two_visitors_never_see_each_other(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        first, second = await visit(site, "/buy/tea"), await visit(site, "/buy/mug")
        assert first.page_token != second.page_token
        for visitor in (first, second):
            await visitor.connect()
        await first.settled(await first.submit(Checkout.ShippingGiven, HOME))
        await first.settled(await first.submit(Checkout.PaymentGiven, PAYMENT))
        await second.settle()
        assert "Order order-visa" in first.html
        assert second.received == []
        assert second.title == "Shipping for mug"


async def test_a_page_whose_view_cannot_be_made_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(StoreView):
        def __init__(self) -> None:
            raise RuntimeError("secret")

    app = App()

    @app.page("/", Store, Broken)
    async def mount(page: PageMachine, request: Request) -> None: ...

    async with open_site(app) as site:
        visitor = await visit(site, "/")
        assert visitor.response.status == 500
        assert b"secret" not in visitor.response.body
        assert "secret" in caplog.text
        assert site.live_pages == 0


async def test_leaving_a_site_cancels_its_pages_and_raises_what_the_body_raised(
    shelf: Shelf,
) -> None:
    with pytest.raises(KeyError, match="body"):  # noqa: PT012 - what the body raises is the point
        async with open_site(store(shelf)) as site:
            visitor = await visit(site, "/buy/tea")
            await visitor.connect()
            raise KeyError("body")
    assert shelf.calls == [("reserve", "tea"), ("release", "tea")]
    assert visitor.transport is not None
    assert visitor.transport.closed == (1001, "the server is stopping")


async def test_a_cancelled_site_ends_its_pages_in_order(shelf: Shelf) -> None:
    with trio.CancelScope() as scope:
        async with open_site(store(shelf)) as site:
            await visit(site, "/buy/tea")
            scope.cancel()
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert shelf.calls == [("reserve", "tea"), ("release", "tea")]


async def ask(site: Site, method: str, target: str, headers: dict[str, str]) -> Response:
    given = {"host": "localhost", **headers}
    return await site.front.respond(Request.of(method, target, given.items()))


async def wait_for_ever() -> None:
    await trio.sleep_forever()
