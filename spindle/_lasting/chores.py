"""What a host of lasting pages does by itself: renew leases, take up pages that are due."""

from __future__ import annotations

from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

import trio

from spindle._core.errors import PageClosed
from spindle._lasting.points import reach
from spindle._runtime.report import report
from spindle.durable.errors import Busy, Fenced, NoSuchPage, StoreError
from spindle.durable.store import PageStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from spindle._lasting.coming import Coming
    from spindle._lasting.leaving import Leaving
    from spindle._lasting.page import LastingPage
    from spindle._runtime.page import PageMachine
    from spindle.durable.store import Store

__all__ = ["Chores"]

AT_A_TIME: Final = 100
"""So many pages are removed, or looked for, in one go."""
LONGEST_PAUSE: Final = 300.0
"""After so many seconds a page that is due and could not be taken up is tried again at least."""
LOOKS_FOR_OLD_PAGES: Final = 3600.0
"""So often it looks for them at least, in seconds."""


class Host(Protocol):
    """What puts pages away."""

    async def put_away(self, name: str, /) -> None:
        """See `DurableHost`."""
        ...


class Pause:
    """Until something that has failed is tried again: twice as long each time."""

    def __init__(self, seconds: float) -> None:
        self._next = seconds
        self._until = -inf

    def begin(self) -> None:
        """It has failed once more."""
        self._until = trio.current_time() + self._next
        self._next = min(2 * self._next, LONGEST_PAUSE)

    def over(self) -> bool:
        """Whether it is to be tried."""
        return trio.current_time() >= self._until


class Chores:
    """Tasks of one host, which end when it is left, whoever is cancelled before."""

    def __init__(
        self,
        nursery: trio.Nursery,
        store: Store,
        pages: Mapping[str, LastingPage],
        leaving: Leaving,
        coming: Coming,
        wall: Callable[[], float],
        host: Host,
        take: Callable[[str], Awaitable[PageMachine]],
    ) -> None:
        self.waking: dict[str, trio.Event] = {}
        """The pages that are being taken up since they are due; set when that is done."""
        self.taken: list[str] = []
        """Those that somebody is taking up now, once for each."""
        self._nursery = nursery
        self._store = store
        self._pages = pages
        self._leaving = leaving
        self._coming = coming
        self._wall = wall
        self._host = host
        self._take = take
        self._pauses: dict[str, Pause] = {}
        """Of pages that are due and could not be taken up, until they are tried again."""
        self._scopes: set[trio.CancelScope] = set()
        self._over = False

    def unattended(self, name: str) -> LastingPage | None:
        """The page of this name, if it is here since it was due, and for nobody else."""
        page = self._pages.get(name)
        return page if page is not None and page.way_out.unattended else None

    def end(self) -> None:
        """Do nothing more."""
        self._over = True
        for scope in list(self._scopes):
            scope.cancel()

    @contextmanager
    def _until_the_end(self) -> Generator[None]:
        scope = trio.CancelScope(shield=True)
        self._scopes.add(scope)
        if self._over:  # the host was left before this had begun
            scope.cancel()
        try:
            with scope:
                yield
        finally:
            self._scopes.discard(scope)

    async def keep_leases(self, ttl: float) -> None:
        """Renew the leases in time, which hold for so many seconds."""
        with self._until_the_end():
            while True:
                await trio.sleep(ttl / 3)
                held = (*self._pages.values(), *self._leaving)
                by_lease = {page.log.writer.lease: page for page in held}
                try:
                    reach("lease:to be renewed")
                    lost = await self._store.renew([*by_lease, *self._coming.leases])
                    reach("lease:renewed")
                except StoreError as error:
                    report("leases of pages could not be renewed", error)
                    continue
                for lease in filter(by_lease.__contains__, lost):
                    by_lease[lease].log.writer.give_up(Fenced(lease.page, lease.epoch, None))

    async def wake_pages(self, every: float) -> None:
        """Take up pages that are due, until they rest again; look for them so often, in seconds."""
        with self._until_the_end():
            await self._wake_parked(every)
            while True:
                await trio.sleep(every)
                while await self._wake_some(every):
                    pass

    async def _wake_some(self, every: float) -> bool:  # noqa: ASYNC910
        """Take up as many as are looked for in one go; answers whether to look again at once."""
        limit = AT_A_TIME + len(self._pauses)
        try:
            due = await self._store.due(self._wall(), limit)
        except StoreError as error:
            report("pages that are due could not be found", error)
            return False  # noqa: ASYNC910
        self._pauses = {name: self._pauses[name] for name in due if name in self._pauses}
        taken = 0
        for name in due:
            if name not in self._pauses or self._pauses[name].over():
                taken += await self._wake(name, every)
        return len(due) == limit and taken > 0

    async def purge_pages(self, after: float) -> None:
        """Remove pages that have ended, or were left alone, so many seconds ago."""
        with self._until_the_end():
            while True:
                try:
                    for status in (PageStatus.ENDED, PageStatus.LIVE):
                        await self._purge(self._wall() - after, status)
                except StoreError as error:
                    report("old pages could not be removed", error)
                await trio.sleep(min(after / 10, LOOKS_FOR_OLD_PAGES))

    async def _purge(self, before: float, status: PageStatus) -> None:
        # A few at a time: others wait for the store, too.
        while await self._store.purge(before, status=status, limit=AT_A_TIME) == AT_A_TIME:
            pass

    async def _wake_parked(self, every: float) -> None:  # noqa: ASYNC910
        """Try those once that could not go on with the code of another time."""
        names, last = list[str](), ""
        try:
            while parked := await self._store.pages(PageStatus.PARKED, after=last):
                last = parked[-1].page
                names += [each.page for each in parked if each.wake_at is not None]
        except StoreError as error:
            report("pages that are parked could not be found", error)
        for name in names:
            await self._wake(name, every)

    async def note_rest(self, page: LastingPage) -> None:  # noqa: ASYNC910
        """See that the end of a process is not laid to a page that has come to rest since."""
        with self._until_the_end():
            await page.until(lambda page: page.rests or page.waits_for_its_view)
            page.contained(page.note_rest)

    async def _wake(self, name: str, every: float) -> bool:  # noqa: ASYNC910
        """Take one up; answers whether it could be."""
        # The lease of one that is here, or on its way out, may have lapsed.
        if name in self._pages or name in self._leaving or name in self.taken:
            return False  # noqa: ASYNC910
        self.waking[name] = done = trio.Event()
        try:
            await self._take(name)
        except (Busy, NoSuchPage, PageClosed):
            return False  # noqa: ASYNC910
        except Exception as error:  # of the application's own code, too: it is one page's
            report("a page that is due could not be taken up", error, page=name)
            self._pauses.setdefault(name, Pause(every)).begin()
            return False  # noqa: ASYNC910
        finally:
            del self.waking[name]
            done.set()
        page = self._pages.get(name)
        if page is not None:
            page.way_out.leave_unattended()
            self._nursery.start_soon(self._until_it_rests, page, name, every)
        return True

    async def _until_it_rests(  # noqa: ASYNC910
        self, page: LastingPage, name: str, every: float
    ) -> None:
        with self._until_the_end():
            while True:
                await page.until(lambda page: page.rests)
                if self.unattended(name) is not page:
                    return  # it has ended, or was handed over
                due = page.next_deadline()
                if due is None or due - trio.current_time() > every:
                    await self._host.put_away(name)
                    return
                await trio.sleep_until(due)
