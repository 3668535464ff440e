"""Deadlock by hand: that nothing can go on is told, with who waits for whom."""

from __future__ import annotations

import math
from textwrap import dedent

import pytest

from spindle import (
    Cell,
    Channel,
    Contract,
    Coroutine,
    Deadlock,
    Event,
    Handle,
    Spindle,
    Yield,
    await_all,
    await_any,
    cleanup,
    fiber,
    scope,
    sleep,
)
from spindle.testing import HandPage
from tests.talk import Bell, Desk, Talk


class Board(Contract):
    class Writer(Spindle[None]):
        count = Cell[int]()

        class More(Event): ...

        class Ask(Yield[More]): ...

    class Reader(Spindle[None]):
        class Go(Event): ...

        class Wait(Yield[Go]): ...


Writer, Reader = Board.Writer, Board.Reader


def report(page: HandPage) -> str:
    with pytest.raises(Deadlock) as stuck:
        page.wait()
    return str(stuck.value)


NOTHING = (
    "nothing can go on: nobody outside is asked, no call is under way and no time is waited for"
)


def test_W5_two_fibers_that_join_each_other() -> None:
    handles = Channel[Handle[None]](1)
    given = Channel[Handle[None]](1)

    async def left() -> None:
        await (await handles.take()).result()

    async def right() -> None:
        await (await given.take()).result()

    async def pairs() -> None:
        first, second = await fiber(left), await fiber(right)
        await handles.put(second)
        await given.put(first)
        await await_all(first, second)

    page = HandPage(Talk)
    page.start(Desk, pairs)
    assert report(page) == NOTHING + dedent(
        """
          Talk.Desk: waiting for ends of left of Talk.Desk, right of Talk.Desk
            left of Talk.Desk: waiting for end of right of Talk.Desk
            right of Talk.Desk: waiting for end of left of Talk.Desk
        in a ring: left of Talk.Desk -> right of Talk.Desk -> left of Talk.Desk"""
    )


def test_W5_everyone_waits_on_an_empty_channel() -> None:
    first, second = Channel[int](), Channel[int](3)

    async def takes(channel: Channel[int]) -> None:
        await channel.take()

    page = HandPage(Talk)
    page.start(Desk, takes, first, instance="a")
    page.start(Desk, takes, second, instance="b")
    page.start(Desk, takes, first, instance="c")
    assert report(page).splitlines() == [
        NOTHING,
        "  Talk.Desk['a']: waiting for take from <channel 1 of 0, open, 0 items>",
        "  Talk.Desk['b']: waiting for take from <channel 2 of 3, open, 0 items>",
        "  Talk.Desk['c']: waiting for take from <channel 1 of 0, open, 0 items>",
    ]


def test_W5_a_put_that_nobody_takes() -> None:
    channel = Channel[int](1)

    async def fills() -> None:
        await channel.put(1)
        await channel.put(2)

    page = HandPage(Talk)
    page.start(Desk, fills)
    assert report(page).splitlines()[1:] == [
        "  Talk.Desk: waiting for put into <channel 1 of 1, open, 1 items>"
    ]


async def reads() -> None:
    await Writer.count.changes().next()


def test_W5_a_cell_that_nobody_writes() -> None:
    page = HandPage(Board)
    page.start(Reader, reads)
    assert report(page).splitlines()[1:] == [
        "  Board.Reader: waiting for cell Board.Writer.count, whose spindle is not running"
    ]


def test_one_that_has_got_what_it_waited_for_is_ready_until_its_turn() -> None:
    channel = Channel[int]()
    seen: list[tuple[str, str, tuple[str, ...]]] = []

    async def takes() -> None:
        await channel.take()

    async def puts() -> None:
        await channel.put(1)
        seen.extend((each.name, each.state, each.waits) for each in page.tree().spindles)

    page = HandPage(Board)
    page.start(Reader, takes)
    page.start(Writer, puts)
    assert seen == [("Board.Reader", "ready", ()), ("Board.Writer", "running", ())]


def test_W5_a_cell_of_an_instance_is_up_to_that_instance() -> None:
    async def reads_its(instance: str) -> None:
        await Writer.count.of(instance).changes().next()

    async def never_writes() -> None:
        await Writer.Ask()

    page = HandPage(Board)
    page.start(Writer, never_writes)
    page.start(Writer, never_writes, instance="here")
    page.start(Reader, reads_its, "here", instance="a")
    page.start(Reader, reads_its, "gone", instance="b")
    assert [branch.waits for branch in page.tree().spindles[2:]] == [
        ("cell Board.Writer['here'].count",),
        ("cell Board.Writer['gone'].count, whose spindle is not running",),
    ]


def test_W5_a_cell_whose_writer_waits_for_its_reader() -> None:
    async def joins(handle: Handle[None]) -> None:
        await handle.result()
        await Writer.count.put(1)

    page = HandPage(Board)
    reader = page.start(Reader, reads)
    page.start(Writer, joins, reader)
    assert report(page).splitlines()[1:] == [
        "  Board.Reader: waiting for cell Board.Writer.count",
        "  Board.Writer: waiting for end of Board.Reader",
        "in a ring: Board.Reader -> Board.Writer -> Board.Reader",
    ]


def test_W5_who_waits_for_its_own_cell() -> None:
    page = HandPage(Board)
    page.start(Writer, reads)
    assert report(page).splitlines()[2:] == ["in a ring: Board.Writer -> Board.Writer"]


