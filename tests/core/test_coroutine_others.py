"""One spindle stepped by hand, with fibers, forks and time: what it starts runs with it."""

from __future__ import annotations

from spindle import (
    Abandoned,
    Cell,
    Completed,
    Coroutine,
    Errored,
    Event,
    Spindle,
    SpindleIsLive,
    Suspended,
    Yield,
    fork,
)
from tests.talk import Bell, Desk, ask_once, ring_once


class Counter(Spindle[int]):
    count = Cell[int]()

    class More(Event): ...

    class Ask(Yield[More]): ...


def test_it_gives_its_key_back_when_it_ends() -> None:
    """The block it speaks for is known by what it says first; the key is that block's then."""

    async def forks_its_like() -> str:
        word = (await Desk.Ask()).word
        await fork(Bell, watches)
        return word

    async def watches() -> None:
        await Bell.Rang(1)
        await Bell.Wait()

    fiber = Coroutine(forks_its_like)
    fiber.run()
    assert [each.name for each in fiber._hand.kernel.live.values()] == ["Talk.Desk"]
    assert fiber.run(Desk.Told("a")) == Completed("a")
    assert [each.name for each in fiber._hand.kernel.live.values()] == ["Talk.Bell"]


def test_who_watches_its_cell_learns_that_it_ended() -> None:
    async def follows() -> str:
        try:
            await Counter.count.changes().next()
        except Abandoned as told:
            await Bell.Rang(2)
            return str(told)
        return ""

    async def counts() -> None:
        handle = await fork(Bell, follows)
        handles.append(handle)
        await Counter.Ask()

    handles = []
    fiber = Coroutine(counts)
    fiber.run()
    assert fiber.run(Counter.More()) == Completed(None)
    assert handles[0].outcome == Completed(
        "Counter.count gets no value: Counter ended without putting one"
    )


def test_it_cannot_speak_for_a_block_that_it_forked() -> None:
    async def forks_itself() -> None:
        await fork(Desk, ask_once)
        await Desk.Ask(7)

    ended = Coroutine(forks_itself).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, SpindleIsLive)
    assert str(ended.error) == (
        "forks_itself speaks for Talk.Desk, and so does the spindle that was forked under it "
        "before: fork that one with instance='...'"
    )


def test_its_place_among_the_others_stays() -> None:
    async def forks_first() -> None:
        await fork(Bell, ring_once)
        await Desk.Ask()

    fiber = Coroutine(forks_first)
    assert fiber.run() == Suspended(Desk.Ask())
    kernel = fiber._hand.kernel
    assert [each.name for each in kernel.live.values()] == ["Talk.Desk", "Talk.Bell"]


