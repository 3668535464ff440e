"""Questions that have lost a race, or were answered already: what becomes of a click on them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import ClassVar

import trio
import trio.testing

from spindle import (
    Delivery,
    Event,
    Notify,
    Source,
    Spindle,
    Yield,
    await_any,
    perform,
    sleep,
)
from spindle.view import (
    Markup,
    View,
    click,
    on,
    on_complete,
    on_withdrawn,
)
from spindle.web import App
from spindle.web.live.screen import NOT_TAKEN, OVER
from spindle.web.site import Site, open_site
from tests.drivers import HOSTED
from tests.web.store import PATIENT
from tests.web.visitors import connected


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
        assert OVER not in visitor.html, "its spindle goes on"
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
        await visitor.shows(OVER)
