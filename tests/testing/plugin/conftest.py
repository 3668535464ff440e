"""Tests of small projects of their own, run with Spindle's plugin."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

import spindle.testing.plugin.census
import spindle.testing.plugin.changed
from spindle._core.tags import TAGS

# All of it now, since what an inner run imports for the first time is forgotten behind it.
for package in spindle, spindle.testing:
    for name in package.__all__:
        getattr(package, name)
import spindle._core.kernel.joining  # noqa: E402

HEAD = """
from spindle import Cell, Channel, Contract, Coroutine, Event, Notify, Spindle, Yield, await_any
from spindle import open_page, sleep
from spindle.testing import HandPage
import pytest

class Desk(Spindle):
    class Told(Event):
        words: list[str] = []
    class Ask(Yield[Told]):
        words: list[str] = []
    class Said(Notify):
        words: list[str] = []
    board = Cell[list[str]]()
    plain = Cell[object]()

async def asks():
    await Desk.Ask()

kept = []
"""


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., pytest.RunResult]:
    """Runs a test module that begins with `HEAD`; `ini` are further lines of its settings.

    `trio` says whether pytest-trio is there, `plugin` whether Spindle's is.
    """
    # By itself pytest loads it by its entry point; here it has to be this one, installed or not.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # A log filter that some other test has made would keep all coroutines out of their lanes.
    monkeypatch.setattr(TAGS, "wanted", False)

    def run(
        source: str, ini: str = "", *, trio: bool = True, plugin: bool = True
    ) -> pytest.RunResult:
        pytester.makeini(f"[pytest]\n{'trio_mode = true' if trio else ''}\n{ini}")
        pytester.makepyfile(HEAD + dedent(source))
        options = ["-p", "no:cacheprovider"]
        options += ["-p", "spindle.testing.plugin"] * plugin + ["-p", "pytest_trio.plugin"] * trio
        return pytester.runpytest_inprocess(*options)

    return run
