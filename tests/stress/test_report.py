"""Figures, progress and blame."""

from __future__ import annotations

import io
import random

import pytest
import trio
import trio.testing

from spindle import UsageError
from spindle.stress import progress as progresses
from spindle.stress import report as reports
from spindle.stress import samples
from spindle.stress.blame import is_of_the_page, parts_of
from spindle.stress.process import megabytes, resident
from spindle.stress.progress import Progress, line
from spindle.stress.report import Report
from spindle.stress.samples import Samples


def raised(code: str, module: str) -> Exception:
    """What a line of that module raises."""
    try:
        exec(code, {"__name__": module})
    except Exception as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return error
    raise AssertionError(code)


@pytest.mark.parametrize(
    ("error", "is_the_pages"),
    [
        (raised("1 / 0", "shop.app"), True),
        (raised("1 / 0", "__main__"), True),
        (raised("1 / 0", "spindle._core.kernel"), False),
        (raised("assert False", "spindle.web.app"), False),
        (raised("assert False", "spindle.testing.fake"), True),
        (raised("raise KeyError", "trio._core"), False),
        (UsageError("never raised"), True),
    ],
)
def test_whose_fault_it_is(error: Exception, is_the_pages: bool) -> None:
    assert is_of_the_page(error) is is_the_pages


def test_what_a_page_hands_to_spindle_wrongly_is_its_own() -> None:
    names: dict[str, object] = {"__name__": "spindle._core.kernel"}
    exec("def passed_on(fn): fn(1)", names)
    with pytest.raises(TypeError) as caught:
        names["passed_on"](lambda: None)  # type: ignore[operator]
    assert is_of_the_page(caught.value)


def test_the_parts_of_a_group_are_its_leaves() -> None:
    group = ExceptionGroup("", [ExceptionGroup("", [KeyError(1)]), ValueError()])
    assert sorted(type(each).__name__ for each in parts_of(group)) == ["KeyError", "ValueError"]


def test_percentiles() -> None:
    durations = Samples(random.Random(0))
    assert str(durations.figures()) == "none"
    for thousandths in range(1, 101):
        durations.add(thousandths / 1000)
    figures = durations.figures()
    assert (figures.count, figures.p50, figures.p99) == (100, 51.0, 100.0)
    assert str(figures) == "p50 51.00 ms, p99 100.00 ms, longest 100.00 ms"


def test_of_very_many_durations_some_are_kept_and_the_longest_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(samples, "KEPT", 100)
    durations = Samples(random.Random(0))
    durations.add(9.0)
    for _ in range(10_000):
        durations.add(random.Random(1).random())
    figures = durations.figures()
    assert figures.count == 10_001
    assert figures.longest == 9000.0
    assert len(durations._kept) == 100


def test_kinds_of_violations_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "KINDS", 2)
    report = Report("a test", 0)
    for number in range(5):
        report.violated(f"number {number}")
    assert dict(report.violations) == {"number 0": 1, "number 1": 1, "others": 3}
    assert "  - others (3 times)" in str(report)


def test_memory_is_allowed_to_grow_by_a_share_and_some() -> None:
    report = Report("a test", 0)
    report.memory_warm = 100_000_000
    report.memory_end = 122_000_000
    report.judge_memory()
    assert report.clean
    report.memory_end += 1
    report.judge_memory()
    assert not report.clean
    assert 1_000_000 < resident() < 100_000_000_000
    assert megabytes(1_234_567) == "1.2 MB"


def test_a_run_without_conversations_says_so() -> None:
    report = Report("a test", 0)
    for _ in range(8):
        report.ended("here", None)
    report.conversations = 2
    assert "hardly any" not in str(report)
    report.conversations = 1
    assert "hardly any for so many pages. Raise --patience, or with --path name" in str(report)


def test_what_took_no_time_has_no_rate() -> None:
    report = Report("a test", 0)
    report.conversations = 13
    assert "13 questions answered, 0 a second" in str(report)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
async def test_progress_is_rewritten_on_a_terminal_and_seldom_elsewhere(
    stream: io.StringIO, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progresses, "resident", lambda: 0)
    report, progress = Report("a test", 0), Progress(stream)
    report.seconds = 1.0
    report.ended("here", 0.1)
    for _ in range(11):
        progress.tell(report, 0.5)
        await trio.sleep(1)
    progress.done()
    said = stream.getvalue()
    assert " 50%     1.0 s  1 pages, 1/s" in said
    rewritten = said.count("\r\x1b[K")
    # Each second, and once at the end; or every five seconds, a line.
    assert (rewritten, said.count("\n")) == ((11, 0) if stream.isatty() else (0, 2))
    assert line(report, 3.0).startswith("100%")
