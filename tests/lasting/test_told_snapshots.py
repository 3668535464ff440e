"""A snapshot stands for what is told again, also if its page was told again."""

from __future__ import annotations

from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Cell,
    Contract,
    Event,
    PageMachine,
    Spindle,
    Yield,
    mark,
    now,
    open_durable_host,
)
from spindle._runtime import ontrio
from spindle.durable import MemoryStore


class Board(Contract):
    class Rows(Spindle[int]):
        count = Cell[int]()

        class Go(Event):
            pass

        class Since(Yield[Go]):
            at: float

    class Bell(Spindle[int]):
        class Rung(Event):
            pass

        class Wait(Yield[Rung]):
            pass


async def does_much(rounds: int) -> int:
    """Turns of more steps than come in one go, and then what time it is."""
    while True:
        await mark(rounds)
        for number in range(2500 if rounds else 0):
            await Board.Rows.count.put(number)
        await Board.Rows.Since(await now() if rounds else 0.0)
        rounds += 1


def rings(page: PageMachine) -> None:
    """Something comes in that nobody hears."""
    page.resume(Board.Bell.Rung())


async def test_D3_a_turn_in_which_time_has_moved_is_in_no_snapshot(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither live nor when it was told again: else it would begin at another time behind it."""
    monkeypatch.setattr(ontrio, "SPELL", 1e9)
    store = MemoryStore(clock=trio.current_time)
    hosted = partial(
        open_durable_host, store, wall_clock=trio.current_time, wake=None, snapshot_every=1
    )
    async with hosted() as host:
        page = await host.create(Board, "one")
        page.start(Board.Rows, does_much, 0)
        page.resume(Board.Rows.Go())
        for _ in range(4):  # beside the turn, which rests
            mock_clock.jump(1)
            rings(page)
            await trio.lowlevel.checkpoint()
        await wait_all_tasks_blocked()
        asked = page.pending()
    for _ in range(3):
        async with hosted() as host:
            page = await host.take_up("one")
            assert page.pending() == asked
            rings(page)
            await wait_all_tasks_blocked()
