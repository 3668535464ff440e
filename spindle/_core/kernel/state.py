"""What a page is at one moment: who runs and who waits, its time, what it has for its view."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar

from spindle._core.apart import apart, call_apart
from spindle._core.entropy import drawn
from spindle._core.journal import Entry, Journal, MessageSent, TimerFired
from spindle._core.kernel.chance import Chance
from spindle._core.kernel.ledger import Ledger
from spindle._core.kernel.timers import Timer, Timers
from spindle._core.keyed import KeyedCall
from spindle._core.limits import DEFAULT_LIMITS, PageLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.asked import Asked
    from spindle._core.kernel.cells import CellState
    from spindle._core.kernel.overruns import Overrunner, Overruns
    from spindle._core.kernel.record import Cause, Key, Record, SpindleRecord
    from spindle._core.kernel.shelves import Shelf, Shelves
    from spindle._core.kernel.watch import Watch
    from spindle._core.messages import Ask
    from spindle._core.operations.cell import Cell
    from spindle._core.operations.port import Call
    from spindle._core.operations.scope import Cleanup
    from spindle._core.source import Source
    from spindle._core.states import Cancelled, Sent

__all__ = ["NOBODY", "NOTHING", "Driver", "Keeper", "Said", "State"]

Said: TypeAlias = "tuple[Source, Sent]"


class _Nobody(deque["Record"]):
    """The row of a page that is at rest: nobody may join it, so that nobody is forgotten there."""

    def append(self, record: Record, /) -> None:
        raise AssertionError(f"{record.name} was woken outside of a turn")


NO_TIMERS: Final = Timers()
"""Those of a page that has never set one."""


_NUMBERS: Final = count(1)
"""Those of the pages that were given no name, and were asked for it."""


class _Nothing(list["Said"]):
    """What a page that is at rest has to say: nobody may add to it, so that nothing is lost."""

    def append(self, said: Said, /) -> None:
        raise AssertionError(f"{said[0]} said {said[1]} outside of a turn")


NOBODY: Final = _Nobody()
"""The row of a page that is at rest."""
NOTHING: Final = _Nothing()
"""What it has to say."""


class Driver(Protocol):
    """What the kernel asks of whoever drives the coroutines. None of these may call back at once.

    The last two are asked by handles.
    """

    def clock(self) -> float:
        """Seconds since the page was opened."""
        ...

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """The coroutine has left for a call: see that it is done, then post `call_ended`."""
        ...

    def cut_short(self, record: Record, cause: Cause) -> None:
        """The coroutine is cancelled while it is away: end its call or foreign await."""
        ...

    def rest(self) -> None:
        """Much was done, and there is more: the rest of the program is to have its turn first."""
        ...

    def go_next(self, apply: Callable[..., None], *args: object) -> None:
        """See that this is applied in this turn, when no coroutine can run or it lasts too long."""
        ...

    def timer_was_set(self) -> None:
        """There is a new deadline."""
        ...

    def overran(self, overrunner: Overrunner) -> None:
        """A coroutine is still there long after it was cancelled: see that this is heard of."""
        ...

    def cut(self, record: Record, cleanup: Cleanup) -> None:
        """The budget of a cleanup is used up, and what it waits for is cut: see that, too."""
        ...

    def failed(self, record: SpindleRecord, error: Exception, again: float | None) -> None:
        """A spindle has failed, and starts again in so many seconds or never: see that too."""
        ...

    def cancel_record(self, record: Record, reason: str) -> None:
        """Post the cancellation of a coroutine and of what belongs to it."""
        ...

    async def ended(self, record: Record) -> None:
        """Wait until it has ended."""
        ...


T = TypeVar("T")


class Keeper(Protocol):
    """What the kernel asks of whoever keeps a log."""

    def begin_with(self, record: SpindleRecord) -> None:
        """The page begins with this spindle, which has not been started."""
        ...

    def marked(self, record: Record, args: tuple[object, ...]) -> None:
        """From here on it is as if the spindle began with these arguments."""
        ...

    def taken(self, fn: Callable[..., object], args: tuple[object, ...]) -> tuple[object, ...]:
        """What a spindle begins with that is given these: what is read back from the log.

        One that cannot be kept is handed on, see `apart`.
        """
        ...

    def takes(self, record: Record, name: str) -> bool:
        """Answer whether the spindle takes the newer branch of a change."""
        ...


class State:
    """The state of one page."""

    __slots__ = (
        "_chance",
        "_name",
        "_now",
        "abandoned",
        "asked",
        "batches",
        "blocks",
        "called",
        "cascade",
        "cells",
        "channels",
        "closing",
        "contract",
        "conversation",
        "coroutines",
        "driver",
        "escalated",
        "gathered",
        "journal",
        "keeper",
        "ledger",
        "limits",
        "live",
        "moment",
        "out",
        "outside",
        "overruns",
        "provide",
        "ready",
        "restarts",
        "shelves",
        "stopping",
        "tick",
        "timers",
        "watch",
    )

    def __init__(
        self,
        driver: Driver,
        provide: Mapping[Any, object],
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes | Callable[[], bytes] = b"",
    ) -> None:
        self.driver, self.provide, self.journal = driver, provide, journal
        self.keeper: Keeper | None = None
        """Who keeps a log of it that it can be rebuilt from."""
        self.watch: Watch | None = None
        """Who follows the page beside its journal."""
        self.contract = ""
        self._name: str | None = None
        self.blocks = blocks
        """The page's contract; None where any block may be started."""
        self.limits = limits
        self._chance: Chance | bytes | Callable[[], bytes] = seed
        self.channels = self.called = self.batches = 0
        """How many channels have been used, calls begun, and batches read: by its number each is
        known."""
        self.conversation = b""
        """Its id, which its log has; else it is drawn when it is first needed."""
        self._now = 0.0
        self.moment: float | None = None
        """When the turn began; None as long as nobody has asked."""
        self.tick: Callable[[], float] = driver.clock
        """Seconds of the clock that is the cheapest to read, from any beginning."""
        self.ready: deque[Record] = NOBODY
        """Who runs next. The driver brings it, and `out`, as long as there is work."""
        self.out: list[Said] = NOTHING
        """What the view is told, and has not been handed yet."""
        self.live: dict[Key, SpindleRecord] = {}
        self.outside: dict[SpindleRecord, None] | None = None
        """Coroutines of no spindle: they serve somebody outside the page, or read in batches."""
        self.coroutines: int = 0
        """How many are live, fibers included."""
        self.restarts, self.timers, self.ledger = 0, NO_TIMERS, Ledger()
        self.asked: Asked | None = None
        """The last yield of each key whose spindle has ended: no other is given its number."""
        self.cells: dict[Cell[Any], CellState] | None = None
        self.abandoned: dict[Key, bool] | None = None
        """Keys whose spindle left a cell without a value, and whether that was to make way."""
        self.shelves: Shelves | None = None
        """What it keeps of batched reads."""
        self.gathered: dict[Shelf, None] | None = None
        """Reads that wait for others in this turn, to be made in one call."""
        self.closing: Cancelled | None = None
        """Why the page is being stopped, from the time of grace on."""
        self.stopping: Cancelled | None = None
        """Why the page is cancelled."""
        self.cascade: deque[tuple[Iterator[Record], Cancelled]] | None = None
        """Whom cancellations have still to be delivered to: before anything else happens."""
        self.overruns: Overruns | None = None
        """Who is cancelled and has not ended; None if nobody is."""
        self.escalated: list[Exception] | None = None
        """What ends the page by the policy of the spindles that raised it."""

    @property
    def name(self) -> str:
        """What the page is called; if it was given no name, its contract and a number."""
        if self._name is None:
            self._name = f"{self.contract} #{next(_NUMBERS)}"
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds of the page's clock; it stands still during a turn."""
        if self.moment is None:
            # Read when it is first asked for: most turns never ask.
            self.arrive(self.driver.clock())
        return self._now

    def arrive(self, at: float) -> None:
        """A turn begins at that time; the clock never goes back."""
        if at > self._now:
            self._now = at
        self.moment = self._now

    def set_timer(self, seconds: float, do: Callable[..., None], *args: object) -> Timer:
        """Call `do` in so many seconds, in a turn of its own."""
        timer = self.timer_at(self.now + seconds, do, *args)
        self.driver.timer_was_set()
        return timer

    def timer_at(
        self, at: float, do: Callable[..., None], *args: object, place: int | None = None
    ) -> Timer:
        """Call `do` at that second of the page's clock, in its place among others of that second.

        The driver does not hear of it yet.
        """
        if self.timers is NO_TIMERS:
            self.timers = Timers()
        return self.timers.set(at, do, args, place)

    def place(self) -> int:
        """The place of a timer that may be set later as if it were set now."""
        return 0 if self.timers is NO_TIMERS else self.timers.place()

    def fire_due(self, by: float) -> bool:
        """Let the next deadline due by then fire, at its own time; answers whether one was."""
        due = self.timers.pop_due(by)
        if due is None:
            return False
        self.arrive(due.at)
        if self.journal is not None:
            self.note(TimerFired())
        due.fire()
        return True

    def start_chance(self, chance: Chance) -> None:
        """Draw the page's numbers from there."""
        self._chance = chance

    @property
    def chance(self) -> Chance:
        """Where the page's numbers are drawn from."""
        if not isinstance(self._chance, Chance):
            self._chance = Chance(self._chance)
        return self._chance

    def keyed(self, call: Call[Any]) -> KeyedCall:
        """What the call is known by that was begun last, and that changes something."""
        if not self.conversation:
            self.conversation = drawn()
        own = call if self.keeper is None else call_apart(call)
        return KeyedCall(self.conversation, self.called, call.name, own.args, own.keywords)

    def own(self, value: T) -> T:
        """What somebody is given who may change it: shared with nobody where there is a log.

        Live it could be shared, but not by those that are taken up from a snapshot.
        """
        return value if self.keeper is None else apart(value)

    # --- what the view is told ------------------------------------------------------------------

    def tell(self, source: Source, message: Sent) -> None:
        """Say `message` to the view."""
        if self.journal is not None:
            self.note(MessageSent(source, message))
        self.out.append((source, message))

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer; of each spindle the oldest first."""
        return [
            (wait.source, wait.ask)
            for record in self.live.values()
            for wait in record.pending.values()
        ]

    def note(self, entry: Entry) -> None:
        """Tell the journal, of which there is one."""
        assert self.journal is not None
        self.journal.record(self.now, entry)