def test_W5_a_ring_behind_what_is_not_in_one() -> None:
    """The ring is found whichever of several waits leads into it."""
    empty = Channel[int]()
    handles = Channel[Handle[None]](1)

    async def idle() -> None:
        await empty.take()

    async def joins_back() -> None:
        await (await handles.take()).result()

    async def joins(*others: Handle[None]) -> None:
        await await_any(empty.take(), *(other.result() for other in others))

    page = HandPage(Talk)
    back = page.start(Desk, joins_back, instance="back")
    first = page.start(Desk, idle)
    forth = page.start(Desk, joins, first, back, instance="forth")
    page.put(handles, forth)
    assert report(page).splitlines()[-1] == (
        "in a ring: Talk.Desk['back'] -> Talk.Desk['forth'] -> Talk.Desk['back']"
    )


def test_W5_who_has_returned_but_for_a_fiber_that_cannot_end() -> None:
    handles, go = Channel[Handle[None]](1), Channel[int](1)

    async def lingers() -> None:
        async with cleanup(math.inf):
            await (await handles.take()).result()

    async def returns() -> None:
        await fiber(lingers)
        await go.take()

    async def joins(handle: Handle[None]) -> None:
        await handle.result()

    page = HandPage(Talk)
    owner = page.start(Desk, returns)
    page.put(handles, page.start(Bell, joins, owner))
    page.put(go, 1)
    assert report(page) == NOTHING + dedent(
        """
          Talk.Desk: ending (10 s)
            lingers of Talk.Desk: waiting for end of Talk.Bell (10 s), cancelled (Talk.Desk has \
ended), overruns
          Talk.Bell: waiting for end of Talk.Desk (10 s)
        in a ring: Talk.Desk -> lingers of Talk.Desk -> Talk.Bell -> Talk.Desk"""
    )


def test_W5_a_scope_whose_fiber_waits_for_the_spindle_that_joins_it() -> None:
    handles = Channel[Handle[None]](1)

    async def joins() -> None:
        await (await handles.take()).result()

    async def holds() -> None:
        async with scope():
            await fiber(joins)

    async def waits(handle: Handle[None]) -> None:
        await handle.result()

    page = HandPage(Talk)
    holder = page.start(Desk, holds)
    waiter = page.start(Bell, waits, holder)
    page.put(handles, waiter)
    assert report(page) == NOTHING + dedent(
        """
          Talk.Desk: waiting for ends of joins of Talk.Desk
            joins of Talk.Desk: waiting for end of Talk.Bell
          Talk.Bell: waiting for end of Talk.Desk
        in a ring: Talk.Desk -> joins of Talk.Desk -> Talk.Bell -> Talk.Desk"""
    )


def test_W5_what_is_reached_on_two_ways_is_no_ring() -> None:
    async def takes() -> None:
        await Channel[int]().take()

    async def joins(*handles: Handle[None]) -> None:
        await await_all(*handles)

    page = HandPage(Talk)
    bottom = page.start(Desk, takes)
    sides = [page.start(Desk, joins, bottom, instance=name) for name in ("left", "right")]
    page.start(Bell, joins, *sides)
    assert report(page).splitlines()[1:] == [
        "  Talk.Desk: waiting for take from <channel 1 of 0, open, 0 items>",
        "  Talk.Desk['left']: waiting for ends of Talk.Desk",
        "  Talk.Desk['right']: waiting for ends of Talk.Desk",
        "  Talk.Bell: waiting for ends of Talk.Desk['left'], Talk.Desk['right']",
    ]


def test_W5_of_very_many_that_are_waited_for_some_are_named() -> None:
    async def takes() -> None:
        await Channel[int]().take()

    async def joins(*handles: Handle[None]) -> None:
        await await_all(*handles)

    page = HandPage(Talk)
    page.start(Bell, joins, *(page.start(Desk, takes, instance=name) for name in "abcde"))
    assert report(page).splitlines()[-1] == (
        "  Talk.Bell: waiting for ends of Talk.Desk['a'], Talk.Desk['b'], Talk.Desk['c'] and 2 more"
    )


def test_W5_a_page_with_time_left_is_not_stuck() -> None:
    channel = Channel[int]()

    async def brings() -> None:
        await sleep(3)
        await channel.put(1)

    async def takes() -> int:
        return await channel.take()

    page = HandPage(Talk)
    taken = page.start(Desk, takes)
    page.start(Bell, brings)
    page.wait()
    assert (page.now, page.result(taken)) == (3, 1)


def test_W5_a_coroutine_that_is_stuck_stays_so() -> None:
    async def takes() -> None:
        await Channel[int]().take()

    stuck = Coroutine(takes)
    for answer in (None, Desk.Told()):
        with pytest.raises(Deadlock, match="takes: waiting for take from <channel 1"):
            stuck.run(answer)
    with pytest.raises(Deadlock):
        stuck.advance(1)


def test_W5_a_long_ring_is_found_without_recursion() -> None:
    doors = [Channel[Handle[None]](1) for _ in range(5000)]

    async def joins(door: Channel[Handle[None]]) -> None:
        await (await door.take()).result()

    page = HandPage(Talk)
    handles = [page.start(Desk, joins, door, instance=str(n)) for n, door in enumerate(doors)]
    for number, door in enumerate(doors):
        page.put(door, handles[number - 1])
    ring = report(page).splitlines()[-1].removeprefix("in a ring: ").split(" -> ")
    assert len(ring) == 5001
    assert ring[0] == ring[-1]
