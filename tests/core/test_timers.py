"""Deadlines, in order of time and then of creation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spindle._core.kernel.timers import Timers


def fire(timers: Timers, now: float) -> None:
    while (due := timers.pop_due(now)) is not None:
        due.fire()


def test_in_order_of_time_then_of_creation() -> None:
    fired: list[str] = []
    timers = Timers()
    for at, name in ((2, "b"), (1, "a"), (2, "c"), (3, "d")):
        timers.set(at, lambda name=name: fired.append(name))
    assert timers.next_at() == 1
    fire(timers, 2)
    assert fired == ["a", "b", "c"]
    assert timers.next_at() == 3
    assert timers.pop_due(2.9) is None


def test_one_that_was_called_off_does_not_fire() -> None:
    fired: list[str] = []
    timers = Timers()
    first = timers.set(1, lambda: fired.append("first"))
    second = timers.set(2, lambda: fired.append("second"))
    first.call_off()
    first.call_off()
    assert timers.next_at() == 2
    fire(timers, 9)
    assert fired == ["second"]
    second.call_off()
    assert timers.next_at() is None
    assert timers.pop_due(9) is None


def test_one_that_is_set_by_another_fires_in_its_place() -> None:
    fired: list[str] = []
    timers = Timers()

    def first() -> None:
        fired.append("first")
        timers.set(1, lambda: fired.append("nested"))

    timers.set(1, first)
    timers.set(1, lambda: fired.append("second"))
    fire(timers, 1)
    assert fired == ["first", "second", "nested"]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_what_is_left_fires_once_sorted(wanted: list[tuple[int, bool]]) -> None:
    fired: list[int] = []
    timers = Timers()
    made = [
        timers.set(at, lambda number=number: fired.append(number))
        for number, (at, _) in enumerate(wanted)
    ]
    for timer, (_, called_off) in zip(made, wanted, strict=True):
        if called_off:
            timer.call_off()
    fire(timers, 5)
    left = [(at, number) for number, (at, called_off) in enumerate(wanted) if not called_off]
    assert fired == [number for _, number in sorted(left)]
    assert timers.next_at() is None


def test_what_was_called_off_is_dropped() -> None:
    timers = Timers()
    for at in range(10_000):
        timers.set(at, print).call_off()
    assert timers.heap is not None
    assert len(timers.heap) <= 64
    stays = timers.set(5, print)
    for at in range(100):
        timers.set(at, print).call_off()
    assert timers.next_at() == 5
    stays.call_off()
