"""The fixtures of the pytest plugin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

Project: TypeAlias = Callable[..., pytest.RunResult]


def test_a_failing_test_shows_its_conversation(project: Project) -> None:
    result = project(
        """
        def test_fails(recording):
            Coroutine(asks, journal=recording).run()
            assert False

        def test_passes(recording):
            Coroutine(asks, journal=recording).run()

        def test_says_nothing(recording):
            assert False
        """
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["*- conversation -*", "*started as asks()", "*-> Ask(words=*)   (yield 1)"]
    )
    assert result.stdout.str().count("- conversation -") == 1


def test_a_hand_page_shows_its_conversation_and_ends_with_the_test(project: Project) -> None:
    result = project(
        """
        def test_fails(hand_page):
            page = hand_page(Desk, name="mine")
            kept.append(page)
            page.start(Desk, asks)
            assert not page.ended
            assert False

        def test_it_has_ended():
            (page,) = kept
            assert page.ended

        def test_is_a_hand_page(hand_page):
            assert issubclass(hand_page, HandPage)
            assert isinstance(hand_page(Desk), HandPage)
        """
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*- conversation -*", "*started as asks()"])


def test_a_hand_page_may_have_a_journal_of_its_own(project: Project) -> None:
    result = project(
        """
        from spindle.testing import Recording

        def test_fails(hand_page):
            mine = Recording()
            hand_page(Desk, journal=mine).start(Desk, asks)
            assert mine.entries
            assert False
        """
    )
    result.assert_outcomes(failed=1)
    assert "- conversation -" not in result.stdout.str()


def test_what_escalates_fails_the_test_of_a_hand_page(project: Project) -> None:
    result = project(
        """
        from spindle import ESCALATE

        async def fails():
            raise ValueError("broken")

        def test_escalates(hand_page):
            hand_page(Desk).start(Desk, fails, policy=ESCALATE)
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ValueError: broken*"])


def test_the_virtual_clock_takes_no_time(project: Project) -> None:
    result = project(
        """
        import trio

        async def sleeps():
            await sleep(3600)

        async def test_an_hour(virtual_clock):
            async with open_page(Desk) as page:
                await page.start(Desk, sleeps).wait()
            assert trio.current_time() >= 3600
        """
    )
    result.assert_outcomes(passed=1)


APP = """
        import trio
        from spindle.view import Markup, View, click, on
        from spindle.web import App

        class DeskView(View):
            @on(Desk.Ask)
            def show(self, ask: Desk.Ask) -> None:
                pass

            @on(Desk.Said)
            def hear(self, said: Desk.Said) -> None:
                pass

            def render(self) -> Markup:
                return Markup("<button {}>Tell</button>").format(click(Desk.Told()))

        async def asks_once():
            try:
                await Desk.Ask()
                await Desk.Ask(["again"])
            finally:
                kept.append("ended")

        def app():
            app = App()
            app.coroutine("/", asks_once, Desk, DeskView)
            return app
"""


def test_a_headless_client_ends_with_the_test(project: Project) -> None:
    result = project(
        APP
        + """
        async def test_it(headless, virtual_clock):
            client = await headless(app())
            tab = await client.visit("/")
            await tab.click("button")
            assert tab.yields() == [Desk.Ask(["again"])]
            assert not kept

        def test_it_has_ended():
            assert kept == ["ended"]
        """
    )
    result.assert_outcomes(passed=2)


def test_what_a_headless_test_fails_with_is_in_no_group_of_one(project: Project) -> None:
    """pytest-trio runs each test in a nursery, which puts what it raises into a group."""
    result = project(
        APP
        + """
        async def test_asserts(headless):
            client = await headless(app())
            tab = await client.visit("/")
            words = tab.text("button")
            assert words == "Tell me"

        async def test_slips(headless):
            await headless(None)

        async def test_clicks(headless):
            client = await headless(app())
            tab = await client.visit("/")
            await tab.click("h1")

        async def test_skips(virtual_clock):
            pytest.skip("not today")

        async def fails():
            raise LookupError

        async def test_in_a_nursery_of_its_own(virtual_clock):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(fails)
                nursery.start_soon(fails)
        """
    )
    result.assert_outcomes(failed=4, skipped=1)
    result.stdout.fnmatch_lines(
        [
            '> *assert words == "Tell me"',
            "E *AssertionError: assert 'Tell' == 'Tell me'",
            "E *AttributeError: *",
            '> *await tab.click("h1")',
            "E *ElementError: nothing on the page matches 'h1' to click. *",
            "*ExceptionGroup: Exceptions from Trio nursery (2 sub-exceptions)",
        ]
    )
    assert "(1 sub-exception)" not in result.stdout.str()
    assert "document.py" not in result.stdout.str(), "the client's own frames are left out"


def test_headless_without_pytest_trio_says_what_to_install(project: Project) -> None:
    result = project(
        """
        async def test_it(headless):
            assert False

        def test_another(missing):
            assert False
        """,
        trio=False,
    )
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "the fixture 'headless' needs pytest-trio*pip install 'trio-spindle?client,test?'",
            "*fixture 'missing' not found",
        ]
    )
    assert "'nursery' not found" not in result.stdout.str()


def test_loading_the_plugin_loads_neither_trio_nor_a_page() -> None:
    code = (
        "import sys, spindle.testing.plugin as plugin\n"
        "others = ('trio', 'hypothesis', 'msgspec', *plugin.LOADED_BY_USE)\n"
        "print([name for name in others if name in sys.modules])\n"
        "print([name for name in sys.modules if name.startswith(plugin.__name__ + '.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]
