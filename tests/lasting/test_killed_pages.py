"""D1: whole pages survive SIGKILL, wherever it strikes: nothing is lost or done twice."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spindle._lasting.points import LABELS as PAGE_LABELS
from spindle.durable.points import LABELS as STORE_LABELS
from tests.lasting.desk_server import CHILD_LABELS, DISK_LABELS
from tests.lasting.faults import FAULTS
from tests.lasting.forks import Forks, open_forks
from tests.lasting.visitors import Plan, Visitors
from tests.tally import TALLY

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
    pytest.mark.slow,  # processes; the only tests in which whole pages are really killed
]

LABELS = (*PAGE_LABELS, *CHILD_LABELS, *DISK_LABELS, *STORE_LABELS)
ONCE = {"open:locked", "open:before schema", "open:after schema", "open:ready"}
ONCE |= {"close:before", "close:after", "checkpoint:before", "checkpoint:after"}
FEW = {"page:", "replay:", "lease:", "snapshot:"}
"""How the labels begin that are reached once a page, or now and then."""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with open_forks() as forks:
        yield forks


def occurrences(label: str) -> tuple[int, ...]:
    if label in ONCE:
        return (1,)
    if label == "replay:a turn":
        return (1, 4, 9)
    return (1, 2) if any(label.startswith(each) for each in FEW) else (2, 7)


def finish(visitors: Visitors) -> None:
    """Let one server come to its end, and look at what all have done."""
    assert not visitors.meet()
    visitors.check_the_end()


def test_D1_without_a_kill(forks: Forks, tmp_path: Path) -> None:
    """What a life comes to without one is what it has to come to with any."""
    visitors = Visitors(forks, tmp_path / "pages.db")
    finish(visitors)
    assert (visitors.kills, visitors.in_doubt) == (0, set())
    assert set(visitors.calls.values()) == {1}


@pytest.mark.parametrize(
    ("label", "nth"), [(label, nth) for label in LABELS for nth in occurrences(label)]
)
def test_D1_a_kill_at_a_label(forks: Forks, tmp_path: Path, label: str, nth: int) -> None:
    visitors = Visitors(forks, tmp_path / "pages.db")
    if label.startswith("replay:"):
        assert visitors.meet(Plan(lines=45))
    plan = Plan(stays=label.startswith("lease:"))
    killed = visitors.meet(plan, label=label, nth=nth, ttl=0.15 if plan.stays else 10.0)
    assert killed, f"{label!r} was not reached {nth} times"
    TALLY["kills of whole pages, at labels"] += visitors.kills
    finish(visitors)


@pytest.mark.parametrize("nth", [1, 3, 8, 14])
@pytest.mark.parametrize("withheld", [False, True])
def test_D1_a_kill_while_a_call_is_done(
    forks: Forks, tmp_path: Path, nth: int, withheld: bool
) -> None:
    visitors = Visitors(forks, tmp_path / "pages.db")
    assert visitors.meet(Plan(withheld=nth) if withheld else Plan(done=nth))
    TALLY["kills of whole pages, whose backend has done a call"] += visitors.kills
    finish(visitors)


def test_D1_a_page_that_is_killed_again_and_again_while_it_is_told(
    forks: Forks, tmp_path: Path
) -> None:
    visitors = Visitors(forks, tmp_path / "pages.db")
    assert visitors.meet(Plan(lines=60))
    for nth in (1, 2, 3, 4, 5):
        assert visitors.meet(label="replay:a turn", nth=nth)
    TALLY["kills of whole pages, at labels"] += visitors.kills
    finish(visitors)


EARLY = "frames:to be appended"
BITES = {
    "views are told at once": (EARLY, "and does not know of it|a view was told"),
    "calls begin at once": (EARLY, "was made 2 times|a call has two keys"),
    "events are acknowledged early": (EARLY, "acknowledged"),
    "calls are made while told": ("replay:told, nothing begun", "was made again"),
    "nothing is in doubt": ("call:sent", "should to .*unknown"),
}
"""Where a fault comes to light, and what is said then."""


@pytest.mark.mutant
@pytest.mark.parametrize("fault", [each for each in FAULTS if each])
def test_D1_a_fault_is_found(forks: Forks, tmp_path: Path, fault: str) -> None:
    label, said = BITES[fault]
    with pytest.raises(AssertionError, match=said):  # noqa: PT012 - the first may be lucky ones
        for nth in range(3, 40):
            visitors = Visitors(forks, tmp_path / f"{nth}.db")
            visitors.meet(Plan(lines=3 * nth), fault=fault)
            visitors.meet(label=label, nth=nth, fault=fault)
            finish(visitors)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_D1_many_kills_of_whole_pages(forks: Forks, tmp_path: Path) -> None:
    """Of one store after the other, a few times each, at labels and at any time."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance, kills, number = random.Random(seed), 0, 0
    while kills < 400:
        number += 1
        visitors = Visitors(forks, tmp_path / f"{number}.db")
        for _ in range(chance.randint(1, 6)):
            any_life(visitors, chance)
        finish(visitors)
        kills += visitors.kills
    TALLY["kills of whole pages, at random"] += kills
    TALLY["stores whose pages came to their end"] += number


def any_life(visitors: Visitors, chance: random.Random) -> None:
    """A server that is killed somehow, or not."""
    every = chance.choice([1, 3, 256])
    match chance.randrange(4):
        case 0:
            visitors.meet(label=chance.choice(LABELS), nth=chance.randint(1, 20), every=every)
        case 1:
            visitors.meet(Plan(lines=chance.randint(1, 120)), every=every)
        case 2:
            visitors.meet(Plan(seconds=chance.uniform(0.001, 0.15)), every=every)
        case _:
            number = chance.randint(1, 15)
            withheld = chance.random() < 0.5
            visitors.meet(Plan(withheld=number) if withheld else Plan(done=number), every=every)
