"""A scenario for the laboratory: batched reads, shared, cut short, overtaken and in a cleanup."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import trio

from spindle import TooSlow, cleanup, fiber, forget, open_page, scope, sleep, timeout, use
from spindle.testing.laboratory import Trial
from tests.library import Books, Library, ask
from tests.talk import Bell, Desk, Talk

__all__ = ["reading"]


class Slow(Books):
    """Takes its time, also to end when it is cut."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0

    async def books(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        self.under_way += 1
        try:
            await trio.sleep(0.5)
            return await super().books(numbers)
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(0.125)
            self.under_way -= 1

    async def lend(self, number: int) -> None:
        await trio.sleep(0.25)
        await super().lend(number)


async def desk() -> None:
    library = await use(Library)
    try:
        async with scope():
            for number in (1, 2, 2, 3):
                await fiber(ask, number)
        with suppress(TooSlow):
            async with timeout(0.25):
                await ask(4)
        late = await fiber(ask, 5)
        await sleep(0.25)
        await library.lend(1)
        await forget(library.book, 5)
        await ask(5)
        await late.result()
    finally:
        async with cleanup(2):
            await ask(1, 6)


async def bell(scopes: list[trio.CancelScope] | None) -> None:
    for number in (2, 4, 5, 5):
        if scopes is None:
            await ask(number)
            continue
        with trio.CancelScope() as around:
            scopes.append(around)
            await ask(number)
        scopes.remove(around)


def reading(hosted: bool) -> Callable[[Trial], Awaitable[None]]:
    """Two that read the same, one of them in scopes of trio's where spindles are tasks."""

    async def scenario(trial: Trial) -> None:
        library = Slow()
        scopes: list[trio.CancelScope] | None = None if hosted else []
        trial.offer("native", lambda: [each.cancel() for each in scopes or ()])
        trial.at_end(lambda: library.under_way == 0)
        async with open_page(Talk, hosted=hosted, provide={Library: library}) as page:
            page.start(Desk, desk)
            page.start(Bell, bell, scopes)
            await page.wait()

    return scenario
