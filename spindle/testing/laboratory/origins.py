"""Where a cancellation comes from: what is done to a program at one point of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

import trio

from spindle.testing.laboratory.scheduler import is_trios_own

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record
    from spindle._runtime.page import PageMachine
    from spindle.testing.laboratory.witness import Witness

__all__ = ["ORIGINS", "NeighbourFailed", "Subject"]

REASON: Final = "injected"


class NeighbourFailed(Exception):
    """What the neighbour raises that is made to fail."""


class Subject(Protocol):
    """The program to which something is done."""

    @property
    def around(self) -> trio.CancelScope:
        """The scope around the scenario."""
        ...

    @property
    def nursery(self) -> trio.Nursery:
        """The nursery around that."""
        ...

    @property
    def witness(self) -> Witness:
        """What was seen of its pages."""
        ...

    @property
    def stepping(self) -> trio.lowlevel.Task | None:
        """The task that is about to take a step, or has just taken one."""
        ...

    @property
    def point(self) -> int:
        """The number of the point."""
        ...


def page(subject: Subject) -> None:
    """Every page is cancelled."""
    for each in subject.witness.pages:
        each.machine.cancel_nowait(REASON)


def stop(subject: Subject) -> None:
    """Every page is stopped, with a second of grace."""
    for each in subject.witness.pages:
        if not each.driver.gone:
            trio.lowlevel.spawn_system_task(_stop, each.machine)


async def _stop(machine: PageMachine) -> None:
    await machine.stop(REASON, grace=1)


def spindle(subject: Subject) -> None:
    """One spindle of each page is cancelled by its handle, another one at each point."""
    _cancel_one(subject, lambda record: record.owner is None)


def fiber(subject: Subject) -> None:
    """One fiber of each page is cancelled by its handle, another one at each point."""
    _cancel_one(subject, lambda record: record.owner is not None)


def _cancel_one(subject: Subject, wanted: Callable[[Record], bool]) -> None:
    for each in subject.witness.pages:
        records = [record for record in each.spindles() if wanted(record)]
        if records:
            record = records[subject.point // 2 % len(records)]
            record.kernel.driver.cancel_record(record, REASON)


def host(subject: Subject) -> None:
    """The scope around the scenario is cancelled."""
    subject.around.cancel()


def deadline(subject: Subject) -> None:
    """The deadline of the scope around the scenario passes."""
    subject.around.deadline = trio.current_time()


def nursery(subject: Subject) -> None:
    """A further task fails in the nursery of the one that takes the step."""
    task = subject.stepping
    # One that is in `nursery.start()` is not in its nursery yet.
    if task is None or task.eventual_parent_nursery is not None:
        return
    around = task.parent_nursery
    if around is None or is_trios_own(around.parent_task):
        return
    if any(around is page.driver.nursery for page in subject.witness.pages):
        return
    with suppress(RuntimeError):  # it may be closed
        around.start_soon(_fail)


def neighbour(subject: Subject) -> None:
    """A task beside the scenario fails, so that the nursery of both is cancelled."""
    with suppress(RuntimeError):  # it may be closed
        subject.nursery.start_soon(_fail)


async def _fail() -> None:  # noqa: ASYNC124 - a task to be
    raise NeighbourFailed


ORIGINS: Final[Mapping[str, Callable[[Subject], None]]] = {
    function.__name__: function
    for function in (host, deadline, neighbour, nursery, page, stop, spindle, fiber)
}
"""By name. Those from `page` on do nothing where the scenario opens no page."""
