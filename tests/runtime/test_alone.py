"""The private names of trio's that are used, and the versions they were tried with."""

from __future__ import annotations

import pytest
import trio

from spindle._runtime.alone import CURRENT, VERIFIED_WITH, is_cancelled, this_run
from spindle._runtime.nesting import leave_scopes


def test_alone_was_verified_with_this_trio() -> None:
    minor = ".".join(trio.__version__.split(".")[:2])
    assert minor in VERIFIED_WITH, (
        f"spindle._runtime.alone and .nesting were not tried with trio {minor}: run the tests of "
        f"hosted pages and of swallowed cancellations with it, then add it to VERIFIED_WITH"
    )


async def test_a_run_without_its_current_task_has_none_until_it_is_back() -> None:
    task, run = trio.lowlevel.current_task(), this_run()
    assert run.pop(CURRENT) is task
    try:
        with pytest.raises(RuntimeError):
            trio.lowlevel.current_task()
        assert CURRENT not in run
    finally:
        run[CURRENT] = task
    assert trio.lowlevel.current_task() is task


async def test_a_task_is_cancelled_where_a_checkpoint_would_raise() -> None:
    task = trio.lowlevel.current_task()
    seen: list[bool] = []

    async def look() -> None:
        raises = False
        try:
            await trio.lowlevel.checkpoint_if_cancelled()
        except trio.Cancelled:
            raises = True
            raise
        finally:
            assert is_cancelled(task) is raises
            seen.append(raises)

    await look()
    with trio.CancelScope() as outer:
        outer.cancel()
        with trio.CancelScope(shield=True) as inner:
            await look()
            inner.cancel()
            await look()
        await look()
    await look()
    assert seen == [False, False, True, True, False]


async def test_scopes_that_nobody_leaves_are_left_from_inside_out() -> None:
    task = trio.lowlevel.current_task()
    with trio.CancelScope() as outer:
        inner = [trio.CancelScope().__enter__() for _ in range(3)]
        inner[0].cancel()
        leave_scopes(task, outer)
        await trio.lowlevel.checkpoint()
        inner[2].cancel()
        await trio.lowlevel.checkpoint()
        leave_scopes(task, outer)
    await trio.lowlevel.checkpoint()
