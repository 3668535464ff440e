"""One spindle in any trio program, without a contract or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple, Unpack

import trio
from typing_extensions import TypeVar

from spindle._core.functions import check_function
from spindle._core.kernel.snapshot import Tree, tree
from spindle._core.names import name_of
from spindle._core.operations.provision import check_provided
from spindle._core.public import publish
from spindle._core.states import Cancelled, Completed, Errored, Origin, Suspended, asked_for
from spindle._runtime.asking import Asking
from spindle._runtime.following import follow
from spindle._runtime.hosted import Hosted
from spindle._runtime.opening import Opening
from spindle._runtime.page import seed_of
from spindle._runtime.results import Results
from spindle._runtime.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from contextlib import AbstractAsyncContextManager

    from spindle._core.journal import Journal
    from spindle._core.messages import Yield
    from spindle._core.replay.log import Log
    from spindle._core.tracer import Tracer
    from spindle._runtime.logged_hosted import LoggedHosted
    from spindle._runtime.ontrio import OnTrio
    from spindle._runtime.questions import Next

__all__ = ["AsyncCoroutine", "open_coroutine", "resume_coroutine"]

R = TypeVar("R")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class AsyncCoroutine(Generic[R]):
    """Runs one spindle: starts it, answers it, tells what it says. Made by `open_coroutine`.

    Any task may call any method. The methods that wait return the state the spindle is in next;
    `results` has every state, whoever waited for it. A wait that is cancelled changes nothing: the
    spindle goes on, its state still comes to `results`, and `run` waits for it again.

    Fibers of the spindle, and spindles that it forks, ask and tell with it. The runner ends with
    the spindle; a fork that goes on then is not heard any more, and ends with the block.
    """

    __slots__ = ("_asking", "_driver", "_results", "_tag")

    def __init__(self, tag: str, driver: OnTrio, asking: Asking) -> None:
        self._tag = tag
        self._driver = driver
        self._asking = asking
        self._results = Results[R](tag, asking)

    @property
    def tag(self) -> str:
        """What `results` calls it."""
        return self._tag

    @property
    def results(self) -> Results[R]:
        """All that it says, in order, as pairs of tag and state: to be read, or left alone."""
        return self._results

    @property
    def state(self) -> Suspended | Completed[R] | Errored | Cancelled | None:
        """The state it is in; None while it runs, or before it was started.

        If several questions are asked at a time, the oldest that has no answer.
        """
        return self._asking.state

    @property
    def outcome(self) -> Completed[R] | Errored | Cancelled | None:
        """How it ended; None before."""
        return self._asking.record.outcome

    def tree(self) -> Tree:
        """What runs now, fibers and forks too, what it waits for and since when; to be printed."""
        return tree(self._driver.kernel)

    def run_nowait(self) -> None:
        """Start it. Does not block.

        Raises:
            UsageError: it was started already, or has ended.
        """
        self._asking.start()

    async def run(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """Start it, unless it was started, and wait while it runs; always a checkpoint.

        Cancelling the wait leaves it as it is, started or not.

        Returns:
            The state it is in: at once if it asks something or has ended.

        Raises:
            UsageError: the spindle itself calls.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        self._asking.refuse_itself("run()")
        if self.outcome is None and not self._asking.started:
            self._asking.start()
        return await self._wait(self._asking.next())

    def resume_nowait(self, ask: Yield[T], answer: T) -> None:
        """Answer a question. Does not block.

        The answer waits its turn while the runner pauses for a slow reader of `results`, or a fiber
        runs. If the question is withdrawn before that, by a time limit or a cancellation, the
        answer goes nowhere, as `results` tell.

        Args:
            ask: the question, as `Suspended(ask)` carried it: that object, not one that equals it.
            answer: what its `await` returns.

        Raises:
            UnexpectedEvent: it does not ask that (any more), or `answer` does not answer it, or the
                spindle has ended. Nothing has happened.
            UsageError: `ask` is not a question, or nothing was started. Nothing has happened.
        """
        self._asking.answer(ask, answer)

    async def resume(
        self, ask: Yield[T], answer: T
    ) -> Suspended | Completed[R] | Errored | Cancelled:
        """Answer a question, and wait for the state that comes of it; always a checkpoint.

        Args:
            ask: the question, as `Suspended(ask)` carried it: that object, not one that equals it.
            answer: what its `await` returns.

        Returns:
            The state that follows this answer, whatever else is answered meanwhile.

        Raises:
            UnexpectedEvent: it does not ask that (any more), or `answer` does not answer it, or the
                spindle has ended. Nothing has happened.
            UsageError: `ask` is not a question, nothing was started, or the spindle itself calls.
                Nothing has happened.
            trio.Cancelled: if before the call, nothing has happened; if while it waits, the answer
                stands.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        self._asking.refuse_itself("resume()")
        return await self._wait(self._asking.answer(ask, answer))

    def cancel_nowait(self, reason: str = "") -> None:
        """Cancel it. Does not block: its cleanup runs afterwards; the first reason given stands.

        Raises:
            UsageError: `reason` is not a text.
        """
        self._driver.leave(asked_for(reason, Origin.REQUESTED))

    async def cancel(self, reason: str = "") -> Completed[R] | Errored | Cancelled:
        """Cancel it and wait until its cleanup has run; always a checkpoint.

        The first reason given stands. Cancelling the wait does not undo the cancel.

        Returns:
            `Cancelled`, or what it ended with instead: an error raised in its cleanup, the value
            it returned although it was cancelled, or the state it was in if it had ended before.

        Raises:
            UsageError: `reason` is not a text.
        """
        await self._driver.end(asked_for(reason, Origin.REQUESTED))
        outcome: Completed[Any] | Errored | Cancelled | None = self._asking.record.outcome
        assert outcome is not None
        return outcome

    async def _wait(self, following: Next) -> Suspended | Completed[R] | Errored | Cancelled:
        try:
            return await following.wait()
        finally:
            self._asking.forget(following)

    def __repr__(self) -> str:
        record = self._asking.record
        return f"<{self._tag}: {record.name}, {record.state.value}>"


def open_coroutine(
    fn: Callable[[Unpack[Ts]], Coroutine[Any, Any, R]],
    /,
    *args: *Ts,
    tag: str | None = None,
    provide: Mapping[type, object] | None = None,
    journal: Journal | None = None,
    tracer: Tracer | None = None,
    hosted: bool = False,
    log: Log | None = None,
) -> AbstractAsyncContextManager[AsyncCoroutine[R]]:
    """Hold one spindle, `fn(*args)`, for the length of an `async with` block.

    Nothing runs before `run` or `run_nowait`. Leaving the block, in whatever way, cancels the
    spindle and waits until its cleanup has run, also when the program around is being cancelled;
    `results` and `outcome` can be read afterwards.

    Args:
        fn: the spindle's async function. What it raises is its outcome, `Errored`.
        args: its arguments.
        tag: what `results` calls it; the name of `fn` if nothing is given.
        provide: what `use` hands out: an implementation for each port, a value for any class.
        journal: is told all that happens; must not block.
        tracer: is told what begins and ends.
        hosted: step the spindle as a plain coroutine in the task that answers it, instead of giving
            it a task. Faster and smaller; it then awaits operations only, not trio.
        log: a new one, in which it is written down, for `resume_coroutine`. It is hosted then.

    Raises:
        UsageError: `fn` is a coroutine object or cannot be called; or `log` is no `Log`, or not
            new, or cannot keep the arguments.
        NotProvided: an implementation does not implement its port.
        ExceptionGroup: from the end of the block: the errors of forks whose policy is to escalate.
    """
    check_function("open_coroutine", fn)
    given = check_provided(provide)
    if log is not None:
        from spindle._core.replay.log import check_log
        from spindle._runtime.logged_opening import begin

        check_log("open_coroutine(log=)", log)
        return _written(log, begin(fn, args, log, tag, given, journal, tracer))

    def make(nursery: trio.Nursery) -> tuple[OnTrio, AsyncCoroutine[R]]:
        driver = (Hosted if hosted else Tasks)(nursery, given, journal, seed=seed_of(None))
        follow(driver.kernel, name_of(fn), tag or "", tracer)
        asking = Asking(driver, fn, args)
        driver.outbox = asking
        return driver, AsyncCoroutine(name_of(fn) if tag is None else tag, driver, asking)

    return Opening("runner", make)


def resume_coroutine(
    fn: Callable[..., Coroutine[Any, Any, R]],
    log: Log,
    /,
    *,
    tag: str | None = None,
    provide: Mapping[type, object] | None = None,
    journal: Journal | None = None,
    tracer: Tracer | None = None,
) -> AbstractAsyncContextManager[AsyncCoroutine[R]]:
    """Take up a spindle where its log ends, for the length of an `async with` block.

    Its code runs again from the beginning, or from its last mark, and gets what it got: nothing is
    done again, but calls whose end is not in the log, if they may be; a `once` of that kind raises
    `OutcomeUnknown`. `results` begin with what it asks now, or with how it ended. Its clock goes on
    from where it stood. It is hosted, and goes on being written to the same log.

    Args:
        fn: the spindle's function, as it is now.
        log: of an `open_coroutine` that has ended, or of a `Coroutine`, which takes nothing more
            then; loaded or not.
        tag: what `results` calls it; the name of `fn` if nothing is given.
        provide: as for a new one.
        journal: is told what happens from now on.
        tracer: likewise.

    Raises:
        UsageError: `log` is no `Log`, or empty, or `fn` is no function; or, also when the block is
            entered, its conversation goes on in another block.
        NotProvided: as for a new one.
        ReplayMismatch: when the block is entered: the code does something else than the log says.
            Nothing was done, and the log is as it was.
        ExceptionGroup: from the end of the block: the errors of forks whose policy is to escalate.
    """
    check_function("resume_coroutine", fn)
    from spindle._core.replay.log import check_log
    from spindle._runtime.logged_opening import take_up

    check_log("resume_coroutine()", log)
    log.check_free()
    return _written(log, take_up(fn, log, tag, check_provided(provide), journal, tracer))


def _written(
    log: Log, make: Callable[[trio.Nursery], tuple[LoggedHosted, AsyncCoroutine[R]]]
) -> Opening[AsyncCoroutine[R]]:
    """Hold what this makes; it writes to the log from when the block is entered."""

    def made(nursery: trio.Nursery) -> tuple[LoggedHosted, AsyncCoroutine[R]]:
        log.check_free()
        driver, runner = make(nursery)
        log.write_by(driver)
        return driver, runner

    return Opening("runner", made)


publish("spindle", [AsyncCoroutine])
