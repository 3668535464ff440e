"""A durable page for the tests: it counts, orders what it has counted, and says so in passing."""

from __future__ import annotations

import re

import trio

from spindle import ESCALATE, PageMachine
from spindle.durable import MemoryStore
from spindle.view import Markup, View, click, fields, on, on_complete, on_error, submit
from spindle.web.app import App
from spindle.web.errors import NotFound
from spindle.web.http.request import Request
from spindle.web.limits import Limits
from spindle.web.memory import Visitor, visit
from spindle.web.site import Site
from tests.lasting.counter import Counter, Counting, Shop, Till, count

ROUTE = "/count/{start}"


class CounterView(View):
    total: int = 0
    end: str = ""

    @on(Counter.Ask)
    def asked(self, ask: Counter.Ask) -> None:
        self.total = ask.total

    @on(Counter.Told)
    def told(self, notify: Counter.Told) -> None:
        self.flash("info", notify.text)

    @on_complete(Counter)
    def done(self, total: int) -> None:
        self.end = f"done with {total}"

    @on_error(Counter)
    def failed(self, error: Exception) -> None:
        self.end = f"failed with {type(error).__name__}"

    def render(self) -> Markup:
        buttons = [click(each()) for each in (Counter.Order, Counter.Pay, Counter.Done)]
        return Markup("<p>total {}</p><p>{}</p><form {}><input {}></form>{}").format(
            self.total,
            self.end,
            submit(Counter.Add),
            self.field(fields(Counter.Add).number).control,
            Markup().join(Markup("<button {}>Go</button>").format(each) for each in buttons),
        )


class CountingView(CounterView):
    @on(Counting.Clock.Rang)
    def rang(self, notify: Counting.Clock.Rang) -> None:
        self.flash("info", f"{notify.at}")


class Mounted:
    """How often the mount function was called."""

    times = 0


def counting(
    store: MemoryStore, till: Till | None = None, limits: Limits | None = None
) -> tuple[App, Mounted]:
    mounted = Mounted()
    app = App(provide={Shop: till or Till()}, store=store, limits=limits)

    @app.page(ROUTE, Counting, CountingView, durable=True)
    async def mount(page: PageMachine, request: Request, start: int, colour: str = "red") -> None:
        mounted.times += 1
        if start == 404:
            raise NotFound("There is no such number.")
        if start == 500:
            raise ValueError(colour)
        if start == 408:
            await trio.sleep_forever()
        page.start(Counter, count, start, policy=ESCALATE)

    @app.page("/other/{start}", Counting, CountingView, durable=True)
    async def other(page: PageMachine, request: Request, start: int) -> None:
        page.start(Counter, count, start)

    return app, mounted


async def new_link(site: Site, target: str = "/count/1") -> str:
    """Make a page."""
    made = await visit(site, target)
    assert made.response.status == 303, made.response
    return made.response.header("location")


async def open_at(site: Site, link: str) -> Visitor:
    """Follow a link, up to the socket."""
    visitor = await visit(site, link)
    assert visitor.response.status == 200, visitor.response
    await visitor.connect()
    return visitor


async def add(visitor: Visitor, number: int) -> None:
    sent = await visitor.submit(Counter.Add, {"number": str(number)})
    assert (await visitor.settled(sent)).settlement == "handled"


def secret_of(link: str) -> str:
    found = re.search(r"page=([\w-]{43})$", link)
    assert found is not None, link
    return found[1]
