"""A page stepped by hand: no event loop, and a clock that stands until it is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.errors import ForeignAwait, OutsideSpindle, UsageError
from spindle._core.kernel.edge import lacks_a_task
from spindle._core.kernel.meanings.table import meaning_of
from spindle._core.kernel.stepper import step
from spindle._core.kernel.turns import Turns
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.operations.port import Call, check_provided
from spindle._core.states import Cancelled, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.contracts.block import Block
    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Cause, Record

__all__ = ["Hand"]


class Hand(Turns):
    """Drives spindles with nothing but calls. Ports have to answer without waiting."""

    def __init__(
        self,
        provide: Mapping[Any, object] | None = None,
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes = b"",
    ) -> None:
        given = check_provided(provide)
        super().__init__(given, journal, blocks=blocks, limits=limits, seed=seed)
        self._at = 0.0

    def clock(self) -> float:
        """The virtual time, in seconds."""
        return self._at

    def resume(self, record: Record) -> None:
        """Run `record` up to its next suspension."""
        step(self, record)

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make the call at once and post what came of it."""
        value: object = None
        error: BaseException | None = None
        try:
            coroutine = call.begin()
            trap = coroutine.send(None)
        except StopIteration as stop:
            value = stop.value
        except Exception as raised:
            error = _waited(record, call, raised) if lacks_a_task(raised) else raised
        else:
            coroutine.close()
            error = _waited(record, call, trap)
        self.post(self.kernel.call_ended, record, call, value, error)

    def cut_short(self, record: Record, cause: Cause) -> None:
        """Nothing to do: a call made by hand has ended before anything else can happen."""

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Raise it where the page was stepped."""
        raise interrupt

    def timer_was_set(self) -> None:
        """Nothing to do: deadlines are passed by hand, too."""

    def flush(self) -> None:
        """Nothing to do: what the kernel says is read where it lies."""

    async def ended(self, record: Record) -> None:
        """Refuse to wait.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            f"{record.name} is stepped by hand, where nothing goes on by itself: look at its "
            f"handle's outcome instead of waiting for it"
        )

    def pass_deadline(self) -> bool:
        """Move the clock to the next deadline and let it fire; answers whether there was one."""
        at = self.kernel.timers.next_at()
        if at is None:
            return False
        self.post(self._arrive)
        return True

    def advance(self, seconds: float) -> None:
        """Move the clock, every deadline on the way firing at its own time."""
        until = self._at + seconds
        at = self.kernel.timers.next_at()
        while at is not None and at <= until:
            self.pass_deadline()
            at = self.kernel.timers.next_at()
        self._at = until

    def stop(self, reason: str, grace: float) -> None:
        """End the page in two phases: a time of grace, then the cancellation."""
        self.post(self.kernel.close_page, Cancelled(reason, Origin.STOPPED))
        until = self._at + grace
        at = self.kernel.timers.next_at()
        while self.kernel.live and at is not None and at <= until:
            self.pass_deadline()
            at = self.kernel.timers.next_at()
        if self.kernel.live:
            self._at = until
        self.leave(Cancelled(reason, Origin.STOPPED))

    def _arrive(self) -> None:
        at = self.kernel.timers.next_at()
        if at is not None:
            self._at = max(self._at, at)
            self.kernel.fire_due(at)


def _waited(record: Record, call: Call[Any], trap: object) -> Exception:
    if meaning_of(trap) is not None:
        return OutsideSpindle(
            f"{call.name} awaited {type(trap).__qualname__}: a port is outside the spindle and "
            f"cannot await operations; return a value and let {record.name} go on with it"
        )
    return ForeignAwait(
        f"{call.name} waited for something ({type(trap).__qualname__}). By hand there is no event "
        f"loop: give {record.name} a fake whose async methods answer without waiting"
    )
