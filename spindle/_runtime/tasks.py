"""Spindles as child tasks of the page's one flat nursery: the everyday driver.

A spindle holds the page's turn (the kernel's order, one at a time) while its code runs between
operations. It gives the turn up where it suspends and where it awaits something of trio's own, and
queues for it at its first operation afterwards. It is resumed by parking its task, not through a
memory channel: only a parked task has an abort function, and only that tells the kernel of a native
cancellation in the instant it happens, so that no event is handed to a wait that is gone. (With
channels, 7 of 328 injected cancellations lost an event.)
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Final

import outcome
import trio

from spindle._core.errors import UsageError
from spindle._core.kernel.edge import interrupted
from spindle._core.kernel.ending import finish
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.meanings.meaning import SUSPENDED, Meaning
from spindle._core.kernel.meanings.table import NOT_CANCEL_POINTS
from spindle._core.kernel.record import CANCEL, ERROR, START, TURN, Cause, Outside, Record
from spindle._core.kernel.state import NOBODY
from spindle._core.kernel.stepper import step
from spindle._core.kernel.stubborn import refused
from spindle._core.kernel.unwinding import SWALLOW_BOUND, Unwinding
from spindle._core.keyed import KEYS
from spindle._core.operations.port import Repeat
from spindle._core.operations.reason import CancelReason
from spindle._core.operations.scope import EnterScope, ExitScope
from spindle._core.states import Outcome
from spindle._runtime.alone import CURRENT, is_cancelled, this_run
from spindle._runtime.child import Child, Steps, child_of
from spindle._runtime.nesting import leave_scopes
from spindle._runtime.ontrio import OnTrio
from spindle._runtime.outcomes import raised, returned
from spindle._runtime.rows import lend, take_back
from spindle._runtime.trampoline import trampoline

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.operations.port import Call
    from spindle._core.states import Outcome

__all__ = ["Tasks"]


FOREIGN_BOUND: Final = 5000
"""How many of trio's own awaits may see a cancellation: a cleanup of many streams does at each."""
PAUSE: Final = 0.001
"""Seconds between two cancellations of a spindle that swallows them and cannot be closed."""


