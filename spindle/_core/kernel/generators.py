"""Async generators that a spindle drops half-way: closed at once, where no event loop does it.

`break` out of an `async for` leaves a generator suspended. Who closes it is decided when it is
first iterated: Python takes the finalizer from the thread's hooks then, and calls it when the
generator is garbage. Trio's hooks adopt the generators of its tasks only. A hosted or hand-stepped
spindle runs where no task is current, so trio takes its generators for those of a foreign loop, and
Python on its own gives up at the first operation in a `finally` ("ignored GeneratorExit").

So there are hooks of ours. By hand they stand while a page is at work, and what was there before
them stands again afterwards. On trio they are installed once a run, around trio's, and pass on all
that is not first iterated by a spindle's code; trio takes them away with its own when the run ends.
Which generators are ours is decided once for each, by looking for a page at work below it on the
stack: no step of a spindle pays for it. The mark is on the generator itself. A set of ids, as trio
keeps, grows with every generator that is used up, because no finalizer is called for those.

A dropped generator belongs to no spindle any more: operations in its `finally` are refused, as trio
refuses them in the task it closes generators in, and its context variables are a copy.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import AsyncGenerator, Callable
from contextvars import copy_context
from inspect import currentframe
from typing import Any, Final, TypeAlias, TypeVarTuple, Unpack

from spindle._core.errors import ForeignAwait, OutsideSpindle
from spindle._core.kernel.meanings.table import meaning_of
from spindle._core.names import name_of

__all__ = ["close", "close_dropped_ones", "dispatch_hooks"]

Generator: TypeAlias = AsyncGenerator[Any, Any]
Ts = TypeVarTuple("Ts")
Hook: TypeAlias = Callable[[Generator], None]

CLOSE_BOUND: Final = 100
"""How many awaits are refused before a generator that goes on awaiting is given up."""
AT_WORK: Final = f"{__name__.rpartition('.')[0]}."
"""What the names of the modules begin with that are on the stack while a page is at work."""


def close_dropped_ones(work: Callable[[Unpack[Ts]], None], *args: *Ts) -> None:
    """Do some work of a page by hand; generators that begin in it are closed when dropped."""
    firstiter, finalizer = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, close)
    try:
        work(*args)
    finally:
        sys.set_asyncgen_hooks(firstiter, finalizer)


def dispatch_hooks(has_its_own: Callable[[], bool], guarded: Callable[[Hook], Hook]) -> None:
    """Install hooks for hosted spindles around those of the event loop, unless they are there.

    Args:
        has_its_own: whether the event loop knows who runs, and takes care of its generators.
        guarded: keeps Ctrl-C out of a finalizer, where it would be lost.
    """
    firstiter, finalizer = sys.get_asyncgen_hooks()
    if isinstance(getattr(firstiter, "__self__", None), _Dispatch):
        return
    hooks = _Dispatch(firstiter, finalizer, has_its_own)
    sys.set_asyncgen_hooks(hooks.begun, guarded(hooks.dropped))


class _Ours(str):
    """The name of a generator of a hosted spindle."""

    __slots__ = ()


class _Dispatch:
    __slots__ = ("_finalizer", "_firstiter", "_has_its_own")

    def __init__(
        self, firstiter: Hook | None, finalizer: Hook | None, has_its_own: Callable[[], bool]
    ) -> None:
        self._firstiter = firstiter
        self._finalizer = finalizer
        self._has_its_own = has_its_own

    def begun(self, generator: Generator) -> None:
        if not self._has_its_own() and _is_a_page_at_work():
            named: Any = generator
            named.__qualname__ = _Ours(named.__qualname__)
        elif self._firstiter is not None:
            self._firstiter(generator)

    def dropped(self, generator: Generator) -> None:
        named: Any = generator
        if type(named.__qualname__) is _Ours or self._finalizer is None:
            named.__qualname__ = str(named.__qualname__)
            close(generator, depth=2)
        else:
            self._finalizer(generator)


def _is_a_page_at_work() -> bool:
    frame = currentframe()
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(AT_WORK) and name != __name__:
            return True
        frame = frame.f_back
    return False


def close(generator: Generator, depth: int = 0) -> None:
    """Close a generator that was dropped; what that raises is logged, as nobody else can see it.

    Args:
        generator: it has begun, and is not used up.
        depth: how many calls there are between this one and the line that dropped it.
    """
    try:
        copy_context().run(_run_finally, generator)
    except BaseException:  # noqa: ASYNC103 - logged
        import logging

        logging.getLogger("spindle.generators").exception(
            "an async generator that was dropped half-way failed when it was closed: %s",
            name_of(generator),
        )
    warnings.warn(
        f"{name_of(generator)} was dropped before it was used up, and closed outside its spindle: "
        f"write `async with aclosing(...)` around its use",
        ResourceWarning,
        stacklevel=2 + depth,
        source=generator,
    )


def _run_finally(generator: Generator) -> None:
    closing: Any = generator.aclose()
    try:
        trap: object = closing.send(None)
        for _ in range(CLOSE_BOUND):
            trap = closing.throw(_refusal(generator, trap))
    except StopIteration:
        return
    raise OutsideSpindle(f"{name_of(generator)} goes on awaiting although nobody runs it")


def _refusal(generator: Generator, trap: object) -> Exception:
    name, kind = name_of(generator), name_of(trap if isinstance(trap, type) else type(trap))
    remedy = f"Write `async with aclosing({name}(...))` around its use, which closes it in time"
    if meaning_of(trap) is None:
        return ForeignAwait(
            f"{name} awaited something ({kind}) while it was closed. It was dropped half-way, so "
            f"nobody runs it any more. {remedy}"
        )
    return OutsideSpindle(
        f"{kind} was awaited outside a spindle: {name} was dropped half-way and is being closed, "
        f"so nobody runs it any more. {remedy}"
    )
