"""The edge of a spindle: its coroutine is made here, and whatever leaves it is caught here."""

from __future__ import annotations

import contextlib
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, Final

from spindle._core.discarding import close_coroutine
from spindle._core.errors import ForeignAwait, UsageError
from spindle._core.kernel.groups import is_a, leaves
from spindle._core.kernel.slips import remind
from spindle._core.kernel.tracebacks import trimmed
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.kernel.wording import example_of, swallows
from spindle._core.names import kind_of, name_of
from spindle._core.operations.operation import Operation
from spindle._core.states import Errored, Outcome

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record

__all__ = [
    "begin",
    "captured",
    "discard",
    "discard_all",
    "interrupted",
    "lacks_a_task",
    "or_as_tasks",
    "stray",
    "with_remedy",
]

# What trio and asyncio say of a scope, a group or a wait with no task of theirs, or no run, around.
_NO_TASK: Final = (
    "must be called from async context",
    "'RunContext' object has no attribute 'runner'",
    "'RunContext' object has no attribute 'task'",
    "no running event loop",
    "Timeout should be used inside a task",
)


def begin(record: Record) -> Coroutine[Any, Any, object]:
    """Make the coroutine of a spindle.

    Raises:
        UsageError: its function is not an async function.
    """
    coroutine: Coroutine[Any, Any, object] = record.fn(*record.args)
    kind: object = type(coroutine)
    if kind is not CoroutineType:
        coroutine = _coroutine_of(record, coroutine)
    record.coroutine = coroutine
    return coroutine


def _coroutine_of(record: Record, returned: object) -> Coroutine[Any, Any, object]:
    if isinstance(returned, Operation):  # of a port's method, as a fiber
        return _perform(returned)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(returned, (AsyncGeneratorType, GeneratorType)):
        raise UsageError(_yields(record, returned))  # pyright: ignore[reportUnknownArgumentType]
    raise UsageError(
        f"{name_of(record.fn)} is to run as a spindle but returned {kind_of(returned)}: "
        f"write `async def`"
    )


def _yields(record: Record, made: AsyncGeneratorType[object, Any] | GeneratorType[object]) -> str:
    is_async = isinstance(made, AsyncGeneratorType)
    code = made.ag_code if isinstance(made, AsyncGeneratorType) else made.gi_code
    ask = example_of(record)
    return (
        f"{name_of(record.fn)} at {code.co_filename}:{code.co_firstlineno} contains `yield`, which "
        f"makes a generator of it, not a spindle: write `await {ask}` instead of `yield {ask}`"
        + ("" if is_async else ", and `async def`")
    )


async def _perform(operation: Operation[object]) -> object:
    return await operation


def discard(record: Record) -> None:
    """Close the coroutine of a spindle that nobody drives any more.

    Each operation in its `finally` blocks is refused by GeneratorExit in turn. What its code raises
    then is raised.
    """
    coroutine, record.coroutine = record.coroutine, None
    if coroutine is not None:
        close_coroutine(coroutine, record.context)


def discard_all(kernel: Kernel) -> None:
    """Close every coroutine of a page that nobody drives any more, fibers before their owners."""
    left: list[Record] = [*kernel.live.values(), *(kernel.outside or ())]
    for record in left:
        left.extend(record.children or ())
    for record in reversed(left):
        with contextlib.suppress(Exception):
            discard(record)


def captured(record: Record, error: BaseException) -> Outcome[object]:
    """The outcome of a spindle that raised `error`.

    Raises:
        KeyboardInterrupt: that is not the spindle's own.
    """
    trimmed(error)
    if record.stubborn is not None and (is_a(error, Unwinding) or is_a(error, GeneratorExit)):
        return Errored(swallows(record, record.stubborn))
    if is_a(error, Unwinding):
        return record.cancel if record.cancel is not None else stray(record)
    if any(is_a(each, KeyboardInterrupt) for each in leaves(error)):
        raise KeyboardInterrupt from error
    if is_a(error, Exception):
        remind(error)
        return Errored(error)
    kind = kind_of(error)
    wrapped = UsageError(f"{record.name} raised {kind}: a spindle can end itself, nothing else")
    wrapped.__cause__ = error
    return Errored(wrapped)


def interrupted(record: Record) -> Errored:
    """The outcome of a spindle whose code was running when the program was interrupted."""
    return Errored(UsageError(f"{record.name} was interrupted from the keyboard"))


def stray(record: Record) -> Errored:
    """The outcome of a spindle that raised a cancellation although nobody had cancelled it."""
    return Errored(
        UsageError(
            f"{record.name} raised a cancellation that was not its own: an exception that unwinds "
            f"a cancelled spindle was kept and raised again later"
        )
    )


def lacks_a_task(error: BaseException) -> bool:
    """Whether an event loop refused something because there is no task, or no run, around."""
    # The exact type and a real text: an exception of the user's own may do anything in `str`.
    kind = type(error)
    if (kind is not RuntimeError and kind is not AttributeError) or len(error.args) != 1:
        return False
    said: object = error.args[0]
    return type(said) is str and said in _NO_TASK


def with_remedy(record: Record, error: BaseException) -> BaseException:
    """What a spindle raised that has no task, as it is, or with the remedy if it wanted one."""
    if not lacks_a_task(error):
        return error
    refused = ForeignAwait(
        f"{record.name} used a cancel scope, nursery or wait of an event loop, which needs a task "
        f"of its own. A spindle that is hosted or stepped by hand uses sleep(), timeout(), "
        f"cleanup(), scope() and other operations instead, or leaves it to a port or "
        f"`await perform(fn, ...)`{or_as_tasks(record)}"
    )
    refused.__cause__ = error
    return refused


def or_as_tasks(record: Record) -> str:
    """The other remedy for what only a task can do; a page with a log has none."""
    if record.kernel.keeper is not None:
        return ""
    return "; or open the page with hosted=False, where spindles are trio tasks"