class Tasks(OnTrio):
    """Resumes a spindle by rescheduling its task."""

    @trio.lowlevel.enable_ki_protection
    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """Pump without Ctrl-C in the middle of it."""
        if self._pumping:
            return
        kernel = self.kernel
        if kernel.ready is NOBODY:
            lend(kernel)
        self._work(apply, args)
        if self.holder is None and not kernel.ready and not kernel.out:
            take_back(kernel)

    def resume(self, record: Record, /) -> None:
        """Give `record` the turn."""
        outside = self.kernel.outside
        if outside is not None and record in outside and record.root.block is Outside:
            step(self, record)
            return
        self.holder = record
        resumption = record.resumption
        if resumption is START:
            self._start(record)
        elif resumption is CANCEL:
            self._unwind(record)
        elif resumption is ERROR:
            child_of(record).wake(outcome.Error(self.kernel.thrown(_take(record))))
        else:
            child_of(record).wake(outcome.Value(_take(record)))

    @property
    def acts(self) -> bool:
        """See `Turns`: also while the task of a spindle runs that has the turn."""
        if self._pumping or self.holder is None:
            return self._pumping
        child, running = self.holder.driven, this_run().get(CURRENT)
        return isinstance(child, Child) and running is not None and child.task is running

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Leave the call to the spindle's own task, which is the one that asks for it."""
        child_of(record).call = call

    def cut_short(self, record: Record, cause: Cause) -> None:
        """Cancel what `record` is away for."""
        _native(cause).cancel()

    def may_answer(self, record: Record, operation: object) -> bool:
        """Whether nothing has to be awaited before an operation is done."""
        return (
            self.holder is record
            and record.cancel is None
            and not record.scopes
            and type(operation) not in NOT_CANCEL_POINTS
            and not is_cancelled(record.driven.task)
        )

    def answer(self, record: Record, meaning: Meaning, operation: object) -> object:
        """Do an operation in its turn; the task is to `wait` if the answer is `SUSPENDED`."""
        try:
            value = meaning(self.kernel, record, operation)
        except Exception as raised:
            if not self.step_done():
                raise
            self.hold(record, None, raised)
        else:
            if value is not SUSPENDED:
                if not self.step_done():
                    return value
                self.hold(record, value, None)
        self.holder = None
        self.pump()
        return SUSPENDED

    def perform(self, record: Record, meaning: Meaning, operation: object) -> Steps:
        """Do an operation, in the task of the coroutine that awaits it."""
        if type(operation) in NOT_CANCEL_POINTS:
            return (yield from self._perform_always(record, meaning, operation))
        if self.holder is not record:
            yield from self._take_turn(record)
        # After the turn was taken: it may have been cancelled while it queued.
        cause = record.cancelled()
        if cause is not None:
            yield from self._raise_cancelled(record, cause)
        if is_cancelled(record.driven.task):
            yield from trio.lowlevel.checkpoint_if_cancelled().__await__()  # noqa: ASYNC105
        value = self.answer(record, meaning, operation)
        return (yield from self.wait(record)) if value is SUSPENDED else value

    def wait(self, record: Record) -> Steps:
        """Park the task of `record` until it is woken, or make the call it has asked for."""
        child = child_of(record)
        if child.parks():
            return (yield from trio.lowlevel.wait_task_rescheduled(child).__await__())  # noqa: ASYNC105
        if child.call is not None:
            call, child.call = child.call, None
            return (yield from self._make(record, call))
        if child.unwinding is not None:
            # Woken with a cancellation before it parked.
            cause, child.unwinding = child.unwinding, None
            record.run()
            yield from self._raise_cancelled(record, cause)
        result, child.early = child.early, None
        assert result is not None
        return result.unwrap()

    def _perform_always(self, record: Record, meaning: Meaning, operation: object) -> Steps:
        """Answer an operation that no cancellation keeps from its effect."""
        if isinstance(operation, ExitScope):
            return self._exit(record, meaning, operation)
        if isinstance(operation, CancelReason):
            return meaning(self.kernel, record, operation)
        yield from self._take_turn(record, always=True)
        value = meaning(self.kernel, record, operation)
        if isinstance(operation, EnterScope):
            operation.scope.native = trio.CancelScope(shield=operation.scope.shield).__enter__()
        if value is SUSPENDED:
            self._give_turn(record)
            return (yield from self.wait(record))
        return value

    def pass_on(self, record: Record, trap: object) -> Steps:
        """Let the coroutine's task await something of trio's own."""
        result = yield from self.let_through(record, trap)
        if isinstance(result, outcome.Error) and is_a(result.error, trio.Cancelled):
            child, cause = child_of(record), record.cancelled()
            if cause is not None:
                child.swallowed += 1
                if child.swallowed >= FOREIGN_BOUND:
                    yield from self._refuse(record, cause)
        return result

    def let_through(self, record: Record, trap: object) -> Steps:
        """Hand `trap` to trio and wait for the answer."""
        record.leave()
        cause = record.cancelled()
        if cause is not None:
            _native(cause).cancel()
        self._give_turn(record)
        try:
            return (yield trap)
        finally:
            record.run()

    # --- who swallows a cancellation -------------------------------------------------------------

    def cancellation_raised(self, record: Record) -> None:
        """Count that an operation of `record` was answered with a cancellation."""
        cause = record.cancelled()
        if cause is not None:
            cause.swallowed += 1

    def _refuse(self, record: Record, cause: Cause) -> Steps:
        """Raise in `record` what closes it, for it has swallowed its cancellation too often.

        While a nursery of trio's is open in it, that would end the program. Then it goes on, slowed
        down so that it costs little, and without the turn; it will be named as an overrunner.
        """
        child = child_of(record)
        assert child.task is not None
        if child.task.child_nurseries:
            self._give_turn(record)
            return (yield from _slow_down())
        cause.swallowed = max(cause.swallowed, SWALLOW_BOUND) + 1
        try:
            raise refused(record, cause)
        except UsageError:
            leave_scopes(child.task, child.scope)
            raise

    # --- a spindle's task -----------------------------------------------------------------------

    def _start(self, record: Record) -> None:
        record.run()
        record.driven = child = Child(self, record)
        record.context.run(self.nursery.start_soon, self._run, record, child)

    @trio.lowlevel.enable_ki_protection
    async def _run(self, record: Record, child: Child) -> None:  # noqa: ASYNC910
        child.task = task = trio.lowlevel.current_task()
        task.name = record.name
        # The task's own, in which it changes what its forks and fibers are to see.
        record.context = task.context
        child.scope.__enter__()
        try:
            value = await trampoline(self, record)
        except BaseException as error:  # noqa: ASYNC103 - the edge of a spindle
            result = self._raised(record, child, error)  # noqa: ASYNC104
        else:
            result = returned(record, child, value)
        if self.holder is not record:
            await _steps(self._take_turn(record, always=True))
        finish(self.kernel, record, result)
        del result  # or the traceback of an error, this frame and it keep each other
        self._give_turn(record)

    def _raised(self, record: Record, child: Child, error: BaseException) -> Outcome[object]:
        try:
            return raised(record, child, error)
        except KeyboardInterrupt as interrupt:
            self.interrupt(interrupt)
            return interrupted(record)

    # --- the turn -------------------------------------------------------------------------------

    def _take_turn(self, record: Record, *, always: bool = False) -> Steps:
        """Queue for the turn, unless it is held; a native cancellation may end the queueing.

        An input like any other, with its time: the page's clock is right when the turn is there.
        """
        if self.holder is not record:
            cause = None if always else record.cancelled()
            if cause is not None and cause.swallowed >= SWALLOW_BOUND:
                yield from self._refuse(record, cause)
            child = child_of(record)
            child.queueing, child.insists = True, always
            self.post(self._queue, record)
            yield from self.wait(record)
        return None

    def _queue(self, record: Record) -> None:
        child = child_of(record)
        if child.queueing:
            child.queueing = child.insists = False
            self.kernel.wake(record, TURN)

    def _give_turn(self, record: Record) -> None:
        if self.holder is record:
            self.holder = None
        self.pump()

    def withdraw(self, record: Record) -> bool:
        """Its wait is to be cancelled from outside; answers whether it may be."""
        child = child_of(record)
        if child.insists:
            return False
        if child.queueing:
            child.queueing = False
            return True
        if self.holder is record:  # its turn has come, with the cancellation: see `_unwind`
            record.run()
            return True
        if self.kernel.ready is NOBODY:
            lend(self.kernel)
            self.kernel.moment = None  # no input brings the time of this one
        may = self.kernel.withdraw(record)
        self.pump()
        return may

    def _make(self, record: Record, call: Call[Any]) -> Steps:
        """Make a call in the spindle's own task; its end is an input like any other."""
        value: object = None
        error: BaseException | None = None
        before = None if call.repeat is Repeat.READ else KEYS.put(call.keyed)
        try:
            value = yield from call.begin().__await__()
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            error = raised
        if before is not None:
            KEYS.take_back(before)
        if is_a(error, trio.Cancelled) and call.repeat is Repeat.ONCE:
            # By a scope of the user's own, too: whether it was done is not known then either.
            error = Unwinding(record.cancelled() or record)
        self.be_busy()  # or a port that answers at once, asked in a loop, would stop the program
        self.post(self.kernel.call_ended, record, call, value, error)
        del error
        return (yield from self.wait(record))

    # --- scopes and cancellation ----------------------------------------------------------------

    def _exit(self, record: Record, meaning: Meaning, leave: ExitScope) -> bool:
        native, error = _native(leave.scope), leave.error
        meaning(self.kernel, record, leave)
        if error is None:
            native.__exit__(None, None, None)
        else:
            native.__exit__(type(error), error, None)
        return native.cancelled_caught

    def _unwind(self, record: Record) -> None:
        """Resume `record`, which waits and is cancelled, by cancelling its task."""
        cause = record.cancelled()
        assert cause is not None
        child = child_of(record)
        if not child.parked:
            child.unwinding = cause
            return
        _native(cause).cancel()
        if child.parked:
            # A shield of trio's own stands around the wait. The kernel has withdrawn it already.
            record.run()
            child.wake(outcome.Error(_shielded(record)))

    def _raise_cancelled(self, record: Record, cause: Cause) -> Steps:
        if cause.swallowed >= SWALLOW_BOUND:
            yield from self._refuse(record, cause)
        _native(cause).cancel()
        yield from trio.lowlevel.checkpoint_if_cancelled().__await__()  # noqa: ASYNC105
        raise _shielded(record)


def _slow_down() -> Steps:
    with trio.CancelScope(shield=True):  # noqa: ASYNC100 - awaited by the task, step by step
        yield from trio.sleep(PAUSE).__await__()  # noqa: ASYNC101, ASYNC105
    return None


@types.coroutine
def _steps(steps: Steps) -> Steps:
    return (yield from steps)


def _native(cause: Cause) -> trio.CancelScope:
    """The trio scope that stands for what cancels a spindle."""
    native = child_of(cause).scope if isinstance(cause, Record) else cause.native
    assert isinstance(native, trio.CancelScope)
    return native


def _take(record: Record) -> object:
    value, record.with_value = record.with_value, None
    record.run()
    return value


def _shielded(record: Record) -> UsageError:
    return UsageError(
        f"{record.name} is cancelled and awaited an operation inside a shielded trio scope: shield "
        f"operations with `async with cleanup(seconds)`, which the page knows of"
    )
