"""D5: who watches a cell begins anew at its mark as others do, and misses or repeats nothing."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Abandoned,
    Cell,
    Changes,
    Contract,
    DurableHost,
    Event,
    Notify,
    PageMachine,
    Spindle,
    Yield,
    await_any,
    mark,
    open_durable_host,
    sleep,
)
from spindle.durable import MemoryStore
from tests.lasting.prefixes import received, standing


class Office(Contract):
    class Clerk(Spindle[int]):
        level = Cell[int]()
        other = Cell[int]()

        class Go(Event):
            number: int

        class Ask(Yield[Go]): ...

        class Told(Notify):
            what: str

    class Guest(Spindle[int]):
        class Go(Event):
            number: int

        class Ask(Yield[Go]): ...

        class Told(Notify):
            what: str


Clerk, Guest = Office.Clerk, Office.Guest
CELLS = (Clerk.level, Clerk.other)

# ── What stands at its mark, and what does not ───────────────────────────────────────────────────


async def writes(level: int) -> int:
    while level >= 0:
        await mark(level)
        await Clerk.level.put(level)
        level = (await Clerk.Ask()).number
    return level


async def before_its_loop(seen: int) -> int:
    changes = Clerk.level.changes()
    while True:
        await mark(seen)
        level = await changes.next()
        seen += 1
        await Guest.Told(f"{level}, {seen}")


async def in_its_loop(last: int) -> int:
    while True:
        await mark(last)
        changes = Clerk.level.changes()
        level = await changes.next()
        if level == last:
            level = await changes.next()
        await Guest.Told(f"{level}")
        last = level


async def in_a_race(seen: int) -> int:
    changes = Clerk.level.changes()
    while True:
        await mark(seen)
        which, _ = await await_any(changes.next(), Guest.Ask(), sleep(3600))
        seen += which == 0
        await Guest.Told(f"{which}, {seen}")


async def two_at_once(seen: int) -> int:
    levels, others = Clerk.level.changes(), Clerk.other.changes()
    while True:
        await mark(seen)
        which, _ = await await_any(others.next(), levels.next())
        seen += which
        await Guest.Told(f"{which}, {seen}")


async def by_turns(turn: int) -> int:
    changes = Clerk.level.changes()
    while True:
        await mark(turn)
        if turn % 2:
            await Guest.Ask()
        else:
            await Guest.Told(f"{await changes.next()}")
        turn += 1


async def never_marks(seen: int) -> int:
    changes = Clerk.level.changes()
    while True:
        await Guest.Told(f"{await changes.next()}, {seen}")
        seen += 1


async def opened(host: DurableHost, fn: Any) -> PageMachine:
    page = await host.create(Office, "page")
    page.start(Clerk, writes, 1)
    page.start(Guest, fn, 0)
    await wait_all_tasks_blocked()
    return page


def host_of(store: MemoryStore) -> Any:
    """One whose pages begin anew wherever they can, and whose time is trio's."""
    return open_durable_host(
        store, snapshot_every=1, wake=None, ttl=1e9, wall_clock=trio.current_time
    )


async def taken_up_again(host: DurableHost, page: PageMachine) -> PageMachine:
    """The page, put away and taken up; what its view is told again is left out."""
    before = standing(page)
    await host.put_away("page")
    page = await host.take_up("page")
    assert standing(page) == before
    received(page)
    return page


async def is_covered(store: MemoryStore) -> bool:
    """Whether the log has begun anew, and nothing has come since."""
    kept = await store.look("page")
    return kept.snapshot is not None and not kept.frames


@pytest.mark.parametrize("fn", [before_its_loop, in_its_loop, in_a_race, two_at_once])
async def test_D5_who_watches_a_cell_stands_at_its_mark(fn: Any, mock_clock: MockClock) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with host_of(store) as host:
        page = await opened(host, fn)
        assert len(received(page)) > 0
        for level in (2, 3, 3, 4):
            assert await is_covered(store)
            page = await taken_up_again(host, page)
            await wait_all_tasks_blocked()
            assert received(page) == []
            page.resume(Clerk.Go(level))
            await wait_all_tasks_blocked()
            assert any("Guest" in each for each in received(page)) or fn is in_its_loop
        mock_clock.jump(3601)
        await wait_all_tasks_blocked()
        page = await taken_up_again(host, page)


async def test_D5_a_subscription_that_is_not_waited_for_since_the_mark_puts_it_off() -> None:
    """Nobody would know what it had seen."""
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, by_turns)
        assert not await is_covered(store)
        page = await taken_up_again(host, page)
        page.resume(Guest.Go(1))
        await wait_all_tasks_blocked()
        page = await taken_up_again(host, page)
        assert received(page) == []  # it waits for the second change
        page.resume(Clerk.Go(2))
        await wait_all_tasks_blocked()
        assert "what='2'" in str(received(page))


