"""Notifies that conflate: what a slow view hears is what a fast one hears, but for the outdated."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from itertools import chain, repeat
from typing import ClassVar

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from spindle import (
    Completed,
    Contract,
    Delivery,
    Errored,
    Event,
    Notified,
    Notify,
    Sent,
    Source,
    Spindle,
    Withdrawn,
    Yield,
    Yielded,
    open_page,
)
from spindle._core.journal import MessageSent
from spindle._runtime import outbox as outbox_module
from spindle._runtime.outbox import HIGH_WATER, Outbox
from spindle.testing import Recording
from tests.drivers import HOSTED, NoPage, on_trio, run_on_trio


class Feed(Contract):
    class News(Spindle[None]):
        class Go(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Ask(Yield[Go]):
            number: int = 0

        class Said(Notify):
            number: int

        class Progress(Notify):
            conflate: ClassVar = True
            number: int

        class Found(Notify):
            conflate: ClassVar = True
            number: int

    class Weather(Spindle[None]): ...


News, Weather = Feed.News, Feed.Weather
Item = tuple[Source, Sent]


def said(number: int, instance: str | None = None) -> Item:
    return Source(News, instance), Notified(News.Said(number))


def progress(number: int, instance: str | None = None) -> Item:
    return Source(News, instance), Notified(News.Progress(number))


def found(number: int, instance: str | None = None) -> Item:
    return Source(News, instance), Notified(News.Found(number))


def filled(*items: Item) -> Outbox:
    outbox = Outbox(NoPage())
    for item in items:
        outbox.put(item)
    return outbox


def drained(outbox: Outbox) -> list[Item]:
    return [outbox.receive_nowait() for _ in range(outbox.statistics().waiting)]


def test_a_newer_one_replaces_an_unsent_older_one_and_comes_last() -> None:
    outbox = filled(progress(1), said(1), progress(2), said(2), progress(3), said(3))
    assert outbox.statistics().conflated == 2
    assert drained(outbox) == [said(1), said(2), progress(3), said(3)]


def test_one_that_was_received_is_not_replaced() -> None:
    outbox = filled(progress(1), said(1))
    assert outbox.receive_nowait() == progress(1)
    outbox.put(progress(2))
    assert drained(outbox) == [said(1), progress(2)]
    assert outbox.statistics().conflated == 0


def test_only_the_same_class_from_the_same_block_and_instance_is_replaced() -> None:
    elsewhere = Source(Weather), Notified(News.Progress(5))
    different = [progress(1), found(2), progress(3, "a"), progress(4, "b"), elsewhere]
    assert drained(filled(*different)) == different
    newer = [found(6), progress(7, "b")]
    assert drained(filled(*different, *newer)) == [
        progress(1),
        progress(3, "a"),
        elsewhere,
        *newer,
    ]


def test_nothing_else_is_ever_dropped() -> None:
    one = Source(News, None, 1)
    same: list[Item] = [
        said(1),
        (one, Yielded(News.Ask())),
        (one, Withdrawn(News.Ask())),
        (Source(News), Errored(ValueError("once"))),
        (Source(News), Completed(News.Progress(1))),
    ]
    assert drained(filled(*same, *same)) == [*same, *same]


def test_dropped_ones_do_not_count_towards_the_mark(monkeypatch) -> None:
    monkeypatch.setattr(outbox_module, "HIGH_WATER", 3)
    outbox = filled(said(1), *map(progress, range(100)))
    assert outbox.room() > 0
    assert outbox.room() <= 1
    outbox.put(said(2))
    assert outbox.room() <= 0
    assert outbox.statistics().peak == 3
    outbox.close()
    assert outbox.room() > 3


def test_the_page_is_told_when_its_view_has_caught_up(monkeypatch) -> None:
    monkeypatch.setattr(outbox_module, "HIGH_WATER", 3)
    told: list[int] = []

    class Page:
        def pump(self) -> None:
            told.append(outbox.statistics().waiting)

    outbox = Outbox(Page())
    for item in (said(1), progress(1), said(2), said(3), progress(2)):
        outbox.put(item)
    drained(outbox)
    assert told == [2]


@pytest.mark.bulk
@pytest.mark.parametrize("before", [0, 10])
def test_memory_is_bounded_however_many_go_unread(before: int) -> None:
    outbox = filled(*map(said, range(before)))
    stream = [make(number, who) for who in "ab" for make in (progress, found) for number in (1, 2)]
    for item in stream:
        outbox.put(item)
    tracemalloc.start()
    try:
        for number in range(100_000):
            outbox.put(stream[number % len(stream)])
        _, grown = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 16_000
    assert outbox.statistics().waiting == outbox.statistics().peak == before + 4


@HOSTED
@on_trio(2)
async def test_a_stream_that_conflates_never_pauses_its_page(hosted: bool) -> None:
    async def stream() -> None:
        for number in range(HIGH_WATER // 2):
            await News.Said(number)
        for number in range(3 * HIGH_WATER):
            await News.Progress(number)

    async with open_page(Feed, hosted=hosted) as page:
        handle = page.start(News, stream)
        await trio.testing.wait_all_tasks_blocked()
        assert handle.outcome == Completed(None)
        assert drained(page.outbox)[HIGH_WATER // 2 :] == [
            progress(3 * HIGH_WATER - 1),
            (Source(News), Completed(None)),
        ]


@HOSTED
@on_trio(2)
async def test_a_burst_is_conflated_for_a_view_that_waits_for_it(hosted: bool) -> None:
    async def burst() -> None:
        for number in range(5):
            await News.Progress(number)

    async with open_page(Feed, hosted=hosted) as page, trio.open_nursery() as nursery:
        heard: list[Item] = []

        async def reads() -> None:
            heard.append(await page.outbox.receive())

        nursery.start_soon(reads)
        await trio.testing.wait_all_tasks_blocked()
        page.start(News, burst)
        await trio.testing.wait_all_tasks_blocked()
        assert heard == [progress(4)]


class Model:
    """An outbox that is slow and obviously right."""

    def __init__(self) -> None:
        self.waiting: list[Item] = []
        self.conflated = self.peak = 0

    def put(self, item: Item) -> None:
        for older in self.waiting:
            if _outdates(item, older):
                self.waiting.remove(older)
                self.conflated += 1
                break
        self.waiting.append(item)
        self.peak = max(self.peak, len(self.waiting))


def _outdates(newer: Item, older: Item) -> bool:
    (source, message), (other, before) = newer, older
    return (
        isinstance(message, Notified)
        and isinstance(before, Notified)
        and message.notify.conflate
        and type(message.notify) is type(before.notify)
        and (source.block, source.instance) == (other.block, other.instance)
    )


kinds = st.sampled_from([said, progress, found])
puts = st.tuples(kinds, st.sampled_from([None, "a", "b"]))
takes = st.integers(1, 4)


@pytest.mark.bulk
@settings(max_examples=300, deadline=None)
@given(st.lists(puts | takes, max_size=60))
def test_a_slow_view_hears_what_a_fast_one_hears_but_for_the_outdated(steps) -> None:
    outbox, model = Outbox(NoPage()), Model()
    for number, step in enumerate(steps):
        if isinstance(step, int):
            for _ in range(min(step, len(model.waiting))):
                assert outbox.receive_nowait() == model.waiting.pop(0)
        else:
            make, instance = step
            outbox.put(make(number, instance))
            model.put(make(number, instance))
        now = outbox.statistics()
        assert (now.waiting, now.conflated) == (len(model.waiting), model.conflated)
    assert drained(outbox) == model.waiting
    assert outbox.statistics().peak == model.peak


def check_heard(heard: Sequence[Item], everything: Sequence[Item]) -> None:
    """All in order; and what is missing conflates, and a newer one was heard."""
    assert list(heard) == [item for item in everything if item in heard]
    for at, item in enumerate(everything):
        if item not in heard:
            assert any(_outdates(newer, item) for newer in everything[at + 1 :] if newer in heard)


OPERATIONS = {"s": News.Said, "p": News.Progress, "f": News.Found, "a": News.Ask}
scripts = st.lists(st.text("sspppfffa", max_size=20), min_size=1, max_size=3)


@pytest.mark.bulk
@HOSTED
@settings(max_examples=60, deadline=None)
@given(scripts, st.lists(st.integers(0, 5), max_size=8), st.integers(0, 3), st.integers(1, 9))
def test_N2_order_is_as_with_a_fast_view(
    hosted: bool, scripts: list[str], pace: list[int], seed: int, mark: int
) -> None:
    async def follow(script: str) -> None:
        for number, letter in enumerate(script):
            await OPERATIONS[letter](number)

    def conversation(pace: list[int]) -> tuple[list[Item], list[Item]]:
        heard: list[Item] = []
        journal = Recording()

        async def main() -> None:
            async with open_page(Feed, hosted=hosted, journal=journal) as page:
                for name, script in zip("abc", scripts, strict=False):
                    page.start(News, follow, script, instance=name)
                    for _ in range(script.count("a")):
                        page.resume(News.Go(), instance=name)
                for take in chain(pace, repeat(1, len(scripts) * 30)):
                    await trio.testing.wait_all_tasks_blocked()
                    waiting = page.outbox.statistics().waiting
                    heard.extend(page.outbox.receive_nowait() for _ in range(min(take, waiting)))
                assert not page._driver.kernel.live, "the page has stopped, though it was heard"
            heard.extend([item async for item in page.outbox])

        usual, outbox_module.HIGH_WATER = outbox_module.HIGH_WATER, mark
        try:
            run_on_trio(main, seed)
        finally:
            outbox_module.HIGH_WATER = usual
        sent = [entry for _, entry in journal.entries if isinstance(entry, MessageSent)]
        return heard, [(entry.source, entry.message) for entry in sent]

    slow, everything = conversation(pace)
    fast, the_same = conversation([1000] * 100)
    assert everything == the_same
    check_heard(slow, everything)
    check_heard(fast, everything)
