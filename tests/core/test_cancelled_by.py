"""A cancellation that comes of something on the page names the spindle it comes from."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

import pytest

from spindle import (
    Cancelled,
    Handle,
    Origin,
    TooSlow,
    WasCancelled,
    await_all,
    fiber,
    fork,
    scope,
    sleep,
    timeout,
)
from spindle._core.source import Source
from tests.core.fibers import fail_after
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ring_once

Case = Callable[[list[Handle[object]]], Awaitable[object]]


async def a_sibling_fails(bells: list[Handle[object]]) -> None:
    bells.append(await fork(Bell, ring_once))
    with pytest.raises(LookupError):
        await await_all(bells[0], await fiber(fail_after, 1))


async def a_sibling_was_cancelled(bells: list[Handle[object]]) -> None:
    bells.append(await fork(Bell, ring_once))
    cut = await fiber(sleep, 1000)
    await cut.cancel("not needed")
    with pytest.raises(WasCancelled):
        await await_all(bells[0], cut)


async def a_fiber_of_its_scope_fails(fibers: list[Handle[object]]) -> None:
    with contextlib.suppress(LookupError):
        async with scope():
            fibers.append(await fiber(sleep, 1000))
            await fiber(fail_after, 1)


async def its_scope_is_left_by_an_error(fibers: list[Handle[object]]) -> None:
    with contextlib.suppress(LookupError):
        async with scope():
            fibers.append(await fiber(sleep, 1000))
            raise LookupError("x")


async def its_owner_ends(fibers: list[Handle[object]]) -> None:
    fibers.append(await fiber(sleep, 1000))


async def its_scope_is_cut(fibers: list[Handle[object]]) -> None:
    with contextlib.suppress(TooSlow):
        async with timeout(1), scope():
            fibers.append(await fiber(sleep, 1000))


LEFT, OWNER = Origin.SCOPE_LEFT, Origin.OWNER_ENDED


@pytest.mark.parametrize(
    ("case", "why", "origin"),
    [
        (a_sibling_fails, "fail_after of Talk.Desk['here'] failed", LEFT),
        (a_sibling_was_cancelled, "sleep of Talk.Desk['here'] was cancelled", LEFT),
        (a_fiber_of_its_scope_fails, "fail_after of Talk.Desk['here'] failed", LEFT),
        (its_scope_is_left_by_an_error, "its scope() was left by LookupError('x')", LEFT),
        (its_scope_is_cut, "its scope() is being cut", LEFT),
        (its_owner_ends, "Talk.Desk['here'] has ended", OWNER),
    ],
)
@under("hand", "hosted", "task")
async def test_F5_whoever_is_cancelled_learns_why_and_by_whom(
    page: Stage, case: Case, why: str, origin: Origin
) -> None:
    cancelled: list[Handle[object]] = []
    page.start(Desk, case, cancelled, instance="here")
    await page.advance(1)
    (handle,) = cancelled
    assert handle.outcome == Cancelled(why, origin, Source(Desk, "here"))
