"""Hosts of many hosted pages: one nursery and one timekeeper for all of them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from spindle._core.contracts.contract import Declared, describe
from spindle._core.errors import PageClosed
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import shortened
from spindle._core.operations.provision import check_provided
from spindle._core.public import publish
from spindle._runtime.alone import adopt_generators
from spindle._runtime.following import follow
from spindle._runtime.hosted import Hosted
from spindle._runtime.opening import Opening
from spindle._runtime.page import PageMachine, seed_of
from spindle._runtime.timekeeper import Timekeeper

if TYPE_CHECKING:
    from collections.abc import Mapping

    import trio

    from spindle._core.journal import Journal
    from spindle._core.states import Cancelled
    from spindle._core.tracer import Tracer

__all__ = ["PageHost", "open_host"]


class PageHost:
    """Holds any number of hosted pages. Made by `open_host`.

    A page that waits takes memory and nothing else: no task, no nursery. Calls of ports and
    deadlines run in the host.
    """

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._keeper = Timekeeper(nursery)
        self._pages: dict[Hosted, None] = {}
        self._ending: Cancelled | None = None
        adopt_generators()

    @property
    def escalated(self) -> tuple[Exception, ...]:
        """Empty: nothing ends a host from inside. A page's failures are raised by its `wait`."""
        return ()

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    def open(
        self,
        contract: Declared,
        /,
        *,
        provide: Mapping[type, object] | None = None,
        journal: Journal | None = None,
        tracer: Tracer | None = None,
        name: str = "",
        limits: PageLimits = DEFAULT_LIMITS,
        seed: int | None = None,
    ) -> PageMachine:
        """Open a hosted page. Does not block.

        It ends when it is cancelled (`cancel`, `cancel_nowait`, `stop`), at the latest with the
        host. Its spindles await operations only. Arguments as for `open_page`.

        Raises:
            ContractError: `contract` is neither a contract nor a block.
            UsageError: `seed` is not a whole number.
            NotProvided: an implementation does not implement its port.
            PageClosed: the host is being left, or was.
        """
        description = describe(contract)
        given = check_provided(provide)
        if self._ending is not None:
            raise PageClosed(
                f"no page opens: its host is ending ({shortened(self._ending.reason)})"
            )
        driver = Hosted(
            self._nursery,
            given,
            journal,
            blocks=description.blocks,
            limits=limits,
            seed=seed_of(seed),
            keeper=self._keeper,
        )
        driver.residence = self._pages
        self._pages[driver] = None
        follow(driver.kernel, description.name, name, tracer)
        return PageMachine(description, driver)

    async def end(self, cancelled: Cancelled) -> None:
        """Cancel all pages and wait until nothing of them is left; the first reason stands."""
        self._ending = self._ending or cancelled
        for page in list(self._pages):
            page.leave(self._ending)
        while self._pages:
            await next(iter(self._pages)).end(self._ending)
        await self._keeper.end()


def open_host() -> AbstractAsyncContextManager[PageHost]:
    """Open a host of hosted pages for the length of an `async with` block.

    Leaving the block, in whatever way, cancels all its pages and waits until nothing of them is
    left, also when the program around is being cancelled.
    """

    def make(nursery: trio.Nursery) -> tuple[PageHost, PageHost]:
        host = PageHost(nursery)
        return host, host

    return Opening("host", make)


publish("spindle", [PageHost])
