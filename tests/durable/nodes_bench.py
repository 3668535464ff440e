"""A store in memory that several nodes have open, right and broken, for the conformance suite."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from spindle.durable import Fault, Lease, MemoryStore, Store
from spindle.durable.sqlite import database
from spindle.testing.stores import Bench
from tests.durable.sqlite_bench import SqliteBench

if TYPE_CHECKING:
    from spindle.durable.faults import Call

__all__ = ["BROKEN_NODES", "NodesBench"]


class Node(MemoryStore):
    """One opening of what several have."""

    def another(self) -> Node:
        """Open it once more."""
        node = type(self)(clock=self._clock)
        node._logs, node._epochs, node._order = self._logs, self._epochs, self._order
        return node

    def close(self) -> None:
        """Leave it; leases hold on."""
        self._closed = True


class NodesBench(Bench):
    """Two nodes."""

    alone = False
    kind: type[Node] = Node

    def __init__(self) -> None:
        super().__init__()
        self.node = self.kind(clock=self.clock)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Store]:
        self.node = self.node.another()
        yield self.node
        self.node.close()

    @asynccontextmanager
    async def open_again(self) -> AsyncGenerator[Store]:
        node = self.node.another()
        yield node
        node.close()

    def crash(self) -> None:
        """Leave what was kept as it is."""

    def fail(self, fault: Fault) -> bool:
        return self.fail_at("append", fault)

    def fail_at(self, call: Call, fault: Fault) -> bool:
        self.node.fail(fault, call=call)
        return True

    def damage(self, page: str, seq: int) -> None:
        self.node.damage(page, seq)


class FencesAtHome(Node):
    """A node knows which of its own leases are over, and not who has a page elsewhere."""

    def __init__(self, **given: Callable[[], float]) -> None:
        super().__init__(**given)
        self._mine: dict[str, int] = {}

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        lease = await super().create(page, meta, frames, owner=owner, ttl=ttl)
        self._mine[page] = lease.epoch
        return lease

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        lease = await super().acquire(page, owner=owner, ttl=ttl)
        self._mine[page] = lease.epoch
        return lease

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        log = self._logs.get(lease.page)
        if log is not None and self._mine.get(lease.page) == lease.epoch and log.row.epoch:
            lease = replace(lease, epoch=log.row.epoch)
        await super().append(lease, expected_head, frames)


class CountsAtHome(Node):
    """Each node counts epochs by itself."""

    def another(self) -> Node:
        node = super().another()
        node._epochs = count(1)
        return node


class CountingNodes(NodesBench):
    kind = CountsAtHome


class FencingNodes(NodesBench):
    kind = FencesAtHome


class NoLock:
    """Locks nobody out."""

    def __init__(self, path: Path) -> None:
        pass

    def release(self) -> None:
        pass


class UnlockedFile(SqliteBench):
    """A file that a second store may open."""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Store]:
        with patch.object(database, "FileLock", NoLock):
            async with super().open() as store:
                yield store


BROKEN_NODES: dict[type[Bench], str] = {
    CountingNodes: "G3",
    FencingNodes: "G3",
    UnlockedFile: "G3",
}
"""Each with the guarantee it breaks."""
