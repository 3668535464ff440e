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
    Restart,
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
from spindle.testing.properties import PlayedPage, PlayedTest, play
from spindle.testing.properties.beginning import Beginning
from spindle.testing.properties.found import Found
from spindle.testing.properties.move import Move
from spindle.testing.properties.rules import Invariant, Rules
from tests.testing.properties import shop
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
) -> PlayedTest[[]]:
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
    test: PlayedTest[[]], said: str, moves: list[str], monkeypatch: pytest.MonkeyPatch
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


def paste(source: str, test: PlayedTest[[]]) -> None:
    """Run what was printed, in the module that has the test."""
    names = {**globals(), "found": test}
    exec(source, names)
    names["found_again"]()


# --- what is told ---------------------------------------------------------------------------------


def told_of(test: PlayedTest[[]], error: type[Exception] = AssertionError) -> str:
    with pytest.raises(error) as found:
        test()
    return "\n".join(found.value.__notes__)


def test_what_it_needs_is_imported_but_for_what_its_module_has() -> None:
    @play(Other, settings=same, invariants=[lambda page: page.now < 1])
    def waits(page: PlayedPage) -> None:
        page.start(Other.Asks, asks_for_ever)

    @play(Other, settings=same, invariants=[lambda page: len(page.receipts) < 1])
    def answers(page: PlayedPage) -> None:
        page.start(Other.Asks, asks_for_ever)

    assert "from" not in told_of(waits).partition("What happened")[0]
    said = told_of(answers).partition("What happened")[0]
    assert "from tests.testing.properties.shop import Price\n" in said
    assert "Other.Asks.Given(price=Price(cents=0))" in said


def test_what_the_test_takes_is_written_or_taken_by_the_pasted_one_too() -> None:
    @play(Desk, provide=lambda: {Safe: Box()}, settings=same, at_end=[lambda page: False])
    def found(page: PlayedPage, count: int, price: shop.Price, handle: object) -> None:
        page.start(Clerk, counts)

    with pytest.raises(AssertionError) as failed:
        found(3, shop.Price(4), handle=object())
    told = "\n".join(failed.value.__notes__)
    assert "from tests.testing.properties.shop import Price\n" in told
    assert "def found_again(handle) -> None:\n" in told
    assert "with found.page(count=3, price=Price(cents=4), handle=handle) as page:" in told


class Other(Contract):
    class Asks(Spindle[None]):
        class Given(Event):
            price: shop.Price

        class Ask(Yield[Given]): ...


async def asks_for_ever() -> None:
    while True:
        await Other.Asks.Ask()


def starts(page: PlayedPage) -> None:
    page.start(Clerk, counts)


def test_one_that_does_not_fail_again_is_told_to_keep_something() -> None:
    beginning = Beginning(Rules(Desk, lambda: {Safe: Box()}), starts, {})
    with pytest.raises(AssertionError) as raised:
        raise AssertionError
    error = raised.value
    moves = [Move("advance", (1.0,)), Move("resume", (Clerk.Queued(),), times=2)]
    told = repr(Found(beginning, globals(), moves, error))
    assert told.startswith("Played again, nothing happens. Something is kept from one conversation")
    assert "and make it in starts or in provide=" in told
    assert "        page.advance(1.0)\n        for _ in range(2):\n" in told
    moves = [Move("fail_next", (Safe.put, Offline()))]
    told = repr(Found(beginning, globals(), moves, error))
    assert told.startswith("Played again, UsageError('Safe.put cannot fail here")


def test_the_middle_of_a_long_story_is_left_out() -> None:
    @play(Desk, provide=lambda: {Safe: Box()}, settings=same, at_end=[lambda page: False])
    def long(page: PlayedPage) -> None:
        page.start(Clerk, counts)
        for number in range(100):
            page.resume(Clerk.Told(number))

    assert "lines more" in told_of(long)
    assert "Told(number=50)" not in told_of(long)


def test_restarts_that_are_spent_by_what_may_be_raised_may_be_spent() -> None:
    async def fails() -> None:
        raise LookupError

    def again(**allowed: Any) -> PlayedTest[[]]:
        @play(Desk, settings=same, may_end_at_once=True, **allowed)
        def restarts(page: PlayedPage) -> None:
            page.start(Clerk, fails, policy=Restart(delay=0, intensity=2))

        return restarts

    again(may_raise=(LookupError,))()
    with pytest.raises(AssertionError, match="Clerk failed: LookupError"):
        again()()
