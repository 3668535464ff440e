"""Pages that pause and rest in the middle of their turns, and are killed behind any frame."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import Channel, Handle, Port, many, open_durable_host, read, use
from spindle._core.kernel import kernel
from spindle._lasting import awaited, held_outbox
from spindle._lasting.page import LastingPage
from spindle._runtime import ontrio, outbox
from spindle.durable import MemoryStore
from tests.core.replay.talkative import Looper, Main, Step, Talk, Work
from tests.lasting.prefixes import SEEN, move, put_into, received
from tests.runtime.test_logged_prefixes import Office

if TYPE_CHECKING:
    from collections.abc import Generator

    from spindle.durable import Kept


class Shelf(Port):
    @read
    async def item(self, number: int) -> int: ...
    @many(item)
    async def items(self, numbers: tuple[int, ...]) -> Mapping[int, int]: ...


class Full(Shelf):
    async def item(self, number: int) -> int:
        return number

    async def items(self, numbers: tuple[int, ...]) -> Mapping[int, int]:
        return {each: each for each in numbers}


@dataclass
class Seeker(Looper):
    """Also reads what is gathered until all wait, and is read in one go then."""

    async def step(self, step: Step, channel: Channel[int], handles: list[Handle[Any]]) -> None:
        word, about = step
        if word == "seek":
            self.saw(await (await use(Shelf)).item(about))
        else:
            await super().step(step, channel, handles)


async def seeks(turn: int, bodies: list[list[Step]]) -> int:
    """Talk, one list of steps after the other."""
    return await Seeker(SEEN).turns(turn, bodies)


NOBODY: Any = {"wake": None, "ttl": 1e9, "grace": 0, "snapshot_every": 10**6}


@contextmanager
def interrupted(room: int, steps: int) -> Generator[None]:
    """Pages pause when so many messages wait, and rest after so many steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "HIGH_WATER", room)
        patch.setattr(held_outbox, "HIGH_WATER", room)
        patch.setattr(ontrio, "STEPS_A_SPELL", 1)
        patch.setattr(ontrio, "STEPS", steps)
        patch.setattr(awaited, "RESTS", 2)
        patch.setattr(kernel, "CASCADE_CHUNK", 1)
        yield


@contextmanager
def when_told() -> Generator[list[str]]:
    """What the spindles of a page have seen when its log has been told, and nothing more."""
    seen, go_on = list[str](), LastingPage.go_on

    def goes_on(page: LastingPage, at: float) -> None:
        seen.extend(SEEN)
        go_on(page, at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LastingPage, "go_on", goes_on)
        yield seen


async def lived(
    prompt: bool, bodies: list[list[Step]], does: list[Any]
) -> tuple[Kept, list[str], list[str]]:
    """Let one live to the end of what is done to it.

    Returns:
        What the store has of it, what its view was told, and what its spindles have seen.
    """
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    SEEN.clear()
    store, office, told = MemoryStore(), Office(prompt), list[str]()
    async with open_durable_host(
        store, provide={Work: office, Shelf: Full()}, wall_clock=clock.current_time, **NOBODY
    ) as host:
        page = await host.create(Talk, "page")
        page.start(Main, seeks, 0, bodies)
        for what, number, rests in does:
            move(page, office, clock, what, number)
            if rests:
                await wait_all_tasks_blocked()
                if number % 2:
                    told += received(page)
            else:
                for _ in range(number):
                    await trio.lowlevel.checkpoint()
        while more := await _all_of(page):
            told += more
        clock.autojump_threshold = 0
        return await store.look("page"), told, list(SEEN)


async def _all_of(page: Any) -> list[str]:
    await wait_all_tasks_blocked()
    return received(page)


async def gone_on(kept: Kept, told: list[str] | None, seen: list[str] | None) -> Kept:
    """See that one who is taken up has been told what it was told; then it goes on alone.

    Returns:
        What its store has then.
    """
    SEEN.clear()
    store = MemoryStore()
    await put_into(store, kept)
    async with open_durable_host(
        store,
        provide={Work: Office(prompt=False), Shelf: Full()},
        wall_clock=lambda: 0.0,
        **NOBODY,
    ) as host:
        with when_told() as seen_again:
            page = await host.take_up("page")
        now = received(page)
        assert told is None or told[: len(now)] == now
        assert seen is None or seen[: len(seen_again)] == seen_again
        while await _all_of(page):
            pass
        return await store.look("page")
