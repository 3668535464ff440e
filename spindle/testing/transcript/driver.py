"""Drives one spindle for a transcript: calls of ports that nobody gave wait for the test.

Such a call is as one on a page on trio: its coroutine is away until the test says what came of it,
and a cancellation cuts a read at once, a write when `PageLimits.call_seconds` have passed. The
clock stands still as long as anything is asked or called, and jumps where only time is waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from spindle._core.errors import UsageError, hides_frames
from spindle._core.kernel.cells import CellState
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.hand import DEADLINES, Hand
from spindle._core.kernel.record import Record, Unnamed
from spindle._core.kernel.snapshot import as_text
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.kernel.wording import unexpected
from spindle._core.names import name_of
from spindle._core.operations.clock import check_span
from spindle._core.operations.port import Call, Port
from spindle._core.states import Origin, asked_for
from spindle.testing.calls import arguments_of, check_answer, check_arguments, is_of_port
from spindle.testing.transcript.conversation import Advanced, CellPut, Conversation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.kernel.record import Cause
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.operations.cell import Cell
    from spindle._core.source import Source

__all__ = ["OpenCall", "TranscriptDriver", "declared"]

__tracebackhide__ = hides_frames


class OpenCall(msgspec.Struct, eq=False):
    """A call that waits for the test to say what came of it."""

    record: Record
    call: Call[Any]
    place: int
    """Where it began, in the conversation."""

    @property
    def arguments(self) -> dict[str, object]:
        """What each parameter is given."""
        return arguments_of(declared(self.call), self.call.args, self.call.keywords)

    def is_of(self, method: Callable[..., Any]) -> bool:
        """Whether it is a call of this port's method, or of this function."""
        if self.call.given is None:
            return self.call.fn == method
        same = name_of(method).rpartition(".")[2] == self.call.name.rpartition(".")[2]
        return same and is_of_port(type(self.call.given), method)


