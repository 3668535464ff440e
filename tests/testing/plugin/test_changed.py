"""Values that change after they were said, sent or put fail the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

Project: TypeAlias = Callable[..., pytest.RunResult]

CHANGED = "*values were changed after they were said*"


@pytest.mark.parametrize("hosted", [True, False])
def test_L6_a_reader_that_mutates_a_value_is_detected(project: Project, hosted: bool) -> None:
    result = project(
        f"""
        async def writes():
            await Desk.board.put(["a"])
            await Desk.Ask()

        async def reads():
            (await Desk.board.get()).append("b")

        async def test_it():
            async with open_page(Desk, hosted={hosted}) as page:
                page.start(Desk, writes)
                await page.start(Desk, reads, instance="reader").wait()
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            CHANGED,
            "the value of the cell Desk.board was changed after Desk put it there, at *:* writes:",
            "  it was ['a']",
            "  and is ['a', 'b']",
        ]
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("await Desk.Ask(words)", "Desk.Ask"),
        ("await Desk.Said(words); await Desk.Ask()", "Desk.Said"),
        ("await await_any(sleep(9), Desk.Ask(words))", "Desk.Ask"),
    ],
)
def test_L6_a_message_that_is_changed_when_it_was_said(
    project: Project, said: str, kind: str
) -> None:
    result = project(
        f"""
        words = ["a"]

        async def says():
            {said}

        def test_it(hand_page):
            page = hand_page(Desk)
            page.start(Desk, says)
            words.append("b")
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [CHANGED, f"{kind} was changed after Desk said it, at *.py:* says:", "  it was *['a']*"]
    )


def test_L6_an_event_that_is_changed_by_who_received_it(project: Project) -> None:
    result = project(
        """
        async def changes():
            (await Desk.Ask()).words.append("b")

        def test_it(hand_page):
            page = hand_page(Desk)
            page.start(Desk, changes)
            page.resume(Desk.Told(["a"]))
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([CHANGED, "Desk.Told was changed after it was handed to the page:"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("await Desk.Ask(words); await Desk.Ask()", "Desk.Ask was changed after * said it, at*"),
        ("await Desk.Said(words); await Desk.Ask()", "Desk.Said was changed after * said it*"),
        (
            "(await Desk.Ask()).words.append('b')",
            "Desk.Told was changed after it was handed to the page:",
        ),
        (
            "await Desk.Said(words); words.append('b'); await Desk.Ask()",
            "Desk.Said was changed after * said it, at *.py:* says:",
        ),
    ],
)
def test_L6_a_coroutine_that_only_talks_is_looked_at(
    project: Project, code: str, said: str
) -> None:
    result = project(
        f"""
        words = ["a"]

        async def says():
            {code}

        def test_it():
            coroutine = Coroutine(says)
            coroutine.run()
            words.append("c")
            coroutine.run(Desk.Told(["a"]))
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([CHANGED, said, "  it was *['a']*"])


def test_L6_an_event_of_a_transcript_that_is_changed(project: Project) -> None:
    result = project(
        """
        from spindle.testing import Transcript

        async def changes():
            (await Desk.Ask()).words.append("b")

        def test_it():
            run = Transcript(changes)
            run.expect(Desk.Ask()).answer(Desk.Told(["a"]))
            run.expect_returned(None)
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([CHANGED, "Desk.Told was changed after it was handed to the page:"])


LANES = """
import dataclasses, msgspec
from spindle.testing.plugin import changed

@dataclasses.dataclass(frozen=True)
class Point:
    x: int

class Mutable(msgspec.Struct):
    x: int

@dataclasses.dataclass
class Plain:
    x: int

class Fast(Spindle):
    class Told(Event):
        at: tuple[Point, ...] = ()
    class Ask(Yield[Told]):
        words: tuple[str, ...] = ()
    class Said(Notify):
        words: frozenset[int] = frozenset()

class ByAnswer(Spindle):
    class Told(Event):
        at: Mutable | None = None
    class Ask(Yield[Told]):
        pass

class ByField(Spindle):
    class Told(Event):
        pass
    class Ask(Yield[Told]):
        at: tuple[Plain, ...] = ()

async def talks(block):
    if block is Fast:
        await Fast.Said()
    while True:
        await block.Ask()

def is_in_its_lane(block):
    coroutine = Coroutine(talks, block)
    coroutine.run()
    coroutine.run(block.Told())
    return coroutine._lane is not None

def test_seen():
    assert [is_in_its_lane(each) for each in (Fast, ByAnswer, ByField)] == [
        True, False, False
    ]

def test_no_more_than_enough(monkeypatch):
    monkeypatch.setattr(changed, "MOST", 0)
    assert is_in_its_lane(ByField)

@pytest.mark.spindle(changes=False)
def test_not_seen():
    assert is_in_its_lane(ByField)
"""


def test_a_coroutine_whose_messages_cannot_change_goes_as_fast_as_ever(project: Project) -> None:
    result = project(LANES)
    result.assert_outcomes(passed=3)


def test_a_new_value_each_time_changes_nothing(project: Project) -> None:
    result = project(
        """
        class Odd:
            def __init__(self):
                self.ring = self

        async def writes():
            words, odd = ["a"], Odd()
            for value in (words, [*words, "b"], "text", 1, None, odd, {1: odd}, (words, words)):
                await Desk.plain.put(value)
            odd.ring = None
            deep = []
            for _ in range(100_000):
                deep = [deep]
            await Desk.plain.put(deep)
            while deep:
                deep = deep.pop()

        def test_it(hand_page):
            hand_page(Desk).start(Desk, writes)
        """
    )
    result.assert_outcomes(passed=1)


def test_only_the_first_values_of_a_test_are_kept(project: Project) -> None:
    result = project(
        """
        from spindle.testing.plugin import changed

        async def writes():
            for number in range(3):
                value = [number]
                await Desk.plain.put(value)
                if number:
                    value.append(0)

        def test_it(hand_page, monkeypatch):
            monkeypatch.setattr(changed, "MOST", 1)
            hand_page(Desk).start(Desk, writes)
        """
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "ini"),
    [("@pytest.mark.spindle(changes=False)", ""), ("", "spindle_changes = false")],
)
def test_the_check_is_switched_off(project: Project, marker: str, ini: str) -> None:
    result = project(
        f"""
        async def writes():
            value = [1]
            await Desk.plain.put(value)
            value.append(2)

        {marker}
        def test_it(hand_page):
            hand_page(Desk).start(Desk, writes)
        """,
        ini,
    )
    result.assert_outcomes(passed=1)


def test_the_pictures_are_not_what_keeps_a_channel_open(project: Project) -> None:
    project(
        """
        class Any(Spindle):
            class Told(Event): pass
            class Ask(Yield[Told]):
                what: object

        def test_on_a_page():
            with HandPage(Any) as page:
                page.start(Any, says_it)

        async def says_it():
            await Any.Ask([Channel(1)])

        def test_put():
            with HandPage(Desk) as page:
                page.start(Desk, puts)

        async def puts():
            await Desk.plain.put([Channel(1)])
            await Desk.Ask()

        def test_of_a_coroutine():
            coroutine = Coroutine(says_it)
            coroutine.run()
            coroutine.cancel()
        """
    ).assert_outcomes(passed=3)


def test_what_is_said_can_be_collected_while_the_test_runs(project: Project) -> None:
    project(
        """
        import gc, weakref

        class Thing: pass

        async def puts(thing):
            await Desk.plain.put([thing])

        def test_it():
            thing = Thing()
            seen = weakref.ref(thing)
            with HandPage(Desk) as page:
                page.start(Desk, puts, thing)
            del page, thing
            gc.collect()
            assert seen() is None
        """
    ).assert_outcomes(passed=1)


def test_L6_what_was_changed_and_forgotten_is_told_all_the_same(project: Project) -> None:
    result = project(
        """
        import gc

        async def changes():
            words = ["a"]
            await Desk.board.put(words)
            words.append("b")

        def test_it():
            with HandPage(Desk) as page:
                page.start(Desk, changes)
            del page
            gc.collect()
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([CHANGED, "the value of the cell Desk.board was changed after *"])


CACHES = """
from dataclasses import dataclass, field
import msgspec

@dataclass
class Prices:
    names: list[str]
    of: dict[str, int] = field(default_factory=dict, compare=False)

class Page(msgspec.Struct):
    shelves: dict[str, list[Prices]]
"""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("prices.of['a'] = 1", False),
        ("prices.of.clear()", False),
        ("prices.names.append('b')", True),
        ("prices.names[0] = 'b'", True),
        ("page.shelves['low'] = []", True),
        ("page.shelves['top'].append(prices)", True),
        ("page.shelves['top'][0] = 3", True),
    ],
)
@pytest.mark.parametrize("what", ["prices", "page", "(1, page)"])
def test_L6_a_field_that_is_not_compared_may_change(
    project: Project, changes: str, what: str, told: bool
) -> None:
    result = project(
        f"""
        {CACHES.replace(chr(10), chr(10) + " " * 8)}
        async def puts():
            prices = Prices(["a"], {{"z": 0}})
            page = Page({{"top": [prices]}})
            await Desk.plain.put({what})
            {changes}

        def test_it(hand_page):
            hand_page(Desk).start(Desk, puts)
        """
    )
    told = told and (what != "prices" or changes.startswith("prices"))
    result.assert_outcomes(passed=1, errors=int(told))
