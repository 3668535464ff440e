"""What pytest shows of a test made by `play`: its own line, and what it calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

Project: TypeAlias = Callable[..., pytest.RunResult]

HEAD = """
from functools import partial
from itertools import count
from hypothesis import settings
from spindle import Port, read, use
from spindle.testing import Fake
from spindle.testing.properties import PlayedPage, play

play = partial(play, settings=settings(derandomize=True, database=None))

class Clerk(Port):
    @read
    async def look(self, what: int) -> str: ...

class Counter(Spindle):
    class Told(Event):
        number: int
    class Ask(Yield[Told]): ...

async def forever():
    while True:
        await Counter.Ask()

async def careless():
    while True:
        told = await Counter.Ask()
        try:
            await (await use(Clerk)).look(told.number)
        except Exception:
            pass

async def fails():
    await Counter.Ask()
    raise LookupError("always")

async def nothing():
    pass

FEW = count()

async def fails_once():
    await Counter.Ask()
    if next(FEW) == 5:
        raise LookupError("once")

def gives():
    return {Clerk: Fake(Clerk)}

def not_so(page):
    assert False, "not so"

def wrong(page):
    return False
"""

REFUSED = """
@play(
    Counter,
    provide=gives,
)
def test_it(page: PlayedPage):
    page.start(Counter, careless)
"""


@pytest.mark.parametrize("plugin", [True, False])
def test_a_call_that_is_refused_fails_the_conversation(project: Project, plugin: bool) -> None:
    result = project(HEAD + REFUSED, plugin=plugin)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">   def test_it(page: PlayedPage):",
            "E   AssertionError: a fake was called where nothing is scripted, and the *",
            "E   Clerk.look(0) was called, but nothing is scripted for it: *",
            "E   To have it again:",
            "E           page.resume(Counter.Told(number=0))",
            "E   What happened:",
            "E   Counter                  <- Clerk.look raised *",
        ]
    )


def test_so_it_does_on_a_page_of_ones_own_and_not_if_that_is_meant(project: Project) -> None:
    result = project(
        HEAD
        + REFUSED.replace("test_it", "check_it")
        + """
def test_fails():
    with check_it.page() as page:
        page.resume(Counter.Told(1))

def test_says_so():
    with check_it.page() as page:
        page.resume(Counter.Told(1))
        page.given(Fake).expect_refused(Clerk.look, 1)

def says_so(page):
    fake = page.given(Fake)
    if fake.calls:
        fake.expect_refused(Clerk.look)

@play(Counter, provide=gives, at_end=[says_so])
def test_says_so_at_the_end(page: PlayedPage):
    page.start(Counter, careless)
"""
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E * Clerk.look(1) was called, but nothing is scripted for it: *"])


def test_it_is_shown_at_its_own_line(project: Project) -> None:
    result = project(
        HEAD
        + """
@play(Counter)
def test_fails(page):
    page.start(Counter, fails)

@play(Counter, invariants=[wrong])
def test_answers_false(page):
    page.start(Counter, forever)

@play(Counter, invariants=[not_so])
def test_asserts(page):
    page.start(Counter, forever)

@play(Counter)
def test_ends(page):
    page.start(Counter, nothing)

@play(Counter)
def test_starts_nothing(page):
    pass

@play(Counter)
def test_is_flaky(page):
    page.start(Counter, fails_once)
"""
    )
    result.assert_outcomes(failed=6)
    shown = result.stdout.str().partition("short test summary info")[0]
    names = ["fails", "answers_false", "asserts", "ends", "starts_nothing", "is_flaky"]
    for name, own in zip(names, shown.split("\n____")[1:], strict=True):
        assert f">   def test_{name}(page):" in own
        assert "spindle/testing" not in own
        assert "hypothesis" not in own
        assert "hidden" not in own
        told = name not in ("ends", "starts_nothing", "is_flaky")
        assert ("To have it again" in own) == told
        assert ("What happened:" in own) == (told or name == "ends")
    result.stdout.fnmatch_lines(['>       assert False, "not so"'])
    result.stdout.fnmatch_lines(['>           raise LookupError("once")'])


def test_two_failures_are_shown_without_what_stands_between(project: Project) -> None:
    result = project(
        HEAD
        + """
def few(page):
    assert all(each.event.number < 1000 for each in page.receipts), "many"

def many(page):
    assert all(each.event.number > -1000 for each in page.receipts), "few"

test_it = play(Counter, invariants=[few, many])(lambda page: page.start(Counter, forever))
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*AssertionError: few", "*AssertionError: many"])
    result.stdout.no_fnmatch_line("*hypothesis/*")
    result.stdout.no_fnmatch_line("*properties/played_page.py*")
