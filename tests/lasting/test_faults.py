"""Whatever the store does at whatever moment: nothing is lost that was told, nothing done twice."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from functools import cache

import pytest
import trio
from trio.testing import MockClock

from spindle.durable import Fault
from tests.lasting.booking import SCRIPT, book, book_with_marks
from tests.lasting.faulty import Plan, Visit, visited

FUNCTIONS = {"book": book, "marks": book_with_marks}
HOWS: dict[str, tuple[Fault | None, bool]] = {
    **{each.name.lower(): (each, False) for each in Fault},
    "killed before it is kept": (None, False),
    "killed before it is known": (None, True),
}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def run(plan: Plan) -> Visit:
    return trio.run(visited, plan, clock=MockClock(autojump_threshold=0))


@cache
def whole(name: str, eager: bool) -> Visit:
    """A visit in which nothing goes wrong."""
    return run(Plan(function=FUNCTIONS[name], eager=eager))


def without_pay(told: list[str]) -> list[str]:
    return [each for each in told if "pay" not in each and "unknown" not in each]


def check(plan: Plan, name: str) -> Visit:
    """Run it, and compare the end with that of a visit in which nothing went wrong."""
    visit, sound = run(plan), whole(name, plan.eager)
    calls = defaultdict[str, set[str]](set)
    for what, key in visit.backend.calls:
        calls[key or what].add(what)
    assert all(len(each) == 1 for each in calls.values()), f"I3: one key, two calls: {calls}"
    begun = Counter(what for what, _ in visit.backend.calls if what.startswith("pay"))
    assert all(times == 1 for times in begun.values()), f"I3: {begun}"
    done = sorted(each for each in visit.backend.done.values() if each.startswith("order"))
    expected = sorted(each for each in sound.backend.done.values() if each.startswith("order"))
    assert done == expected, "I3: not done exactly once"
    assert visit.last.total == sound.last.total, "I5"
    if name == "book":
        assert without_pay(visit.last.told) == without_pay(sound.last.told), "I5"
    return visit


def moments(eager: bool) -> list[tuple[str, str, int]]:
    return [
        (name, call, nth)
        for name in FUNCTIONS
        for sound in [whole(name, eager)]
        for call, times in (
            ("create", 1),
            ("append", sound.appends),
            ("snapshot", sound.snapshots),
        )
        for nth in range(1, times + 1)
    ]


@pytest.mark.parametrize("eager", [False, True], ids=["one by one", "all at once"])
def test_nothing_goes_wrong(eager: bool) -> None:
    for name in FUNCTIONS:
        sound = whole(name, eager)
        assert len(sound.lives) == 1
        assert sound.last.acked == list(range(len(SCRIPT)))
    assert whole("book", eager).appends > len(SCRIPT)
    assert whole("book", eager).snapshots == 0
    assert eager or whole("marks", eager).snapshots > 1


@pytest.mark.parametrize("eager", [False, True], ids=["one by one", "all at once"])
@pytest.mark.parametrize("how", HOWS, ids=HOWS)
def test_D1_the_store_fails_at_any_moment(how: str, eager: bool) -> None:
    lives = Counter[int]()
    for name, call, nth in moments(eager):
        plan = Plan(call, nth, *HOWS[how], FUNCTIONS[name], eager)
        try:
            lives[len(check(plan, name).lives)] += 1
        except BaseException as error:
            error.add_note(f"{plan} of {name}")
            raise
    # What fails behind the last word is not noticed; how much goes in one append is chance.
    assert lives[2] > (12 if eager else 40), lives


@pytest.mark.search
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNANSWERED, Fault.FENCED])
def test_D1_the_store_fails_once_more_while_a_page_recovers(fault: Fault) -> None:
    """Each pair of moments."""
    lives = Counter[int]()
    for nth in range(1, whole("book", False).appends + 1):
        for again in range(1, whole("book", False).appends - nth + 1):
            plan = Plan("append", nth, fault, again=again)
            try:
                lives[len(check(plan, "book").lives)] += 1
            except BaseException as error:
                error.add_note(f"{plan}, then append {again}")
                raise
    assert lives[3] > 150, lives