class TranscriptDriver(Hand):
    """Drives `fn(*args)`, up to where the test has to say something."""

    def __init__(
        self,
        fn: Callable[..., Any],
        args: tuple[object, ...],
        provide: Mapping[type, object] | None,
        stub: tuple[Callable[..., Any], ...],
        seed: int,
    ) -> None:
        self.conversation = conversation = Conversation()
        super().__init__(provide, conversation, seed=seed_from(seed))
        self.stub = stub
        self.seed = seed
        self.given = dict(self.kernel.provide)
        """What was given by `provide=`."""
        self.kernel.provide = _Provided(self.kernel.provide)
        self.kernel.cells = _Cells(conversation)
        self.kernel.contract = name_of(fn)
        self.open: dict[Record, OpenCall] = {}
        """The calls that wait for the test, in the order in which they were made."""
        self.record = self.kernel.register(Unnamed, None, fn, args, {})

    # --- calls ----------------------------------------------------------------------------------

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make the call if its port was given; else let the test play it."""
        if not self._is_played(call):
            self.conversation.called(record, call, played=False)
            super().begin_call(record, call)
            return
        place = self.conversation.called(record, call, played=True)
        try:
            check_arguments(declared(call), call.args, call.keywords)
        except TypeError as error:
            self.conversation.seen.add(place)
            self.post(self._ended, OpenCall(record, call, place), None, error)
        else:
            self.open[record] = OpenCall(record, call, place)

    def cut_short(self, record: Record, cause: Cause) -> None:
        """End a call that the test plays, for its spindle is cancelled."""
        call = self.open.pop(record, None)
        if call is not None:
            self.post(self._ended, call, None, Unwinding(record.cancelled() or record))

    def end_call(self, call: OpenCall, value: object, error: Exception | None) -> None:
        """Let a call return or raise, and go on."""
        self.check_idle("returns" if error is None else "raises")
        self.begin_step()
        del self.open[call.record]
        self._strides.pop(call.record, None)  # it has paused
        self.post(self._ended, call, value, error)
        self.go_on()

    def _is_played(self, call: Call[Any]) -> bool:
        if call.given is None:
            return call.fn in self.stub
        return hasattr(type(call.given), "__played__")

    def _ended(self, call: OpenCall, value: object, error: BaseException | None) -> None:
        self.conversation.replying(call.place)
        self.kernel.call_ended(call.record, call.call, value, error)

    # --- steps ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Run it up to where the test has to say something."""
        self.post(self.kernel.launch, self.record)
        self.go_on()

    def answer(self, wait: YieldWait, event: object) -> None:
        """Answer a question and go on.

        Raises:
            UnexpectedEvent: the question does not take it, and nothing has happened; or a deadline
                that was due has withdrawn it.
            UsageError: nor could a view send it.
        """
        if type(event) not in wait.accepts and not isinstance(event, tuple(wait.accepts)):
            raise unexpected(wait.record.root, [wait], event, "answer()")
        check_answer(event)
        self.check_idle("answer")
        self.begin_step()
        self.let_due_pass(wait)
        self.conversation.replying(self.conversation.place_of(wait.source))
        self.post(self.kernel.answer, wait.record, wait.source.yield_id, event)
        self.go_on()

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass, and more if only time is waited for then.

        Raises:
            UsageError: `seconds` is no finite number, or below 0.
        """
        check_span("advance", seconds, finite=True)
        self.check_idle("advance")
        self.begin_step()
        self.conversation.add(Advanced(seconds))
        self.advance(seconds)
        self.go_on()

    def cancel(self, reason: str) -> None:
        """Cancel it and all that it started, and run their cleanups.

        Raises:
            UsageError: something goes on all the same; or `reason` is no text.
        """
        self.check_idle("cancel")
        cancelled = asked_for(reason, Origin.REQUESTED)
        self.begin_step()
        self.leave(cancelled)
        self.go_on()

    def begin_step(self) -> None:
        """What is said from now on belongs to the next step."""
        self.kernel.out.clear()
        self.conversation.begin_step()

    def go_on(self) -> None:
        """Let time pass as long as nothing else is waited for."""
        if self.kernel.stopping is None:
            self.let_time_pass(self._is_up_to_others)
        else:
            self._wind_up()

    def asked(self) -> list[YieldWait]:
        """The questions that wait for an answer, of each spindle the oldest first."""
        live = self.kernel.live.values()
        return [wait for spindle in live for wait in spindle.pending.values()]

    def waits_at(self, source: Source) -> YieldWait | None:
        """The question that was asked there, as long as it waits."""
        return next((wait for wait in self.asked() if wait.source == source), None)

    def _is_up_to_others(self) -> bool:
        return self.record.outcome is not None or bool(self.open) or bool(self.asked())

    def _wind_up(self) -> None:
        kernel = self.kernel
        for _ in range(DEADLINES):
            if self.open or not (kernel.live or kernel.outside) or not self.pass_deadline():
                break
        if kernel.live and not self.open:
            raise UsageError(
                f"it goes on although it was cancelled: give each cleanup() a budget "
                f"that can be used up\n{as_text(kernel)}"
            )


def declared(call: Call[Any]) -> Callable[..., Any]:
    """The port's method that a call is of, or the function that is performed."""
    if call.given is None:
        return call.fn
    found: Callable[..., Any] = getattr(type(call.given), call.name.rpartition(".")[2])
    return found


class _Provided(dict[Any, object]):
    """What `use` hands out: what was given, and for ports that were not, what stands for them."""

    def __contains__(self, kind: object) -> bool:
        return super().__contains__(kind) or (isinstance(kind, type) and issubclass(kind, Port))

    def __missing__(self, kind: type) -> object:
        members = {"__played__": True, "__module__": kind.__module__}
        made: Any = type(kind.__name__, (kind,), members)
        made.__abstractmethods__ = frozenset()
        self[kind] = stub = object.__new__(made)
        return stub


class _Cells(dict["Cell[Any]", CellState]):
    """The cells of the page, which tell what is put into them."""

    def __init__(self, conversation: Conversation) -> None:
        super().__init__()
        self._conversation = conversation

    def get(self, cell: Cell[Any], default: object = None) -> CellState:
        if cell not in self:
            self[cell] = _ToldCell(cell, self._conversation)
        return self[cell]


class _ToldCell(CellState):
    """A cell that tells what is put into it."""

    __slots__ = ("_cell", "_conversation", "_value")

    def __init__(self, cell: Cell[Any], conversation: Conversation) -> None:
        self._cell, self._conversation = cell, conversation
        self._value: Any = None
        super().__init__()

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        if hasattr(self, "puts"):  # it is made before anything is put
            self._conversation.add(CellPut(self._cell, value))
        self._value = value
