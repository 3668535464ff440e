"""A test of a spindle that reads as the conversation it demands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVarTuple, Unpack

from typing_extensions import TypeVar

from spindle._core.coroutine import Coroutine
from spindle._core.errors import Deadlock, StillRunning, UnexpectedEvent, UsageError
from spindle._core.functions import check_function
from spindle._core.messages import Ask, Message, Notify
from spindle._core.names import name_of, shown
from spindle._core.states import Cancelled, Completed, Errored, Suspended
from spindle.testing.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Coroutine as Coro

    from spindle._core.messages import Yield
    from spindle._core.source import Source

__all__ = ["Expectation", "Transcript"]

A = TypeVar("A")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")

END: Final = 100
"""How many lines a failure shows of each end of a conversation that is longer than both."""


class Expectation(Generic[A]):
    """A question that was asked as expected, and waits for its answer."""

    def __init__(self, answer: Callable[[object], None]) -> None:
        self._answer = answer

    def answer(self, event: A) -> None:
        """Answer it and run the spindle up to its next question, or its end.

        Raises:
            AssertionError: the question does not take this answer, or was answered before.
        """
        self._answer(event)


class Transcript(Generic[R]):
    """Runs `fn(*args)` by hand, step by step, as the test expects it; no loop, no view.

    Its fibers, and spindles that it forks, run with it; their questions are asked as its own are,
    and may be expected in any order. Its clock stands still while it asks, and jumps where only
    time is waited for.

    A step that comes out differently raises AssertionError with the whole conversation.
    """

    def __init__(
        self,
        fn: Callable[[Unpack[Ts]], Coro[Any, Any, R]],
        /,
        *args: *Ts,
        provide: Mapping[type, object] | None = None,
        seed: int = 0,
    ) -> None:
        """Start the spindle and run it up to its first question.

        Args:
            fn: the spindle's function.
            args: its arguments.
            provide: what `use` hands out.
            seed: of `random_float` and `unique_id`.

        Raises:
            UsageError: `fn` is a coroutine object or cannot be called, or `seed` no whole number.
            NotProvided: an implementation does not implement its port.
            AssertionError: it comes to a state in which it waits for ever.
        """
        check_function("Transcript", fn)
        self._recording = Recording()
        self._coroutine = Coroutine(fn, *args, provide=provide, journal=self._recording, seed=seed)
        self._state: Suspended | Completed[R] | Errored | Cancelled | None = None
        self._go_on(self._coroutine.run)

    def expect(self, ask: Yield[A]) -> Expectation[A]:
        """Demand that the spindle asks `ask` now.

        Raises:
            AssertionError: it asks something else, or has ended.
            UsageError: `ask` is no yield.
        """
        _check("expect", Ask, ask)
        for source, asked in self._pending():
            if asked == ask:
                return Expectation(partial(self._answer, source, ask))
        return self._fail(f"{shown(ask)} to be asked")

    def expect_notified(self, *notifies: Notify) -> None:
        """Demand that, since the last answer, the view was notified of just these, in order.

        Raises:
            AssertionError: it was notified of something else.
            UsageError: one of them is no notify.
        """
        for each in notifies:
            _check("expect_notified", Notify, each)
        if self._coroutine.notified != notifies:
            self._fail(
                f"notified {shown(list(notifies))}, not {shown(list(self._coroutine.notified))}"
            )

    def advance(self, seconds: float) -> None:
        """Let so much time pass while the spindle waits for an answer, every deadline firing.

        Raises:
            UsageError: `seconds` is no finite number, or below 0.
            AssertionError: it comes to a state in which it waits for ever.
        """
        self._go_on(partial(self._coroutine.advance, seconds))

    @property
    def now(self) -> float:
        """Its clock: seconds since it was started."""
        return self._coroutine.now

    def cancel(self, reason: str = "") -> Completed[R] | Errored | Cancelled:
        """Cancel the spindle, run its cleanup and return what it ended with.

        Raises:
            UsageError: as `Coroutine.cancel` does.
        """
        self._state = ended = self._coroutine.cancel(reason)
        return ended

    @property
    def result(self) -> R:
        """What the spindle returned.

        Raises:
            AssertionError: it has not returned; if it raised, with that error as the cause.
        """
        if not isinstance(self._state, Completed):
            self._fail("it to have returned")
        return self._state.value

    @property
    def conversation(self) -> str:
        """All that happened so far, a line each."""
        return str(self._recording)

    def _pending(self) -> list[tuple[Source, Ask]]:
        """What is asked, as long as the spindle itself runs."""
        return self._coroutine.pending() if isinstance(self._state, Suspended) else []

    def _answer(self, source: Source, ask: Ask, event: object) -> None:
        if (source, ask) not in self._pending():
            self._fail(f"{shown(ask)} to be still unanswered")
        self._go_on(partial(self._coroutine.run, event, to=ask))

    def _go_on(self, step: Callable[[], Suspended | Completed[R] | Errored | Cancelled]) -> None:
        try:
            self._state = step()
        except (UnexpectedEvent, Deadlock, StillRunning) as error:
            raise AssertionError(f"{error}\n\n{self._told()}") from None

    def _fail(self, expected: str) -> NoReturn:
        cause = self._state.error if isinstance(self._state, Errored) else None
        raise AssertionError(
            f"the conversation went another way\n"
            f"expected: {expected}\n"
            f"     was: {self._was()}\n\n{self._told()}"
        ) from cause

    def _told(self) -> str:
        """The conversation, of one that went on and on its two ends."""
        lines = self._recording.lines()
        if len(lines) > 2 * END:
            lines[END:-END] = [f"... {len(lines) - 2 * END:,} lines more"]
        return "\n".join(lines)

    def _was(self) -> str:
        asked = self._pending()
        if len(asked) < 2:
            return shown(self._state)
        return "asked " + " and ".join(shown(ask) for _, ask in asked)


def _check(caller: str, wanted: type[Message], message: object) -> None:
    """Refuse a message of the other kind, or a class of messages."""
    if isinstance(message, wanted):
        return
    kind = name_of(type(message))
    if isinstance(message, Notify):
        raise UsageError(f"{kind} is a Notify: use expect_notified({kind}(...))")
    if isinstance(message, Ask):
        raise UsageError(f"{kind} is a Yield: use expect({kind}(...))")
    instead = f"not {shown(message)}"
    if isinstance(message, type) and issubclass(message, wanted):
        instead = f"not its class: write {name_of(message)}(...)"
    what = "a yield" if wanted is Ask else "a notify"
    raise UsageError(f"{caller}() takes {what}, {instead}")
