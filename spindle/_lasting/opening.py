"""How a host of pages that outlive their process is opened, and what it may be given."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import AbstractAsyncContextManager
from math import inf
from typing import TYPE_CHECKING, Final, TypeGuard

from spindle._core.errors import UsageError
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import shown
from spindle._core.operations.provision import check_provided
from spindle._lasting.host import DurableHost
from spindle._runtime.opening import Opening
from spindle.durable.checks import checked_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import trio

    from spindle._core.tracer import Tracer
    from spindle._lasting.chores import Chores
    from spindle.durable.store import Store

__all__ = ["checked_age", "open_durable_host"]

LONGEST: Final = 1e11
"""Some three thousand years, in seconds: whoever waits longer has mistaken the unit."""


def open_durable_host(
    store: Store,
    /,
    *,
    provide: Mapping[type, object] | None = None,
    owner: str = "",
    ttl: float = 10.0,
    grace: float = 0.5,
    snapshot_every: int = 256,
    wake: float | None = 1.0,
    purge_after: float | None = None,
    limits: PageLimits = DEFAULT_LIMITS,
    tracer: Tracer | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> AbstractAsyncContextManager[DurableHost]:
    """Open a host of pages that outlive their process, for the length of an `async with` block.

    Leaving the block puts its pages away: they stay in the store as they are. Coroutines are closed
    here: plain code in `finally` runs up to the first operation, and no `cleanup()` is entered.

    Args:
        store: keeps the logs; it has to outlive the block.
        provide: what `use` hands out: an implementation for each port, a value for any class.
        owner: who acquires pages; the process, by default.
        ttl: seconds for which a page stays this host's if it is heard of no more.
        grace: seconds that calls which change something get to end when a page is put away; one
            that is left with a call under way is due at once.
        snapshot_every: after how many inputs the log of a page begins anew, once all its spindles
            wait where they have marked, or started.
        wake: how often to look for pages that are due, in seconds; None for never. These are taken
            up until they rest, whether somebody looks at them or not; one that cannot be is tried
            again, more and more seldom.
        purge_after: seconds after which a page is removed that has ended, or that nobody has held
            since and that waits for no time; None for never. One that is parked stays, and one
            that a killed process had until it was taken up, see `wake`.
        limits: how much each page may take.
        tracer: is told what begins and ends.
        wall_clock: the time in seconds since 1970, by which the clocks of pages go on; the same as
            the store's.

    Raises:
        NotProvided: an implementation does not implement its port.
        UsageError: `store` is none that is open, or something else is not what it has to be.
    """
    given = check_provided(provide)
    _check_store(store)
    _check_numbers(ttl, grace, snapshot_every, wake)
    _check_others(limits, wall_clock)
    age = checked_age("open_durable_host", purge_after)
    name = checked_owner(owner) if owner else f"process-{os.getpid()}-{secrets.token_hex(4)}"

    def make(nursery: trio.Nursery) -> tuple[DurableHost, DurableHost]:
        host = DurableHost(
            nursery, store, given, name, ttl, grace, snapshot_every, limits, tracer, wall_clock
        )
        _start_chores(nursery, host.chores, ttl, wake, age)
        return host, host

    return Opening("host", make)


def _start_chores(
    nursery: trio.Nursery, chores: Chores, ttl: float, wake: float | None, age: float | None
) -> None:
    nursery.start_soon(chores.keep_leases, ttl, name="spindle leases")
    if wake is not None:
        nursery.start_soon(chores.wake_pages, wake, name="spindle due pages")
    if age is not None:
        nursery.start_soon(chores.purge_pages, age, name="spindle old pages")


def checked_age(caller: str, purge_after: float | None) -> float | None:
    """Return how old pages become that nobody holds, in seconds; None if there is no bound.

    Raises:
        UsageError: it is no positive number.
    """
    if purge_after is not None and not (_is_number(purge_after) and 0 < purge_after < LONGEST):
        wanted = "a positive number of seconds, or None"
        raise UsageError(f"{caller}(purge_after=) takes {wanted}, not {shown(purge_after)}")
    return purge_after


def _check_numbers(ttl: object, grace: object, every: object, wake: object) -> None:
    if not (_is_number(ttl) and 0 < ttl < LONGEST):
        raise _wrong("ttl", "a positive number of seconds", ttl)
    if not (_is_number(grace) and (0 <= grace < LONGEST or grace == inf)):
        raise _wrong("grace", "a number of seconds, 0 or more", grace)
    if type(every) is not int or every < 1:
        raise _wrong("snapshot_every", "a positive whole number", every)
    if wake is not None and not (_is_number(wake) and 0 < wake < LONGEST):
        raise _wrong("wake", "a positive number of seconds, or None", wake)


def _check_others(limits: object, clock: object) -> None:
    if not isinstance(limits, PageLimits):
        raise _wrong("limits", "PageLimits(...)", limits)
    if not callable(clock):
        raise _wrong("wall_clock", "a function such as time.time", clock)


def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in (int, float)


def _wrong(name: str, wanted: str, given: object) -> UsageError:
    return UsageError(f"open_durable_host({name}=) takes {wanted}, not {shown(given)}")


def _check_store(store: object) -> None:
    if isinstance(store, type) or not (hasattr(store, "acquire") and hasattr(store, "append")):
        raise UsageError(
            f"open_durable_host() takes a store that is open, not {shown(store)}. Write\n"
            f"  async with open_sqlite_store('pages.sqlite') as store:\n"
            f"      async with open_durable_host(store) as host: ..."
        )
