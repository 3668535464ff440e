"""What was acknowledged survives SIGKILL, wherever it strikes."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from spindle.durable.points import LABELS
from tests.durable.killed import check, run
from tests.tally import TALLY

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
    pytest.mark.slow,  # a process each; the only tests in which one is really killed
]

ONCE = {"open:locked", "open:before schema", "open:after schema", "open:ready"}
ONCE |= {"close:before", "close:after"}


@pytest.mark.parametrize("label", LABELS)
def test_a_kill_loses_nothing(tmp_path: Path, label: str) -> None:
    path = tmp_path / "pages.db"
    nth = 1 if label in ONCE else 3
    told = run(path, label, nth)
    assert told.killed, f"{label!r} was not reached"
    TALLY["kills of a store, one at each label"] += 1
    check(path, told)
    again = run(path)  # and the next process goes on
    assert not again.killed
    assert check(path, again) > 50


def test_a_kill_between_two_appends_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pages.db"
    for lines in (1, 40, 7):
        told = run(path, lines=lines)
        assert told.killed
        check(path, told)


@pytest.mark.mutant
@pytest.mark.parametrize(
    ("fault", "label", "said"),
    [
        ("late", "batch:taken", "acknowledged frames of . lost"),
        ("each", "batch:written", "a part of an append is there"),
    ],
)
def test_a_store_that_loses_something_is_found(
    tmp_path: Path, fault: str, label: str, said: str
) -> None:
    path = tmp_path / "pages.db"
    with pytest.raises(AssertionError, match=said):  # noqa: PT012 - the first may be lucky ones
        for nth in range(7, 40):
            check(path, run(path, label, nth, fault=fault))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("level", ["power", "process"])
def test_many_kills_of_one_file_lose_nothing(tmp_path: Path, level: str) -> None:
    """Each process goes on with what the one before has left."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    path = tmp_path / "pages.db"
    frames = kills = 0
    while kills < 200:
        if kills % 3:
            told = run(path, chance.choice(LABELS), chance.randint(1, 12), level=level)
        else:
            told = run(path, lines=chance.randint(1, 200), level=level)
        kills += told.killed
        TALLY[f"kills of a store ({level})"] += told.killed
        now = check(path, told)
        assert now >= frames
        frames = now
