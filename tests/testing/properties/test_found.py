"""What is wrong is found, made small, and told as a test that fails when it is pasted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import settings

from spindle import (
    Cell,
    Channel,
    Contract,
    Deadlock,
    Delivery,
    Event,
    Port,
    Spindle,
    StillRunning,
    TooSlow,
    Yield,
    cleanup,
    now,
    sleep,
    timeout,
    use,
    write,
)
from spindle._core.kernel import hand
from spindle.testing.properties import Played, PlayedPage, play
from spindle.testing.properties.rules import Invariant
from tests.testing.properties.shop import Offline

same = settings(derandomize=True, database=None)


class Desk(Contract):
    class Clerk(Spindle[None]):
        class Told(Event):
            number: int = 0

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Ask(Yield[Told | Queued]): ...

        class Other(Yield[Told]): ...

        seen = Cell[int]()


Clerk = Desk.Clerk


class Safe(Port):
    @write
    async def put(self, amount: int) -> None: ...
    @write
    async def out(self) -> None: ...


class Box(Safe):
    def __init__(self) -> None:
        self.inside: list[int] = []

    async def put(self, amount: int) -> None:
        self.inside.append(amount)

    async def out(self) -> None:
        self.inside.clear()


async def counts() -> None:
    safe = await use(Safe)
    while True:
        event = await Clerk.Ask()
        await safe.put(event.number if isinstance(event, Clerk.Told) else -1)


async def counts_told() -> None:
    safe = await use(Safe)
    while True:
        await safe.put((await Clerk.Other()).number)


async def gives_up() -> None:
    safe = await use(Safe)
    try:
        async with timeout(10):
            await Clerk.Other()
    except TooSlow:
        await safe.put(99)
        await Clerk.Other()


async def tidies_up_for_itself_only() -> None:
    safe = await use(Safe)
    await safe.put(1)
    await Clerk.Other()
    await safe.out()


async def asks_twice() -> None:
    safe = await use(Safe)
    for _ in range(4):
        try:
            await Clerk.Other()
            await safe.put(1)
        except Offline:
            continue
        break


async def tidies_up() -> None:
    safe = await use(Safe)
    await safe.put(1)
    try:
        await Clerk.Other()
    finally:
        async with cleanup(5):
            await safe.out()


async def tidies_up_too_slowly() -> None:
    try:
        await Clerk.Other()
    finally:
        async with cleanup(60):
            await sleep(30)


async def waits_for_itself() -> None:
    await Clerk.Other()
    await Channel[int](0).take()


async def never_pauses() -> None:
    await Clerk.Other()
    while True:
        await now()


async def divides() -> None:
    while True:
        event = await Clerk.Ask()
        if isinstance(event, Clerk.Told):
            1 // max(0, 7 - event.number)


def few(page: PlayedPage) -> bool:
    return len(page.given(Box).inside) < 3


def no_ninety_nine(page: PlayedPage) -> bool:
    return 99 not in page.given(Box).inside


def no_number_above_ten(page: PlayedPage) -> None:
    most = max(page.given(Box).inside, default=0)
    assert most <= 10


def is_empty(page: PlayedPage) -> bool:
    return page.given(Box).inside == []


def played(
    spindle: Callable[[], object], checks: Sequence[Invariant] = (), **how: Any
) -> Played[[]]:
    return play(
        Desk,
        provide=lambda: {Safe: Box()},
        invariants=[each for each in checks if each is not is_empty],
        at_end=[each for each in checks if each is is_empty],
        settings=same,
        **how,
    )(_started(spindle))


def _started(spindle: Callable[[], object]) -> Callable[[PlayedPage], None]:
    def found(page: PlayedPage) -> None:
        page.start(Clerk, spindle)

    return found


LOST = "page.fail_next(Safe.put, Offline(), done=True)"
TOLD = "page.resume(Clerk.Told(number=0))"
SMALLEST = {
    "the same three times": (
        played(counts_told, (few,)),
        "few does not hold",
        [TOLD] * 3,
    ),
    "a number": (
        played(counts, (no_number_above_ten,)),
        "",
        ["page.resume(Clerk.Told(number=11))"],
    ),
    "time passes": (
        played(gives_up, (no_ninety_nine,)),
        "",
        ["page.advance(10.0)"],
    ),
    "the page is left": (
        played(tidies_up_for_itself_only, (is_empty,)),
        "",
        ["pass"],
    ),
    "a call fails": (
        played(tidies_up, (is_empty,), failures={Safe.out: [Offline()]}),
        "is_empty does not hold",
        ["page.fail_next(Safe.out, Offline())"],
    ),
    "an answer is lost": (
        played(asks_twice, (few,), lost={Safe.put: [Offline()]}),
        "few does not hold",
        [*[LOST, TOLD] * 2, TOLD],
    ),
    "an end that takes long": (
        played(tidies_up_too_slowly),
        "the end of the page took 20 s longer than bound=10 allows",
        ["pass"],
    ),
    "nobody can go on": (
        played(waits_for_itself),
        "nothing can go on",
        [TOLD],
    ),
    "one goes on for ever": (
        played(never_pauses),
        "goes on",
        [TOLD],
    ),
    "a spindle fails": (
        played(divides),
        "Clerk failed: ZeroDivisionError",
        ["page.resume(Clerk.Told(number=7))"],
    ),
}


@pytest.mark.parametrize(("test", "said", "moves"), SMALLEST.values(), ids=list(SMALLEST))
def test_it_is_found_as_small_as_it_gets_and_fails_when_pasted(
    test: Played[[]], said: str, moves: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand, "STRETCH", 500)  # operations after which one goes on for ever
    with pytest.raises((AssertionError, Deadlock, StillRunning)) as found:
        test()
    told = next(note for note in found.value.__notes__ if note.startswith("To have it again"))
    assert said in str(found.value)
    source = told.removeprefix("To have it again:\n\n").partition("\n\nWhat happened:")[0]
    lines = [line.strip() for line in source.splitlines()]
    assert lines[:2] == ["def found_again() -> None:", "with found.page() as page:"]
    assert sorted(lines[2:]) == sorted(moves)  # a call may fail long before it is made
    with pytest.raises(type(found.value)) as again:
        paste(source, test)
    assert str(again.value) == str(found.value)


def paste(source: str, test: Played[[]]) -> None:
    """Run what was printed, in the module that has the test."""
    names = {**globals(), "found": test}
    exec(source, names)
    names["found_again"]()
