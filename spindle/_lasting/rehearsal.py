"""Logs told to pages that nobody sees, to know whether they would go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from spindle._core.errors import ReplayMismatch, UsageError
from spindle._core.kernel.edge import discard_all
from spindle._core.limits import DEFAULT_LIMITS
from spindle._lasting.opened import behind_snapshot, found_in
from spindle._lasting.stand_ins import StandIns
from spindle._runtime.alone import adopt_generators
from spindle._runtime.timekeeper import Timekeeper
from spindle.durable.memory import MemoryStore
from spindle.durable.store import Lease

if TYPE_CHECKING:
    from collections.abc import Mapping

    import trio

    from spindle._lasting.opened import Opened
    from spindle._lasting.page import LastingPage
    from spindle.durable.store import Kept

__all__ = ["NothingToGive", "Rehearsal"]


class NothingToGive(UsageError):
    """A page uses something that is no port, and was not given."""


class Rehearsal:
    """Tells logs to today's code. No call is made, nothing is kept.

    Spindles are closed where a log ends, as when a page is put away: no operation of a cleanup is
    carried out.
    """

    def __init__(self, nursery: trio.Nursery, provide: Mapping[type, object] | None = None) -> None:
        """Prepare.

        Args:
            nursery: of a program that runs; nothing is started in it.
            provide: what `use` hands out; None for stand-ins, which there are for ports.
        """
        self._nursery = nursery
        self._provide = provide
        self._keeper = Timekeeper(nursery)
        self._store = MemoryStore()
        adopt_generators()

    def rehearse(self, kept: Kept) -> int:
        """Tell one log; does not block.

        Returns:
            How many inputs it has.

        Raises:
            ReplayMismatch: today's code does something else.
            PageLogCorrupt: the log is damaged.
            LogCorrupt: it is no page's.
            PageLogTooNew: a newer Spindle has written it.
            NothingToGive: see there.
        """
        record = kept.record
        lease = Lease(record.page, "", 0, 0.0, record.head, kept.meta, snapshot=kept.snapshot)
        found = found_in(lease, behind_snapshot(kept))
        try:
            self._tell(found, lease, brief=True)
        except ReplayMismatch:
            self._tell(found, lease, brief=False)  # to hear all of it; few come here
        return len(found.frames)

    def _tell(self, found: Opened, lease: Lease, *, brief: bool) -> None:
        given = StandIns(lambda: _called(page)) if self._provide is None else self._provide
        page = found.driver(
            self._nursery,
            self._store,
            lease,
            given,
            None,
            time.time,
            closed=_nothing,
            broken=_never,
            failed=_never,
            limits=DEFAULT_LIMITS,
            keeper=self._keeper,
            every=len(found.frames) + 1,
        )
        if brief:
            page.be_brief()
        try:
            for _ in found.retell(page):
                pass
        except Exception as error:
            if isinstance(given, StandIns) and given.missing:
                raise _nothing_to_give(given.missing) from error
            raise
        finally:
            discard_all(page.kernel)


def _called(page: LastingPage) -> set[str]:
    return {command.what for frame in page.log.frames for command in frame.commands}


def _nothing(_: LastingPage) -> None:
    pass


def _never(_: LastingPage, error: Exception) -> None:
    raise AssertionError("nothing is kept of a page that is told its log") from error


def _nothing_to_give(missing: list[type]) -> NothingToGive:
    names = " and ".join(sorted(f"use({kind.__name__})" for kind in missing))
    places = ", ".join(sorted(f"{kind.__module__}.{kind.__qualname__}" for kind in missing))
    return NothingToGive(
        f"it wants {names}, which is no port, so nothing can stand in for it ({places}): give what "
        f"has it by --app package.module:name, an App or the mapping that the host gets as provide="
    )
