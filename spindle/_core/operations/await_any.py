"""Wait for whichever comes first."""

from __future__ import annotations

from collections.abc import Awaitable
from types import GeneratorType
from typing import Any, Final, Literal, TypeVar, overload

from spindle._core.errors import UsageError
from spindle._core.functions import is_coroutine
from spindle._core.messages import Ask, Notify
from spindle._core.names import name_of, shown
from spindle._core.operations.batch import Load
from spindle._core.operations.cell import Cell, Changes, NextChange, Watch
from spindle._core.operations.channel import Channel, PutItem, TakeItem
from spindle._core.operations.clock import Sleep
from spindle._core.operations.fiber import AwaitAll, StartFiber
from spindle._core.operations.fork import Fork
from spindle._core.operations.handle import Handle, Result
from spindle._core.operations.operation import Operation
from spindle._core.operations.port import Call
from spindle._core.operations.scope import Scope

__all__ = ["AwaitAny", "await_any"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")

# What is waited for, and whether it is a yield; other yields are added when they are first met.
_SOURCES: dict[type, bool] = {NextChange: False, TakeItem: False, Sleep: False, Result: False}


class AwaitAny(Operation[tuple[int, object]]):
    """Wait for the first of several sources."""

    __slots__ = ("asks", "sources")

    __spelling__ = "await_any(...)"
    __gathers__ = True

    def __init__(self, sources: tuple[object, ...], asks: list[Ask]) -> None:
        self.sources = sources
        self.asks = asks
        """Those of the sources that are yields."""


@overload
def await_any(a: Awaitable[A], /) -> Operation[tuple[Literal[0], A]]: ...
@overload
def await_any(
    a: Awaitable[A], b: Awaitable[B], /
) -> Operation[tuple[Literal[0], A] | tuple[Literal[1], B]]: ...
@overload
def await_any(
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /
) -> Operation[tuple[Literal[0], A] | tuple[Literal[1], B] | tuple[Literal[2], C]]: ...
@overload
def await_any(
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], /
) -> Operation[
    tuple[Literal[0], A] | tuple[Literal[1], B] | tuple[Literal[2], C] | tuple[Literal[3], D]
]: ...
@overload
def await_any(*sources: Awaitable[T]) -> Operation[tuple[int, T]]: ...
def await_any(*sources: object) -> Operation[Any]:
    """Wait for the first of several sources; exactly one is consumed, the others are as before.

    Sources are operations that wait: yields, `channel.take()`, `changes.next()`, `sleep()`,
    `handle.result()`. Of several that are ready at once the first by position wins. A yield that
    loses is withdrawn; a queued event that it did not take stays in the mailbox; a handle that
    loses runs on. Cancelling the wait consumes none of them.

    Returns:
        When awaited: a pair, the position of the winner (from 0) and its value.

    Raises:
        UsageError: an argument is no such operation.
        WrongBlock: when awaited: a yield belongs to another block than the spindle's.
        PageClosing: when awaited: a yield is among them, and the page is being stopped.
        Exception: when awaited: what the winner raises: a failed handle, a channel that was closed.
    """
    if not sources:
        raise UsageError("await_any() takes the operations to wait for: await_any(first, second)")
    asks: list[Any] = []
    for source in sources:
        is_ask = _SOURCES.get(type(source))
        if is_ask is None:
            is_ask = _learn(source)
        if is_ask:
            asks.append(source)
    return AwaitAny(sources, asks)


def _learn(source: object) -> bool:
    if not isinstance(source, Ask):
        raise UsageError(_not_a_source(source))
    _SOURCES[type(source)] = True
    return True


def _not_a_source(source: object) -> str:
    kind, what = name_of(type(source)), shown(source)
    if is_coroutine(source):
        name = name_of(source)
        source.close()
        return (
            f"await_any() does not run a coroutine: start it as a fiber before, "
            f"`{name} = await fiber({name}, ...)`, and wait for {name}.result()"
        )
    if isinstance(source, (Call, Load)):
        return (
            f"await_any() does not make calls: start the call as a fiber before, "
            f"`call = await fiber(port.{source.name.rpartition('.')[2]}, ...)`, and wait for "
            f"call.result()"
        )
    if isinstance(source, type) and issubclass(source, Ask):
        return f"await_any() takes a yield, not its class: write {name_of(source)}(...)"
    for kinds, remedy in _REMEDIES:
        if isinstance(source, kinds):
            return f"await_any() {remedy}"
    if isinstance(source, Operation):
        return f"await_any() does not wait for {kind}, which is answered at once"
    return (
        f"await_any() takes operations that are not awaited yet, such as a yield, channel.take() "
        f"or handle.result(), not {what}: write await_any(first, second) without `await` "
        f"before any of them"
    )


_REMEDIES: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (
        (list, tuple, set, frozenset, dict, GeneratorType),
        "takes the operations one by one: write await_any(*sources)",
    ),
    (
        Watch,
        "does not take a watch(), which brings a new channel each time and so is always ready: "
        "write `changes = cell.changes()` before the loop and wait for changes.next(), or for "
        "take() of one watch() made before",
    ),
    (
        Cell,
        "waits for the next value of a cell: write `changes = cell.changes()` before the loop, "
        "and wait for changes.next()",
    ),
    (Changes, "waits for the next value of a subscription: write changes.next()"),
    (Handle, "takes what a handle gives: write handle.result()"),
    (Channel, "waits to take from a channel: write channel.take()"),
    (AwaitAny, "does not nest: list all the operations in one"),
    (PutItem, "waits for values: put the item in a fiber, and wait for its result()"),
    (
        AwaitAll,
        "waits for the first, await_all() for every one: list the results, "
        "await_any(first.result(), second.result())",
    ),
    (
        StartFiber,
        "does not start fibers: start it before, `call = await fiber(...)`, and wait for "
        "call.result()",
    ),
    (
        Fork,
        "does not fork: do that before, `handle = await fork(...)`, and wait for handle.result()",
    ),
    (
        Scope,
        "takes no scope: put a limit around it, `async with timeout(seconds): await await_any(...)`"
        ", or let sleep(seconds) be one of the sources",
    ),
    (Notify, "waits, and a notify does not: await it by itself, before"),
)
