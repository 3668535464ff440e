"""The tests of `test_cascade` bite: each fault sown here is found by one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spindle._core.kernel import kernel
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.record import DONE
from spindle._runtime.hosted import Hosted
from spindle.testing import Recording
from tests.broken import failure_of
from tests.runtime import test_cascade as cascade

pytestmark = pytest.mark.mutant

GO_ON = Kernel.cascade_on


@pytest.fixture
def between_the_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[Kernel], None]], None]:
    """Have something done between two parts of a cancellation."""

    def have(meddle: Callable[[Kernel], None]) -> None:
        def meddled(self: Kernel) -> bool:
            meddle(self)
            return self.cascade is not None and GO_ON(self)

        monkeypatch.setattr(Kernel, "cascade_on", meddled)

    return have


def caught(test: Callable[..., None], **given: object) -> str:
    """What the test says."""
    return str(failure_of(test, **given))


def other_tasks(monkeypatch: pytest.MonkeyPatch) -> str:
    test = cascade.test_F6_other_tasks_run_between_the_parts
    return caught(test, hosted=True, monkeypatch=monkeypatch)


def on_the_page(test: Callable[..., None]) -> str:
    return caught(test, driver="hosted", recording=Recording())


def test_all_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "CASCADE_CHUNK", 10**9)
    assert "[1750] == [500, 1000, 1500, 1750]" in other_tasks(monkeypatch)


def test_parts_without_a_rest_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kernel, "cascade_on", lambda kernel: GO_ON(kernel) and False)
    assert "[500, 1750] == [500, 1000, 1500, 1750]" in other_tasks(monkeypatch)


def test_one_that_is_lost_between_two_parts(between_the_parts) -> None:
    between_the_parts(lambda kernel: next(kernel.cascade[0][0], None) and None)
    assert on_the_page(cascade.test_F6_nobody_on_the_page_runs_between_the_parts)


def test_a_spindle_that_runs_between_two_parts(between_the_parts) -> None:
    def run_one(kernel: Kernel) -> None:
        if kernel.ready:
            record = kernel.ready.popleft()
            if record.state is not DONE:
                kernel.driver.resume(record)

    between_the_parts(run_one)
    assert on_the_page(cascade.test_F6_nobody_on_the_page_runs_between_the_parts)


def test_an_input_that_is_applied_between_two_parts(between_the_parts) -> None:
    between_the_parts(lambda kernel: kernel.driver.inputs and kernel.driver._admit())
    assert on_the_page(cascade.test_F6_nothing_that_comes_is_applied_between_the_parts)


def test_who_cancels_and_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hosted, "step_done", lambda turns: False)
    assert on_the_page(cascade.test_F6_who_cancels_very_many_goes_on_when_all_are_told)


def test_the_newest_cancellation_first(between_the_parts) -> None:
    between_the_parts(lambda kernel: kernel.cascade.rotate(1))
    assert on_the_page(cascade.test_F6_the_first_reason_reaches_all_of_them)
