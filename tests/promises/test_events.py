"""No event lost, duplicated or misdelivered."""

from __future__ import annotations

from collections import Counter

import pytest

from spindle import Settlement
from tests.drivers import play
from tests.promises.fair import Fair, Visit
from tests.talk import Echo

SEEDS = {"hand": 60, "hosted": 60, "task": 60}


@pytest.mark.parametrize("driver", SEEDS)
def test_no_event_lost_duplicated_or_misdelivered(driver: str) -> None:
    how: Counter[str] = Counter()
    for seed in range(SEEDS[driver]):
        visit = Visit(seed, Echo() if seed % 2 else None)
        books = play(driver, visit.play, Fair, seed).ledger
        assert not violations(visit), seed
        settled = Counter(letter.settlement for letter in visit.letters)
        assert books.accepted == len(visit.letters)
        assert books.handled == settled[Settlement.HANDLED]
        assert books.refused == settled[Settlement.REFUSED]
        assert books.dead_lettered == settled[Settlement.DEAD_LETTERED]
        how.update(letter.settlement.value for letter in visit.letters if letter.settlement)
        how.update(["in hand" for letter in visit.letters if in_hand(letter)])
    assert len(how) == 4, f"the visits do not reach every settlement: {how}"
    assert min(how.values()) > 5, how


def violations(visit: Visit) -> list[str]:
    """By identity: two equal clicks are two clicks."""
    received = Counter(id(event) for _, event in visit.grounds.received)
    sent = Counter(id(letter.event) for letter in visit.letters)
    found = list(visit.grounds.strays)
    found += [f"never sent: {e!r}" for _, e in visit.grounds.received if not sent[id(e)]]
    found += [
        f"{event!r} reached {block.__name__}"
        for block, event in visit.grounds.received
        if event.__block__ is not block
    ]
    for letter in visit.letters:
        wanted = letter.settlement is Settlement.HANDLED or in_hand(letter)
        if letter.settlement is None or received[id(letter.event)] != wanted:
            found.append(f"{letter!r}, received {received[id(letter.event)]} times")
    return found


def in_hand(letter: object) -> bool:
    return "while it handled" in letter.reason  # type: ignore[attr-defined]
