"""A view or a session that fails: the page lives, the visitor is told, the log has it."""

from __future__ import annotations

import pytest
import trio
import trio.testing
from msgspec import Raw

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Event, Yield
from spindle._runtime.page import PageMachine
from spindle.view import WENT_WRONG, Markup, View, on
from spindle.web.app import App
from spindle.web.http.request import Request
from spindle.web.memory import visit
from spindle.web.site import open_site
from spindle.web.socket.protocol import EventSent, FormSent, Resync
from spindle.web.socket.session import Session
from tests.web.store import HOME, PATIENT, Checkout, Shelf, Store, StoreView, checkout, store
from tests.web.visitors import closed_with, connected


class Fragile(StoreView):
    """Raises where it is told to."""

    breaks: str = ""

    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        if self.breaks == "handler":
            raise RuntimeError("secret")
        super().ask_payment(ask)

    def render(self) -> Markup:
        if self.breaks == "render" and isinstance(self.panel, Checkout.AskPayment):
            raise RuntimeError("secret")
        if self.breaks == "always":
            raise RuntimeError("secret")
        return super().render()


class Touched(Spindle[None]):
    class Went(Event): ...

    class Asked(Yield[Went]):
        mood: str


SHIPPING = b'{"shipping":{"street":"Main St 1","city":"Ulm"}}'


def fragile(shelf: Shelf, what: str) -> App:
    class Broken(Fragile):
        breaks: str = what

    app = App(provide=store(shelf).provide, limits=PATIENT)

    @app.page("/buy/{sku}", Store, Broken)
    async def mount(page: PageMachine, request: Request, sku: str) -> None:
        page.start(Checkout, checkout, sku)

    return app


@pytest.mark.parametrize("what", ["handler", "render"])
async def test_N5_a_view_that_fails_says_so_and_the_page_lives(
    shelf: Shelf, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(fragile(shelf, what)) as site:
        visitor = await connected(site)
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"
        await visitor.shows(WENT_WRONG)
        assert "secret" not in visitor.html
        assert "Checkout.ShippingGiven" in visitor.html, "the last rendering that worked"
        assert "RuntimeError: secret" in caplog.text
        await visitor.send(EventSent(5, "Checkout.PaymentGiven", Raw(b'{"card":"visa"}'), to=2))
        assert (await visitor.settled(5)).settlement == "handled"
        await visitor.shows("Order order-visa")


async def test_N5_a_rendering_that_fails_on_the_get_gives_nothing_away(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(fragile(shelf, "always")) as site:
        visitor = await visit(site, "/buy/tea")
        assert visitor.response.status == 500
        assert WENT_WRONG in visitor.html
        assert b"secret" not in visitor.response.body
        assert "RuntimeError: secret" in caplog.text
        assert site.live_pages == 1


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was raised, of each rendering that was said in the log to have failed."""
    return [
        repr(each.exc_info[1])
        for each in caplog.records
        if "could not be rendered" in each.getMessage() and each.exc_info
    ]


async def test_N5_a_rendering_that_goes_on_failing_is_logged_once(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(fragile(shelf, "always")) as site:
        visitor = await connected(site)
        await visitor.shows(WENT_WRONG)
        await visitor.send(EventSent(1, "Checkout.ShippingGiven", Raw(SHIPPING), to=1))
        assert (await visitor.settled(1)).settlement == "handled"
        await visitor.settle()
    assert logged(caplog) == ["RuntimeError('secret')"]


class Moody(View):
    """Raises what it is told to, or nothing."""

    mood: str = "first"

    @on(Touched.Asked)
    def asked(self, ask: Touched.Asked) -> None:
        self.mood = ask.mood

    def render(self) -> Markup:
        if self.mood:
            raise RuntimeError(self.mood)
        return Markup("<p>Fine</p>")


async def test_N5_another_fault_is_logged_and_the_same_one_after_a_rendering_that_worked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App(limits=PATIENT)

    @app.page("/", Touched, Moody)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Touched, asks)

    async def asks() -> None:
        for mood in "first", "second", "", "second":
            await Touched.Asked(mood)

    async with open_site(app) as site:
        visitor = await connected(site, "/")
        for number in range(1, 4):
            await visitor.send(EventSent(number, "Touched.Went", to=number))
            await visitor.settled(number)
            await visitor.settle()
    said = ["first", "second", "second"]
    assert logged(caplog) == [f"RuntimeError('{each}')" for each in said]


async def test_P7_a_fault_of_one_session_ends_that_session_only(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(store(shelf)) as site:
        other, visitor = await connected(site), await connected(site)
        await other.settle()
        await visitor.settle()
        monkeypatch.setattr(Session, "_rendered", fault)
        await visitor.send(Resync())
        assert await closed_with(visitor) == (1011, "internal error")
        monkeypatch.undo()
        await trio.testing.wait_all_tasks_blocked()
        assert "ZeroDivisionError" in caplog.text
        seq = await other.submit(Checkout.ShippingGiven, HOME)
        assert (await other.settled(seq)).settlement == "handled"
        assert site.live_pages == 1


def fault(session: Session) -> None:
    raise ZeroDivisionError


class Touchy(Spindle[None]):
    class Sent(Event):
        number: int

        def __post_init__(self) -> None:
            {1: "one"}[self.number]

    class Asked(Yield[Sent]): ...


class TouchyView(View):
    @on(Touchy.Asked)
    def asked(self, ask: Touchy.Asked) -> None: ...

    def render(self) -> Markup:
        return Markup("<p>Touchy</p>")


@pytest.mark.parametrize("kind", ["event", "form"])
async def test_N5_an_event_whose_own_check_fails_is_refused_and_the_page_lives(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(limits=PATIENT)

    @app.page("/", Touchy, TouchyView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Touchy, ask_once)

    async def ask_once() -> None:
        await Touchy.Asked()

    async with open_site(app) as site:
        visitor = await connected(site, "/")
        if kind == "event":
            await visitor.send(EventSent(1, "Touchy.Sent", Raw(b'{"number":2}'), to=1))
        else:
            await visitor.send(FormSent(1, "Touchy.Sent", [("number", "2")], to=1))
        assert (await visitor.settled(1)).settlement == "refused"
        await visitor.shows(WENT_WRONG)
        assert "KeyError: 2" in caplog.text
        await visitor.send(EventSent(2, "Touchy.Sent", Raw(b'{"number":1}'), to=1))
        assert (await visitor.settled(2)).settlement == "handled"
