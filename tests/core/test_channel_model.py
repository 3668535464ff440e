"""Channels against a model: random puts, takes, races, cancels and ends; nothing lost or doubled.

Each operation is made by a spindle of its own, so that any of them may wait, in any number, and be
cancelled at any moment. The model is the table of the docs, written down a second time.
"""

from __future__ import annotations

import random
from collections import deque
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle import Cancelled, Channel, ChannelClosed, Completed, await_any
from tests.board import Board, Writer
from tests.drivers import Stage, play

CHANNELS = 2

Step = tuple[str, int, int]
"""What, and two numbers: channel and item, channel and other channel, number of the operation."""


class Queue:
    """One channel of the model."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.items: deque[int] = deque()
        self.putters: deque[tuple[int, int]] = deque()
        self.takers: deque[tuple[int, int | None]] = deque()
        self.end: str | None = None


class Model:
    """What must have come of each operation; None while it waits."""

    def __init__(self, capacities: tuple[int, ...]) -> None:
        self.queues = [Queue(capacity) for capacity in capacities]
        self.came: list[object] = []

    def apply(self, step: Step) -> None:
        what, one, other = step
        number = len(self.came)
        self.came.append(None)
        if what == "put":
            self.put(number, self.queues[one], other)
        elif what == "take":
            self.take(number, [(self.queues[one], None)])
        elif what == "race":
            self.take(number, [(self.queues[one], 0), (self.queues[other], 1)])
        elif what == "cancel":
            if one < number and self.came[one] is None:
                self.came[one] = "cancelled"
                self.forget(one)
            self.came[number] = "done"
        else:
            self.end(self.queues[one], what)
            self.came[number] = "done"

    def put(self, number: int, queue: Queue, item: int) -> None:
        if queue.end:
            self.came[number] = queue.end
        elif queue.takers:
            self.hand(queue.takers[0], item)
            self.came[number] = "put"
        elif len(queue.items) < queue.capacity:
            queue.items.append(item)
            self.came[number] = "put"
        else:
            queue.putters.append((number, item))

    def take(self, number: int, sources: list[tuple[Queue, int | None]]) -> None:
        for queue, position in sources:
            if queue.end == "fail":
                self.came[number] = "fail"
            elif queue.items:
                self.hand((number, position), queue.items.popleft())
                if queue.putters:
                    queue.items.append(self.admit(queue))
            elif queue.putters:
                self.hand((number, position), self.admit(queue))
            elif queue.end:
                self.came[number] = queue.end
            if self.came[number] is not None:
                return
        for queue, position in sources:
            queue.takers.append((number, position))

    def hand(self, taker: tuple[int, int | None], item: int) -> None:
        number, position = taker
        self.came[number] = ("took", item if position is None else (position, item))
        self.forget(number)

    def admit(self, queue: Queue) -> int:
        number, item = queue.putters.popleft()
        self.came[number] = "put"
        return item

    def forget(self, number: int) -> None:
        for queue in self.queues:
            queue.putters = deque(each for each in queue.putters if each[0] != number)
            queue.takers = deque(each for each in queue.takers if each[0] != number)

    def end(self, queue: Queue, how: str) -> None:
        if queue.end:
            return
        queue.end = how
        if how == "fail":
            queue.items.clear()
        for number, _ in [*queue.takers, *queue.putters]:
            self.came[number] = how
            self.forget(number)


class Dead(Exception):
    pass


class Real:
    """The same steps on a page."""

    def __init__(self, capacities: tuple[int, ...]) -> None:
        self.channels = [Channel[int](capacity) for capacity in capacities]
        self.handles: list = []

    def apply(self, page: Stage, step: Step) -> None:
        name = f"{len(self.handles)}"
        self.handles.append(page.start(Writer, self.do, *step, instance=name))

    async def do(self, what: str, one: int, other: int) -> object:
        try:
            return await self.perform(what, one, other)
        except ChannelClosed:
            return "close"
        except Dead:
            return "fail"

    async def perform(self, what: str, one: int, other: int) -> object:
        match what:
            case "put":
                await self.channels[one].put(other)
                return "put"
            case "take":
                return "took", await self.channels[one].take()
            case "race":
                return "took", await await_any(
                    self.channels[one].take(), self.channels[other].take()
                )
            case "cancel":
                if one < len(self.handles) and self.handles[one] is not None:
                    await self.handles[one].cancel("by a step")
            case "close":
                await self.channels[one].close()
            case "fail":
                await self.channels[one].fail(Dead())
        return "done"

    @property
    def came(self) -> list[object]:
        return [_plain(handle.outcome) for handle in self.handles]


def _plain(outcome: object) -> object:
    match outcome:
        case Completed(value):
            return value
        case Cancelled():
            return "cancelled"
        case _:
            return outcome


def agree(real: Real, model: Model) -> None:
    assert real.came == model.came
    for channel, queue in zip(real.channels, model.queues, strict=True):
        now = channel.statistics()
        assert (now.items, now.waiting_to_put, now.waiting_to_take) == (
            len(queue.items),
            len(queue.putters),
            len(queue.takers),
        )


async def script(page: Stage, capacities: tuple[int, ...], steps: list[Step], burst: int) -> None:
    real, model = Real(capacities), Model(capacities)
    for count, step in enumerate(steps, start=1):
        real.apply(page, step)
        model.apply(step)
        if count % burst == 0:
            await page.settle()
            agree(real, model)
    await page.settle()
    agree(real, model)
    await page.cancel("the end")
    for channel in real.channels:
        now = channel.statistics()
        assert now.waiting_to_put == now.waiting_to_take == 0
    _nothing_lost_or_doubled(real, steps)


def _nothing_lost_or_doubled(real: Real, steps: list[Step]) -> None:
    put, took, failed = [], [], False
    for came, (what, _, item) in zip(real.came, steps, strict=True):
        failed = failed or what == "fail"
        if came == "put":
            put.append(item)
        elif isinstance(came, tuple):
            value = came[1]
            took.append(value[1] if isinstance(value, tuple) else value)
    left = [item for channel in real.channels for item in channel.items or ()]
    assert len(set(took)) == len(took), "doubled"
    assert set(took) <= set(put), "made up"
    if not failed:
        assert sorted(put) == sorted(took + left), "lost"


capacities = st.tuples(*[st.integers(0, 2)] * CHANNELS)
kinds = st.sampled_from(["put", "put", "put", "take", "take", "race", "cancel", "close", "fail"])


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    made: list[Step] = []
    for number, kind in enumerate(draw(st.lists(kinds, max_size=25))):
        one = draw(st.integers(0, CHANNELS - 1))
        if kind == "put":
            made.append((kind, one, number))
        elif kind == "race":
            made.append((kind, one, draw(st.integers(0, CHANNELS - 1))))
        elif kind == "cancel":
            made.append((kind, draw(st.integers(0, max(0, number - 1))), 0))
        else:
            made.append((kind, one, 0))
    return made


@given(capacities, steps(), st.integers(1, 4))
def test_H1_any_sequence_by_hand_agrees_with_the_model(
    capacities: tuple[int, ...], steps: list[Step], burst: int
) -> None:
    play("hand", partial(script, capacities=capacities, steps=steps, burst=burst), Board)


def drawn(seed: int) -> tuple[tuple[int, ...], list[Step]]:
    draw = random.Random(seed)
    made: list[Step] = []
    kinds = ["put"] * 8 + ["take"] * 5 + ["race"] * 3 + ["cancel"] * 4 + ["close", "fail"]
    for number in range(40):
        kind = draw.choice(kinds if number > 20 else kinds[:-2])
        one, other = draw.randrange(CHANNELS), draw.randrange(CHANNELS)
        if kind == "put":
            other = number
        elif kind == "cancel":
            one = draw.randrange(max(1, number))
        made.append((kind, one, other))
    return tuple(draw.randrange(3) for _ in range(CHANNELS)), made


@pytest.mark.parametrize("driver", ["hosted", "task"])
def test_H1_random_sequences_on_trio_agree_with_the_model(driver: str) -> None:
    for seed in range(30):
        capacities, steps = drawn(seed)
        for scheduler in range(2):
            playing = partial(script, capacities=capacities, steps=steps, burst=1 + seed % 4)
            play(driver, playing, Board, scheduler)


def test_the_sequences_reach_every_case() -> None:
    """They would prove nothing if they did nothing."""
    came: list[str] = []
    for seed in range(30):
        capacities, steps = drawn(seed)
        model = Model(capacities)
        for step in steps:
            model.apply(step)
        came += [str(each[0] if isinstance(each, tuple) else each) for each in model.came]
    for what in ("put", "took", "cancelled", "close", "fail", "None"):
        assert came.count(what) > 10, what
