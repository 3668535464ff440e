"""What `await_any` refuses, and the spelling it shows instead."""

from __future__ import annotations

import pytest

from spindle import (
    Ask,
    Channel,
    Completed,
    Coroutine,
    UsageError,
    WrongBlock,
    await_all,
    await_any,
    fiber,
    fork,
    now,
    perform,
    scope,
    sleep,
    timeout,
)
from tests.board import Board, Reader, Writer
from tests.drivers import Stage, under
from tests.talk import Desk


@under("hand", "hosted", "task", contract=Board)
async def test_a_yield_of_another_block_is_refused_before_anything_is_consumed(
    page: Stage,
) -> None:
    channel = Channel[int](1)

    async def races() -> str:
        await channel.put(1)
        with pytest.raises(WrongBlock):
            await await_any(channel.take(), Writer.Ask())
        return f"{channel.statistics().items} left"

    handle = page.start(Reader, races)
    await page.settle()
    assert handle.outcome == Completed("1 left")


async def some_work() -> None: ...


channel, cell = Channel[int](), Writer.count
WRONG = {
    "nothing": (lambda: (), "takes the operations to wait for: await_any(first, second)"),
    "a list": (lambda: ([sleep(1), sleep(2)],), "one by one: write await_any(*sources)"),
    "a generator": (lambda: ((sleep(n) for n in (1, 2)),), "write await_any(*sources)"),
    "an event": (
        lambda: (Reader.Told("x"), sleep(1)),
        "not Told(word='x'): write await_any(first, second) without `await` before any of them",
    ),
    "None": (lambda: (None, sleep(1)), "that are not awaited yet"),
    "a watch": (lambda: (cell.watch(),), "write `changes = cell.changes()` before the loop"),
    "a cell": (lambda: (cell,), "write `changes = cell.changes()` before the loop"),
    "a subscription": (lambda: (cell.changes(),), "write changes.next()"),
    "a get": (lambda: (cell.get(),), "does not wait for GetCell, which is answered at once"),
    "a channel": (lambda: (channel,), "write channel.take()"),
    "a put": (lambda: (channel.put(1),), "put the item in a fiber, and wait for its result()"),
    "a call": (lambda: (perform(some_work),), "`call = await fiber(port.some_work, ...)`"),
    "a coroutine": (lambda: (some_work(),), "`some_work = await fiber(some_work, ...)`"),
    "a fiber": (lambda: (fiber(some_work),), "start it before, `call = await fiber(...)`"),
    "a fork": (lambda: (fork(Writer, some_work),), "`handle = await fork(...)`"),
    "a race": (lambda: (await_any(sleep(1)),), "does not nest: list all the operations in one"),
    "all": (lambda: (await_all(),), "await_any(first.result(), second.result())"),
    "a limit": (lambda: (timeout(1),), "`async with timeout(seconds): await await_any(...)`"),
    "a scope": (lambda: (scope(),), "takes no scope"),
    "a notify": (lambda: (Reader.Said("x"),), "a notify does not: await it by itself, before"),
    "a class": (lambda: (Desk.Ask,), "takes a yield, not its class: write Talk.Desk.Ask(...)"),
    "the clock": (lambda: (now(),), "does not wait for Now, which is answered at once"),
}


@pytest.mark.parametrize("what", WRONG)
def test_A7_a_wrong_spelling_shows_the_right_one(what: str) -> None:
    sources, remedy = WRONG[what]
    with pytest.raises(UsageError) as refused:
        await_any(*sources())
    assert str(refused.value).startswith("await_any() ")
    assert remedy in str(refused.value)


def test_A7_a_handle_itself_is_refused() -> None:
    async def races() -> None:
        await await_any(await fiber(some_work), sleep(1))  # type: ignore[arg-type]

    error = Coroutine(races).run().error
    assert str(error) == "await_any() takes what a handle gives: write handle.result()"


def test_A7_the_sources_are_those_that_are_documented() -> None:
    """A new operation that can wait has to say whether it may race."""
    from spindle._core.operations import await_any as module

    sources = {kind.__name__ for kind in module._SOURCES if not issubclass(kind, Ask)}
    assert sources == {"NextChange", "TakeItem", "Sleep", "Result"}
