"""Calls of ports as fibers."""

from __future__ import annotations

import trio

from spindle import Completed, Port, await_any, fiber, read, sleep, use, write
from tests.drivers import Stage, under
from tests.talk import Clerk, Desk, Echo


class Archive(Port):
    @read
    async def find(self, what: str) -> str: ...
    @write
    async def keep(self, what: str) -> str: ...


class Slow(Archive):
    """Takes a second for each letter."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def find(self, what: str) -> str:
        return await self._take_time("find", what)

    async def keep(self, what: str) -> str:
        return await self._take_time("keep", what)

    async def _take_time(self, name: str, what: str) -> str:
        try:
            await trio.sleep(len(what))
        except trio.Cancelled:
            self.log.append(f"{name} {what} cancelled")
            raise
        self.log.append(f"{name} {what} done")
        return what.upper()


@under("hosted", "task")
async def test_A5_a_call_wins_or_loses_a_race_like_any_fiber(page: Stage) -> None:
    archive = Slow()

    async def races() -> object:
        port = await use(Archive)
        short, long = await fiber(port.find, "ab"), await fiber(port.find, "abcdef")
        first = await await_any(long.result(), short.result(), Desk.Ask())
        await Desk.Said(str(first))
        second = await await_any(long.result(), sleep(1))
        await long.cancel("not needed")
        return second

    page.start(Desk, races, provide={Archive: archive})
    await page.advance(10)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word=\"(1, 'AB')\")",
        "Desk returned (1, None)",
    ]
    assert archive.log == ["find ab done", "find abcdef cancelled"]


@under("hand", "hosted", "task")
async def test_A5_a_call_that_does_not_wait_is_a_source_under_every_driver(page: Stage) -> None:
    async def races() -> object:
        clerk = await use(Clerk)
        looked = await fiber(clerk.look, "tea")
        first = await await_any(Desk.Ask(), looked.result())
        again = await fiber(clerk.look, "milk")
        return first, await await_any(again.result(), looked.result())

    page.start(Desk, races, provide={Clerk: Echo()})
    assert await page.hears() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk returned ((1, 'seen tea'), (1, 'seen tea'))",
    ]


@under("hand", "hosted", "task")
async def test_A5_a_call_that_loses_is_made_all_the_same(page: Stage) -> None:
    asked: list[str] = []

    class Busy(Echo):
        async def look(self, what: str) -> str:
            asked.append(what)
            return what

    async def races() -> object:
        clerk = await use(Clerk)
        looked = await fiber(clerk.look, "tea")
        won = await await_any(sleep(0), looked.result())
        return won, await looked.result()

    page.start(Desk, races, provide={Clerk: Busy()})
    assert await page.hears() == ["Desk returned ((0, None), 'tea')"]
    assert asked == ["tea"]


@under("hosted", "task")
async def test_A5_a_call_ends_with_its_owner_a_write_within_its_budget(page: Stage) -> None:
    archive = Slow()

    async def starts() -> str:
        port = await use(Archive)
        await fiber(port.find, "abc")
        await fiber(port.keep, "abc")
        await sleep(1)
        return "done"

    handle = page.start(Desk, starts, provide={Archive: archive})
    await page.advance(1)
    assert archive.log == ["find abc cancelled"]
    assert handle.outcome is None
    await page.advance(2)
    assert archive.log == ["find abc cancelled", "keep abc done"]
    assert handle.outcome == Completed("done")


@under("hand", "hosted", "task")
async def test_A5_a_call_that_fails_raises_where_it_is_joined(page: Stage) -> None:
    class Broken(Echo):
        async def look(self, what: str) -> str:
            raise LookupError(what)

    async def starts() -> str:
        clerk = await use(Clerk)
        looked = await fiber(clerk.look, "nothing")
        try:
            await await_any(looked.result(), Desk.Ask())
        except LookupError as error:
            return repr(error)
        return "no error"

    page.start(Desk, starts, provide={Clerk: Broken()})
    assert (await page.hears())[-1] == "Desk returned \"LookupError('nothing')\""
