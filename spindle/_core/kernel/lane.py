"""A spindle by hand that does nothing but talk: it asks, notifies, and calls ports that answer.

Such a one needs no kernel. Answers go straight into its coroutine, and what it awaits is told by
its class. Whatever else it does, or is done to it, is the kernel's: it goes there as it stands (see
`joining`), and never comes back. So what an operation means otherwise, how a failure is told and
how a spindle is cancelled is written once, and a test that only talks does not even load it.
"""

from __future__ import annotations

import contextlib
import sys
from contextvars import copy_context
from functools import partial
from types import CoroutineType, coroutine
from typing import TYPE_CHECKING, Any, Final

from spindle._core.discarding import close_coroutine
from spindle._core.entropy import drawn
from spindle._core.functions import is_async_def
from spindle._core.keyed import KEYS, KeyedCall
from spindle._core.messages import Ask, Notify
from spindle._core.names import name_of
from spindle._core.operations.keeping import Mark, Patched
from spindle._core.operations.port import Call, Repeat, Use
from spindle._core.states import Completed, Suspended
from spindle._core.tags import TAGS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping
    from collections.abc import Coroutine as Coro
    from contextvars import Context

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.record import SpindleFunction

__all__ = ["MOST_STEPS", "NOTHING", "NOT_HERE", "START", "Lane", "Made", "lane_for"]

MOST_STEPS: Final = 1000
"""After so many operations without a pause it is for the kernel to see whether that ever ends."""

_get_hooks, _set_hooks = sys.get_asyncgen_hooks, sys.set_asyncgen_hooks
_NO_HOOKS: Final = (None, None)
_READS: Final[set[type]] = {Call}
"""The classes of calls that change nothing, as far as they have been seen."""
_CHANGES: Final[set[type]] = set()
"""Of those that do."""
_WITHOUT_LOG: Final[dict[type, object]] = {Mark: None, Patched: True}
"""What is for a log, and has the same answer always where none is kept."""
_AGAIN: Final = object()
"""It is known now what this is."""
NOT_HERE: Final = object()
"""That is for the kernel to do."""


class _Nothing(Ask, frozen=True):
    """In the place of a question: none is asked."""


class _Start(Ask, frozen=True):
    """In the place of a question: it has not been started, and takes no answer."""

    __answers__ = frozenset({type(None)})


NOTHING: Final = _Nothing()
START: Final = _Start()


class Made:
    """A call that was made and has not simply returned: it raised, or waits for something."""

    __slots__ = ("begun", "call", "close", "error", "trap")

    def __init__(self, call: Call[Any], close: Callable[[], object]) -> None:
        self.call = call
        self.close = close
        """Gives it up."""
        self.begun = True
        """Whether there was a coroutine at all."""
        self.error: BaseException | None = None
        self.trap: object = None
        """What it waits for, if it has not raised."""


