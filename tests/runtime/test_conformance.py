"""One source, one conversation: whole random pages, the same under every driver.

A page is a script of bursts of inputs, and programs of every operation there is, as plain data. It
is played by hand, hosted and as tasks, with several seeds of trio's scheduler. What is said, what
the journal is told, how each event and each coroutine ended and what the spindles' own code saw, in
which order, is equal to the letter; and nothing is left.

Calls are compared for the same order of their ends: the fakes end at moments of their own. Those
that end at once do so in the turn of their spindle by hand and as tasks, but a tick later hosted;
so they are made where the page settles after each input, and not hosted.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings

from spindle._core.kernel import kernel, turns
from spindle._runtime import ontrio
from tests.laboratory.programs.comparison import check_equal
from tests.laboratory.programs.maker import Calls, script_of_seed
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.script import Script
from tests.laboratory.programs.strategies import scripts

pytestmark = pytest.mark.search

LIMITS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
NORMAL = settings(max_examples=25, derandomize=True, **LIMITS)
SOAK = settings(max_examples=2000, **LIMITS)
HUNDREDS = 2


def hosted(calls: Calls, seeds: int) -> int:
    """How often to play it hosted."""
    return 0 if calls == "quick" else seeds


@pytest.mark.parametrize("hundred", range(HUNDREDS))
@pytest.mark.parametrize("calls", get_args(Calls))
def test_K1_W6_random_pages_are_the_same_under_every_driver(calls: Calls, hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        check_equal(script_of_seed(seed, calls), hosted=hosted(calls, 1), task=2)


@pytest.mark.parametrize("calls", get_args(Calls))
def test_K1_a_page_that_rests_all_the_time_is_still_the_same(calls: Calls, monkeypatch) -> None:
    """When it rests follows from how fast the machine is, and nothing must follow from that."""
    monkeypatch.setattr(turns, "STEPS_A_SPELL", 1)
    monkeypatch.setattr(ontrio, "STEPS_A_SPELL", 1)
    monkeypatch.setattr(ontrio.OnTrio, "spell", ontrio.OnTrio.rest)
    for seed in range(100):
        check_equal(script_of_seed(seed, calls), hosted=hosted(calls, 1), task=1)


@pytest.mark.parametrize("rests", [False, True])
def test_K1_a_page_that_cancels_one_at_a_time_is_still_the_same(rests: bool, monkeypatch) -> None:
    """As it does with very many: that it rests between the parts must not be seen."""
    monkeypatch.setattr(kernel, "CASCADE_CHUNK", 1)
    if rests:
        monkeypatch.setattr(turns, "STEPS_A_SPELL", 1)
        monkeypatch.setattr(ontrio, "STEPS_A_SPELL", 1)
        monkeypatch.setattr(ontrio.OnTrio, "spell", ontrio.OnTrio.rest)
    for seed in range(100):
        check_equal(script_of_seed(seed, "none"), hosted=1, task=1)


@NORMAL
@given(scripts())
def test_K1_W6_random_pages_that_shrink(script: Script) -> None:
    check_equal(script)


@NORMAL
@given(scripts("late"))
def test_K1_W6_random_pages_with_calls_that_shrink(script: Script) -> None:
    check_equal(script)


@NORMAL
@given(scripts("batched"))
def test_K1_W6_random_pages_with_batches_that_shrink(script: Script) -> None:
    check_equal(script)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("calls", get_args(Calls))
def test_K1_W6_thousands_of_random_pages(calls: Calls) -> None:
    """More pages and more schedules: buys the rare order of things."""
    for seed in range(100 * HUNDREDS, 6000):
        check_equal(script_of_seed(seed, calls), hosted=hosted(calls, 2), task=4)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("calls", get_args(Calls))
def test_K1_W6_thousands_of_random_pages_that_shrink(calls: Calls) -> None:
    """Other pages every time: buys a small example of what no fixed seed has shown."""

    @SOAK
    @given(scripts(calls))
    def check(script: Script) -> None:
        check_equal(script, hosted=hosted(calls, 2), task=4)

    check()


@pytest.mark.parametrize("calls", ["late", "batched"])
def test_the_pages_reach_what_they_are_for(calls: Calls) -> None:
    """Random pages that do nothing would be equal, too."""
    seen: Counter[str] = Counter()
    sights = SIGHTS if calls == "late" else SIGHTS_OF_BATCHES
    for seed in range(300):
        log = Performance(script_of_seed(seed, calls), "hand").play().world.log
        seen.update(sight for sight in sights if any(sight in line for line in log))
    for sight in sights:
        assert seen[sight] > 3, f"{sight}: {seen}"


SIGHTS = (
    "Fork gave",
    "Fiber gave",
    "left the scope",
    "left the timeout",
    "left the cleanup",
    "mapped",
    "put item",
    "Take gave item",
    "Change gave",
    "Watch gave",
    "Join gave",
    "AwaitAll gave",
    "source 0 won",
    "source 1 won",
    "swallowed a cancellation",
    "replaced by",
    "handled",
    "stale",
    "dead-lettered",
    "was cut",
    "TooSlow",
    "ChannelClosed",
    "WasCancelled",
    "NotOwner",
    "PageClosing",
    "RestartsSpent",
    "from outside",
    "failed: ",
)
SIGHTS_OF_BATCHES = (
    "-> Errand.parcels((parcel 0,))",
    "-> Errand.parcels((parcel 0, parcel 1",
    "Load gave",
    "Errand.parcels was cut",
    "NotLoaded",
    "Errand.parcels raised LookupError",
    "TooSlow",
)
