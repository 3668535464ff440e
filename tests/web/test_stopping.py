"""A server that stops: its pages may bring what they do to an end, within a bound."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import trio
import trio.testing

from spindle import (
    Event,
    Notify,
    PageClosing,
    Spindle,
    UsageError,
    Yield,
    cancel_reason,
    cleanup,
    perform,
    sleep,
)
from spindle.view import Markup, View, on
from spindle.web import App, Limits
from spindle.web.site import open_site
from tests.drivers import HOSTED
from tests.web.visitors import connected


class Work(Spindle):
    class Answered(Event): ...

    class Ask(Yield[Answered]): ...

    class Begun(Notify): ...


class WorkView(View):
    shown: str = "Loading"

    @on(Work.Ask)
    def ask(self, ask: Work.Ask) -> None:
        self.shown = "Asked"

    @on(Work.Begun)
    def begun(self, news: Work.Begun) -> None:
        self.shown = "Begun"

    def render(self) -> Markup:
        return Markup("<p>{}</p>").format(self.shown)


async def stop(
    spindle: Callable[[], Awaitable[None]], hosted: bool, shows: str, **limits: float
) -> float:
    """Run a page until it shows something, stop its server, and tell how long that took."""

    async def work() -> None:
        await spindle()

    app = App(limits=Limits(first_render=20, **limits))  # type: ignore[arg-type]
    app.coroutine("/", work, Work, WorkView, hosted=hosted)
    async with open_site(app) as site:
        visitor = await connected(site, "/")
        await visitor.shows(shows)
        began = trio.current_time()
    return trio.current_time() - began


@HOSTED
async def test_E10_what_is_being_done_is_done_before_a_server_stops(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    done: list[str] = []

    async def place() -> None:
        await trio.sleep(0.2)
        done.append("placed")

    async def work() -> None:
        await Work.Begun()
        await perform(place)
        await sleep(0.1)
        done.append("told")

    assert await stop(work, hosted, "Begun") == pytest.approx(0.3)
    assert done == ["placed", "told"]


@HOSTED
async def test_E10_who_waits_for_the_visitor_ends_at_once(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    cleaned: list[str] = []

    async def work() -> None:
        try:
            _ = await Work.Ask()
        finally:
            async with cleanup(1):
                await sleep(0.1)
                cleaned.append("up")

    assert await stop(work, hosted, "Asked") == pytest.approx(0.1)
    assert cleaned == ["up"]


@HOSTED
async def test_E10_a_spindle_may_see_that_nobody_will_answer(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    saved: list[str] = []

    async def work() -> None:
        try:
            _ = await Work.Ask()
        except PageClosing as closing:
            await sleep(0.2)
            saved.append(str(closing))

    assert await stop(work, hosted, "Asked") == pytest.approx(0.2)
    (said,) = saved
    assert "the server is stopping" in said


@HOSTED
@pytest.mark.parametrize(("grace", "took"), [(0.5, 0.6), (0.25, 0.35), (0, 0.1)])
async def test_E10_who_takes_longer_is_cancelled_with_the_reason(
    hosted: bool, grace: float, took: float, autojump_clock: trio.testing.MockClock
) -> None:
    reasons: list[str] = []

    async def work() -> None:
        await Work.Begun()
        try:
            await sleep(3600)
        finally:
            async with cleanup(1):
                await sleep(0.1)
                reason = await cancel_reason()
                assert reason is not None
                reasons.append(f"{reason.origin.value}: {reason.reason}")

    assert await stop(work, hosted, "Begun", grace=grace) == pytest.approx(took)
    origin = "stopped" if grace else "requested"
    assert reasons == [f"{origin}: the server is stopping"]


@HOSTED
async def test_E11_however_long_the_grace_a_server_stops_within_its_limit(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async def work() -> None:
        await Work.Begun()
        await sleep(3600)

    assert await stop(work, hosted, "Begun", grace=60) == pytest.approx(1.5)


@HOSTED
async def test_E11_a_spindle_that_asks_on_and_on_does_not_hold_a_server_up(hosted: bool) -> None:
    async def work() -> None:
        while True:
            with suppress(Exception):  # a retry, as one might write it
                _ = await Work.Ask()

    assert await stop(work, hosted, "Asked", grace=0.1) < 1.5


@HOSTED
async def test_a_reload_does_not_wait_for_a_grace(
    hosted: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async def work() -> None:
        await Work.Begun()
        await sleep(3600)

    app = App(limits=Limits(first_render=20))
    app.coroutine("/", work, Work, WorkView, hosted=hosted)
    async with open_site(app) as site:
        visitor = await connected(site, "/")
        began = trio.current_time()
        _ = await visitor.reload()
        assert trio.current_time() == began


def test_a_grace_may_be_nothing_but_not_less() -> None:
    assert Limits(grace=0).grace == 0
    with pytest.raises(UsageError, match="grace=-1"):
        Limits(grace=-1)
    with pytest.raises(UsageError, match="stop=0"):
        Limits(stop=0)
