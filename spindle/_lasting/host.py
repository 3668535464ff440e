"""The host of pages that outlive their process."""

from __future__ import annotations

import secrets
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

import trio

from spindle._core.contracts.contract import Declared, describe
from spindle._core.errors import PageClosed, PageParked
from spindle._core.names import shortened
from spindle._core.public import publish
from spindle._lasting.beginning import Beginning, place_of_contract
from spindle._lasting.calling import in_call
from spindle._lasting.chores import Chores
from spindle._lasting.coming import Coming
from spindle._lasting.leaving import Leaving
from spindle._lasting.loans import Loans
from spindle._lasting.opened import Opened, opened
from spindle._lasting.points import reach
from spindle._runtime.alone import adopt_generators
from spindle._runtime.following import follow
from spindle._runtime.page import PageMachine
from spindle._runtime.report import report
from spindle._runtime.timekeeper import Timekeeper
from spindle.durable.errors import Fenced, StoreError
from spindle.durable.frames import Chain
from spindle.durable.store import PageStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.journal import Journal
    from spindle._core.limits import PageLimits
    from spindle._core.states import Cancelled
    from spindle._core.tracer import Tracer
    from spindle._lasting.page import LastingPage
    from spindle.durable.store import Lease, Store

__all__ = ["DurableHost"]

CRASHES: Final = 3
"""After so many ends of the process in a row, without a step forward, a page is left alone."""


