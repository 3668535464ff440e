"""A page by hand that writes down what comes in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from spindle._core.errors import StillRunning, UsageError
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import AWAY
from spindle._core.replay.commands import Commands
from spindle._core.replay.described import described, kept_answer
from spindle._core.replay.logged import Logged

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.operations.port import Call
    from spindle._core.replay.log import Head, Log

__all__ = ["LoggedHand"]


_UNTOLD: Final = object()
"""What a call has come to that the log is to say."""


class LoggedHand(Logged, Hand):  # pyright: ignore[reportUnsafeMultipleInheritance]
    """See `Logged`. Told again, what it posts itself comes to what the log says."""

    by_hand = True

    def __init__(self, log: Log, journal: Journal | None, seed: int) -> None:
        """Open a page.

        Args:
            log: where the frames are kept.
            journal: is told all that happens, and nothing again.
            seed: of chance, a whole number.
        """
        commands = Commands(journal)
        super().__init__(journal=commands, seed=seed_from(seed))
        self.write_to(log, seed, commands)

    @property
    def goes_on(self) -> bool:
        """See `Writer`; by hand nothing happens but what its user asks for."""
        return self.stepping

    # --- in -------------------------------------------------------------------------------------

    def post(self, apply: Callable[..., None], *args: object) -> None:
        """Post an input, and keep a frame of it once it was applied.

        Raises:
            UsageError: the log keeps nothing any more; nothing has happened.
        """
        if self._retelling is None:
            self.check()
        super().post(self._take_in, apply, args)

    def reply(self, wait: YieldWait, answer: object) -> None:
        """See `Hand`.

        Raises:
            UsageError: see `post`.
        """
        self.check()
        number = wait.source.yield_id
        assert number is not None
        kept_answer(self.form, self.first, wait.record, number, answer)
        super().reply(wait, answer)

    def _take_in(self, apply: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.close_frame()
        if _was_told(args):
            return
        if self._retelling is not None:
            if self._retelling.take(self, apply, args):
                return
            if not self._retelling.is_over:
                self.go_next(self._take_in, apply, args)
                self._retelling.next(self)
                return
            self.end_retelling()
        if len(args) > 2 and args[2] is _UNTOLD:
            record, call, *_ = args
            self.make_again(record, call, self.begin_call)
            return
        said, args = described(apply, args, self.form, self.first)
        self.take_note(said)
        apply(*args)

    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """See `Hand`; what came of the last input is known when nothing is left to do."""
        if self._pumping:
            return
        try:
            super().pump(apply, args)
        except StillRunning:
            self.close_frame()
            raise
        self.close_frame()

    def resume(self, record: Record, /) -> None:
        """See `Hand`."""
        self._commands.running = record
        super().resume(record)

    def advance(self, seconds: float) -> None:
        """See `Hand`; the log has where the clock stands then, too."""
        self.check()
        before = self.clock()
        super().advance(seconds)
        if self.clock() > before:
            self.post(self.arrive, self.clock())

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Raise it where the page was stepped. The log ends before the input that led there.

        Where it hit is chance, and will not be the same again.
        """
        self._log.fault = (
            "this conversation was interrupted from the keyboard in the middle of a step: take it "
            "up before that, with Coroutine.resume(fn, Log.load(log.dump()))"
        )
        super().interrupt(interrupt)

    # --- told again -----------------------------------------------------------------------------

    def retell(self, head: Head) -> None:
        """Apply all that the log has. No call is made, and the journal hears nothing.

        Args:
            head: with what the log begins.

        Raises:
            ReplayMismatch: the page does something else than it did.
            UsageError: an input came in the middle of a turn, as it never does by hand.
        """
        if any(each.early or each.goes_on for each in self._log.frames):
            raise UsageError(
                "this log was written on trio, and has the middle of a long turn: "
                "take it up there, with resume_coroutine(fn, log)"
            )
        telling = self.begin_retelling(head)
        while not telling.is_over:
            with suppress(StillRunning):  # it was raised when that happened
                super().post(telling.next, self)
        self.end_retelling()

    def come_to(self, at: float) -> None:
        """The clock of what is told stands there."""
        self._at = max(self._at, at)

    # --- calls ----------------------------------------------------------------------------------

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make a call, or let it end as the log says."""
        if self._retelling is None:
            super().begin_call(record, call)
        else:
            self.post(self.kernel.call_ended, record, call, _UNTOLD, None)


def _was_told(args: tuple[Any, ...]) -> bool:
    """Whether this call has come to what the log says: on trio they end in another order."""
    if len(args) < 3 or args[2] is not _UNTOLD:
        return False
    record, call, *_ = args
    return record.state is not AWAY or record.call is not call
