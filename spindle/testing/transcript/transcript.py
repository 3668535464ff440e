"""A test of a spindle that reads as the conversation it demands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from collections.abc import Coroutine as Coro
from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    TypeVarTuple,
    Unpack,
    overload,
)

from typing_extensions import TypeVar

from spindle._core.errors import hides_frames
from spindle._core.functions import check_function
from spindle._core.kernel.edge import discard_all
from spindle._core.messages import Ask, Notify
from spindle._core.source import Source
from spindle.testing.transcript.demands import Demands
from spindle.testing.transcript.driver import TranscriptDriver
from spindle.testing.transcript.expectations import CallExpectation, Expectation
from spindle.testing.transcript.slips import (
    check_cell,
    check_message,
    check_method,
    check_performed,
    check_stub,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from spindle._core.contracts.block import Block
    from spindle._core.messages import Yield
    from spindle._core.operations.cell import Cell
    from spindle._core.states import Cancelled, Completed, Errored

__all__ = ["Transcript"]

__tracebackhide__ = hides_frames

A = TypeVar("A")
E = TypeVar("E", bound=Exception)
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Transcript(Generic[R]):
    """Runs `fn(*args)` by hand, step by step, as the test expects it; no loop, no view.

    Its fibers, and spindles that it forks, run with it; their questions and calls are expected as
    its own are, in any order. A port that `provide=` does not give is played by the test: a call of
    it waits until `expect_call` says what comes of it. Its clock stands still while it asks or
    calls, and jumps where only time is waited for.

    A step that comes out differently raises AssertionError with the whole conversation. As a
    context manager it is strict: what the test has not looked at fails it at the end of the block.
    """

    def __init__(
        self,
        fn: Callable[[Unpack[Ts]], Coro[Any, Any, R]],
        /,
        *args: *Ts,
        provide: Mapping[type, object] | None = None,
        stub: Iterable[Callable[..., Coro[Any, Any, object]]] = (),
        seed: int = 0,
    ) -> None:
        """Start the spindle and run it up to its first question or call.

        Args:
            fn: the spindle's function.
            args: its arguments.
            provide: what `use` hands out; a port given here is called, any other one played.
            stub: functions that are played where `perform` is given them, by `expect_perform`.
            seed: of `random_float` and `unique_id`.

        Raises:
            UsageError: `fn` is a coroutine object or cannot be called, `stub` is no list of async
                functions, or `seed` no whole number.
            NotProvided: an implementation does not implement its port.
            AssertionError: it comes to a state in which it waits for ever.
        """
        check_function("Transcript", fn)
        self._driver = TranscriptDriver(fn, args, provide, check_stub(stub), seed)
        self._demands = Demands(self._driver)
        self._demands.go_on(self._driver.start)

    def __del__(self) -> None:
        """Close it without a word when a test drops it half-way; its cleanup does not run."""
        driver = getattr(self, "_driver", None)  # there is none if it was refused when made
        if driver is not None:
            with contextlib.suppress(Exception):
                discard_all(driver.kernel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Demand that the test has looked at what happened; what still runs is closed.

        Looked at is a question or a call that was expected, even if it was not answered; news that
        `expect_notified` has named; how it ended, by `result`, `cancel` or an `expect_...`, unless
        it returned None. Forks and what was put into cells need not be.

        Raises:
            AssertionError: something was not.
        """
        try:
            if kind is None:
                self._demands.nothing_more()
        finally:
            discard_all(self._driver.kernel)

    # --- what it asks and calls -----------------------------------------------------------------

    def expect(self, ask: Yield[A]) -> Expectation[A]:
        """Demand that the spindle asks `ask` now.

        Raises:
            AssertionError: it asks something else, or has ended.
            UsageError: `ask` is no yield.
        """
        check_message("expect", Ask, ask)
        source = self._demands.asked(ask)
        return Expectation(partial(self._demands.answer, source, ask))

    @overload
    def expect_call(self, method: Callable[..., Coro[Any, Any, T]], /) -> CallExpectation[T]: ...
    @overload
    def expect_call(
        self,
        method: Callable[Concatenate[S, P], Coro[Any, Any, T]],
        /,
        *args: P.args,
        **keywords: P.kwargs,
    ) -> CallExpectation[T]: ...
    def expect_call(
        self, method: Callable[..., Coro[Any, Any, T]], /, *args: object, **keywords: object
    ) -> CallExpectation[T]:
        """Demand that the method of a port that was not given is called now, and play it.

        `run.expect_call(Orders.place, order).returns(number)`. Of several calls in flight, any may
        be expected; the oldest that fits is meant. Where keys are read in batches, each key is a
        call of the method that reads one.

        Args:
            method: the port's method.
            args: what it is called with; without any, whatever that is.
            keywords: the same, by name.

        Raises:
            AssertionError: it is not called, or with something else.
            UsageError: `method` is no method of a port, or of one that was given, or does not take
                these arguments.
        """
        check_method(method)
        call = self._demands.called("expect_call", method, args, keywords)
        return CallExpectation(call.arguments, partial(self._demands.end_call, call), method)

    @overload
    def expect_perform(self, fn: Callable[..., Coro[Any, Any, T]], /) -> CallExpectation[T]: ...
    @overload
    def expect_perform(
        self, fn: Callable[[Unpack[Ts]], Coro[Any, Any, T]], /, *args: *Ts
    ) -> CallExpectation[T]: ...
    def expect_perform(
        self, fn: Callable[..., Coro[Any, Any, T]], /, *args: object
    ) -> CallExpectation[T]:
        """Demand that a function of `stub=` is performed now, and play it, as `expect_call` does.

        Raises:
            AssertionError: it is not performed, or with something else.
            UsageError: `fn` is not in `stub=`, or does not take these arguments.
        """
        check_performed(fn, self._driver.stub)
        call = self._demands.called("expect_perform", fn, args, {})
        return CallExpectation(call.arguments, partial(self._demands.end_call, call), fn)

    # --- what it says and does ------------------------------------------------------------------

    def expect_notified(self, *notifies: Notify) -> None:
        """Demand that, in the last step, the view was notified of just these, in order.

        A step is what follows an answer, the end of a call, `advance` or `cancel`.

        Raises:
            AssertionError: it was notified of something else.
            UsageError: one of them is no notify.
        """
        for each in notifies:
            check_message("expect_notified", Notify, each)
        self._demands.notified(notifies)

    @overload
    def expect_forked(self, block: type[Block], /, *, instance: str | None = None) -> None: ...
    @overload
    def expect_forked(
        self,
        block: type[Block],
        fn: Callable[[Unpack[Ts]], Coro[Any, Any, object]],
        /,
        *args: *Ts,
        instance: str | None = None,
    ) -> None: ...
    def expect_forked(
        self,
        block: type[Block],
        fn: Callable[..., Coro[Any, Any, object]] | None = None,
        /,
        *args: object,
        instance: str | None = None,
    ) -> None:
        """Demand that a spindle was forked by now: `run.expect_forked(Board, board, seats)`.

        One that was demanded before does not count again.

        Args:
            block: its block.
            fn: its function; without one, whatever that is and is given.
            args: its arguments.
            instance: the name that it was started with.

        Raises:
            AssertionError: none was, or with something else.
        """
        self._demands.forked(Source(block, instance), fn, args)

    def expect_put(self, cell: Cell[T], value: T) -> None:
        """Demand that `value` was put into `cell`, next after what was demanded of it before.

        Raises:
            AssertionError: something else was, or nothing.
            UsageError: `cell` is no cell.
        """
        check_cell(cell)
        self._demands.put(cell, value)

    # --- time and the end -----------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let so much time pass while the spindle waits for an answer, every deadline firing.

        Raises:
            UsageError: `seconds` is no finite number, or below 0.
            AssertionError: it comes to a state in which it waits for ever.
        """
        self._demands.go_on(partial(self._driver.pass_time, seconds))

    @property
    def now(self) -> float:
        """Its clock: seconds since it was started."""
        return self._driver.clock()

    def cancel(self, reason: str = "") -> Completed[R] | Errored | Cancelled | None:
        """Cancel the spindle and run its cleanup; deadlines in it pass at once.

        Returns:
            What it ended with; None if a call that the test plays has to end before: one in its
            cleanup, or a `write` or `once` that was in flight and runs on.

        Raises:
            UsageError: it goes on all the same, in a `cleanup()` without end; or `reason` is not a
                text.
        """
        self._demands.go_on(partial(self._driver.cancel, reason))
        self._demands.see_end()
        return self._driver.record.outcome

    @property
    def result(self) -> R:
        """What the spindle returned.

        Raises:
            AssertionError: it has not returned; if it raised, with that error as the cause.
        """
        value: R = self._demands.completed()
        return value

    def expect_returned(self, value: R) -> None:
        """Demand that the spindle has returned `value`.

        Raises:
            AssertionError: it has not; if it raised, with that error as the cause.
        """
        self._demands.returned(value)

    def expect_raised(self, kind: type[E], /, *, match: str = "") -> E:
        """Demand that the spindle has failed with an error of class `kind`.

        Args:
            kind: the class.
            match: a regular expression that is found in its text.

        Returns:
            The error.

        Raises:
            AssertionError: it has not; if it raised another error, with that as the cause.
        """
        error = self._demands.raised(kind, match)
        assert isinstance(error, kind)
        return error

    def expect_cancelled(self, reason: str | None = None) -> None:
        """Demand that the spindle has ended because it was cancelled, for `reason` if it is given.

        Raises:
            AssertionError: it has not; if it raised, with that error as the cause.
        """
        self._demands.cancelled(reason)

    @property
    def conversation(self) -> str:
        """All that happened so far, a line each."""
        return "\n".join(self._driver.conversation.lines())

    def as_test(self, name: str = "test_conversation") -> str:
        """All that happened so far as the source of a test that demands just that.

        Every port is played in it, whether it was given or not; of what `provide=` gave, only other
        values are left, as source. A value that has no source is written as its `repr`.
        """
        from spindle.testing.transcript.as_test import (
            write_test,  # few tests want it, and it loads much
        )

        return write_test(name, self._driver)
