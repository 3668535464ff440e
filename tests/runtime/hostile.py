"""A hostile spindle among neighbours: on its page, on its host, on a page of tasks beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import trio

from spindle import Cancelled, Completed, Errored, PageMachine, open_host, open_page
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.operations.handle import Handle
from tests.talk import Bell, Desk, Talk

__all__ = ["Street", "stolen_cancel", "street"]


async def answers() -> None:
    """The neighbour: answers the bell as often as it is rung."""
    while True:
        rung = await Bell.Wait()
        await Bell.Rang(rung.times)


async def stolen_cancel() -> BaseException:
    """A Cancelled of trio's that was caught in one place, to be raised in another."""
    kept: list[BaseException] = []
    with trio.CancelScope() as scope:
        scope.cancel()
        try:
            await trio.lowlevel.checkpoint()
        except trio.Cancelled as cancelled:
            kept.append(cancelled)
            raise
    return kept[0]


class Street:
    """The page of a hostile spindle, and all who live near it."""

    def __init__(self, page: PageMachine, others: list[PageMachine]) -> None:
        self.page = page
        self._pages = [page, *others]
        self._rings = 0
        for each in self._pages:
            each.start(Bell, answers)

    def start(
        self, fn: Callable[..., Coroutine[Any, Any, object]], *args: object, **options: Any
    ) -> Handle[Any]:
        """Start the hostile one."""
        return self.page.start(Desk, fn, *args, **options)

    async def all_answer(self) -> None:
        """Ring at every door once and hear each answer, whatever goes on meanwhile."""
        self._rings += 1
        for page in self._pages:
            receipt = page.resume(Bell.Rung(self._rings))
            with trio.fail_after(1000):
                assert (await receipt.settled()).value == "handled"

    async def end_of(self, handle: Handle[Any]) -> Completed[Any] | Errored | Cancelled:
        """Wait for the end of the hostile one; neighbours answer before, meanwhile and after."""
        await self.all_answer()
        outcome = await handle.wait()
        await self.all_answer()
        return outcome

    async def cancelled(self, handle: Handle[Any]) -> Completed[Any] | Errored | Cancelled:
        """Cancel the hostile one and wait for its end, neighbours answering."""
        await self.all_answer()
        handle.cancel_nowait("enough")
        return await self.end_of(handle)


@asynccontextmanager
async def street(hosted: bool, limits: PageLimits = DEFAULT_LIMITS) -> AsyncGenerator[Street]:
    """Open it; at the end every page has ended with its books balanced."""
    async with open_host() as host, open_page(Talk) as tasks:
        others = [tasks, host.open(Talk)]
        async with open_page(Talk, limits=limits) as own:
            page = host.open(Talk, limits=limits) if hosted else own
            for each in (page, *others):
                each.outbox.close()
            yield Street(page, others)
            with trio.fail_after(1000):
                await page.cancel("the end of the test")
        for each in others:
            await each.cancel("the end of the test")
    for each in (page, *others):
        assert each.ended
        assert each.ledger.pending == 0
