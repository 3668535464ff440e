"""What a page does about spindles that fail or end: what its visitor sees, and what others do."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from spindle import (
    ESCALATE,
    REPORT,
    Cancelled,
    Contract,
    Event,
    Notify,
    PageMachine,
    Policy,
    Restart,
    Spindle,
    Yield,
    perform,
)
from spindle.view import Markup, View, click, on, on_cancel, on_complete, on_error
from spindle.web import App, Limits, Request
from spindle.web.live.screen import OVER
from spindle.web.memory import Visitor
from spindle.web.site import Site, open_site
from tests.drivers import HOSTED
from tests.web.store import PATIENT
from tests.web.visitors import connected


class Desk(Contract):
    class Fragile(Spindle[str]):
        class Pressed(Event):
            breaks: bool

        class Ask(Yield[Pressed]):
            run: int

    class Steady(Spindle[str]):
        class Waved(Event): ...

        class Ask(Yield[Waved]): ...


Fragile, Steady = Desk.Fragile, Desk.Steady


class DeskView(View):
    fragile: str = "Loading"
    steady: str = ""
    ended: tuple[str, ...] = ()

    @on(Fragile.Ask)
    def ask_fragile(self, ask: Fragile.Ask) -> None:
        self.fragile = f"run {ask.run}"

    @on(Steady.Ask)
    def ask_steady(self, ask: Steady.Ask) -> None:
        self.steady = "steady"

    @on_complete(Fragile)
    def fragile_done(self, outcome: str) -> None:
        self.fragile = outcome

    @on_complete(Steady)
    def steady_done(self, outcome: str) -> None:
        self.steady = outcome

    @on_error(Fragile)
    def failed(self, error: Exception) -> None:
        self.ended += (f"Fragile failed: {type(error).__name__}",)

    @on_cancel(Fragile)
    @on_cancel(Steady)
    def cancelled(self, cancelled: Cancelled) -> None:
        by = cancelled.by.block.__name__ if cancelled.by else "nobody"
        self.ended += (f"{cancelled.origin.value} by {by}: {cancelled.reason}",)

    def render(self) -> Markup:
        sent = (BREAK, GO_ON, Steady.Waved())
        buttons = (Markup("<button {}>!</button>").format(click(event)) for event in sent)
        return Markup("<p>{}|{}|{}</p>{}").format(
            self.fragile, self.steady, "; ".join(self.ended), Markup().join(buttons)
        )


@asynccontextmanager
async def desk(
    policy: Policy, hosted: bool, *, significant: bool = False
) -> AsyncGenerator[Site, None]:
    app = App(limits=PATIENT)

    @app.page("/", Desk, DeskView, hosted=hosted)
    async def mount(page: PageMachine, request: Request) -> None:
        runs = 0

        async def fragile() -> str:
            nonlocal runs
            runs += 1
            if (await Fragile.Ask(runs)).breaks:
                raise RuntimeError("secret")
            return "done"

        async def steady() -> str:
            _ = await Steady.Ask()
            return "waved"

        page.start(Steady, steady)
        page.start(Fragile, fragile, policy=policy, significant=significant)

    async with open_site(app) as site:
        yield site


async def at_desk(site: Site) -> Visitor:
    visitor = await connected(site, "/")
    await visitor.shows("run 1|steady|")
    return visitor


BREAK, GO_ON = Fragile.Pressed(breaks=True), Fragile.Pressed(breaks=False)


@HOSTED
async def test_E1_report_tells_the_view_and_the_sibling_goes_on(hosted: bool) -> None:
    async with desk(REPORT, hosted) as site:
        visitor = await at_desk(site)
        settled = await visitor.settled(await visitor.click(BREAK))
        assert settled.settlement == "dead-lettered"
        await visitor.shows("run 1|steady|Fragile failed: RuntimeError<")
        _ = await visitor.settled(await visitor.click(Steady.Waved()))
        await visitor.shows("run 1|waved|")


@HOSTED
async def test_E1_a_restarted_spindle_asks_again_and_what_was_asked_before_is_stale(
    hosted: bool,
) -> None:
    async with desk(Restart(delay=0), hosted) as site:
        visitor = await at_desk(site)
        first, second = await visitor.click(BREAK), await visitor.click(GO_ON)
        assert (await visitor.settled(first)).settlement == "dead-lettered"
        settled = await visitor.settled(second)
        assert settled.settlement == "refused"
        await visitor.shows("run 2|steady|Fragile failed: RuntimeError<")
        settled = await visitor.settled(await visitor.click(GO_ON))
        assert settled.settlement == "handled"
        await visitor.shows("done|steady|")


@HOSTED
async def test_E1_a_spent_restart_is_told_as_that(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async with desk(Restart(intensity=1), hosted) as site:
        visitor = await at_desk(site)
        _ = await visitor.click(BREAK)
        await visitor.shows("run 2|")
        _ = await visitor.click(BREAK)
        await visitor.shows("Fragile failed: RuntimeError; Fragile failed: RestartsSpent")


@HOSTED
async def test_E1_escalate_ends_the_page_and_no_other(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(ESCALATE, hosted) as site:
        other, visitor = await at_desk(site), await at_desk(site)
        settled = await visitor.settled(await visitor.click(BREAK))
        assert settled.settlement == "dead-lettered"
        await visitor.shows("Fragile failed: RuntimeError; escalated by Fragile")
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 1
        assert "RuntimeError: secret" in caplog.text
        assert "secret" not in visitor.html
        settled = await visitor.settled(await visitor.click(Steady.Waved()))
        assert (settled.settlement, "the page has ended" in settled.reason) == ("refused", True)
        await visitor.shows(OVER)
        _ = await other.settled(await other.click(Steady.Waved()))
        await other.shows("run 1|waved|<")


@HOSTED
async def test_E1_the_end_of_a_significant_spindle_ends_the_page_and_stays_on_show(
    hosted: bool,
) -> None:
    async with desk(REPORT, hosted, significant=True) as site:
        visitor = await at_desk(site)
        _ = await visitor.settled(await visitor.click(GO_ON))
        await visitor.shows("done|steady|significant by Fragile: Desk.Fragile has ended<")
        settled = await visitor.settled(await visitor.click(Steady.Waved()))
        assert settled.settlement == "refused"
        await visitor.shows(OVER)
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0


class Flood(Spindle):
    class Counted(Notify):
        number: int


class FloodView(View):
    number: int = 0
    ended: str = "runs"

    @on(Flood.Counted)
    def counted(self, news: Flood.Counted) -> None:
        self.number = news.number

    @on_error(Flood)
    def failed(self, error: Exception) -> None:
        self.ended = "failed"

    def render(self) -> Markup:
        return Markup("<p>{} {}</p>").format(self.number, self.ended)


@HOSTED
async def test_E1_what_a_page_said_before_its_end_is_shown(hosted: bool) -> None:
    go_on = trio.Event()

    async def flood() -> None:
        await perform(go_on.wait)
        for number in range(900):
            await Flood.Counted(number)
        raise RuntimeError("secret")

    app = App(limits=Limits(first_render=0.01))

    @app.page("/", Flood, FloodView, hosted=hosted)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Flood, flood, policy=ESCALATE)

    async with open_site(app) as site:
        visitor = await connected(site, "/")
        go_on.set()
        with trio.fail_after(5):
            await visitor.shows("899 failed")
