"""F6, K7: very many are cancelled in parts; other tasks run in between, and nobody on the page."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Channel,
    Handle,
    Origin,
    cancel_reason,
    fiber,
    open_page,
    scope,
    sleep,
)
from spindle._core.kernel.kernel import CASCADE_CHUNK
from spindle._runtime import ontrio
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Bell, Desk, Talk

MANY = 3 * CASCADE_CHUNK + CASCADE_CHUNK // 2


class Crowd:
    """Very many fibers that wait. `seen`: how many were told when somebody's code ran."""

    def __init__(self) -> None:
        self.fibers: list[Handle[None]] = []
        self.seen: set[int] = set()
        self.answered = False

    @property
    def told(self) -> int:
        """How many know that they are cancelled."""
        return sum(each.record.cancel is not None for each in self.fibers)

    async def gathers(self) -> None:
        for number in range(MANY):
            self.fibers.append(await fiber(self.waits, number))
        await sleep(1e5)

    async def waits(self, number: int) -> None:
        """The oldest, who is told last, asks."""
        try:
            if number:
                await Channel[int]().take()
            else:
                await Desk.Ask()
                self.answered = True
        finally:
            if not number % 100 or number > MANY - 10:  # all of them would take seconds
                self.seen.add(self.told)

    async def looks_on(self) -> None:
        """Another task."""
        while True:
            self.seen.add(self.told)
            await trio.lowlevel.checkpoint()

    async def rings(self) -> None:
        """Another spindle of the page."""
        while True:
            await Bell.Wait()
            self.seen.add(self.told)


@pytest.mark.bulk
@HOSTED
@on_trio(3)
async def test_F6_other_tasks_run_between_the_parts(
    hosted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine they would run sooner or later all the same.
    monkeypatch.setattr(ontrio, "perf_counter", lambda: 0.0)
    crowd = Crowd()
    async with trio.open_nursery() as nursery, open_page(Talk, hosted=hosted) as page:
        page.start(Desk, crowd.gathers)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(crowd.looks_on)
        await page.cancel("closing")
        nursery.cancel_scope.cancel()
    parts = sorted(crowd.seen - {0})
    assert parts == [CASCADE_CHUNK, 2 * CASCADE_CHUNK, 3 * CASCADE_CHUNK, MANY]


@under("hand", "hosted", "task", seeds=3)
async def test_F6_nobody_on_the_page_runs_between_the_parts(page: Stage) -> None:
    crowd = Crowd()
    handle = page.start(Desk, crowd.gathers)
    page.start(Bell, crowd.rings)
    await page.settle()
    page.resume(Bell.Rung())
    await page.settle()
    assert crowd.seen == {0}
    crowd.seen.clear()
    handle.cancel_nowait("enough")
    page.resume(Bell.Rung())
    await page.settle()
    assert crowd.seen == {MANY}
    assert handle.outcome == Cancelled("enough", Origin.HANDLE)


@pytest.mark.bulk
@under("hand", "hosted", "task", seeds=3)
async def test_F6_nothing_that_comes_is_applied_between_the_parts(page: Stage) -> None:
    crowd = Crowd()
    handle = page.start(Desk, crowd.gathers)
    await page.settle()
    handle.cancel_nowait("enough")
    page.resume(Desk.Told())
    await page.settle()
    assert not crowd.answered


@pytest.mark.bulk
@under("hand", "hosted", "task", seeds=3)
async def test_F6_who_cancels_very_many_goes_on_when_all_are_told(page: Stage) -> None:
    crowd = Crowd()

    async def cancels() -> None:
        handle = await fiber(crowd.gathers)
        await sleep(1)
        await handle.cancel("enough")
        crowd.seen.add(crowd.told)

    page.start(Desk, cancels)
    await page.advance(1)
    assert crowd.seen == {MANY}


@under("hand", "hosted", "task", seeds=3)
async def test_F6_the_first_reason_reaches_all_of_them(page: Stage) -> None:
    """One fails: the others are cancelled, then the body, which waits for them, and they again."""
    reasons: set[str] = set()

    async def waits() -> None:
        try:
            await Channel[int]().take()
        finally:
            reason = await cancel_reason()
            assert reason is not None
            reasons.add(reason.reason)

    async def fails() -> None:
        await sleep(1)
        raise LookupError

    async def gathers() -> None:
        async with scope():
            for _ in range(MANY):
                await fiber(waits)
            await fiber(fails)

    page.start(Desk, gathers)
    await page.advance(1)
    assert (await page.hears())[-1] == "Desk failed: LookupError"
    assert reasons == {"fails of Talk.Desk failed"}
