"""A page by hand that writes down what comes in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from spindle._core.errors import StillRunning, UsageError
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import SpindleRecord
from spindle._core.replay.commands import Commands
from spindle._core.replay.described import described, kept_answer
from spindle._core.replay.doubt import made_again, unknown
from spindle._core.replay.log import Frame
from spindle._core.replay.marks import head_at, is_alone, stand
from spindle._core.replay.retelling import Retelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.operations.port import Call
    from spindle._core.replay.inputs import Input
    from spindle._core.replay.log import Head, Log

__all__ = ["LoggedHand"]


_UNTOLD: Final = object()
"""What a call has come to that the log is to say."""


class LoggedHand(Hand):
    """Keeps a frame for each input that it applies, with what it did because of that.

    It may be told first what a log has: then what it posts itself ends as it is said there, until
    nothing more is.
    """

    def __init__(self, log: Log, journal: Journal | None, seed: int) -> None:
        """Open a page.

        Args:
            log: where the frames are kept.
            journal: is told all that happens, and nothing again.
            seed: of chance, a whole number.
        """
        self._commands = Commands(journal)
        super().__init__(journal=self._commands, seed=seed_from(seed))
        self.kernel.keeper = self
        self.kernel.conversation = log.conversation
        self._seed = seed
        self._log = log
        self._input: Input | None = None
        """What was applied last, as long as its frame is not kept."""
        self._began = 0.0
        self._retelling: Retelling | None = None
        self._has_marked = False
        """Whether the first spindle has."""
        self._unpatched: set[tuple[Record, str]] = set()
        """Changes that spindles have not taken, and will not before their next mark."""

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
        kept_answer(self._log.format, self.first, wait.record, number, answer)
        super().reply(wait, answer)

    def check(self) -> None:
        """See that the log can be added to.

        Raises:
            UsageError: it cannot.
        """
        if self._log.fault:
            raise UsageError(self._log.fault)

    def _take_in(self, apply: Callable[..., None], args: tuple[Any, ...]) -> None:
        self._close_frame()
        if self._retelling is not None:
            if self._retelling.take(self, apply, args):
                return
            if not self._retelling.is_over:
                self.go_next(self._take_in, apply, args)
                self._retelling.next(self)
                return
            self._retell_no_more()
        if len(args) > 2 and args[2] is _UNTOLD:
            self._make_again(*args[:2])
            return
        self._input, args = described(apply, args, self._log.format, self.first)
        self._began = self.kernel.now
        apply(*args)

    def _close_frame(self) -> None:
        if self._retelling is not None:
            self._retelling.compare(self._commands)
            return
        done, self._input = self._input, None
        if done is not None:
            self._log.keep(Frame(self._began, done, self._commands.take()))

    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """See `Hand`; what came of the last input is known when nothing is left to do."""
        if self._pumping:
            return
        try:
            super().pump(apply, args)
        except StillRunning:
            self._close_frame()
            raise
        self._close_frame()

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

    def begin_with(self, record: SpindleRecord) -> None:
        """The page begins with this spindle, which has not been started."""
        self._commands.first = record

    @property
    def first(self) -> SpindleRecord:
        """The spindle that it began with."""
        assert self._commands.first is not None
        return self._commands.first

    def retell(self, head: Head) -> None:
        """Apply all that the log has. No call is made, and the journal hears nothing.

        Args:
            head: with what the log begins.

        Raises:
            ReplayMismatch: the page does something else than it did.
        """
        if head.standing is not None:
            stand(self.kernel, self.first, head.standing, seed_from(head.seed))
        self._commands.silent = True
        self._retelling = telling = Retelling(self._log)
        while not telling.is_over:
            with suppress(StillRunning):  # it was raised when that happened
                super().post(telling.next, self)
        self._retell_no_more()

    def _retell_no_more(self) -> None:
        self._retelling = None
        self._commands.silent = False

    def come_to(self, at: float) -> None:
        """The clock of what is told stands there."""
        self._at = max(self._at, at)

    # --- what spindles ask of it ----------------------------------------------------------------

    def marked(self, record: Record, args: tuple[object, ...]) -> None:
        """See `Keeper`.

        Raises:
            UsageError: see `spindle.mark`.
        """
        if not isinstance(record, SpindleRecord):
            raise UsageError(
                f"{record.name} wants to mark: only a spindle begins anew, a fiber does with it"
            )
        head = head_at(record, args, self._seed, self._log.format)
        if record is not self.first:
            return
        if self._commands.began and not self._has_marked:
            raise UsageError(
                f"{record.name} has asked, called or started something before its first mark(): "
                f"resumed, its function begins anew and would do that again. Put mark() first"
            )
        self._has_marked = True
        self._unpatched = {each for each in self._unpatched if each[0] is not record}
        self.turn_steps = 0
        self.kernel.shelves = None
        if self._retelling is None and head is not None and not self.inputs and is_alone(record):
            self._log.begin_anew(head)
            self._commands.take()
            self._input, _ = described(self.kernel.launch, (record,), self._log.format, self.first)
            self._began = self.kernel.now

    def takes(self, record: Record, name: str) -> bool:
        """See `Keeper`."""
        root = record.root
        if (root, name) in self._unpatched:
            return False
        command = self._commands.patch(record, name)
        if self._retelling is not None and not self._retelling.expects(command, self._commands):
            self._unpatched.add((root, name))
            return False
        self._commands.noted.append(command)
        return True

    # --- calls ----------------------------------------------------------------------------------

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make a call, or let it end as the log says."""
        if self._retelling is None:
            super().begin_call(record, call)
        else:
            self.post(self.kernel.call_ended, record, call, _UNTOLD, None)

    def _make_again(self, record: Record, call: Call[Any]) -> None:
        """A call whose end is not in the log, for the process that made it has died."""
        again = made_again(call, self._log.format)
        if again is not None:
            super().begin_call(record, again)
            return
        self.post(self.kernel.call_ended, record, call, None, unknown(call))
