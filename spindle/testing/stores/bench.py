"""What the suite has to be told of a store: how it is opened, ended and broken."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from spindle.durable.memory import MemoryStore

if TYPE_CHECKING:
    from spindle.durable.faults import Call, Fault
    from spindle.durable.store import Store

__all__ = ["Bench", "MemoryBench"]


class Bench(ABC):
    """Opens one store, again and again; a new one is made for each example.

    Only `open` has to be there. What else is not overridden is not tried.

    Attributes:
        time: of the store's clock, in seconds; the suite lets it pass.
        alone: one process has the store, so that leases of an earlier opening hold nobody up, and
            a second opening is refused.
    """

    alone = True

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def clock(self) -> float:
        """Tell the time that leases go by: hand it to the store."""
        return self.time

    @abstractmethod
    def open(self) -> AbstractAsyncContextManager[Store]:
        """Open the store, with all that was kept before; leaving it closes it.

        It is not left by an exception of the suite's, and may be left when the store has failed.
        """

    def open_again(self) -> AbstractAsyncContextManager[Store]:
        """Open the store a second time while it is open, as another process would.

        If one process has the store (`alone`), that has to raise `StoreInUse`. Else all that is
        tried goes to either, and what is tried at a time to both.
        """
        raise NotImplementedError

    def crash(self) -> None:
        """Let the next `open` find what a kill of the process would leave at this moment.

        Called before the store is left.
        """
        raise NotImplementedError

    def fail(self, fault: Fault) -> bool:
        """Let the next append to the open store go wrong.

        Returns:
            Whether that can be done.
        """
        raise NotImplementedError

    def fail_at(self, call: Call, fault: Fault) -> bool:
        """Let the next call of one kind to the open store go wrong; without it, only appends do.

        Args:
            call: the name of the store's method.
            fault: how; `FENCED` only for calls that take a lease.

        Returns:
            Whether that can be done.
        """
        return call == "append" and self.fail(fault)

    def damage(self, page: str, seq: int) -> None:
        """Change a bit of a frame that is kept, while the store is closed."""
        raise NotImplementedError

    def discard(self) -> None:
        """Remove what was kept, at the end."""
        return


class MemoryBench(Bench):
    """For `MemoryStore`, and for what is made of it.

    Args:
        kind: the store's class.
    """

    def __init__(self, kind: type[MemoryStore] = MemoryStore) -> None:
        super().__init__()
        self.store = kind(clock=self.clock)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Store]:
        """Open it."""
        yield self.store
        self.store = self.store.restarted()

    def crash(self) -> None:
        """Have nothing to do: a restart finds what was kept in any case."""

    def fail(self, fault: Fault) -> bool:
        """Let the next append go wrong."""
        return self.fail_at("append", fault)

    def fail_at(self, call: Call, fault: Fault) -> bool:
        """Let the next call of one kind go wrong."""
        self.store.fail(fault, call=call)
        return True

    def damage(self, page: str, seq: int) -> None:
        """Change a bit."""
        self.store.damage(page, seq)
