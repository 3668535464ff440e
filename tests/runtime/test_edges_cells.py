"""Cells of a page, followed by trio tasks outside it."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    PageMachine,
)
from tests.board import Writer, writes, writes_when_told
from tests.runtime.edges import (
    collect,
    on_both,
    settled,
)


@on_both
async def test_L5_changes_bring_the_newest_value_not_yet_seen(page: PageMachine) -> None:
    page.start(Writer, writes, 1, 2)
    await settled()
    changes = page.changes(Writer.count)
    assert await changes.receive() == 2
    with trio.move_on_after(1) as scope:
        await changes.receive()
    assert scope.cancelled_caught
    page.start(Writer, writes_its_own, "other", instance="other")
    other = page.changes(Writer.count.of("other"))
    came: list[int] = []

    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect, other, came)
        await settled()
        for value in (1, 2, 3):
            page.resume(Writer.Write(value), instance="other")
            await settled()
        nursery.cancel_scope.cancel()
    assert came == [1, 2, 3]


async def writes_its_own(instance: str) -> None:
    while True:
        await Writer.count.of(instance).put((await Writer.Ask()).value)


@on_both
async def test_a_value_that_a_cancelled_wait_did_not_bring_comes_next_time(
    page: PageMachine,
) -> None:
    changes = page.changes(Writer.count)
    page.start(Writer, writes_when_told)
    came: list[int] = []

    async def receives() -> None:
        came.append(await changes.receive())

    for value in range(8):
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(receives)
                await settled()
                steps = [scope.cancel, lambda v=value: page.resume(Writer.Write(v))]
                for step in steps if value % 2 else reversed(steps):
                    step()
        if value not in came:
            came.append(await changes.receive())
    assert came == list(range(8))


@on_both
async def test_L3_watch_brings_one_value(page: PageMachine) -> None:
    empty = page.watch(Writer.count)
    with trio.move_on_after(1) as scope:
        await empty.receive()
    assert scope.cancelled_caught, "and the next wait goes on watching"
    page.start(Writer, writes_when_told)
    page.resume(Writer.Write(1))
    page.resume(Writer.Write(2))
    assert [value async for value in empty] == [1]
    filled = page.watch(Writer.count)
    assert [value async for value in filled] == [2]
    with pytest.raises(trio.EndOfChannel):
        await filled.receive()


@on_both
async def test_L3_of_several_that_wait_for_one_watch_one_is_told(page: PageMachine) -> None:
    watch = page.watch(Writer.count)
    came: list[object] = []

    async def receives() -> None:
        try:
            came.append(await watch.receive())
        except trio.EndOfChannel:
            came.append("end")

    page.start(Writer, writes_when_told)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(receives)
        await settled()
        for value in (1, 2, 3):
            page.resume(Writer.Write(value))
    assert sorted(came, key=str) == [1, "end", "end"]


@on_both
async def test_L4_the_owner_ends_first(page: PageMachine) -> None:
    async def ends() -> None:
        await Writer.Ask()

    page.start(Writer, ends)
    changes, watch = page.changes(Writer.count), page.watch(Writer.count)
    told: list[str] = []

    async def waits(receiver) -> None:
        with pytest.raises(trio.EndOfChannel) as end:
            await receiver.receive()
        told.append(str(end.value.__cause__))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits, changes)
        nursery.start_soon(waits, watch)
        await settled()
        page.resume(Writer.Write(0))
    assert told == ["Board.Writer.count gets no value: Board.Writer ended without putting one"] * 2
    page.start(Writer, writes, 5)
    assert await changes.receive() == 5, "the owner was started again"