class _NotBegun(Exception):
    """Holds what was raised instead of making the coroutine of a call."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def lane_for(
    fn: SpindleFunction, args: tuple[object, ...], provide: Mapping[Any, object]
) -> Lane | None:
    """A lane for `fn(*args)`; None if it is no plain `async def`, or somebody wants its tag."""
    return Lane(fn, args, provide) if is_async_def(fn) and not TAGS.wanted else None


class Lane:
    """The coroutine of one spindle, and what it has said."""

    __slots__ = (
        "args",
        "asked",
        "asks",
        "block",
        "called",
        "caller",
        "context",
        "conversation",
        "coroutine",
        "ending",
        "fn",
        "heard",
        "notified",
        "number",
        "outcome",
        "provide",
        "send",
        "steps",
        "trap",
    )

    def __init__(
        self, fn: SpindleFunction, args: tuple[object, ...], provide: Mapping[Any, object]
    ) -> None:
        self.fn = fn
        self.args = args
        self.provide = provide
        self.context = copy_context()
        self.coroutine: Coro[Any, Any, object] | None = None
        self.send: Callable[[Any], Any] = self._begin
        self.asked: Ask = START
        """What it asks; `NOTHING` while it runs, and once it has ended or left."""
        self.number = 0
        """How often it has asked."""
        self.block: type[Block] | None = None
        self.asks: set[type] = set()
        """The classes of its block's questions, as far as it has asked them."""
        self.heard: type | None = None
        self.notified: list[Notify] = []
        """What it notified the view of since its last answer."""
        self.caller: Any = None
        """The generator that makes its calls."""
        self.called = 0
        """How many calls it has begun."""
        self.conversation = b""
        """The id of its conversation, once it was needed."""
        self.steps = 0
        """How many operations it has done since it was answered, once it has left."""
        self.outcome: Completed[Any] | None = None
        self.trap: object = NOTHING
        """What it awaits, if that is for the kernel to answer."""
        self.ending: BaseException | None = None
        """What its code has ended with, if that is for the kernel to judge."""

    def run(self, answer: object) -> Suspended | Completed[Any] | None:
        """Answer it; None if that is for the kernel to do, or what came of it.

        Written out, for tests do this many times.
        """
        heard = type(answer)
        # There are hooks where an event loop runs around, or another spindle.
        if heard not in self.asked.__answers__ or _get_hooks() != _NO_HOOKS:
            return None
        context, asks, steps = self.context, self.asks, 0
        enter = context.run
        try:
            self.asked, self.heard = NOTHING, heard
            if self.notified:
                self.notified = []
            _set_hooks(None, _close)
            trap: Any = enter(self.send, answer)
            while steps < MOST_STEPS:
                kind = type(trap)  # pyright: ignore[reportUnknownVariableType]
                if kind in asks:
                    self.number += 1
                    self.asked = trap
                    return Suspended(trap)
                reads = kind in _READS
                if reads or kind in _CHANGES:
                    caller = self.caller or self._new_caller()
                    own = context.copy()  # as on a hosted page
                    self.called += 1
                    if not reads and KEYS.wanted:
                        own.run(KEYS.put, self.keyed(trap))
                    try:
                        value: object = own.run(caller.send, trap)
                    except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
                        self._raised(trap, raised)
                        break  # noqa: ASYNC104
                    if caller.gi_yieldfrom is not None:
                        self._waits(trap, own, value)
                        break
                else:
                    value = self._answer(trap, kind)  # pyright: ignore[reportUnknownArgumentType]
                    if value is _AGAIN:
                        continue
                    if value is NOT_HERE:
                        break
                trap = enter(self.send, value)
                steps += 1
            self.steps = steps
            if self.trap is NOTHING:
                self.trap = trap
        except StopIteration as stop:
            self.outcome = Completed(stop.value)
        except BaseException as raised:  # noqa: ASYNC103 - the kernel judges it
            self.asked, self.ending = NOTHING, raised
        finally:
            _set_hooks(None, None)
        return self.outcome  # noqa: ASYNC104

    def _begin(self, nothing: None) -> object:
        self.coroutine = begun = self.fn(*self.args)
        self.send = begun.send
        return begun.send(nothing)

    def _new_caller(self) -> Any:
        caller = self.caller = _calls()
        next(caller)
        return caller

    def keyed(self, call: Call[Any]) -> KeyedCall:
        """What the call is known by that it has begun last, and that changes something."""
        if not self.conversation:
            self.conversation = drawn()
        return KeyedCall(self.conversation, self.called, call.name, call.args, call.keywords)

    def _raised(self, call: Call[Any], raised: BaseException) -> None:
        """A call has raised: the kernel throws that into the coroutine, or says what is wrong."""
        self.caller = None
        self.trap = made = Made(call, bool)
        made.begun = type(raised) is not _NotBegun
        made.error = raised.error if isinstance(raised, _NotBegun) else raised

    def _waits(self, call: Call[Any], context: Context, trap: object) -> None:
        """A call waits for something, which the kernel will refuse."""
        self.trap = made = Made(call, partial(context.run, self.caller.close))
        made.trap = trap
        self.caller = None

    def _answer(self, trap: Any, kind: type[Any]) -> object:
        """Do what is not a call, and no question of a kind that was asked before."""
        if issubclass(kind, (Ask, Notify)):
            block = kind.__block__
            if block is None or block is not (self.block or block):
                return NOT_HERE
            self.block = block
            if issubclass(kind, Ask):
                self.asks.add(kind)
                return _AGAIN
            self.notified.append(trap)
            return None
        if kind is Use:
            from spindle._core.operations.provision import provided

            try:
                return provided(trap.kind, self.provide)
            except Exception:
                return NOT_HERE  # the kernel says the same, and throws it
        if kind in _WITHOUT_LOG:
            return _WITHOUT_LOG[kind]
        if issubclass(kind, Call):
            seen = _READS if trap.repeat is Repeat.READ else _CHANGES
            seen.add(kind)  # pyright: ignore[reportUnknownArgumentType]
            return _AGAIN
        return NOT_HERE

    @property
    def runs(self) -> bool:
        """Whether its code runs now."""
        return self.asked is NOTHING and self.outcome is None and not self.has_left

    @property
    def calls(self) -> bool:
        """Whether a port's code runs now."""
        return self.caller is not None and bool(self.caller.gi_running)

    @property
    def has_left(self) -> bool:
        """Whether it stands where only the kernel can go on."""
        return self.trap is not NOTHING or self.ending is not None

    @property
    def name(self) -> str:
        """The name of its block, or of its function if it has said nothing yet."""
        return name_of(self.fn if self.block is None else self.block)

    def discard(self) -> None:
        """Close its coroutine, which nobody drives any more, as `edge.discard` does."""
        if self.coroutine is None or self.outcome is not None:
            return
        with contextlib.suppress(Exception):
            close_coroutine(self.coroutine, self.context)


def _make_calls() -> Generator[object, Call[Any], None]:
    """Make one call after the other, and hand on what each has returned.

    A coroutine returns by an exception, which takes long to raise and catch. Here is none.
    """
    call = yield None
    while True:
        try:
            begun: Any = call.fn(*call.args, **call.keywords)
            if type(begun) is not CoroutineType:
                begun = call.checked(begun)
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            raise _NotBegun(raised) from None  # noqa: ASYNC104
        call = yield (yield from begun)  # pyright: ignore[reportGeneralTypeIssues]


_calls: Callable[[], Any] = coroutine(_make_calls)


def _close(generator: AsyncGenerator[Any, Any]) -> None:
    """Close an async generator that was dropped half-way."""
    from spindle._core.kernel.generators import close

    close(generator, depth=1)
