"""How an `AsyncCoroutine` comes by its log: a new one, or one that it goes on with."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from spindle._core.kernel.edge import discard_all
from spindle._core.limits import DEFAULT_LIMITS
from spindle._core.names import name_of
from spindle._core.replay.head import begun, taken_up
from spindle._runtime.alone import adopt_generators
from spindle._runtime.asking import Asking
from spindle._runtime.async_coroutine import AsyncCoroutine
from spindle._runtime.following import follow
from spindle._runtime.logged_hosted import LoggedHosted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    import trio

    from spindle._core.journal import Journal
    from spindle._core.replay.log import Log
    from spindle._core.tracer import Tracer

__all__ = ["begin", "take_up"]

R = TypeVar("R")


def begin(
    fn: Callable[..., Coroutine[Any, Any, R]],
    args: tuple[object, ...],
    log: Log,
    tag: str | None,
    provide: Mapping[type, object],
    journal: Journal | None,
    tracer: Tracer | None,
) -> Callable[[trio.Nursery], tuple[LoggedHosted, AsyncCoroutine[R]]]:
    """What makes a new one; see `open_coroutine`.

    Raises:
        UsageError: the log is not new, or cannot keep the arguments.
    """
    seed = secrets.randbits(63)
    taken = begun(log, fn, args, seed)

    def make(nursery: trio.Nursery) -> tuple[LoggedHosted, AsyncCoroutine[R]]:
        driver, asking = _opened(nursery, fn, taken, log, seed, provide, journal)
        follow(driver.kernel, name_of(fn), tag or "", tracer)
        return driver, AsyncCoroutine(name_of(fn) if tag is None else tag, driver, asking)

    return make


def take_up(
    fn: Callable[..., Coroutine[Any, Any, R]],
    log: Log,
    tag: str | None,
    provide: Mapping[type, object],
    journal: Journal | None,
    tracer: Tracer | None,
) -> Callable[[trio.Nursery], tuple[LoggedHosted, AsyncCoroutine[R]]]:
    """What makes one that goes on with its log; see `resume_coroutine`.

    Raises:
        UsageError: the log is empty.
        ReplayMismatch: it does not fit what the function declares now.
    """
    args, head = taken_up(log, fn)

    def make(nursery: trio.Nursery) -> tuple[LoggedHosted, AsyncCoroutine[R]]:
        driver, asking = _opened(nursery, fn, args, log, head.seed, provide, journal)
        try:
            for _ in driver.retell(head):
                pass
        except BaseException:
            discard_all(driver.kernel)
            raise
        asking.take_up(driver.still_asked())
        follow(driver.kernel, name_of(fn), tag or "", tracer)
        driver.go_on(driver.told_at)
        return driver, AsyncCoroutine(name_of(fn) if tag is None else tag, driver, asking)

    return make


def _opened(
    nursery: trio.Nursery,
    fn: Callable[..., Coroutine[Any, Any, object]],
    args: tuple[object, ...],
    log: Log,
    seed: int,
    provide: Mapping[type, object],
    journal: Journal | None,
) -> tuple[LoggedHosted, Asking]:
    adopt_generators()
    driver = LoggedHosted(nursery, provide, journal, log, seed, limits=DEFAULT_LIMITS)
    asking = Asking(driver, fn, args)
    driver.begin_with(asking.record)
    driver.outbox = asking
    return driver, asking
