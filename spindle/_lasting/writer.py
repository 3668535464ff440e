"""The way of one page's frames to its store, and what waits until they are kept."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import trio

from spindle._core.errors import PageClosed
from spindle._lasting.points import reach
from spindle.durable.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle.durable.store import Lease, Store

__all__ = ["Writer"]


class Writer:
    """Appends frames in order, as many at a time as have come while it waited for the store.

    What is to happen only once a frame is kept is handed in with the frame's number, and done in
    the order it was handed in.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        store: Store,
        lease: Lease,
        failed: Callable[[StoreError], None],
        broken: Callable[[Exception], None],
    ) -> None:
        """Prepare to write.

        Args:
            nursery: holds the task that waits for the store, from the first frame to the end.
            store: keeps the frames.
            lease: of the page.
            failed: called once, when the store takes no more.
            broken: called when something else fails, such as what was to happen then.
        """
        self.lease = lease
        self.kept = lease.head
        """The number of the last frame that is kept."""
        self.broken = False
        self._nursery = nursery
        self._store = store
        self._failed = failed
        self._broken = broken
        self._frames: list[bytes] = []
        self._held: deque[tuple[int, Callable[[], None]]] = deque()
        self._begun = False
        self._more: trio.Event | None = None
        """What the task waits for that has nothing to do."""
        self._under_way = 0
        self._snapshot: tuple[int, bytes] | None = None
        self._waiters: list[tuple[int, trio.Event]] = []

    @property
    def written(self) -> int:
        """The number of the last frame that was handed in."""
        return self.kept + len(self._frames) + self._under_way

    def add(self, frame: bytes) -> None:
        """Hand in the next frame. Does not block."""
        self._frames.append(frame)
        self._begin()

    def snapshot(self, number: int, blob: bytes) -> None:
        """Hand in a snapshot of what the frames up to `number` lead to; these are removed then."""
        self._snapshot = (number, blob)
        self._begin()

    def _begin(self) -> None:
        if self._more is not None:
            self._more.set()
        elif not self._begun and not self.broken:
            self._begun = True
            self._nursery.start_soon(self._write, name="spindle log")

    def hold(self, number: int, do: Callable[[], None]) -> None:
        """See that this is done once frame `number` is kept, now if it is; never if none ever is.

        The numbers that are handed in never decrease.
        """
        if number <= self.kept and not self._held:
            do()
        elif not self.broken:
            self._held.append((number, do))

    async def until(self, number: int) -> None:
        """Wait until frame `number` is kept; always a checkpoint.

        Raises:
            PageClosed: it never will be.
        """
        if number > self.kept and not self.broken:
            came = trio.Event()
            self._waiters.append((number, came))
            await came.wait()
        else:
            await trio.lowlevel.checkpoint()
        if number > self.kept:
            raise PageClosed("the page has left this process before that was kept")

    async def _write(self) -> None:  # noqa: ASYNC910 - a task to be
        with trio.CancelScope(shield=True):  # noqa: ASYNC912
            while not self.broken:
                try:
                    await self._write_some()
                except StoreError as error:
                    self.give_up(error)
                except Exception as error:
                    self._broken(error)
                if not (self._frames or self._snapshot or self.broken):
                    self._more = trio.Event()
                    await self._more.wait()
                    self._more = None

    async def _write_some(self) -> None:  # noqa: ASYNC910
        frames, self._frames = self._frames, []
        if frames:
            self._under_way = len(frames)
            reach("frames:to be appended")
            await self._store.append(self.lease, self.kept, frames)
            self.kept += len(frames)
            self._under_way = 0
            reach("frames:kept, not told")
            self._release()
            reach("frames:told")
        if self._snapshot is not None and self._snapshot[0] <= self.kept:
            (number, blob), self._snapshot = self._snapshot, None
            reach("snapshot:to be kept")
            await self._store.snapshot(self.lease, number, blob, prune_to=number)
            reach("snapshot:kept")

    def give_up(self, error: StoreError) -> None:
        """Nothing is kept any more, and nothing that waits for that is done."""
        if not self.broken:
            self.close()
            self._failed(error)

    def close(self) -> None:
        """Do nothing that waits, and take nothing more."""
        self.broken = True
        self._held.clear()
        self._release()
        if self._more is not None:
            self._more.set()

    def _release(self) -> None:
        held = self._held
        while held and held[0][0] <= self.kept:
            held.popleft()[1]()
        waiters, self._waiters = self._waiters, []
        for number, came in waiters:
            if number <= self.kept or self.broken:
                came.set()
            else:
                self._waiters.append((number, came))