class DurableHost:
    """Holds pages that outlive their process. Made by `open_durable_host`.

    A page is made once with `create`, under a name. From then on it is in the store: whoever has
    the store takes it up, here or after a restart, and it goes on where it was. The program that
    leaves a host leaves its pages behind in the store; a page ends when it is cancelled.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        store: Store,
        provide: Mapping[type, object],
        owner: str,
        ttl: float,
        grace: float,
        every: int,
        limits: PageLimits,
        tracer: Tracer | None,
        wall: Callable[[], float],
    ) -> None:
        self._nursery = nursery
        self._store = store
        self._provide = provide
        self._loans = Loans(store, owner, ttl, wall)
        self._grace = grace
        self._every = every
        self._limits = limits
        self._tracer = tracer
        self._wall = wall
        self._keeper = Timekeeper(nursery)
        self._pages: dict[str, LastingPage] = {}
        self._leaving = Leaving()
        self._coming = Coming()
        self.chores = Chores(
            nursery, store, self._pages, self._leaving, self._coming, wall, self, self._take_up
        )
        self._ending: Cancelled | None = None
        adopt_generators()

    @property
    def escalated(self) -> tuple[Exception, ...]:
        """Empty: nothing ends a host from inside. A page's failures are raised by its `wait`."""
        return ()

    @property
    def pages(self) -> tuple[str, ...]:
        """The names of the pages that are here now."""
        return tuple(self._pages)

    async def create(
        self, contract: Declared, name: str, /, *, journal: Journal | None = None
    ) -> PageMachine:
        """Make a page; always a checkpoint.

        Its spindles are functions at the top of modules, await operations only, and take what a log
        can keep. They are given what the host provides.

        Args:
            contract: a contract, or a block standing for one, at the top of a module.
            name: what it is called for good, without blanks, at most 200 characters.
            journal: is told what happens on it, as long as it is here.

        Raises:
            ContractError: `contract` is neither a contract nor a block.
            UsageError: it would not be found again, or `name` is none.
            PageExists: the name is taken.
            StoreError: the store cannot keep it.
            PageClosed: the host is being left.
        """
        self._check_open(name)
        beginning = Beginning(place_of_contract(contract), secrets.randbits(63), self._wall())
        chain, meta = Chain(name), beginning.encode()
        first = chain.seal(beginning.opened, meta)
        reach("page:to be created")
        with self._coming.one():
            lease = await self._loans.create(name, meta, first)
            reach("page:created")
            try:
                await trio.lowlevel.checkpoint_if_cancelled()
                self._check_open(name)
            except (trio.Cancelled, PageClosed) as error:
                await self._loans.give_back(lease, error)  # noqa: ASYNC102 - shielded
                raise
        driver = self._driver(Opened(chain, beginning, describe(contract), ()), lease, journal)
        return self._enter(driver, name, describe(contract).name)

    async def take_up(
        self, name: str, /, *, journal: Journal | None = None, force: bool = False
    ) -> PageMachine:
        """Go on with a page that is in the store; always a checkpoint.

        Its spindles run again and get what they got: nothing is done again, but calls that had
        begun and have no end in the log. Of these a `read` is made again, a `write` with the key
        it had, and a `once` raises `OutcomeUnknown`. Its clock shows the time since it was made:
        deadlines that have passed meanwhile fire at once, in their order. Its outbox begins with
        what the view was told. One that this host has woken itself is handed over as it is; if it
        has more to tell than an outbox holds, it is put away first, once calls that change
        something have ended, or `PageLimits.call_seconds` are over.

        Args:
            name: its name.
            journal: is told what happens on it from now on.
            force: also a page with which the process has ended several times in a row.

        Raises:
            NoSuchPage: the store has none of this name.
            Busy: it is somewhere else, or here already.
            ReplayMismatch: the code does something else than the log says. Nothing was done, the
                log is as it was, and the page is parked until code comes that does not.
            PageLogCorrupt: its log is damaged; nothing was changed.
            LogCorrupt: what is in its log is no page's; nothing was changed.
            PageLogTooNew: a newer Spindle has written it.
            PageParked: see `force`.
            StoreError: the store fails, or another host had the page meanwhile.
            PageClosed: the host is being left.
        """
        self._check_open(name)
        self.chores.taken.append(name)
        try:
            while (waking := self.chores.waking.get(name)) is not None:
                await waking.wait()
            self._check_open(name)
            if (here := self.chores.unattended(name)) is not None:
                if not here.outbox.closed:
                    return await _handed_over(here, journal)
                with trio.move_on_after(self._limits.call_seconds):
                    await here.until_calm()
            if self.chores.unattended(name) is not None or name in self._leaving:
                await self._until_away(name)
            self._check_open(name)
            if name in self._pages:
                raise self._loans.busy(name)
            with self._coming.one():
                return await self._take_up(name, journal, force=force)
        finally:
            self.chores.taken.remove(name)

    async def _take_up(
        self, name: str, journal: Journal | None = None, *, force: bool = False
    ) -> PageMachine:
        lease = await self._loans.acquire(name)
        driver: LastingPage | None = None
        reach("replay:acquired")
        try:
            await trio.lowlevel.checkpoint_if_cancelled()
            with self._coming.reading(lease):
                await self._leaving.none_of(name)
                if lease.crashes >= CRASHES and not force:
                    raise PageParked(
                        f"page {name} was not taken up: {lease.crashes} times in a row its process "
                        f"ended, or lost it, before anything new was kept. Look at its log, mend "
                        f"what ends the process, and take it up with force=True"
                    )
                found = await opened(self._store, lease)
            reach("replay:read")
            driver = self._driver(found, lease, journal)
            with self._coming.telling(driver), closing(found.retell(driver)) as parts:
                for _ in parts:
                    await trio.lowlevel.checkpoint()
            if lease.status is PageStatus.PARKED and not driver.gone:
                driver.log.writer.lease = lease = await self._loans.revive(lease)
            self._check_open(name)
            machine = self._told(driver, found, name)
            if lease.crashes:
                self._nursery.start_soon(self.chores.note_rest, driver)
            return machine
        except BaseException as error:
            if driver is not None:
                driver.depart("it could not be taken up")
            await self._give_back(lease, error)  # noqa: ASYNC102 - shielded
            raise

    async def put_away(self, name: str, /) -> None:  # noqa: ASYNC910
        """Let a page leave this process and stay in the store; always a checkpoint.

        Waits for calls under way that change something, but not longer than the host's `grace`;
        what is not done then is as after a crash, and so is a call that only reads: the page is due
        at once, and goes on when a host looks for such. Its coroutines are closed: plain code in
        `finally` runs up to the first operation. Calls that cannot be cut, since they are in a
        thread, are waited for: nobody may make them again meanwhile. Without effect if it is not
        here. Cancelling the wait does not shorten it. In a call that any page makes it waits for
        nothing, or two might wait for each other: the page leaves at rest, or after `grace`, and
        is `Busy` until then.
        """
        page = self._pages.get(name)
        if in_call():
            if page is not None:
                self._nursery.start_soon(self._put_away, page, True)
            await trio.lowlevel.checkpoint()
        elif page is None:
            await trio.lowlevel.checkpoint()
            await self._leaving.none_of(name)
        else:
            await self._put_away(page)

    # --- inside ---------------------------------------------------------------------------------

    async def _until_away(self, name: str) -> None:
        """Put a page away in a task of the host's: who is cut meanwhile waits no longer."""
        page = self._pages.get(name)
        if page is not None:
            away = trio.Event()
            self._nursery.start_soon(self._put_away, page, False, away)
            await away.wait()
        await self._leaving.none_of(name)

    async def _put_away(
        self, page: LastingPage, at_rest: bool = False, away: trio.Event | None = None
    ) -> None:
        name = page.kernel.name
        if page.way_out.unattended:
            page.outbox.close()  # from now on nobody is given it as it is
        with trio.CancelScope(shield=True):  # noqa: ASYNC912
            with trio.move_on_after(self._grace), suppress(PageClosed):
                await page.until(lambda page: page.rests if at_rest else not page.changes)
                await page.until_kept()
            if self._pages.get(name) is page:
                self._set_out(page)
                with self._leaving.one(page):
                    await self._leave(page)
            else:
                await self._leaving.none_of(name)
        if away is not None:
            away.set()

    def _check_open(self, name: str) -> None:
        if self._ending is not None:
            raise PageClosed(
                f"page {name} was not opened: its host is ending ({shortened(self._ending.reason)})"
            )

    def _driver(self, found: Opened, lease: Lease, journal: Journal | None) -> LastingPage:
        return found.driver(
            self._nursery,
            self._store,
            lease,
            self._provide,
            journal,
            self._wall,
            closed=self._closed,
            broken=self._broken,
            failed=self._failed,
            limits=self._limits,
            keeper=self._keeper,
            every=self._every,
        )

    def _told(self, driver: LastingPage, found: Opened, name: str) -> PageMachine:
        reach("replay:told, nothing begun")
        machine = self._enter(driver, name, found.description.name)
        driver.go_on(max(driver.told_at, self._wall() - found.beginning.opened))
        reach("replay:gone on")
        return machine

    def _enter(self, driver: LastingPage, name: str, contract: str) -> PageMachine:
        follow(driver.kernel, contract, name, self._tracer)
        if not driver.gone:
            before = self._pages.get(name)
            if before is not None:  # the lease of one of them has lapsed meanwhile
                older, newer = sorted(page.log.writer.lease.epoch for page in (before, driver))
                fenced = Fenced(name, older, newer)
                if driver.log.writer.lease.epoch == older:
                    raise fenced
                before.log.writer.give_up(fenced)
            self._pages[name] = driver
        return PageMachine(driver.description, driver)

    async def _give_back(self, lease: Lease, error: BaseException) -> None:  # noqa: ASYNC910
        page = self._pages.get(lease.page)
        if page is not None and page.log.writer.lease is lease:
            del self._pages[lease.page]
        await self._loans.give_back(lease, error)

    def _set_out(self, page: LastingPage) -> None:
        if self._pages.get(page.kernel.name) is page:
            del self._pages[page.kernel.name]
        self._leaving.set_out(page)

    async def _leave(self, page: LastingPage) -> None:
        # Taken up from its log as it is kept, would it do more than wait?
        goes_on = page.left or not page.rests or page.log.writer.kept < page.log.chain.head
        ended = page.gone
        at = page.depart("it was put away")
        await page.calls_over()  # those in threads cannot be cut
        if goes_on:
            await self._release(page, PageStatus.LIVE, self._wall())
        else:
            wake_at = None if at is None else at + page.log.beginning.opened
            await self._release(page, PageStatus.ENDED if ended else PageStatus.LIVE, wake_at)

    async def _release(  # noqa: ASYNC910
        self, page: LastingPage, status: PageStatus, wake_at: float | None
    ) -> None:
        await self._loans.release(page.log.writer.lease, status, wake_at)
        page.log.writer.close()

    def _closed(self, page: LastingPage) -> None:
        """It has ended, and that is kept; or it has left, and its work found nothing more."""
        if not page.left:
            self._set_out(page)
            self._nursery.start_soon(self._part, page, PageStatus.ENDED)

    def _failed(self, page: LastingPage, error: StoreError) -> None:
        """The store takes no more of it: it may have another owner."""
        if self._pages.get(page.kernel.name) is page:
            del self._pages[page.kernel.name]
        if not page.left:
            page.depart(f"its store has failed: {error}")
            report(
                "a page was lost to this process, its log takes no more",
                error,
                page=page.kernel.name,
            )

    def _broken(self, page: LastingPage, error: Exception) -> None:
        """Something has failed that is none of its spindles: only this page is to suffer."""
        report(
            "a page has failed in Spindle itself: it has left this process as if that had been "
            "killed, and is parked",
            error,
            page=page.kernel.name,
        )
        if self._pages.get(page.kernel.name) is page:
            self._set_out(page)
            self._nursery.start_soon(self._part, page, PageStatus.PARKED)
        page.depart(f"it has failed: {error!r}")

    async def _part(self, page: LastingPage, status: PageStatus) -> None:
        with trio.CancelScope(shield=True), self._leaving.one(page):  # noqa: ASYNC912
            await page.calls_over()
            again = self._wall() if status is PageStatus.PARKED else None
            await self._release(page, status, again)

    async def end(self, cancelled: Cancelled) -> None:
        """Put all pages away."""
        self._ending = self._ending or cancelled
        self.chores.end()
        async with trio.open_nursery() as nursery:
            for page in list(self._pages.values()):
                nursery.start_soon(self._put_away, page)
        await self._coming.none()  # these find that they are too late, and give their page back
        await self._keeper.end()


async def _handed_over(page: LastingPage, journal: Journal | None) -> PageMachine:
    await trio.lowlevel.checkpoint_if_cancelled()
    page.way_out.unattended, page.news.journal = False, journal
    await trio.lowlevel.cancel_shielded_checkpoint()
    return PageMachine(page.description, page)


publish("spindle", [DurableHost])
