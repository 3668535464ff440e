"""What every test may ask for."""

from __future__ import annotations

import gc
import signal
from collections import Counter
from collections.abc import Generator

import pytest

from tests.tally import TALLY

MUTANTS: pytest.StashKey[Counter[str]] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and item.get_closest_marker("mutant") is not None:
        item.config.stash[MUTANTS]["killed" if report.passed else "alive"] += 1
    return report


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Collect what tests that break programs have left: another test would be blamed for it."""
    breaks = "mutants" in item.path.name or "hostile" in item.path.name
    if breaks and (nextitem is None or nextitem.path != item.path):
        from spindle.testing.laboratory.leftovers import collect

        collect([])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what a broken program leaves be there, and be collected while others of its file run."""
    for item in items:
        if item.get_closest_marker("mutant") is not None:
            item.add_marker(
                pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
            )
            item.add_marker(pytest.mark.spindle(leaks=False))
        if any(item.get_closest_marker(name) for name in ("bulk", "search", "soak")):
            item.add_marker(pytest.mark.spindle(changes=False))  # keeps values, and takes time


def pytest_collection_finish() -> None:
    """Spare the collections in tests what lives until the end: modules and the tests."""
    _keep()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Spare them what the tests of a file have left for good: modules they loaded, for the most."""
    done = yield
    if nextitem is None or nextitem.path != item.path:
        _keep()
    return done


def _keep() -> None:
    gc.collect()  # garbage that is frozen is never collected
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C: what a shell starts with `&` or nohup ignores it, and its processes, too."""
    config.stash[MUTANTS] = Counter()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many sown faults were found, and how much was searched."""
    mutants = config.stash[MUTANTS]
    if mutants:
        terminalreporter.write_line(f"sown faults: {mutants['killed']} of {mutants.total()} found")
    for search, runs in TALLY.items():
        terminalreporter.write_line(f"searched: {runs:,} {search}")
