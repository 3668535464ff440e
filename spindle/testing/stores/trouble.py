"""What is done to a store at a time, is given up, and goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

import trio

from spindle.durable.errors import Conflict, Fenced, StoreFailed
from spindle.durable.faults import Fault
from spindle.testing.stores.model import Page, broken, seal
from spindle.testing.stores.moves import Moves

if TYPE_CHECKING:
    from spindle.durable.store import Lease, Store

__all__ = ["ALWAYS", "Move", "Trouble"]


class Trouble(Moves):
    """Several things at a time, and faults."""

    async def race(self, store: Store) -> None:
        """Several appends at a time, to each page that is held: one of each page is kept."""
        await trio.lowlevel.checkpoint()
        held = [page for page in self.pages.values() if page.held is not None]
        rivals = self.number(1, 3)
        self.say(f"append to {[page.name for page in held]} at a time, {rivals} to each")
        won: dict[str, list[list[bytes]]] = {page.name: [] for page in held}

        async def one(page: Page, lease: Lease, head: int, frames: list[bytes]) -> None:
            await trio.lowlevel.checkpoint()
            with suppress(Conflict):
                await store.append(lease, head, frames)
                won[page.name].append(frames)

        async with trio.open_nursery() as nursery:
            for page in held:
                assert page.held is not None
                for rival in range(rivals):
                    self.made += 1
                    bodies = [f"{self.made}.{rival}.{each}".encode() for each in (0, 1)]
                    frames = seal(page, page.head, bodies, self.bench.time)
                    nursery.start_soon(one, page, page.held, page.head, frames)
        for page in held:
            if len(won[page.name]) != 1:
                raise broken("G5", f"{len(won[page.name])} of {rivals} rivals were told they won")
            page.frames += won[page.name][0]
            page.judge(await store.look(page.name))

    async def give_up(self, store: Store) -> None:
        """An append that is cancelled while it waits: kept or not, as a whole."""
        lease = self.lease()
        if lease is None or not self.holds(lease):
            await trio.lowlevel.checkpoint()
            return
        page = self.pages[lease.page]
        frames = seal(page, page.head, self.bodies(), self.bench.time)
        steps = self.number(0, 2)
        self.say(f"append {len(frames)} frames to {page.name}, cancelled after {steps} steps")
        answered = False

        async def one() -> None:
            nonlocal answered
            await store.append(lease, page.head, frames)
            answered = True

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one)
            for _ in range(steps):
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        if answered:
            page.frames += frames
        else:
            page.doubtful.append(frames)
        page.judge(await store.look(page.name))

    async def fault(self, store: Store) -> bool:
        """An append that goes wrong.

        Returns:
            Whether the store has failed, and has to be opened anew.
        """
        fault = self.one(*Fault)
        lease = self.lease()
        if lease is None or not self.holds(lease) or not self.bench.fail(fault):
            await trio.lowlevel.checkpoint()
            return False
        page = self.pages[lease.page]
        frames = seal(page, page.head, [*self.bodies(2), b"last"], self.bench.time)
        self.say(f"append {len(frames)} frames to {page.name}, which goes wrong: {fault.name}")
        if fault is Fault.FENCED:
            await self.call("G3", Fenced, store.append(lease, page.head, frames))
            page.held, page.released = None, self.bench.time
            return True
        failed = await self._fails(store.append(lease, page.head, frames))
        if failed.in_doubt:
            page.doubtful.append(frames)
        await self._stays_failed(store)
        return True

    async def _fails(self, call: Awaitable[object]) -> StoreFailed:
        await trio.lowlevel.checkpoint()
        try:
            await call
        except StoreFailed as failed:
            return failed
        raise broken("G7", "an append was acknowledged although the store broke")

    async def _stays_failed(self, store: Store) -> None:
        await trio.lowlevel.checkpoint()
        for page in self.pages.values():
            if page.held is not None:
                try:
                    await store.append(page.held, page.head, [])
                except StoreFailed:
                    continue
                raise broken("G8", "an append succeeded after the store had failed")


Move: TypeAlias = "Callable[[Trouble, Store], Awaitable[None]]"

ALWAYS: Final[Sequence[Move]] = (
    Moves.append,
    Moves.acquire,
    Moves.create,
    Moves.read,
    Moves.release,
    Moves.wait,
    Moves.snapshot,
    Moves.renew,
    Moves.look,
    Trouble.race,
    Trouble.give_up,
    Moves.due,
    Moves.list,
    Moves.purge,
    Moves.rewind,
)
"""The simplest first: examples shrink towards them."""
