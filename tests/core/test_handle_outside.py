"""Handles outside of their page: of another page, and in the program around."""

from __future__ import annotations

import pytest
import trio

from spindle import (
    Cancelled,
    Completed,
    Contract,
    Errored,
    Event,
    Handle,
    Spindle,
    UsageError,
    Yield,
    await_all,
    await_any,
    open_page,
)
from tests.core.fibers import fail_after, notes_of, return_after
from tests.drivers import Stage, on_trio, under
from tests.talk import Desk, ask_once


class Elsewhere(Contract):
    class Room(Spindle[object]):
        class Left(Event): ...

        class Stay(Yield[Left]): ...


async def stay() -> None:
    await Elsewhere.Room.Stay()


@pytest.mark.parametrize("hosted", [True, False])
@on_trio()
async def test_a_handle_of_another_page_is_refused_with_the_remedy(hosted: bool) -> None:
    said: list[str] = []

    async def meddles(handle: Handle[None]) -> None:
        for operation in (
            handle.result(),
            await_any(handle.result()),
            await_all(handle),
            handle.cancel("not yours"),
        ):
            try:
                await operation
            except UsageError as error:
                said.append(str(error))
        handle.cancel_nowait("from outside")

    async with (
        open_page(Elsewhere, hosted=hosted) as there,
        open_page(Desk, hosted=hosted) as here,
    ):
        handle = there.start(Elsewhere.Room, stay)
        await trio.testing.wait_all_tasks_blocked()
        await here.start(Desk, meddles, handle).wait()
        outcome = await handle.wait()
    join = (
        "Talk.Desk wants to join Elsewhere.Room, which runs on another page: wait for it outside "
        "the spindles, `await handle.wait()`"
    )
    assert said == [
        join,
        join,
        join,
        "Talk.Desk wants to cancel Elsewhere.Room, which runs on another page: "
        "write `handle.cancel_nowait(reason)`",
    ]
    assert isinstance(outcome, Cancelled)
    assert outcome.reason == "from outside"


@pytest.mark.parametrize("hosted", [True, False])
@on_trio()
async def test_F7_the_outcome_is_waited_for_from_outside(hosted: bool) -> None:
    outcomes: list[object] = []

    async def waits(handle: Handle[object]) -> None:
        outcomes.append(await handle.wait())

    async with open_page(Desk, hosted=hosted) as page, trio.open_nursery() as nursery:
        failing = page.start(Desk, fail_after, 1, instance="fails")
        handle = page.start(Desk, return_after, 2, "value")
        with trio.move_on_after(0.5) as scope:
            await handle.wait()
        assert scope.cancelled_caught, "a wait may be given up"
        for _ in range(3):
            nursery.start_soon(waits, handle)
        outcomes.append(await handle.wait())
        outcomes.append(await handle.wait())
        failed = await failing.wait()
    assert outcomes == [Completed("value")] * 5
    assert isinstance(failed, Errored)
    assert notes_of(failed.error) == [], "nobody has raised it a second time"


@pytest.mark.parametrize("hosted", [True, False])
@on_trio()
async def test_F7_who_waits_outside_learns_of_the_end_of_the_page(hosted: bool) -> None:
    outcomes: list[object] = []

    async def waits(handle: Handle[object]) -> None:
        outcomes.append(await handle.wait())

    async with trio.open_nursery() as nursery:
        async with open_page(Desk, hosted=hosted) as page:
            handle = page.start(Desk, ask_once)
            nursery.start_soon(waits, handle)
            await trio.testing.wait_all_tasks_blocked()
            await page.cancel("closing")
        outcomes.append(await handle.wait())
    assert outcomes == [Cancelled("closing")] * 2


@on_trio()
async def test_a_task_spindle_may_wait_for_a_handle_of_another_page() -> None:
    async def waits(handle: Handle[object]) -> object:
        return await handle.wait()

    async with open_page(Desk) as there, open_page(Desk) as here:
        handle = there.start(Desk, return_after, 1, "there")
        outcome = await here.start(Desk, waits, handle).wait()
    assert outcome == Completed(Completed("there"))


@on_trio()
async def test_waiting_outside_is_a_checkpoint_also_after_the_end() -> None:
    async with open_page(Desk) as page:
        handle = page.start(Desk, return_after, 0, 1)
        await handle.wait()
        with trio.testing.assert_checkpoints():
            await handle.wait()


@under("hand")
async def test_by_hand_nobody_waits_outside(page: Stage) -> None:
    handle = page.start(Desk, ask_once)
    with pytest.raises(UsageError, match="look at its handle's outcome instead"):
        await handle.wait()
