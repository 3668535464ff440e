"""A test that leaves something behind fails, and is told what and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeAlias

import pytest

from spindle.testing.plugin.reachable import reachable_from

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

Project: TypeAlias = Callable[..., pytest.RunResult]

LEFT = "*this test left something of Spindle behind*"


def test_a_page_that_is_left_fails_its_test(project: Project) -> None:
    result = project(
        """
        def test_it():
            page = HandPage(Desk, name="mine")
            page.start(Desk, asks)
            kept.append(page)
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            LEFT,
            "the page 'mine' is still open",
            "Desk of the page 'mine' still runs: yield 1, Desk.Ask",
        ]
    )


def test_a_coroutine_that_is_left_fails_its_test(project: Project) -> None:
    """One that has only talked, and so has no page until it is looked for, too."""
    result = project(
        """
        kept.append(Coroutine(asks))
        kept[0].run()

        @pytest.fixture(scope="module")
        def shared():
            made = Coroutine(asks)
            made.run()
            yield made

        def test_leaves(shared):
            shared.run(Desk.Told())
            made = Coroutine(asks)
            made.run()
            kept.append(made)

        def test_ends_and_drops(shared):
            made = Coroutine(asks)
            made.run()
            made.run(Desk.Told())
            kept.append(made)
            Coroutine(asks).run()
            kept.append(Coroutine(asks))
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [LEFT, "the page 'asks #*' is still open", "Desk of the page * still runs: yield 1, *"]
    )


@pytest.mark.parametrize("hosted", [True, False])
def test_a_page_on_trio_that_is_left_fails_its_test(project: Project, hosted: bool) -> None:
    result = project(
        f"""
        import threading, trio

        async def opens(opened):
            async with open_page(Desk, name="mine", hosted={hosted}) as page:
                page.start(Desk, asks)
                await trio.testing.wait_all_tasks_blocked()
                end = trio.Event()
                kept.append((trio.lowlevel.current_trio_token(), end.set))
                opened.set()
                await end.wait()

        def test_it():
            import trio.testing
            opened = threading.Event()
            thread = threading.Thread(target=trio.run, args=(opens, opened), daemon=True)
            thread.start()
            kept.append(thread)
            opened.wait()

        def test_its_end():
            (token, end), thread = sorted(kept, key=lambda each: each.__class__ is not tuple)
            token.run_sync_soon(end)
            thread.join()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([LEFT, "the page 'mine' is still open", "Desk of the page*"])


def test_a_spindle_that_is_left_on_a_shared_page_fails_its_test(project: Project) -> None:
    result = project(
        """
        @pytest.fixture(scope="module")
        def page():
            with HandPage(Desk, name="shared") as page:
                page.start(Desk, asks, instance="from the fixture")
                yield page

        def test_leaves(page):
            page.start(Desk, asks, instance="left")

        def test_leaves_nothing(page):
            page.start(Desk, asks, instance="ended").cancel_nowait()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([LEFT, "Desk?'left'? of the page 'shared' still runs: yield 1, *"])
    assert "from the fixture'] of" not in result.stdout.str()
    assert "is still open" not in result.stdout.str()


def test_a_channel_that_is_left_fails_its_test(project: Project) -> None:
    result = project(
        """
        def test_leaves():
            kept.append(Channel[int](2))

        def test_closes():
            channel = Channel[int]()
            kept.append(channel)
            with HandPage(Desk) as page:
                async def closes():
                    await channel.close()
                page.start(Desk, closes)
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([LEFT, "<channel of 2, open, 0 items>, made at *.py:*, is still*"])


def test_a_watcher_that_is_left_fails_its_test(project: Project) -> None:
    result = project(
        """
        async def watches():
            kept.append(await Desk.board.watch())

        def test_leaves():
            page = HandPage(Desk)
            page.start(Desk, watches, instance="watcher")
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([LEFT, "the cell Desk.board is still watched: <channel*"])


def test_what_is_only_garbage_is_not_left(project: Project) -> None:
    result = project(
        """
        import gc

        def test_it():
            gc.disable()
            Coroutine(asks).run()
            page = HandPage(Desk)
            page.start(Desk, asks)
            page.itself = ring = [page]
            ring.append(ring)
            Channel[int](1)

        async def tidies():
            try:
                await Desk.Ask()
            finally:
                await Desk.Ask()

        def test_it_is_closed_before_the_collector_complains():
            page = HandPage(Desk)
            page.start(Desk, tidies)
            coroutine = Coroutine(tidies)
            coroutine.run()
            error = ValueError()
            error.ring = [error, page._hand.kernel, coroutine]

        def test_end():
            gc.enable()
        """,
        "filterwarnings = error",
    )
    result.assert_outcomes(passed=3)


def test_what_a_test_keeps_on_itself_or_its_class_is_not_left(project: Project) -> None:
    result = project(
        """
        import unittest

        class TestDesk:
            def setup_method(self):
                self.page = HandPage(Desk)
                self.page.start(Desk, asks)

            def test_on_itself(self):
                self.other = [HandPage(Desk)]
                self.other[0].start(Desk, asks)
                self.coroutine = Coroutine(asks)
                self.coroutine.run()
                self.channel = Channel[int](1)

            def test_on_its_class(self):
                TestDesk.shared = HandPage(Desk)
                TestDesk.shared.start(Desk, asks)

            def test_that_is_there_for_the_next(self):
                TestDesk.shared.resume(Desk.Told())
                assert TestDesk.shared.ended is False and not TestDesk.shared.pending()

        class TestOfOldStyle(unittest.TestCase):
            def setUp(self):
                self.page = HandPage(Desk)
                self.page.start(Desk, asks)

            def test_it(self):
                self.page.resume(Desk.Told())
                self.page.start(Desk, asks)
        """,
        "filterwarnings = error",
    )
    result.assert_outcomes(passed=4)


def test_what_a_fixture_of_a_wider_scope_keeps_is_not_left(project: Project) -> None:
    result = project(
        """
        import types

        @pytest.fixture(scope="module")
        def make():
            made = []
            def make():
                made.append(HandPage(Desk))
                made[-1].start(Desk, asks)
                return made[-1]
            yield make
            assert [page.ended for page in made] == [False]
            for page in made:
                page.cancel()

        @pytest.fixture(scope="session")
        def box():
            return types.SimpleNamespace()

        @pytest.fixture(scope="module")
        def hidden():
            made = []
            yield made.append
            assert made

        def test_made(make):
            make()

        def test_boxed(box, hidden):
            box.pages = {"one": HandPage(Desk)}
            box.pages["one"].start(Desk, asks)
            hidden(Channel[int](1))

        def test_left_elsewhere(box):
            page = HandPage(Desk)
            page.start(Desk, asks)
            kept.append(page)

        def test_left_on_one_that_was_there(box):
            box.pages["one"].start(Desk, asks, instance="late")

        def test_at_the_end_of_which_all_fixtures_end():
            pass
        """
    )
    result.assert_outcomes(passed=5, errors=2)
    result.stdout.fnmatch_lines([LEFT, "*still open", LEFT, "Desk?'late'? of the page *"])


def test_where_one_looks_no_further() -> None:
    page, function = [0], {"of": test_where_one_looks_no_further}
    ring: list[object] = [(page,), function, pytest, TestLike]
    ring.append(ring)
    kept = reachable_from([ring])
    assert id(page) in kept
    assert id(globals()) not in kept
    assert id(TestLike.attribute) not in kept


class TestLike:
    attribute: ClassVar[list[int]] = [0]


def test_a_test_that_fails_is_not_blamed_for_what_it_leaves(project: Project) -> None:
    result = project(
        """
        def test_it():
            page = HandPage(Desk)
            page.start(Desk, asks)
            kept.append(page)
            assert False
        """
    )
    result.assert_outcomes(failed=1)


LEAVES = """
        {marker}
        def test_it():
            page = HandPage(Desk)
            page.start(Desk, asks)
            kept.append(page)
"""


@pytest.mark.parametrize(
    ("marker", "ini", "errors"),
    [
        ("@pytest.mark.spindle(leaks=False)", "", 0),
        ("", "spindle_leaks = false", 0),
        ("@pytest.mark.spindle(leaks=True)", "spindle_leaks = false", 1),
        ("@pytest.mark.spindle(changes=False)", "", 1),
    ],
)
def test_the_check_is_switched_off(project: Project, marker: str, ini: str, errors: int) -> None:
    project(LEAVES.format(marker=marker), ini).assert_outcomes(passed=1, errors=errors)


@pytest.mark.parametrize(
    ("marker", "named"), [("spindle(leak=False)", "leak="), ("spindle(False)", "positional*")]
)
def test_a_marker_that_is_written_wrongly_is_refused(
    project: Project, marker: str, named: str
) -> None:
    result = project(LEAVES.format(marker=f"@pytest.mark.{marker}"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*@pytest.mark.spindle takes leaks= and changes=, not {named}*"])
