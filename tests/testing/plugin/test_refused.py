"""A test fails in which a fake was called where nothing is scripted, unless it looks at that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

Project: TypeAlias = Callable[..., pytest.RunResult]

HEAD = """
from spindle import Port, cleanup, read, use
from spindle.testing import Fake, Transcript

class Clerk(Port):
    @read
    async def look(self, what: str) -> str: ...

async def careless():
    try:
        return await (await use(Clerk)).look("a")
    except Exception:
        return "nothing"

async def careful():
    return await (await use(Clerk)).look("a")
"""

TOLD = [
    "a fake was called where nothing is scripted, and the test has not looked at that:",
    "Clerk.look('a') was called, but nothing is scripted for it: "
    "write Fake(Clerk).when(Clerk.look).returns(...)",
    "A test that means it says so: fake.expect_refused(method, ...)",
]


def literally(lines: list[str]) -> list[str]:
    return [line.replace("[", "[[]") for line in lines]


def test_a_call_that_a_spindle_makes_light_of_fails_the_test(project: Project) -> None:
    result = project(
        HEAD
        + """
def test_catches():
    assert Transcript(careless, provide={Clerk: Fake(Clerk)}).result == "nothing"

def test_does_not_look():
    Coroutine(careful, provide={Clerk: Fake(Clerk)}).run()

async def test_on_trio():
    async with open_page(Desk, provide={Clerk: Fake(Clerk)}) as page:
        assert await page.start(Desk, careless).result() == "nothing"

def test_scripts_it():
    clerk = Fake(Clerk).when(Clerk.look).returns("seen")
    assert Transcript(careless, provide={Clerk: clerk}).result == "seen"
"""
    )
    result.assert_outcomes(failed=3, passed=1)
    result.stdout.fnmatch_lines(literally(TOLD))


def test_a_call_that_the_test_has_looked_at_does_not(project: Project) -> None:
    project(
        HEAD
        + """
def test_says_so():
    clerk = Fake(Clerk)
    Coroutine(careless, provide={Clerk: clerk}).run()
    clerk.expect_refused(Clerk.look, "a")

def test_expects_the_error():
    run = Transcript(careful, provide={Clerk: Fake(Clerk)})
    run.expect_raised(AssertionError, match="nothing is scripted")

def test_gets_the_error(hand_page):
    page = hand_page(Desk, provide={Clerk: Fake(Clerk)})
    started = page.start(Desk, careful)
    with pytest.raises(AssertionError, match="nothing is scripted"):
        page.result(started)
"""
    ).assert_outcomes(passed=3)


def test_a_test_that_fails_for_a_consequence_names_the_call(project: Project) -> None:
    result = project(
        HEAD
        + """
def test_fails():
    assert Coroutine(careless, provide={Clerk: Fake(Clerk)}).run().value == "seen"

@pytest.fixture
def seen():
    assert Coroutine(careless, provide={Clerk: Fake(Clerk)}).run().value == "seen"

def test_is_not_set_up(seen):
    pass

def test_knows_of_it():
    clerk = Fake(Clerk)
    Coroutine(careless, provide={Clerk: clerk}).run()
    clerk.expect_refused(Clerk.look)
    assert False
"""
    )
    result.assert_outcomes(failed=2, errors=1)
    fails, is_not_set_up, knows = (
        result.stdout.str().partition(f"_ {name} _")[2].partition("\n___")[0]
        for name in ("test_fails", "ERROR at setup of test_is_not_set_up", "test_knows_of_it")
    )
    for each in fails, is_not_set_up:
        assert "- refused calls -" in each
        assert each.count(TOLD[1]) == 1
    assert knows
    assert "refused calls" not in knows


def test_a_test_that_is_left_is_not_asked(project: Project) -> None:
    result = project(
        HEAD
        + """
def test_skips():
    Coroutine(careless, provide={Clerk: Fake(Clerk)}).run()
    pytest.skip("later")

def test_has_nothing_to_do_with_it():
    pass
"""
    )
    result.assert_outcomes(skipped=1, passed=1)
    result.stdout.no_fnmatch_line("*a fake was called*")


def test_a_call_while_fixtures_end_is_heard_of(project: Project) -> None:
    result = project(
        HEAD
        + """
async def leaves():
    try:
        await Desk.Ask()
    finally:
        async with cleanup(1):
            await careless()

@pytest.fixture
def coroutine():
    made = Coroutine(leaves, provide={Clerk: Fake(Clerk)})
    made.run()
    yield made
    made.cancel()

def test_leaves(coroutine):
    pass
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(literally(TOLD))


def test_the_conversation_of_a_page_is_shown(project: Project) -> None:
    result = project(
        HEAD
        + """
def test_it(hand_page):
    hand_page(Desk, provide={Clerk: Fake(Clerk)}).start(Desk, careless)
"""
    )
    result.assert_outcomes(failed=1, errors=0)
    result.stdout.fnmatch_lines(["*- conversation -*", "*<- Clerk.look raised AssertionError*"])