async def test_D5_who_watches_and_never_marks_keeps_the_log_of_its_page() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, never_marks)
        for level in (2, 3):
            page.resume(Clerk.Go(level))
            await wait_all_tasks_blocked()
        assert not await is_covered(store)
        page = await taken_up_again(host, page)
        page.resume(Clerk.Go(4))
        await wait_all_tasks_blocked()
        assert "what='4, 3'" in str(received(page))


async def sees_and_asks(turn: int) -> int:
    changes = Clerk.level.changes()
    while True:
        await mark(turn)
        await Guest.Told(f"{await changes.next()}")
        turn = (await Guest.Ask()).number


async def test_D5_what_a_watcher_has_seen_at_once_and_is_other_now_puts_it_off() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, sees_and_asks)
        assert await is_covered(store)
        page.resume(Clerk.Go(2))
        await wait_all_tasks_blocked()
        assert not await is_covered(store)
        page = await taken_up_again(host, page)
        page.resume(Guest.Go(1))
        await wait_all_tasks_blocked()
        assert "what='2'" in str(received(page))
        assert await is_covered(store)


async def hears_of_the_end(turn: int) -> int:
    while True:
        await mark(turn)
        try:
            await Clerk.level.changes().next()
        except Abandoned as error:
            await Guest.Told(str(error))
        await Guest.Ask()
        turn += 1


async def ends_at_once() -> int:
    return 0


@pytest.mark.parametrize("again", [False, True])
async def test_D5_who_hears_that_no_value_comes_keeps_the_log_of_its_page(again: bool) -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await host.create(Office, "page")
        page.start(Clerk, ends_at_once)
        page.start(Guest, hears_of_the_end, 0)
        await wait_all_tasks_blocked()
        if again:
            page.start(Clerk, writes, 1)
            await wait_all_tasks_blocked()
        page = await taken_up_again(host, page)
        page.resume(Guest.Go(1))
        await wait_all_tasks_blocked()
        page = await taken_up_again(host, page)
        assert any(isinstance(ask, Guest.Ask) for _, ask in page.pending())


# ── Any of them ──────────────────────────────────────────────────────────────────────────────────

Step = tuple[str, int]
Bodies = list[list[Step]]


async def works(turn: int, bodies: Bodies) -> int:
    """Carry these out, a list of steps a turn."""
    subscriptions = [each.changes() for each in CELLS]
    while turn < len(bodies):
        await mark(turn, bodies)
        for what, number in bodies[turn]:
            await _does(what, number, subscriptions)
        turn += 1
    return turn


async def _does(what: str, number: int, subscriptions: list[Changes[int]]) -> None:
    cell, changes = CELLS[number % 2], subscriptions[number % 2]
    match what:
        case "put":
            await cell.put(number)
        case "get":
            await Guest.Told(f"{await cell.get(-1)}")
        case "next":
            await Guest.Told(f"{await changes.next()}")
        case "new":
            await Guest.Told(f"{await cell.changes().next()}")
        case "race":
            await Guest.Told(f"{await await_any(Guest.Ask(), changes.next(), sleep(number))}")
        case "races":
            both = [each.next() for each in subscriptions]
            await Guest.Told(f"{await await_any(*both)}")
        case "clerk":
            await Clerk.Ask()
        case _:
            await Guest.Ask()


NUMBERS = st.integers(0, 3)
WRITES = st.lists(st.tuples(st.sampled_from(["put", "put"]), NUMBERS), max_size=2).map(
    lambda puts: [*puts, ("clerk", 0)]
)
WATCHES = st.lists(
    st.tuples(st.sampled_from(["next", "next", "race", "races", "new", "get", "ask"]), NUMBERS),
    min_size=1,
    max_size=2,
)
MOVES = st.lists(st.sampled_from([*"cccgga"]), min_size=2, max_size=14).map("".join)


async def lived(clerk: Bodies, guest: Bodies, moves: str, *, again: bool) -> list[object]:
    """What is seen of such a page after each move; it is put away after each, or never."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    seen: list[object] = []
    async with host_of(MemoryStore(clock=trio.current_time)) as host:
        page = await host.create(Office, "page")
        page.start(Clerk, works, 0, clerk)
        page.start(Guest, works, 0, guest)
        for number, move in enumerate(["", *moves]):
            if move == "a":
                clock.jump(1)
            elif move:
                page.resume((Clerk if move == "c" else Guest).Go(number))
            await wait_all_tasks_blocked()
            seen += [standing(page), received(page)]
            if again:
                page = await taken_up_again(host, page)
                await wait_all_tasks_blocked()
                assert received(page) == []
    return seen


@pytest.mark.search
@given(st.lists(WRITES, min_size=1, max_size=5), st.lists(WATCHES, min_size=1, max_size=5), MOVES)
def test_D5_watchers_go_on_wherever_they_are_taken_up(
    clerk: Bodies, guest: Bodies, moves: str
) -> None:
    def run(again: bool) -> list[object]:
        async def both() -> list[object]:
            return await lived(clerk, guest, moves, again=again)

        return trio.run(both, clock=MockClock())

    assert run(True) == run(False)
