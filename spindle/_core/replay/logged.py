"""A page that writes down what comes in: what its drivers have in common."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, Any

from spindle._core.errors import UsageError
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.record import SpindleRecord
from spindle._core.kernel.turns import Turns
from spindle._core.names import name_of
from spindle._core.replay.described import there
from spindle._core.replay.doubt import made_again, unknown
from spindle._core.replay.head import read_back
from spindle._core.replay.inputs import Launched
from spindle._core.replay.log import Frame
from spindle._core.replay.marks import head_at, is_alone, stand
from spindle._core.replay.retelling import Retelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.record import Record
    from spindle._core.messages import Event
    from spindle._core.operations.port import Call
    from spindle._core.replay.commands import Commands
    from spindle._core.replay.formats import Format
    from spindle._core.replay.inputs import Input
    from spindle._core.replay.log import Head, Log

__all__ = ["Logged", "spindle_that_marks", "too_late"]


class Logged(Turns, ABC):
    """Keeps a frame for each input that it applies, with what it did because of that.

    It may be told first what a log has: then nothing is done that was done before.
    """

    by_hand: bool = False
    """Whether it is told by hand, or on trio."""

    def write_to(self, log: Log, seed: int, commands: Commands) -> None:
        """Keep frames from now on.

        Args:
            log: where.
            seed: of chance, a whole number.
            commands: the page's journal.
        """
        self.kernel.keeper = self
        self.kernel.conversation = log.conversation
        self._commands = commands
        self._log = log
        self._seed = seed
        self._input: Input | None = None
        """What was applied last, as long as its frame is not kept."""
        self._came_at = 0.0
        self._early = 0
        self._retelling: Retelling | None = None
        self._has_marked = False
        """Whether the first spindle has."""
        self._is_anew = False
        """Whether the log has begun anew since the last input: once for each is enough."""
        self._unpatched: set[tuple[Record, str]] = set()
        """Changes that spindles have not taken, and will not before their next mark."""

    @property
    def goes_on(self) -> bool:
        """See `Writer`."""
        return bool(self.kernel.live)

    # --- in -------------------------------------------------------------------------------------

    def check(self) -> None:
        """See that the log can be added to.

        Raises:
            UsageError: it cannot.
        """
        if self._log.fault:
            raise UsageError(self._log.fault)
        self._log.check_writer(self)

    def take_note(self, said: Input, early: int = 0) -> None:
        """The next frame is of this input, which is applied now.

        Args:
            said: what came in.
            early: see `Frame`.
        """
        self._input, self._early, self._is_anew = said, early, False
        self._came_at = self.kernel.now

    def close_frame(self) -> None:
        """All is known that came of the last input: keep it, or see that it is what was kept."""
        if self._retelling is not None:
            self._retelling.compare(self._commands)
            return
        done, self._input = self._input, None
        if done is not None:
            self._log.keep(self._frame_of(done))

    def _frame_of(self, done: Input) -> Frame:
        return Frame(self._came_at, done, self._commands.take(), self._early)

    def block_named(self, name: str) -> type[Block] | None:
        """The block of its contract that has this name."""
        blocks = self.kernel.blocks or ()
        return next((each for each in blocks if name_of(each) == name), None)

    def event_named(self, name: str) -> type[Event] | None:
        """The event of its contract that has this name."""
        found = (each.__description__.event_named(name) for each in self.kernel.blocks or ())
        return next((each for each in found if each is not None), None)

    @property
    def form(self) -> Format:
        """How the log writes."""
        return self._log.format

    # --- told again -----------------------------------------------------------------------------

    def begin_with(self, record: SpindleRecord) -> None:
        """The page begins with this spindle, which has not been started."""
        self._commands.first = record

    @property
    def first(self) -> SpindleRecord | None:
        """The spindle that it began with; None on a page whose spindles are all started by name."""
        return self._commands.first

    def begin_retelling(self, head: Head) -> Retelling:
        """From now on it is told what the log has, from its beginning.

        Args:
            head: with what the log begins.

        Raises:
            ReplayMismatch: what is at a mark is not there any more.
        """
        if head.standing is not None:
            assert self.first is not None
            stand(self.kernel, self.first, head.standing, seed_from(head.seed))
        self._commands.silent = True
        by_hand = None if self.first is None else self.by_hand
        self._retelling = telling = Retelling(self._log, by_hand)
        return telling

    def be_brief(self) -> None:
        """What it does is compared, and not told: a mismatch says less."""
        self._commands.brief = True

    def end_retelling(self) -> None:
        """What happens from now on is new."""
        self._log.write_by(self)
        self._retelling = None
        self._commands.silent = False

    # --- what spindles ask of it ----------------------------------------------------------------

    def marked(self, record: Record, args: tuple[object, ...]) -> None:
        """See `Keeper`.

        Raises:
            UsageError: see `spindle.mark`.
        """
        record = spindle_that_marks(record)
        head = head_at(record, args, self._seed, self._log.format)
        if record is not self.first:
            return
        if self._commands.began and not self._has_marked:
            raise too_late(record)
        is_first, self._has_marked = not self._has_marked, True
        self._unpatched = {each for each in self._unpatched if each[0] is not record}
        if self.kernel.shelves is not None:
            self.kernel.shelves.drop()
        if self._retelling is not None:
            if is_first and self._log.head is not None and self._log.head.standing is not None:
                self.count_from_here()
        elif head is not None and not self.inputs and is_alone(record) and not self._is_anew:
            self.begin_anew(record, head)
            self.count_from_here()
            self._is_anew = True

    def begin_anew(self, record: SpindleRecord, head: Head) -> None:
        """Forget what the log has: it begins with this, and with the start of the spindle."""
        self._log.begin_anew(head)
        self._commands.take()
        self.take_note(Launched(there(record, self.first)))

    def count_from_here(self) -> None:
        """The log begins at this mark: the steps of this turn count from there, now as then."""
        self.turn_steps = 0

    def taken(self, fn: Callable[..., object], args: tuple[object, ...]) -> tuple[object, ...]:
        """See `Keeper`."""
        return tuple(read_back(fn, args, self.form))

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

    def make_again(
        self, record: Record, call: Call[Any], begin: Callable[[Record, Call[Any]], None]
    ) -> None:
        """A call whose end is not in the log, for the process that made it has died."""
        again = made_again(call, self._log.format)
        if again is not None:
            begin(record, again)
            return
        self.post(self.kernel.call_ended, record, call, None, unknown(call))


def spindle_that_marks(record: Record) -> SpindleRecord:
    """The record, of a spindle.

    Raises:
        UsageError: it is a fiber's.
    """
    if isinstance(record, SpindleRecord):
        return record
    raise UsageError(
        f"{record.name} wants to mark: only a spindle begins anew, a fiber does with it"
    )


def too_late(record: SpindleRecord) -> UsageError:
    """What to raise where a spindle marks for the first time, and has done something before."""
    return UsageError(
        f"{record.name} has asked, called or started something before its first mark(), or used "
        f"time, chance or a cell: "
        f"resumed, its function begins anew and would do that again. Put mark() first"
    )
