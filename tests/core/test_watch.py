"""Watching a cell: the next value, nothing left behind, and word of an owner that ends first."""

from __future__ import annotations

import gc

import pytest

from spindle import (
    Abandoned,
    Cell,
    ChannelClosed,
    Completed,
    Coroutine,
    Restart,
    fork,
    timeout,
)
from spindle._core.errors import TooSlow
from tests.board import Board, Reader, Writer, told, writes, writes_when_told
from tests.drivers import Stage, under


def watchers(page: Stage, cell: Cell) -> int:
    """How many channels and waits are registered with a cell."""
    state = (page.kernel.cells or {}).get(cell)
    return 0 if state is None else len(state.waiting) + len(state.watchers)


# --- watch ----------------------------------------------------------------------------------------


async def watches(name: str) -> str:
    channel = await Writer.count.watch()
    await Reader.Said(f"{name} watches")
    value = await channel.take()
    with pytest.raises(ChannelClosed):
        await channel.take()
    await Reader.Said(f"{name} saw {value}")
    return name


@under("hand", "hosted", "task", contract=Board)
async def test_L3_each_watcher_of_an_empty_cell_gets_the_next_value_then_the_end(
    page: Stage,
) -> None:
    for name in "abc":
        page.start(Reader, watches, name, instance=name)
    page.start(Writer, writes_when_told)
    assert told(await page.hears()) == ["a watches", "b watches", "c watches"]
    for value in (1, 2):
        page.resume(Writer.Write(value))
    assert told(await page.hears()) == ["a saw 1", "b saw 1", "c saw 1"]
    page.start(Reader, watches, "late")
    assert told(await page.hears()) == ["late watches", "late saw 2"]
    assert watchers(page, Writer.count) == 0


@under("hand", "hosted", "task", contract=Board)
async def test_L4_watchers_that_are_cancelled_leave_nothing(page: Stage) -> None:
    async def waits_for_changes() -> None:
        await Writer.count.changes().next()

    handles = [page.start(Reader, watches, name, instance=name) for name in "abc"]
    handles += [page.start(Reader, waits_for_changes, instance=name) for name in "xyz"]
    await page.settle()
    assert watchers(page, Writer.count) == 6
    for left, handle in enumerate(handles, start=1):
        handle.cancel_nowait("enough")
        await page.settle()
        assert watchers(page, Writer.count) == 6 - left


@under("hand", "hosted", "task", contract=Board)
async def test_L4_a_watch_that_nobody_will_read_is_forgotten(page: Stage) -> None:
    """In a loop over a cell that is never written, each round leaves as little as the first."""

    async def watches_in_rounds() -> None:
        for _ in range(20):
            channel = await Writer.count.watch()
            with pytest.raises(TooSlow):
                async with timeout(1):
                    await channel.take()
        del channel
        await Reader.Ask()

    page.start(Reader, watches_in_rounds)
    await page.settle()
    await page.advance(100)
    assert page.said() == ["Reader asks Ask(number=1) #1"]
    gc.collect()
    assert watchers(page, Writer.count) == 0


@under("hand", "hosted", "task", contract=Board)
async def test_a_watch_may_be_passed_on_to_a_spindle_that_lives_longer(page: Stage) -> None:
    async def begins_to_watch() -> None:
        channel = await Writer.count.watch()
        await fork(Reader, reads_on, channel, instance="heir")

    async def reads_on(channel) -> None:
        await Reader.Said(f"inherited {await channel.take()}")

    page.start(Reader, begins_to_watch)
    page.start(Writer, writes_when_told)
    await page.settle()
    page.resume(Writer.Write(5))
    assert told(await page.hears()) == ["inherited 5"]


# --- the owner ends first -------------------------------------------------------------------------


async def waits(name: str, how: str) -> None:
    try:
        if how == "watch":
            value = await (await Writer.count.watch()).take()
        else:
            value = await Writer.count.changes().next()
    except Abandoned as abandoned:
        await Reader.Said(f"{name}: {abandoned}")
    else:
        await Reader.Said(f"{name} saw {value}")


async def ends() -> None:
    """End without having written anything."""
    await Writer.Ask()


