"""A hosted page that is told what has happened: nobody hears of it, and no time passes."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING

from spindle._core.replay.logged import Logged
from spindle._core.states import Yielded
from spindle._runtime.hosted import Hosted

if TYPE_CHECKING:
    from spindle._core.kernel.overruns import Overrunner
    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.messages import Ask
    from spindle._core.operations.scope import Cleanup
    from spindle._core.source import Source

__all__ = ["Retold"]


class Retold(Logged, Hosted, ABC):  # pyright: ignore[reportUnsafeMultipleInheritance]
    """See `Logged`; what a page on trio does beside its spindles, it does for what is new."""

    asked: list[Source]
    """All questions, as long as the log is told."""
    _told_at = 0.0

    @property
    def told_at(self) -> float:
        """Where the clock stands in what was told last."""
        return self._told_at

    def come_to(self, at: float) -> None:
        """The clock of what is told stands there."""
        self._told_at = max(self._told_at, at)

    def heard(self) -> None:
        """What was said when that happened is said again: nobody wants to hear it.

        In which order questions were asked is known by that alone.
        """
        self.asked += [source for source, said in self.kernel.out if type(said) is Yielded]
        self.kernel.out.clear()

    def still_asked(self) -> list[tuple[Source, Ask]]:
        """What is asked where the log ends, the oldest question first."""
        asked = {id(source): (source, ask) for source, ask in self.kernel.pending()}
        return [asked[id(source)] for source in self.asked if id(source) in asked]

    def clock(self) -> float:
        """See `OnTrio`; told again, the clock stands where it stood."""
        return super().clock() if self._retelling is None else self._told_at

    @property
    def paused(self) -> bool:
        """See `Turns`; told again, it does so for a while, or where the log ends."""
        return self.resting if self._retelling is not None else super().paused

    def rest(self) -> None:
        """See `OnTrio`; who tells it what has happened lets it go on."""
        if self._retelling is None:
            super().rest()
        else:
            self._steps, self._began, self.resting = 0, 0.0, True

    def timer_was_set(self) -> None:
        """See `OnTrio`."""
        if self._retelling is None:
            super().timer_was_set()

    def overran(self, overrunner: Overrunner) -> None:
        """See `OnTrio`."""
        if self._retelling is None:
            super().overran(overrunner)

    def cut(self, record: Record, cleanup: Cleanup) -> None:
        """See `OnTrio`."""
        if self._retelling is None:
            super().cut(record, cleanup)

    def failed(self, record: SpindleRecord, error: Exception, again: float | None) -> None:
        """See `OnTrio`."""
        if self._retelling is None:
            super().failed(record, error, again)
