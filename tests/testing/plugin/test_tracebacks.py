"""What pytest shows of a demand that fails: the line of the test, nothing from inside Spindle."""

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

class Shelf(Port):
    @read
    async def look(self) -> str: ...

async def looks():
    await Desk.Ask()
    return await (await use(Clerk)).look("a")

async def goes_on():
    try:
        await Desk.Ask()
    finally:
        async with cleanup(10 ** 9):
            while True:
                await sleep(1)

async def waits():
    await Channel(1).take()

def asked():
    run = Transcript(looks)
    return run.expect(Desk.Ask())

def called():
    run = Transcript(looks)
    run.expect(Desk.Ask()).answer(Desk.Told())
    return run.expect_call(Clerk.look)

def page():
    made = HandPage(Desk)
    made.start(Desk, asks)
    return made
"""

SLIPS = [
    "Transcript(looks).expect(Desk.Ask(['b']))",
    "Transcript(looks).expect(Desk.Said())",
    "Transcript(looks).expect_call(Clerk.look)",
    "Transcript(looks).expect_call(Clerk.look, 1, 2)",
    "Transcript(looks).expect_call(Fake(Clerk).look)",
    "Transcript(looks).expect_call(looks())",
    "Transcript(looks).expect_perform(asks)",
    "Transcript(looks).expect_put(Desk.board, [])",
    "Transcript(looks).expect_put(3, [])",
    "Transcript(looks).expect_returned(3)",
    "Transcript(looks).result",
    "Transcript(looks).advance(-1)",
    "Transcript(goes_on).cancel()",
    "Transcript(waits)",
    "Transcript(looks())",
    "Transcript(looks, stub=3)",
    "Transcript(looks, provide={Clerk: 3})",
    "asked().answer(Desk.Said())",
    "called().returns(asks())",
    "called().raises(LookupError)",
    "Fake(Desk)",
    "Fake(Clerk).when(Shelf.look)",
    "Fake(Clerk).when(Clerk.look).returns(asks())",
    "Fake(Clerk).when(Clerk.look).raises(3)",
    "Fake(Clerk).when(Clerk.look).does(asks)",
    "Fake(Clerk).expect_called(Clerk.look)",
    "Fake(Clerk).expect_called(Clerk.look, 1, 2)",
    "Fake(Clerk).expect_refused(Clerk.look)",
    "HandPage(3)",
    "page().resume(3)",
    "page().advance(-1)",
    "page().wait()",
    "page().start(Desk, asks)",
    "page().start(Desk, asks())",
    "page().get(Desk.board)",
]


@pytest.mark.bulk
@pytest.mark.slow
def test_only_the_line_of_the_test_is_shown(project: Project) -> None:
    tests = [f"def test_{at}():\n    {slip}\n" for at, slip in enumerate(SLIPS)]
    result = project(HEAD + "\n".join(tests))
    result.assert_outcomes(failed=len(SLIPS))
    result.stdout.no_fnmatch_line("*spindle/*.py:*")
    result.stdout.no_fnmatch_line("*site-packages*")
    result.stdout.fnmatch_lines([f">       {slip}".replace("[", "[[]") for slip in SLIPS])


def test_of_a_spindle_that_has_failed_its_own_line_is_shown(project: Project) -> None:
    result = project(
        HEAD
        + """
def test_it():
    with HandPage(Desk, provide={Clerk: Fake(Clerk)}) as page:
        started = page.start(Desk, looks)
        page.resume(Desk.Told())
        page.result(started)

def test_strictly():
    with Transcript(looks):
        pass
"""
    )
    result.assert_outcomes(failed=2)
    result.stdout.no_fnmatch_line("*spindle/*.py:*")
    result.stdout.fnmatch_lines(
        [
            ">           page.result(started)",
            '>       return await (await use(Clerk)).look("a")',
            ">       with Transcript(looks):",
        ]
    )


def test_of_a_fault_of_spindles_own_its_frames_are_shown(project: Project) -> None:
    result = project(
        HEAD
        + """
def test_in_its_code():
    run = Transcript(looks)
    del run._driver._at
    run.advance(1)

def test_in_what_its_code_has_called(monkeypatch):
    import json
    from spindle._core.kernel.hand import Hand
    made = page()
    monkeypatch.setattr(Hand, "clock", json.loads)
    made.now
"""
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*spindle/_core/kernel/hand.py:*: AttributeError",
            "*spindle/testing/hand_page.py:*",
            "*json/__init__.py:*: TypeError",
        ]
    )


def test_of_a_fault_of_the_programs_own_only_that_is_shown(project: Project) -> None:
    result = project(
        HEAD
        + """
class Odd:
    def __eq__(self, other):
        raise ZeroDivisionError

async def puts():
    await Desk.plain.put(Odd())

async def breaks():
    import json
    json.loads("{")

def test_in_a_comparison():
    Transcript(puts).expect_put(Desk.plain, Odd())

def test_in_a_spindle(hand_page):
    made = hand_page(Desk)
    made.result(made.start(Desk, breaks))
"""
    )
    result.assert_outcomes(failed=2)
    result.stdout.no_fnmatch_line("*spindle/testing/*.py:*")
    result.stdout.fnmatch_lines([">       raise ZeroDivisionError", '    json.loads("{")'])
