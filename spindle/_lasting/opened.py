"""A page's log, read and checked, and how its page is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from spindle._core.errors import LogCorrupt
from spindle._core.kernel.edge import discard_all
from spindle._core.replay.log import Head
from spindle._lasting.beginning import Beginning, contract_at
from spindle._lasting.page import LastingPage
from spindle._lasting.restoring import restore
from spindle._lasting.snapshot import PageStanding
from spindle._lasting.stored_log import StoredLog
from spindle._lasting.writer import Writer
from spindle.durable.frames import Chain, read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    import trio

    from spindle._core.contracts.description import Description
    from spindle._core.journal import Journal
    from spindle._core.limits import PageLimits
    from spindle._runtime.timekeeper import Timekeeper
    from spindle.durable.errors import StoreError
    from spindle.durable.frames import Frame
    from spindle.durable.store import Kept, Lease, Snapshot, Store

__all__ = ["Opened", "beginning_in", "behind_snapshot", "found_in", "opened", "standing_in"]


@dataclass(frozen=True)
class Opened:
    """What was read.

    Attributes:
        chain: where the log ends.
        beginning: with what the page began.
        description: of its contract, as it is now.
        frames: what came in since.
        standing: where it stood before that, if its log has begun anew.
    """

    chain: Chain
    beginning: Beginning
    description: Description
    frames: Sequence[Frame]
    standing: PageStanding | None = None

    def driver(
        self,
        nursery: trio.Nursery,
        store: Store,
        lease: Lease,
        provide: Mapping[type, object],
        journal: Journal | None,
        wall: Callable[[], float],
        *,
        closed: Callable[[LastingPage], None],
        broken: Callable[[LastingPage, Exception], None],
        failed: Callable[[LastingPage, StoreError], None],
        limits: PageLimits,
        keeper: Timekeeper,
        every: int,
    ) -> LastingPage:
        """Make the page; nothing was told to it yet."""

        def broke(error: Exception) -> None:
            page.break_off(error)

        writer = Writer(nursery, store, lease, lambda error: failed(page, error), broke)
        begins = self.chain.head - len(self.frames)
        log = StoredLog(self.chain, writer, wall, self.beginning, begins, every)
        page = LastingPage(
            nursery,
            provide,
            journal,
            log,
            self.beginning.seed,
            closed,
            broken,
            description=self.description,
            limits=limits,
            keeper=keeper,
        )
        return page

    def retell(self, page: LastingPage) -> Generator[None]:
        """Tell the page what came in, part by part; what is told in part only has to be closed.

        Raises:
            ReplayMismatch: it does something else than it did.
            LogCorrupt: a frame is not one of a page.
        """
        page.log.read(self.frames)
        page.log.head = head = Head(page.kernel.name, (), self.beginning.seed)
        try:
            standing = self.standing
            stand = None if standing is None else partial(restore, page, standing)
            yield from page.retell(head, stand)
        except BaseException:
            discard_all(page.kernel)
            raise
        page.log.frames.clear()


async def opened(store: Store, lease: Lease) -> Opened:
    """Read the log of a page that was acquired; always a checkpoint.

    Raises:
        PageLogCorrupt: it is damaged.
        LogCorrupt: it is no page's.
        PageLogTooNew: a newer Spindle has written it.
        ReplayMismatch: its contract is not where it was.
        StoreError: the store fails.
    """
    after = -1 if lease.snapshot is None else lease.snapshot.seq
    return found_in(lease, await store.read(lease, after))


def found_in(lease: Lease, sealed: Sequence[bytes]) -> Opened:
    """What these frames are, all behind the snapshot of a page; raises what `opened` does."""
    chain, snapshot = Chain(lease.page), lease.snapshot
    standing = None if snapshot is None else standing_in(chain, snapshot)
    frames = list(read_log(chain, sealed, lease.head))
    if standing is None:
        beginning = beginning_in(lease.page, frames)
        frames = frames[1:]
    else:
        beginning = standing.beginning
    description = contract_at(beginning.contract, lease.page)
    return Opened(chain, beginning, description, frames, standing)


def behind_snapshot(kept: Kept) -> Sequence[bytes]:
    """Of the frames that a store has of a page, those that its snapshot does not stand for."""
    if kept.snapshot is None:
        return kept.frames
    return kept.frames[max(0, kept.snapshot.seq - kept.record.pruned) :]


def standing_in(chain: Chain, snapshot: Snapshot) -> PageStanding:
    """Where a page stood when its log began anew.

    Raises:
        PageLogCorrupt: the snapshot is damaged.
        LogCorrupt: it is none of a page.
    """
    body = chain.open_snapshot(snapshot.blob, snapshot.seq).body
    try:
        return PageStanding.decode(body)
    except msgspec.DecodeError as error:
        raise LogCorrupt(f"the snapshot of page {chain.page} is none: {error}") from error


def beginning_in(page: str, frames: Sequence[Frame]) -> Beginning:
    """With what a page began.

    Raises:
        LogCorrupt: these are no frames of a page.
    """
    try:
        return Beginning.decode(frames[0].body)
    except (msgspec.DecodeError, IndexError) as error:
        raise LogCorrupt(f"the log of page {page} does not begin as one: {error}") from error
