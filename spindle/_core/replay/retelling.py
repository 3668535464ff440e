"""What a log says, told to a page input by input, and compared with what it does then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.restless import STRETCH
from spindle._core.replay.addresses import address_of
from spindle._core.replay.inputs import Answered, Cut, Ended, Misfit, Page
from spindle._core.replay.mismatch import endless, misfit, mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spindle._core.errors import ReplayMismatch
    from spindle._core.kernel.record import Record
    from spindle._core.replay.commands import Command, Commands
    from spindle._core.replay.log import Frame, Log

__all__ = ["Retelling"]

_ELSEWHERE: Final = (
    "This input came in {0}, and is told {1}, where restarts, cancellations and what is due in one "
    "moment have another order. If the code is what it was, take the log up {0}: {2}(fn, log)"
)


class Told(Page, Protocol):
    """A page that is told."""

    def come_to(self, at: float) -> None:
        """The clock of what is told stands there."""
        ...


class Retelling:
    """One pass through a log."""

    def __init__(self, log: Log, by_hand: bool | None = None) -> None:
        """Begin at its beginning.

        Args:
            log: what is told.
            by_hand: whether it is told by hand, or on trio; None of a page, which is never by hand.
        """
        self._by_hand = by_hand
        self._frames = list(log.frames)
        self._function = "" if log.head is None else log.head.function
        self._format = log.format
        self._before = log.before
        self._place = 0
        self._compared = 0
        self.instead: Sequence[Command] | None = None
        """What is expected now, in the place of what the last input led to."""

    @property
    def is_over(self) -> bool:
        """Whether all was told."""
        return self._place >= len(self._frames)

    @property
    def upcoming(self) -> int | None:
        """Where what is told next comes in, or the log ends: see `Frame`; None if nothing is."""
        if not self.is_over:
            return self._frames[self._place].early
        last = self._frames[-1] if self._frames else None
        return None if last is None or not last.goes_on else last.steps + 1

    def check(self, steps: int, running: Record | None) -> None:
        """See that what came in last does not lead to steps without end.

        Raises:
            ReplayMismatch: it has led to twice as many as it did, and to very many.
        """
        kept = self._frames[self._place - 1].steps if self._place else 0
        # Older frames do not have it, nor have snapshots.
        if steps > (2 * (kept + STRETCH) if kept else 200 * STRETCH):
            raise endless(self._function, self._frames, self._compared, running, self._before)

    def take(self, page: Told, apply: Callable[..., None], args: tuple[Any, ...]) -> bool:
        """Apply what the page has posted itself, as the log has it, if that comes now.

        Raises:
            ReplayMismatch: it cannot be applied.
        """
        if self.is_over or not _is_that(self._frames[self._place], apply, args, page.first):
            return False
        if isinstance(self._frames[self._place].input, Cut):
            self._step(page)
            apply(*args)
        else:
            self.next(page)
        return True

    def next(self, page: Told) -> None:
        """Apply what the log has next.

        Raises:
            ReplayMismatch: it cannot be applied.
        """
        frame = self._step(page)
        try:
            apply, args = frame.input.again(page, self._format)
        except Misfit as amiss:
            place = self._place - 1
            error = misfit(self._function, self._frames, place, amiss, self._before)
            self._note_driver(error, frame)
            raise error from amiss
        if isinstance(frame.input, Answered):
            page.kernel.out.clear()
        apply(*args)

    def _step(self, page: Told) -> Frame:
        frame = self._frames[self._place]
        self._place += 1
        page.come_to(frame.at)
        page.kernel.arrive(frame.at)
        return frame

    def expects(self, command: Command, commands: Commands) -> bool:
        """Whether this is what the log has next of what the last input led to."""
        kept = self._frames[self._compared].commands if self.instead is None else self.instead
        place = len(commands.noted)
        return place < len(kept) and kept[place].same(command)

    def compare(self, commands: Commands) -> None:
        """See that the page has done what the log says, since the last input, if that is new.

        Raises:
            ReplayMismatch: it has not.
        """
        if self._compared == self._place:
            return
        kept, done = self._frames[self._compared].commands, commands.take()
        if len(done) != len(kept) or not all(map(_same, done, kept)):
            error = mismatch(self._function, self._frames, self._compared, done, self._before)
            self._note_driver(error, self._frames[self._compared])
            raise error
        self._compared = self._place

    def _note_driver(self, error: ReplayMismatch, frame: Frame) -> None:
        """Say so if the input came in elsewhere, where it may have led to something else."""
        if self._by_hand is True and frame.steps:
            error.add_note(_ELSEWHERE.format("on trio", "by hand", "resume_coroutine"))
        elif self._by_hand is False and frame.commands and not frame.steps:  # not counted there
            error.add_note(_ELSEWHERE.format("by hand", "on trio", "Coroutine.resume"))


def _is_that(
    frame: Frame, apply: Callable[..., None], args: tuple[Any, ...], first: Record | None
) -> bool:
    what: object = getattr(apply, "__func__", apply)
    said = frame.input
    if what is Kernel.call_ended:
        record, call = args[:2]
        if not isinstance(said, Ended) or said.call != call.name:
            return False
        return said.who == address_of(record, first)
    assert what is Kernel.cancel, what
    return isinstance(said, Cut) and said.who == address_of(args[0], first)


def _same(done: Command, kept: Command) -> bool:
    return kept.same(done)
