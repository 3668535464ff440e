"""The same source gives the same conversation under every driver."""

from __future__ import annotations

import pytest

from tests.drivers import play
from tests.promises.fair import Fair, Visit

VISITS = 25
SCHEDULES = {"hosted": 1, "task": 3}


def conversation(driver: str, visitor: int, schedule: int) -> dict[str, object]:
    visit = Visit(visitor)
    stage = play(driver, visit.play, Fair, schedule)
    return {
        "transcript": stage.transcript,
        "journal": stage.recording.lines(),
        "settled": [(str(each.settlement), each.reason) for each in visit.letters],
        "books": stage.balance(),
        "cleanups": visit.grounds.cleaned,
    }


@pytest.mark.parametrize("visitor", range(VISITS))
def test_the_same_source_gives_the_same_conversation_under_every_driver(visitor: int) -> None:
    by_hand = conversation("hand", visitor, 0)
    assert by_hand["transcript"]
    for driver, schedules in SCHEDULES.items():
        for schedule in range(schedules):
            here = conversation(driver, visitor, schedule)
            for what, expected in by_hand.items():
                assert here[what] == expected, f"{what}, {driver}, schedule {schedule}"
