"""One source, one conversation: random programs and scripts, the same under every driver.

The scripts come in bursts of two to four inputs without settling in between: settled after each,
the drivers do not differ, however wrong the order of things is. Only operations here: what is said,
what the journal is told and how each event is settled are equal to the letter.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest

from spindle import cleanup
from tests.drivers import Stage, play
from tests.talk import Bell, Desk

SCRIPTS = 60


async def asks(seed: int) -> list[str]:
    """Answers that belong to one yield."""
    draw = random.Random(seed)
    return [(await Desk.Ask(number)).word for number in range(draw.randrange(1, 5))]


async def takes(seed: int) -> int:
    """Queued events, with something else asked in between."""
    draw = random.Random(seed)
    total = 0
    for _ in range(draw.randrange(1, 4)):
        total += (await Desk.Take()).number
        if draw.random() < 0.5:
            await Desk.Said(f"so far {total}")
        if draw.random() < 0.5:
            total += len((await Desk.Read()).text)
    return total


async def listens(seed: int) -> str:
    """Everything at once, and an error now and then."""
    draw = random.Random(seed)
    for _ in range(draw.randrange(1, 6)):
        match await Desk.Listen():
            case Desk.Told(word):
                await Desk.Said(word)
            case Desk.Queued(number) if number == 3:
                raise LookupError("three")
            case Desk.Queued(number):
                await Desk.Said(str(number))
            case Desk.Typed(text):
                return text
    return "heard"


async def cleans(seed: int) -> None:
    """A cleanup that asks, overruns, fails or is fine."""
    draw = random.Random(seed)
    try:
        await Desk.Ask(draw.randrange(10))
        await Desk.Listen()
    finally:
        how = draw.randrange(4)
        async with cleanup(draw.randrange(1, 4)):
            await Desk.Said("cleaning")
            if how == 0:
                await Desk.Ask(99)
            if how == 1:
                raise LookupError("in the cleanup")
        await Desk.Said("cleaned")


async def insists(seed: int) -> str:
    """Returns although it is cancelled, or says what it should not."""
    draw = random.Random(seed)
    try:
        await Desk.Listen()
    except BaseException:
        if draw.random() < 0.5:
            raise
        return "all the same"
    await Bell.Rang(1)
    return "never"


PROGRAMS = [asks, takes, listens, cleans, insists]


class Script:
    """What a view does, drawn from a seed: the same every time it is played."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.names: list[str] = []
        self.settled: list[tuple[str, str]] = []

    async def play(self, page: Stage) -> None:
        receipts = []
        for _ in range(self.draw.randrange(3, 9)):
            for _ in range(self.draw.randrange(2, 5)):
                self.input(page)(receipts)
            await page.settle()
        if self.draw.random() < 0.8:
            await page.cancel("closing time")
        self.settled = [(str(receipt.settlement), receipt.reason) for receipt in receipts]

    def input(self, page: Stage) -> Callable[[list], None]:
        if not self.names or self.draw.random() < 0.25:
            return partial(self.start, page)
        return partial(self.send, page)

    def start(self, page: Stage, receipts: list) -> None:
        # A name of its own: whether a key is free again is asked at once, not when its turn comes.
        name = f"s{len(self.names)}"
        self.names.append(name)
        page.start(Desk, self.draw.choice(PROGRAMS), self.draw.randrange(1000), instance=name)

    def send(self, page: Stage, receipts: list) -> None:
        draw = self.draw
        number = draw.randrange(5)
        event = draw.choice(
            [Desk.Told(f"w{number}"), Desk.Queued(number), Desk.Typed(f"t{number}")]
        )
        yield_id = draw.choice([None, None, 1, 2, 3])
        name = draw.choice(self.names)
        receipts.append(page.resume(event, yield_id=yield_id, instance=name))


def played(driver: str, script_seed: int, seed: int) -> dict[str, list]:
    script = Script(script_seed)
    stage = play(driver, script.play, seed=seed)
    return {
        "said": stage.transcript,
        "settled": script.settled,
        "journal": stage.recording.lines(),
    }


@pytest.mark.parametrize("script_seed", range(SCRIPTS))
def test_K1_random_programs_say_the_same_under_every_driver(script_seed: int) -> None:
    by_hand = played("hand", script_seed, 0)
    assert by_hand["said"]
    for driver, seeds in (("hosted", 1), ("task", 4)):
        for seed in range(seeds):
            here = played(driver, script_seed, seed)
            assert here["said"] == by_hand["said"], (driver, seed)
            assert here["settled"] == by_hand["settled"], (driver, seed)
            assert here["journal"] == by_hand["journal"], (driver, seed)


def test_the_scripts_reach_every_kind_of_end() -> None:
    """They would prove nothing if they did nothing."""
    said: list[str] = []
    settled: list[str] = []
    for script_seed in range(SCRIPTS):
        here = played("hand", script_seed, 0)
        said += here["said"]
        settled += [f"{settlement} {reason}" for settlement, reason in here["settled"]]
    for what in ("asks", "says", "withdraws", "returned", "was cancelled", "failed: LookupError"):
        assert sum(what in line for line in said) > 10, what
    for how in ("HANDLED", "stale", "not asked", "no spindle", "newer", "ended before it", "while"):
        assert sum(how in line for line in settled) > 2, how
