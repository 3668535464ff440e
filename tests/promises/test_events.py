"""No event lost, duplicated or misdelivered."""

from __future__ import annotations

from collections import Counter

import pytest

from spindle import Ask, Delivery, Event, Settlement, Withdrawn, Yielded
from spindle._core.journal import EventCame, EventSettled, MessageSent
from spindle.testing import Recording
from tests.drivers import play
from tests.promises.fair import Fair, Visit
from tests.talk import Echo

SEEDS = {"hand": 60, "hosted": 60, "task": 60}


@pytest.mark.parametrize("driver", SEEDS)
def test_no_event_lost_duplicated_or_misdelivered(driver: str) -> None:
    how: Counter[str] = Counter()
    for seed in range(SEEDS[driver]):
        visit = Visit(seed, Echo() if seed % 2 else None)
        stage = play(driver, visit.play, Fair, seed)
        books = stage.ledger
        assert not violations(visit), seed
        addressees = who_gets_what(stage.recording)
        for ask, event in visit.grounds.received:
            assert addressees.get(id(event)) is ask, f"{seed}: {event!r} came to {ask!r}"
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
    for letter in visit.letters:
        wanted = letter.settlement is Settlement.HANDLED or in_hand(letter)
        if letter.settlement is None or received[id(letter.event)] != wanted:
            found.append(f"{letter!r}, received {received[id(letter.event)]} times")
    return found


def who_gets_what(recording: Recording) -> dict[int, Ask]:
    """The yield that each event, by its identity, is for, as the page's journal has them come.

    The one that it names, else the oldest that accepts it, else the next one that does.
    """
    pending: dict[tuple[object, int | None], Ask] = {}
    kept: list[Event] = []
    found: dict[int, Ask] = {}
    for _, entry in recording.entries:
        match entry:
            case MessageSent(source, Yielded(ask)):
                if event := next((each for each in kept if accepts(ask, each)), None):
                    _drop(kept, event)
                    found[id(event)] = ask
                else:
                    pending[source.block, source.yield_id] = ask
            case MessageSent(source, Withdrawn(_)):
                del pending[source.block, source.yield_id]
            case EventCame(Event() as event, number, None):
                for key, ask in pending.items():
                    if accepts(ask, event) and number in (None, key[1]):
                        found[id(event)] = pending.pop(key)
                        break
                else:
                    if number is None:
                        _keep(kept, event)
            case EventSettled(event, _, _):
                _drop(kept, event)  # it was refused, or nobody will take it
            case _:
                pass
    return found


def accepts(ask: Ask, event: Event) -> bool:
    return type(event) in ask.__answers__


def _keep(kept: list[Event], event: Event) -> None:
    """At the end, or in the place of an older one of its class."""
    for position, older in enumerate(kept):
        if event.delivery is Delivery.LATEST and type(older) is type(event):
            kept[position] = event
            return
    kept.append(event)


def _drop(kept: list[Event], event: Event) -> None:
    kept[:] = [each for each in kept if each is not event]


def in_hand(letter: object) -> bool:
    return "while it handled" in letter.reason  # type: ignore[attr-defined]
