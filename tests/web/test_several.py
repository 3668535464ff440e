"""Pages on which several spindles run: forks, races, news that conflate, how each of them ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Contract,
    Delivery,
    Event,
    Notify,
    PageMachine,
    Source,
    Spindle,
    Yield,
    await_any,
    fork,
    perform,
    sleep,
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
    on_withdrawn,
    submit,
    typed,
)
from spindle.web import App, Request
from spindle.web.live.screen import NOT_TAKEN
from spindle.web.memory import Visitor
from spindle.web.site import Site, open_site
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


HOSTED = pytest.mark.parametrize("hosted", [False, True], ids=["task", "hosted"])


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


# --- a question that has lost its race ------------------------------------------------------------


class Offer(Spindle[str]):
    class Accepted(Event):
        price: int

    class Waved(Event):
        delivery: ClassVar = Delivery.QUEUE

    class AskOffer(Yield[Accepted]):
        price: int

    class AskWave(Yield[Waved]): ...


class OfferView(View):
    """Shows the offer until it is told that it is asked no more."""

    offer: Offer.AskOffer | None = None
    outcome: str = ""

    @on(Offer.AskOffer)
    def ask_offer(self, ask: Offer.AskOffer) -> None:
        self.offer = ask

    @on(Offer.AskWave)
    def ask_wave(self, ask: Offer.AskWave) -> None: ...

    @on_withdrawn(Offer.AskOffer)
    def withdrawn(self, ask: Offer.AskOffer, source: Source) -> None:
        assert source.yield_id == 1
        if ask is self.offer:
            self.offer = None

    @on_complete(Offer)
    def done(self, outcome: str) -> None:
        self.outcome = outcome

    def render(self) -> Markup:
        wave = Markup("<button {}>Wave</button>").format(click(Offer.Waved()))
        if self.offer is None:
            return Markup("<p>No offer. {}</p>{}").format(self.outcome, wave)
        take = click(Offer.Accepted(self.offer.price), to=self.offer)
        return Markup("<p>{}</p><button {}>Take</button>{}").format(self.outcome, take, wave)


class StubbornView(OfferView):
    """Leaves the offer on show."""

    def withdrawn(self, ask: Offer.AskOffer, source: Source) -> None: ...


async def offer() -> str:
    match await await_any(Offer.AskOffer(9), sleep(60)):
        case (0, accepted):
            return f"taken for {accepted.price}"
        case _:
            _ = await Offer.AskWave()
            return "waved at"


@asynccontextmanager
async def offers(hosted: bool, view: type[View] = OfferView) -> AsyncGenerator[Site, None]:
    app = App(limits=PATIENT)
    app.coroutine("/", offer, Offer, view, hosted=hosted)
    async with open_site(app) as site:
        yield site


@HOSTED
async def test_A2_a_yield_that_wins_its_race_is_answered(hosted: bool) -> None:
    async with offers(hosted) as site:
        visitor = await connected(site, "/")
        settled = await visitor.settled(await visitor.click(Offer.Accepted(9)))
        assert settled.settlement == "handled"
        assert "taken for 9" in visitor.html


@HOSTED
async def test_A2_the_form_of_a_yield_that_lost_its_race_goes(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async with offers(hosted) as site:
        visitor = await connected(site, "/")
        assert "Take" in visitor.html
        await visitor.shows("No offer.")
        settled = await visitor.settled(await visitor.click(Offer.Waved()))
        assert settled.settlement == "handled"
        assert "waved at" in visitor.html


@HOSTED
async def test_A2_a_click_on_a_yield_that_has_just_lost_is_stale_and_said(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async with offers(hosted) as site:
        visitor = await connected(site, "/")
        await trio.sleep(60)
        await trio.testing.wait_all_tasks_blocked()
        late = await visitor.click(Offer.Accepted(9))  # of what the browser has not yet replaced
        settled = await visitor.settled(late)
        assert settled.settlement == "refused"
        assert settled.reason.startswith("stale: yield 1 of Offer does not wait any more")
        await visitor.shows(NOT_TAKEN)
        assert "No offer." in visitor.html


@HOSTED
async def test_A2_a_form_that_its_view_leaves_on_show_is_stale_and_said(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async with offers(hosted, StubbornView) as site:
        visitor = await connected(site, "/")
        await trio.sleep(60)
        await visitor.settle()
        assert "Take" in visitor.html
        settled = await visitor.settled(await visitor.click(Offer.Accepted(9)))
        assert settled.settlement == "refused"
        assert settled.reason.startswith("stale")
        await visitor.shows(NOT_TAKEN)
        settled = await visitor.settled(await visitor.click(Offer.Waved()))
        assert settled.settlement == "handled"
        assert NOT_TAKEN not in visitor.html


class Till(Spindle[str]):
    class Paid(Event): ...

    class AskPayment(Yield[Paid]): ...

    class Working(Notify): ...


class TillView(View):
    """Leaves its button on show, whatever happens."""

    said: str = ""

    @on(Till.AskPayment)
    def ask_payment(self, ask: Till.AskPayment) -> None: ...

    @on(Till.Working)
    def working(self, news: Till.Working) -> None:
        self.said = "working"

    @on_complete(Till)
    def done(self, outcome: str) -> None:
        self.said = outcome

    def render(self) -> Markup:
        return Markup("<button {}>Pay</button>{}").format(click(Till.Paid()), self.said)


@HOSTED
async def test_Y3_the_second_of_two_clicks_is_not_said_while_the_first_is_under_way(
    hosted: bool,
) -> None:
    bank = trio.Event()

    async def till() -> str:
        _ = await Till.AskPayment()
        await Till.Working()
        await perform(bank.wait)
        return "paid"

    app = App(limits=PATIENT)
    app.coroutine("/", till, Till, TillView, hosted=hosted)
    async with open_site(app) as site:
        visitor = await connected(site, "/")
        first = await visitor.click(Till.Paid())
        await visitor.shows("working")
        assert 'data-sp-to="0"' in visitor.html, "nothing is asked now"
        settled = await visitor.settled(await visitor.click(Till.Paid()))
        assert settled.settlement == "refused"
        bank.set()
        assert (await visitor.settled(first)).settlement == "handled"
        await visitor.shows("paid")
        assert NOT_TAKEN not in visitor.html
        settled = await visitor.settled(await visitor.click(Till.Paid()))
        assert settled.settlement == "refused"
        await visitor.shows(NOT_TAKEN)


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
