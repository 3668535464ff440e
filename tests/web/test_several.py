"""Pages on which several spindles run: forks, races, news that conflate, how each of them ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from markupsafe import escape

from spindle import (
    Cancelled,
    Contract,
    Delivery,
    Event,
    Notify,
    PageMachine,
    Spindle,
    Yield,
    fork,
)
from spindle.view import (
    Markup,
    View,
    click,
    fields,
    on,
    on_cancel,
    on_complete,
    on_error,
    submit,
    typed,
)
from spindle.web import App, Request
from spindle.web.memory import Visitor
from spindle.web.site import Site, open_site
from tests.drivers import HOSTED
from tests.view.markup import Reader
from tests.view.test_hostile import TRICKS
from tests.web.store import PATIENT
from tests.web.visitors import connected


class Shop(Contract):
    class Search(Spindle):
        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            query: str

        class BuyPressed(Event):
            delivery: ClassVar = Delivery.QUEUE
            sku: str

        class Browsing(Yield[Typed | BuyPressed]): ...

        class Found(Notify):
            query: str

    class Checkout(Spindle[str]):
        class Paid(Event):
            card: str

        class AskPayment(Yield[Paid]):
            sku: str


Search, Checkout = Shop.Search, Shop.Checkout


async def search() -> None:
    query = ""
    while True:
        await Search.Found(query)
        match await Search.Browsing():
            case Search.Typed(query):
                pass
            case Search.BuyPressed(sku):
                _ = await fork(Checkout, checkout, sku, replace=True)


async def checkout(sku: str) -> str:
    card = (await Checkout.AskPayment(sku)).card
    if card == "broken":
        raise RuntimeError("secret")
    return f"{sku} paid with {card}"


class ShopView(View):
    query: str = ""
    panel: Checkout.AskPayment | str = ""
    log: tuple[str, ...] = ()

    @on(Search.Browsing)
    def browsing(self, ask: Search.Browsing) -> None: ...

    @on(Search.Found)
    def found(self, news: Search.Found) -> None:
        self.query = news.query

    @on(Checkout.AskPayment)
    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        self.panel = ask

    @on_complete(Checkout)
    def bought(self, order: str) -> None:
        self.panel = order

    @on_error(Checkout)
    def failed(self, error: Exception) -> None:
        self.panel = "The checkout failed"

    @on_cancel(Checkout)
    def cancelled(self, cancelled: Cancelled) -> None:
        self.log += (f"{cancelled.origin.value}: {cancelled.reason}",)

    def render(self) -> Markup:
        query = fields(Search.Typed).query
        buttons = Markup().join(
            Markup("<button {}>{}</button>").format(click(Search.BuyPressed(sku)), sku)
            for sku in ("tea", "mug")
        )
        return Markup('<input name="{}" {}>Results for ({}){}{}<ul>{}</ul>').format(
            query, typed(Search.Typed), self.query, buttons, self._panel(), ", ".join(self.log)
        )

    def _panel(self) -> Markup:
        match self.panel:
            case Checkout.AskPayment(sku) as ask:
                card = fields(Checkout.Paid).card
                return Markup('<form {}>{} <input name="{}"></form>').format(
                    submit(Checkout.Paid, to=ask), sku, card
                )
            case str(text):
                return Markup("<p>{}</p>").format(text)


def shop_app(*, hosted: bool = False) -> App:
    app = App(limits=PATIENT)

    @app.page("/", Shop, ShopView, hosted=hosted)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Search, search)

    return app


@asynccontextmanager
async def shop(hosted: bool) -> AsyncGenerator[Site, None]:
    async with open_site(shop_app(hosted=hosted)) as site:
        yield site


async def buys(visitor: Visitor, sku: str) -> None:
    settled = await visitor.settled(await visitor.click(Search.BuyPressed(sku)))
    assert settled.settlement == "handled"
    await visitor.shows(f"{sku} <input")


async def types(visitor: Visitor, text: str) -> None:
    settled = await visitor.settled(await visitor.enter(Search.Typed, "query", text))
    assert settled.settlement == "handled"
    await visitor.shows(f"Results for ({text})")


@pytest.mark.parametrize("text", TRICKS)
@HOSTED
async def test_N8_what_a_visitor_types_changes_no_structure(hosted: bool, text: str) -> None:
    async with shop(hosted) as site:
        structures: list[list[str]] = []
        for said in ("harmless", text):
            visitor = await connected(site, "/")
            await buys(visitor, "tea")
            card = await visitor.submit(Checkout.Paid, {"card": said})
            assert (await visitor.settled(card)).settlement == "handled"
            query = await visitor.enter(Search.Typed, "query", said)
            assert (await visitor.settled(query)).settlement == "handled"
            await visitor.settle()
            structures.append(Reader(visitor.html).structure)
            assert f"Results for ({escape(said)})" in visitor.html
            assert f"tea paid with {escape(said)}" in visitor.html
        harmless, hostile = structures
        assert hostile == harmless


@HOSTED
async def test_N3_the_order_is_shown_while_the_search_goes_on(hosted: bool) -> None:
    async with shop(hosted) as site:
        visitor = await connected(site, "/")
        await types(visitor, "t")
        await buys(visitor, "tea")
        await types(visitor, "te")
        assert "tea <input" in visitor.html, "the forked form is still there"
        _ = await visitor.settled(await visitor.submit(Checkout.Paid, {"card": "visa"}))
        assert "tea paid with visa" in visitor.html
        await types(visitor, "tea")
        assert "tea paid with visa" in visitor.html
        await buys(visitor, "mug")
        assert site.live_pages == 1


@HOSTED
async def test_E1_a_fork_that_fails_says_so_while_the_search_goes_on(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with shop(hosted) as site:
        visitor = await connected(site, "/")
        await buys(visitor, "tea")
        _ = await visitor.settled(await visitor.submit(Checkout.Paid, {"card": "broken"}))
        assert "The checkout failed" in visitor.html
        assert "RuntimeError: secret" in caplog.text
        assert "secret" not in visitor.html
        await types(visitor, "mug")
        await buys(visitor, "mug")


@HOSTED
async def test_F2_a_replaced_checkout_is_cancelled_and_its_form_stale(hosted: bool) -> None:
    async with shop(hosted) as site:
        visitor = await connected(site, "/")
        await buys(visitor, "tea")
        await buys(visitor, "mug")
        assert "tea <input" not in visitor.html
        assert "replaced: replaced by another one" in visitor.html
        _ = await visitor.settled(await visitor.submit(Checkout.Paid, {"card": "visa"}))
        assert "mug paid with visa" in visitor.html


@HOSTED
async def test_F2_an_answer_to_the_one_that_was_replaced_is_stale(hosted: bool) -> None:
    async with shop(hosted) as site:
        visitor = await connected(site, "/")
        await buys(visitor, "tea")
        _ = await visitor.click(Search.BuyPressed("mug"))
        late = await visitor.submit(Checkout.Paid, {"card": "visa"})  # of the form for the tea
        settled = await visitor.settled(late)
        assert settled.settlement == "refused"
        await visitor.settle()
        assert "mug <input" in visitor.html


# --- news of which only the newest counts ---------------------------------------------------------


class Race(Spindle[str]):
    class Started(Event): ...

    class Ask(Yield[Started]): ...

    class Passed(Notify):
        conflate: ClassVar = True
        lap: int

    class Fell(Notify):
        lap: int


class RaceView(View):
    lap: int = -1
    told: int = 0
    fell: tuple[int, ...] = ()
    outcome: str = ""

    @on(Race.Ask)
    def ask(self, ask: Race.Ask) -> None: ...

    @on(Race.Passed)
    def passed(self, news: Race.Passed) -> None:
        assert news.lap > self.lap, "in order"
        self.lap, self.told = news.lap, self.told + 1

    @on(Race.Fell)
    def fallen(self, news: Race.Fell) -> None:
        self.fell += (news.lap,)

    @on_complete(Race)
    def done(self, outcome: str) -> None:
        self.outcome = f"{outcome}, {'few' if self.told < 100 else 'many'} of them told"

    def render(self) -> Markup:
        return Markup("<button {}>Go</button><p>{} {} {}</p>").format(
            click(Race.Started()), self.lap, self.fell, self.outcome
        )


@HOSTED
async def test_N2_news_that_conflate_reach_the_view_as_their_newest(hosted: bool) -> None:
    async def race() -> str:
        _ = await Race.Ask()
        for lap in range(5000):
            await Race.Passed(lap)
            if lap % 2000 == 0:
                await Race.Fell(lap)
        return "5000 laps"

    app = App(limits=PATIENT)
    app.coroutine("/", race, Race, RaceView, hosted=hosted)
    async with open_site(app) as site:
        visitor = await connected(site, "/")
        settled = await visitor.settled(await visitor.click(Race.Started()))
        assert settled.settlement == "handled"
        await visitor.shows("4999 (0, 2000, 4000) 5000 laps, few of them told")
