"""A first mark() is refused for what its spindle has done, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Cell,
    Contract,
    Errored,
    Event,
    Notify,
    Operation,
    Spindle,
    Yield,
    fork,
    mark,
    now,
    open_durable_host,
    random_float,
    sleep,
    use,
)
from spindle._runtime import ontrio
from spindle.durable import MemoryStore
from tests.lasting.counter import Shop, Till
from tests.lasting.test_handed_over import hosted


class Wall(Contract):
    class Board(Spindle[int]):
        rows = Cell[int]()

        class Open(Event):
            count: int

        class Idle(Yield[Open]):
            pass

    class Widget(Spindle[int]):
        class Shown(Notify):
            number: int


async def board() -> int:
    opened = (await Wall.Board.Idle()).count
    for number in range(opened):
        await fork(Wall.Widget, widget, number, instance=str(number))
    await Wall.Board.Idle()
    return opened


async def imports(rows: int) -> int:
    for number in range(rows):
        await Wall.Board.rows.put(number)
    await fork(Wall.Widget, widget, 0, instance="a")
    await fork(Wall.Widget, widget, 1, instance="b")
    await sleep(1000)
    return rows


async def widget(number: int) -> int:
    await use(Shop)
    await use(Shop)
    while True:
        await mark(number)
        await Wall.Widget.Shown(number)
        await sleep(60)
        number += 1


async def test_D3_many_that_mark_first_may_though_their_turn_rests(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As often as it can: each time that its time is up, others wait for the frame."""
    monkeypatch.setattr(ontrio, "SPELL", -1.0)
    monkeypatch.setattr(ontrio, "STEPS_A_SPELL", 1)
    monkeypatch.setattr(ontrio, "STEPS", 1)
    store = MemoryStore(clock=trio.current_time)
    async with hosted(store, Till()) as host:
        page = await host.create(Wall, "one")
        page.start(Wall.Board, board)
        await page.resume(Wall.Board.Open(50)).settled()
        await trio.sleep(1)
        assert page.statistics().spindles == 51
    async with hosted(store, Till()) as host:
        page = await host.take_up("one")
        assert page.statistics().spindles == 51


@pytest.mark.parametrize("rows", range(985, 1001))
async def test_D3_one_that_marks_first_may_though_its_turn_is_cut(
    rows: int, autojump_clock: MockClock
) -> None:
    """A turn has a thousand steps, and who is at work then makes way for the others."""
    store = MemoryStore(clock=trio.current_time)
    async with hosted(store, Till()) as host:
        page = await host.create(Wall, "one")
        page.start(Wall.Board, imports, rows)
        await trio.sleep(1)
        assert page.statistics().spindles == 3
    async with hosted(store, Till()) as host:
        page = await host.take_up("one")
        assert page.statistics().spindles == 3


DEEDS: dict[str, Callable[[], Operation[object]]] = {
    "asks": Wall.Board.Idle,
    "waits": lambda: sleep(1),
    "forks": lambda: fork(Wall.Widget, widget, 1),
    "takes time": now,
    "takes chance": random_float,
    "writes": lambda: Wall.Board.rows.put(1),
    "reads": Wall.Board.rows.get,
}


async def does(what: str) -> int:
    await Wall.Board.rows.put(1) if what == "reads" else None
    await DEEDS[what]()
    await mark(what)
    return 1


@pytest.mark.parametrize("what", sorted(DEEDS))
async def test_who_has_done_something_may_not_mark_first(
    what: str, autojump_clock: MockClock
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with hosted(store, Till()) as host:
        page = await host.create(Wall, "one")
        handle = page.start(Wall.Board, does, what)
        await wait_all_tasks_blocked()
        if what == "asks":
            page.resume(Wall.Board.Open(1))
        outcome = await handle.wait()
    assert isinstance(outcome, Errored)
    assert "before its first mark()" in str(outcome.error)


async def turns(rounds: int) -> int:
    """Mark before the first question, but not when the function begins anew from there."""
    if not rounds:
        await mark(1)
    while True:
        rounds = (await Wall.Board.Idle()).count
        await mark(rounds)


@pytest.mark.parametrize("every", [1, 2, 3, 256])
async def test_D3_who_has_marked_may_mark_anywhere_behind_a_snapshot(
    every: int, autojump_clock: MockClock
) -> None:
    store = MemoryStore(clock=trio.current_time)
    with_snapshots = partial(
        open_durable_host,
        store,
        wall_clock=trio.current_time,
        wake=None,
        snapshot_every=every,
    )
    async with with_snapshots() as host:
        page = await host.create(Wall, "one")
        page.start(Wall.Board, turns, 0)
    for _ in range(3):
        async with with_snapshots() as host:
            page = await host.take_up("one")
            for count in range(1, 3):
                await page.resume(Wall.Board.Open(count)).settled()
                await wait_all_tasks_blocked()
            assert page.statistics().spindles == 1
