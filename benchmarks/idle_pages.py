"""Pages that are open and wait: with Spindle, and written without it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import trio
import trio.testing

from benchmarks.conversation import Echo, echo
from benchmarks.naive import naive_page
from spindle import PageMachine, open_host, open_page

__all__ = ["IDLE"]

OpenMore = Callable[[int], Awaitable[None]]
"""Opens so many more idle pages, and returns when they are idle."""

AT_ONCE = 50
"""How many tasks are started together: many would leave a peak behind that no idle page has."""


@asynccontextmanager
async def _in_tasks(page: Callable[[], Awaitable[None]]) -> AsyncGenerator[OpenMore]:
    async with trio.open_nursery() as nursery:

        async def open_more(n: int) -> None:
            for _ in range(n // AT_ONCE):
                for _ in range(AT_ONCE):
                    nursery.start_soon(page)
                await trio.testing.wait_all_tasks_blocked()

        yield open_more
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def _on_a_host() -> AsyncGenerator[OpenMore]:
    async with open_host() as host:
        pages: list[PageMachine] = []

        async def open_more(n: int) -> None:
            for _ in range(n):
                page = host.open(Echo)
                page.start(Echo, echo)
                await page.outbox.receive()
                pages.append(page)

        yield open_more


async def _nursery() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)


async def _page() -> None:
    async with open_page(Echo) as page:
        page.start(Echo, echo)
        await page.outbox.receive()
        await trio.sleep_forever()


IDLE: dict[str, Callable[[], AbstractAsyncContextManager[OpenMore]]] = {
    "nursery": partial(_in_tasks, _nursery),
    "naive": partial(_in_tasks, partial(naive_page, stay=True)),
    "task": partial(_in_tasks, _page),
    "hosted": _on_a_host,
}
"""How to open idle pages of each kind."""
