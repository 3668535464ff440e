"""The pages that a host borrows from its store, each under a lease."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import trio

from spindle._core.errors import LogCorrupt, PageParked, ReplayMismatch
from spindle._runtime.report import report
from spindle.durable.errors import Busy, Conflict, Fenced, PageLogCorrupt, StoreError
from spindle.durable.store import PageStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spindle.durable.store import Lease, Store

__all__ = ["Loans"]

T = TypeVar("T")

_STUCK: Final = (ReplayMismatch, PageParked, LogCorrupt, PageLogCorrupt)
"""Why a page cannot be taken up by this code, however often it is tried."""


class Loans:
    """Acquires pages and releases them; who is cancelled meanwhile leaves none to nobody."""

    def __init__(self, store: Store, owner: str, ttl: float, wall: Callable[[], float]) -> None:
        self._store = store
        self._owner = owner
        self._ttl = ttl
        self._wall = wall

    async def create(self, name: str, meta: bytes, first: bytes) -> Lease:
        """Make a page, and borrow it; see `Store.create`."""
        created = self._store.create(name, meta, [first], owner=self._owner, ttl=self._ttl)
        return await _whole(created)

    async def acquire(self, name: str) -> Lease:
        """Borrow a page; see `Store.acquire`."""
        return await _whole(self._store.acquire(name, owner=self._owner, ttl=self._ttl))

    def busy(self, name: str) -> Busy:
        """What to raise of a page that is here already, even if its lease has lapsed."""
        busy = Busy(name, self._owner, self._wall() + self._ttl)
        busy.add_note(
            "It is on this host already: go on with what create() or take_up() returned, or "
            "put_away() the page first."
        )
        return busy

    async def revive(self, parked: Lease) -> Lease:  # noqa: ASYNC910
        """Borrow a page anew that was parked: it goes on, and is woken as others are.

        Raises:
            Busy: another host was faster.
            Conflict: it has also gone on with the page, and given it back.
            StoreError: the store fails.
        """
        await _whole(self._store.release(parked, wake_at=self._wall()))
        lease = await self.acquire(parked.page)
        if lease.head != parked.head:
            conflict = Conflict(parked.page, parked.head, lease.head)
            await self.give_back(lease, conflict)
            raise conflict
        return lease

    async def give_back(self, lease: Lease, error: BaseException) -> None:  # noqa: ASYNC910
        """Release a page that could not be taken up; one that a killed process had stays due."""
        stuck = isinstance(error, _STUCK)
        status = PageStatus.PARKED if stuck else lease.status
        wake_at = self._wall() if stuck or lease.crashes else lease.wake_at
        if isinstance(error, PageParked):
            wake_at = None  # no host is to try it by itself
        await self.release(lease, status, wake_at)

    async def release(  # noqa: ASYNC910
        self, lease: Lease, status: PageStatus, wake_at: float | None
    ) -> None:
        """Give a page back, if it is not somebody else's by now."""
        with trio.CancelScope(shield=True):  # noqa: ASYNC912
            try:
                await self._store.release(lease, status=status, wake_at=wake_at)
            except Fenced:
                pass
            except StoreError as failed:
                report("a page could not be given back to its store", failed, page=lease.page)


async def _whole(call: Awaitable[T]) -> T:  # noqa: ASYNC910
    """What comes of it; a lease would be left to nobody for as long as it holds."""
    came: list[T] = []
    with trio.CancelScope(shield=True):  # noqa: ASYNC912
        came.append(await call)
    return came[0]