GIVES_UP = "Board.Writer.count gets no value: Board.Writer ended without putting one"


@under("hand", "hosted", "task", contract=Board)
async def test_L4_who_waits_learns_that_the_owner_has_ended_without_writing(page: Stage) -> None:
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    handle = page.start(Writer, ends)
    await page.settle()
    handle.cancel_nowait("no more")
    # Those that waited with changes() are told before those that have a channel.
    assert told(await page.hears()) == [f"b: {GIVES_UP}", f"a: {GIVES_UP}"]
    page.start(Reader, waits, "c", "watch", instance="c")
    page.start(Reader, waits, "d", "changes", instance="d")
    assert told(await page.hears()) == [f"c: {GIVES_UP}", f"d: {GIVES_UP}"]
    assert watchers(page, Writer.count) == 0


@under("hand", "hosted", "task", contract=Board)
async def test_L4_whoever_watches_before_the_owner_starts_waits_for_it(page: Stage) -> None:
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    assert told(await page.hears()) == []
    page.start(Writer, writes, 3)
    assert told(await page.hears()) == ["b saw 3", "a saw 3"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_an_owner_that_is_started_again_may_write_yet(page: Stage) -> None:
    handle = page.start(Writer, ends)
    await page.settle()
    handle.cancel_nowait("no more")
    await page.settle()
    page.start(Writer, writes_when_told)
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    assert told(await page.hears()) == []
    page.resume(Writer.Write(4))
    assert told(await page.hears()) == ["b saw 4", "a saw 4"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_a_spindle_between_two_runs_abandons_nothing(page: Stage) -> None:
    """Restarted or replaced, the key is never without somebody who may write."""

    async def fails_once() -> None:
        if not await Writer.title.get(""):
            await Writer.title.put("ran before")
            raise LookupError
        await Writer.count.put(1)

    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    page.start(Writer, fails_once, policy=Restart(delay=5, jitter=0))
    assert told(await page.hears()) == []
    await page.advance(5)
    assert told(page.said()) == ["b saw 1", "a saw 1"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_a_value_outlives_its_spindle(page: Stage) -> None:
    handle = page.start(Writer, writes, 9)
    await page.settle()
    handle.cancel_nowait("done")
    await page.settle()
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    assert told(await page.hears()) == ["a saw 9", "b saw 9"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_who_has_seen_a_value_waits_on_when_the_owner_ends(page: Stage) -> None:
    """Another run of it may put the next one; nothing was promised and broken."""

    async def follows() -> None:
        changes = Writer.count.changes()
        while True:
            await Reader.Said(f"saw {await changes.next()}")

    handle = page.start(Writer, writes, 1)
    follower = page.start(Reader, follows)
    await page.settle()
    handle.cancel_nowait("done")
    assert told(await page.hears()) == ["saw 1"]
    assert follower.outcome is None
    page.start(Writer, writes, 2)
    assert told(await page.hears()) == ["saw 2"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_instances_are_abandoned_one_by_one(page: Stage) -> None:
    async def waits_for(name: str) -> None:
        try:
            await Writer.count.of(name).changes().next()
        except Abandoned as abandoned:
            await Reader.Said(str(abandoned))

    handles = [page.start(Writer, ends, instance=name) for name in ("left", "right")]
    for name in ("left", "right"):
        page.start(Reader, waits_for, name, instance=name)
    await page.settle()
    page.said()
    for handle, name in zip(handles, ("left", "right"), strict=True):
        handle.cancel_nowait("no more")
        whose = f"Board.Writer['{name}']"
        assert told(await page.hears()) == [
            f"{whose}.count gets no value: {whose} ended without putting one"
        ]


def test_L4_by_hand_an_owner_that_ends_first_is_told_of_too() -> None:
    async def ends_unwritten() -> str:
        await Writer.Said("I am the writer")
        await fork(Reader, waits, "a", "changes")
        await Writer.Ask()
        return "ended"

    coroutine = Coroutine(ends_unwritten)
    coroutine.run()
    assert coroutine.run(Writer.Write(1)) == Completed("ended")
    assert [notify.word for notify in coroutine.notified] == [f"a: {GIVES_UP}"]
