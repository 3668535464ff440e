"""What is seen of the pages of a run: from outside, and with the eyes of their spindles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spindle._core.kernel.mail import deliver
from spindle._core.kernel.record import Batch, Outside, Record
from spindle._core.states import Cancelled

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.ledger import Letter
    from spindle._core.messages import Notify
    from spindle._core.operations.channel import Channel
    from spindle._core.source import Source
    from spindle._core.states import Outcome, Sent
    from spindle._runtime.ontrio import OnTrio
    from spindle._runtime.page import PageMachine

__all__ = ["Page", "Witness"]


class Page:
    """One page, and what was noted of it while it was open."""

    def __init__(self, machine: PageMachine, driver: OnTrio) -> None:
        self.machine = machine
        self.driver = driver
        self.kernel: Kernel = driver.kernel
        self.letters: list[Letter] = []
        """Every event it was handed, with its receipt."""
        self.told: list[tuple[Source, Sent]] = []
        """What was put into its outbox."""
        self.received: list[tuple[Source, Sent]] = []
        """What was taken from there."""
        self.heard: Counter[int] = Counter()
        """How often the code of its spindles received an event, by the event's identity."""
        self.in_hand: dict[Record, object] = {}
        """The event that each has received and after which it has not asked again."""
        self.cut: list[tuple[object, str]] = []
        """The events that somebody was cancelled with in hand, with the name of who was."""
        self.notified: list[Notify] = []
        """The notifies that have returned to the code of its spindles, in order."""
        self.ended: list[Record] = []
        """Its coroutines, in the order in which their outcomes stood."""
        self.unfinished: list[str] = []
        """The names of those whose code was not over then."""
        self.channels: dict[Channel[object], None] = {}
        """Those that somebody has waited at."""
        self.reasons: dict[Record, Cancelled] = {}
        """Why each was cancelled, as was seen first."""
        self.cancelled_at: float | None = None
        """When its end was asked for, in seconds of the run."""
        self.gone_at: float | None = None
        """When nothing was left of it."""

    def records(self) -> Iterator[Record]:
        """Every coroutine that is there: spindles, those that wait for their key, and fibers."""
        left: list[Record] = [*self.kernel.live.values(), *(self.kernel.outside or ())]
        left += [each.successor for each in self.kernel.live.values() if each.successor is not None]
        while left:
            record = left.pop()
            yield record
            if record.children:
                left.extend(record.children)

    def ends(self, record: Record, outcome: Outcome[object]) -> None:
        """The outcome of one of its coroutines stands."""
        self.ended.append(record)
        event = self.in_hand.pop(record, None)
        if event is not None and isinstance(outcome, Cancelled):
            self.cut.append((event, record.name))

    def spindles(self) -> list[Record]:
        """The spindles and fibers that could be cancelled now, the oldest first."""
        return [record for record in self.records() if record.root.block not in (Outside, Batch)]

    def letters_queued(self) -> int:
        """How many events wait among its inputs."""
        return sum(apply is deliver for _, apply, _ in self.driver.inputs or ())


class Witness:
    """Notes by identity, never by equality: two equal events are two events."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self._kept: list[object] = []

    def asks(self, record: Record) -> None:
        """The code of a coroutine has come to a yield: it has got on with what it received."""
        for page in self._pages_of(record):
            page.in_hand.pop(record, None)

    def hears(self, record: Record, event: object) -> None:
        """The code of a coroutine received an event."""
        for page in self._pages_of(record):
            page.heard[id(event)] += 1
            page.in_hand[record] = event
        self._kept.append(event)  # or another one might get its identity

    def notifies(self, record: Record, notify: Notify) -> None:
        """A notify has returned to the code of a coroutine."""
        for page in self._pages_of(record):
            page.notified.append(notify)

    def _pages_of(self, record: Record) -> list[Page]:
        return [page for page in self.pages if page.kernel is record.kernel]
