"""State that outlives a conversation is named in plain words, however Hypothesis comes upon it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.errors import Flaky, FlakyFailure, FlakyStrategyDefinition

from spindle import Contract, Event, Port, Spindle, Yield, read, use
from spindle.testing import Fake
from spindle.testing.properties import PlayedPage, PlayedTest, play

same = settings(derandomize=True, database=None)


class Desk(Contract):
    class Clerk(Spindle[None]):
        class Told(Event):
            number: int = 0

        class Named(Event):
            name: str = ""

        class Ask(Yield[Told]):
            known: int = 0

        class AskName(Yield[Named]): ...


Clerk = Desk.Clerk


class Files(Port):
    @read
    async def count(self) -> int: ...


GLOBAL: list[int] = []


class Drawer:
    kept = 0


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    GLOBAL.clear()
    Drawer.kept = 0
    yield
    GLOBAL.clear()


async def forever() -> None:
    while True:
        await Clerk.Ask()


async def fails_once() -> None:
    event = await Clerk.Ask()
    if not GLOBAL:
        GLOBAL.append(event.number)
        raise LookupError("the first time")
    await Clerk.Ask()


async def asks_by_turns() -> None:
    Drawer.kept += 1
    await asks_one_or_the_other(Drawer.kept)


async def asks_one_or_the_other(number: int) -> None:
    while True:
        await (Clerk.Ask(number) if number % 2 else Clerk.AskName())


async def reads() -> None:
    files = await use(Files)
    await asks_one_or_the_other(await files.count())


def started(fn: Callable[[], Any]) -> Callable[[PlayedPage], None]:
    def desk(page: PlayedPage) -> None:
        page.start(Clerk, fn)

    return desk


def shared_fake() -> Callable[[], dict[type, object]]:
    files = Fake(Files).when(Files.count).returns(*range(2000))
    return lambda: {Files: files}


KEPT: dict[str, tuple[Callable[[], PlayedTest[[]]], type[BaseException], str]] = {
    "a global of a module": (
        lambda: play(Desk, settings=same)(started(fails_once)),
        FlakyFailure,
        "then: AssertionError",
    ),
    "an attribute of a class": (
        lambda: play(Desk, settings=same)(started(asks_by_turns)),
        FlakyStrategyDefinition,
        "-> Ask",
    ),
    "a shared fake": (
        lambda: play(Desk, provide=shared_fake(), settings=same)(started(reads)),
        FlakyStrategyDefinition,
        "Files.count returned",
    ),
}


@pytest.mark.parametrize(("made", "cause", "shown"), KEPT.values(), ids=list(KEPT))
def test_what_is_kept_between_conversations_is_said(
    made: Callable[[], PlayedTest[[]]], cause: type[Flaky], shown: str
) -> None:
    with pytest.raises(AssertionError) as failed:
        made()()
    told = str(failed.value)
    assert told.startswith("desk cannot be judged: a conversation went differently when it was")
    assert "a global of a module, an attribute of a class" in told
    assert "make it in desk or in provide=" in told
    assert isinstance(failed.value.__context__, cause)
    then, now = (
        [line for line in told.splitlines() if line.startswith(sign) and shown in line]
        for sign in "-+"
    )
    assert then or now


def test_the_failure_itself_is_kept_as_the_cause() -> None:
    with pytest.raises(AssertionError) as failed:
        play(Desk, settings=same)(started(fails_once))()
    assert repr(failed.value.__cause__) == "LookupError('the first time')"


def test_so_is_that_of_an_invariant() -> None:
    def has_luck(page: PlayedPage) -> None:
        Drawer.kept += 1
        assert Drawer.kept != 7, "bad luck"

    Drawer.kept = 0
    with pytest.raises(AssertionError) as failed:
        play(Desk, settings=same, invariants=[has_luck])(started(forever))()
    assert "desk cannot be judged" in str(failed.value)
    assert "bad luck" in str(failed.value.__cause__)


def test_what_cannot_even_be_given_again_is_said_too() -> None:
    def backend() -> dict[type, object]:
        if len(GLOBAL) == 1:
            raise OSError("out of files")
        return {Files: Fake(Files)}

    with pytest.raises(AssertionError) as failed:
        play(Desk, provide=backend, settings=same)(started(fails_once))()
    assert "+then: OSError('out of files')" in str(failed.value)
