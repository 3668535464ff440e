"""Fibers: further coroutines of one spindle, which end with who started them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from itertools import islice
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack, overload

from spindle._core.errors import UsageError
from spindle._core.functions import check_function
from spindle._core.kernel.groups import is_a
from spindle._core.names import error_shown, name_of, shown
from spindle._core.notes import annotate
from spindle._core.operations.handle import Handle, Start
from spindle._core.operations.operation import Operation
from spindle._core.operations.scope import CancelPoint, ExitScope, Scope

if TYPE_CHECKING:
    from types import TracebackType

    from spindle._core.kernel.record import Record

__all__ = [
    "AwaitAll",
    "FiberScope",
    "JoinFibers",
    "StartFiber",
    "await_all",
    "fiber",
    "map_fibers",
    "scope",
]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
Ts = TypeVarTuple("Ts")


class StartFiber(Start[T]):
    """Start a fiber."""

    __slots__ = ("args", "fn")

    starter = "fiber"

    def __init__(self, fn: Callable[..., Coroutine[Any, Any, T]], args: tuple[object, ...]) -> None:
        self.fn = fn
        self.args = args


def fiber(
    fn: Callable[[Unpack[Ts]], Coroutine[Any, Any, T]], /, *args: *Ts
) -> Operation[Handle[T]]:
    """Start `fn(*args)` as a fiber: a coroutine that belongs to the one that starts it.

    It runs beside its owner, from its next turn on, speaks for the same block and ends with its
    owner: then it is cancelled. What it raises is kept for who joins it (`handle.result()`); if
    nobody has by then, its owner fails with it. `fn` may also be a method of a port
    (`fiber(catalog.search, filters)`), which makes a call one of the sources of `await_any`.

    Args:
        fn: an async function of operations, or a port's method.
        args: its arguments.

    Returns:
        When awaited: its handle, at once.

    Raises:
        UsageError: `fn` is a coroutine object, a class or cannot be called.
        LimitReached: when awaited: the page has as many coroutines, or they are as deep, as may be.
        PageClosed: when awaited: the page is ending, and this stands in a `cleanup()`.
    """
    if type(fn) is not FunctionType:
        if isinstance(fn, type):
            raise UsageError(
                f"fiber() takes an async function, not the class {name_of(fn)}: a fiber speaks for "
                f"the block of its spindle, write fiber(function, ...); to ask in it, ask in that "
                f"function"
            )
        check_function("fiber", fn)
    return StartFiber(fn, args)


class FiberScope(Scope):
    """Holds the fibers that are started inside, and does not end before them."""

    __slots__ = ("failure", "fibers")

    maker = "scope"

    def __init__(self) -> None:
        super().__init__(None, shield=False)
        self.fibers: dict[Record, None] = {}
        self.failure: Exception | None = None
        """What failed first, a fiber or the body."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.failure is None and is_a(error, Exception):
            self.failure = error
        await JoinFibers(self, error)  # noqa: ASYNC102 - its fibers end within their own bounds
        await ExitScope(self, error)  # noqa: ASYNC102 - answered at once, never waits
        failure, self.failure = self.failure, None
        if failure is None:
            if error is None:
                await CancelPoint()  # noqa: ASYNC102 - what has cut the fibers is not to go unseen
            return
        if error is failure:
            return
        if is_a(error, Exception):
            annotate(failure, f"the body of its scope() failed, too: {error_shown(error)}")
        context = failure.__context__
        try:
            raise failure
        finally:
            # Where it came from is of interest, not that the body was cancelled because of it.
            failure.__context__ = context


class JoinFibers(Operation[None]):
    """Wait until a scope's fibers have ended, cancelling them if `error` is leaving it."""

    __slots__ = ("error", "scope")

    def __init__(self, scope: FiberScope, error: BaseException | None) -> None:
        self.scope = scope
        self.error = error


def scope() -> FiberScope:
    """Hold fibers together: the block ends when all that were started inside have ended.

    For use as `async with scope(): ...`, once. The fibers that the block's own coroutine starts
    inside belong to it. If one fails, the others and the body are cancelled. If the body is left by
    an exception, the fibers are cancelled. Cancelling the spindle, or a `timeout()` around the
    block, cancels them too; leaving the block waits for their cleanups.

    Raises:
        Exception: from the end of the block: what the first that failed has raised, a fiber or the
            body, with the later failures as notes.
        UsageError: where it is entered a second time.
    """
    return FiberScope()


class AwaitAll(Operation[tuple[object, ...]]):
    """Wait for the ends of several coroutines."""

    __slots__ = ("handles",)

    __spelling__ = "await_all(...)"

    def __init__(self, handles: tuple[Handle[object], ...]) -> None:
        self.handles = handles


@overload
def await_all(a: Handle[A], b: Handle[B], /) -> Operation[tuple[A, B]]: ...
@overload
def await_all(a: Handle[A], b: Handle[B], c: Handle[C], /) -> Operation[tuple[A, B, C]]: ...
@overload
def await_all(
    a: Handle[A], b: Handle[B], c: Handle[C], d: Handle[D], /
) -> Operation[tuple[A, B, C, D]]: ...
@overload
def await_all(*handles: Handle[T]) -> Operation[tuple[T, ...]]: ...
def await_all(*handles: Handle[Any]) -> Operation[tuple[Any, ...]]:
    """Wait for several fibers or spindles, and return what they returned, in the given order.

    Takes handles, not their `result()`: when one fails, the others are cancelled, and what they
    raise then becomes notes of the error that is raised.

    Returns:
        When awaited: a tuple. Cancelling the wait leaves them alone.

    Raises:
        UsageError: an argument is not a handle; when awaited: it would wait for itself, or one
            belongs to another page.
        Exception: when awaited: what the first one that failed has raised.
        WasCancelled: when awaited: one was cancelled.
        PageClosing: when awaited: one made way, for the page is being stopped.
    """
    for each in handles:
        if not isinstance(each, Handle):
            raise UsageError(
                f"await_all() takes handles, as in await_all(first, second), not {shown(each)}"
                + (
                    ": write await_all(*handles)"
                    if isinstance(each, (list, tuple))
                    else ": pass the handle itself, not what it gives"
                )
            )
    return AwaitAll(handles)


async def map_fibers(
    fn: Callable[[A], Coroutine[Any, Any, T]], items: Iterable[A], /, *, limit: int
) -> tuple[T, ...]:
    """Call `fn` with each item, at most `limit` of them at a time, in fibers; wait for all.

    Cancelling the wait cancels the calls and waits for their cleanups.

    Args:
        fn: an async function of operations, or a port's method, of one argument.
        items: what to call it with; taken one by one, as fibers become free.
        limit: how many run at a time, 1 or more.

    Returns:
        What the calls returned, in the order of the items.

    Raises:
        UsageError: `limit` is below 1, or `fn` cannot be called.
        Exception: what the first call that failed has raised, or what `items` did; the others are
            cancelled.
        LimitReached: the page has as many coroutines as may be.
    """
    if not isinstance(limit, int) or limit < 1:
        raise UsageError(f"map_fibers() takes a limit of 1 or more, not {shown(limit)}")
    check_function("map_fibers", fn)
    waiting = enumerate(items)
    results: dict[int, T] = {}

    async def work(position: int, item: A) -> None:
        results[position] = await fn(item)
        for later, each in waiting:
            results[later] = await fn(each)

    async with scope():
        for position, item in islice(waiting, limit):
            await fiber(work, position, item)
    return tuple(results[position] for position in sorted(results))
