"""Very deep and very wide: 50,000 fibers or forks end cleanly, children first, in linear time."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import trio.testing

from spindle import (
    Errored,
    Operation,
    PageClosed,
    PageMachine,
    await_all,
    cleanup,
    fiber,
    fork,
    open_page,
    scope,
    sleep,
)
from spindle._runtime import rows
from tests.drivers import HOSTED, run_on_trio
from tests.talk import Bell, Desk, Talk

pytestmark = pytest.mark.bulk

N = 5_000
HUGE = 50_000

Grow = Callable[["Trace", int], Coroutine[Any, Any, None]]


class Trace:
    """Who has ended, in order, and what became of those that were started while all ended."""

    def __init__(self) -> None:
        self.ended: list[int] = []
        self.refused = 0
        self.strayed = 0

    async def live(self, number: int, wait: Operation[object] | None = None) -> None:
        """Wait for ever; cancelled, try to start others."""
        try:
            await (wait or sleep(1e5))
        finally:
            self.ended.append(number)
            async with cleanup(5):
                for start in (
                    lambda: fork(Bell, self.stray, instance=f"stray {number}"),
                    lambda: fiber(self.stray),
                ):
                    try:
                        await start()
                    except PageClosed:
                        self.refused += 1

    async def stray(self) -> None:
        self.strayed += 1


async def chain_of_fibers(trace: Trace, number: int) -> None:
    if number:
        await fiber(chain_of_fibers, trace, number - 1)
    await trace.live(number)


async def chain_of_joins(trace: Trace, number: int) -> None:
    last = await fiber(chain_of_joins, trace, number - 1) if number else None
    await trace.live(number, last and last.result())


async def chain_of_scopes(trace: Trace, number: int) -> None:
    async with scope():
        if number:
            await fiber(chain_of_scopes, trace, number - 1)
        await trace.live(number)


async def chain_of_forks(trace: Trace, number: int) -> None:
    if number:
        await fork(Bell, chain_of_forks, trace, number - 1, instance=str(number))
    await trace.live(number)


async def star_of_fibers(trace: Trace, number: int) -> None:
    for each in reversed(range(number)):
        await fiber(trace.live, each)
    await trace.live(number)


async def star_of_forks(trace: Trace, number: int) -> None:
    for each in reversed(range(number)):
        await fork(Bell, trace.live, each, instance=str(each))
    await trace.live(number)


async def chain_of_slow_cleanups(trace: Trace, number: int) -> None:
    """The code of each is over before the fibers below it are."""
    try:
        if number:
            await fiber(chain_of_slow_cleanups, trace, number - 1)
        await trace.live(number)
    finally:
        async with cleanup(60):
            await sleep(50 - 49 * number / HUGE)


CHAINS = [
    chain_of_fibers,
    chain_of_joins,
    chain_of_scopes,
    chain_of_slow_cleanups,
    chain_of_forks,
]
STARS = [star_of_fibers, star_of_forks]
SHAPES = pytest.mark.parametrize("grow", [*CHAINS, *STARS], ids=lambda grow: grow.__name__)


def on_a_page(body: Callable[[PageMachine], Coroutine[Any, Any, None]], hosted: bool) -> None:
    """Open a page whose view wants no messages, and let `body` do with it what it likes."""

    async def main() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.outbox.close()
            await body(page)
        kernel = page._driver.kernel
        assert kernel.coroutines == 0
        assert (kernel.live, len(kernel.ready), kernel.timers.next_at()) == ({}, 0, None)

    run_on_trio(main, seed=1)


def grow_and_cancel(grow: Grow, number: int, hosted: bool) -> Trace:
    trace = Trace()

    async def body(page: PageMachine) -> None:
        page.start(Desk, grow, trace, number)
        await trio.testing.wait_all_tasks_blocked()
        assert page._driver.kernel.coroutines == number + 1
        await page.cancel("closing")

    on_a_page(body, hosted)
    return trace


def check(grow: Grow, number: int, hosted: bool) -> None:
    trace = grow_and_cancel(grow, number, hosted)
    assert trace.ended == list(range(number + 1)), "the newest first, children before parents"
    assert trace.refused == 2 * (number + 1)
    assert trace.strayed == 0


@HOSTED
@SHAPES
def test_F6_thousands_end_children_first(grow: Grow, hosted: bool) -> None:
    check(grow, N if hosted else N // 5, hosted)


@pytest.mark.slow
@pytest.mark.parametrize("grow", [chain_of_fibers, star_of_forks], ids=lambda grow: grow.__name__)
def test_F6_five_thousand_tasks_end_children_first(grow: Grow) -> None:
    """Buys: as many tasks of trio's in one flat nursery, the deepest tree and the widest."""
    check(grow, N, hosted=False)


@pytest.mark.soak
@pytest.mark.timeout(600)
@HOSTED
@SHAPES
def test_F6_fifty_thousand_end_children_first(grow: Grow, hosted: bool) -> None:
    check(grow, HUGE, hosted)


# --- ends that come from inside ---------------------------------------------------------------


async def counts_down(number: int) -> int:
    return 1 + await (await fiber(counts_down, number - 1)).result() if number else 0


async def falls(number: int) -> None:
    if number:
        await (await fiber(falls, number - 1)).result()
    raise LookupError("at the bottom")


async def falls_unjoined(number: int) -> None:
    if number:
        await fiber(falls_unjoined, number - 1)
        await sleep(number)
    raise LookupError(number)


async def leaves(number: int) -> None:
    for _ in range(number):
        await fiber(sleep, 1e5)
    await sleep(1)


async def waits_for_all(number: int) -> int:
    return len(await await_all(*[await fiber(sleep, 1) for _ in range(number)]))


async def fails_in_a_crowd(number: int) -> None:
    async with scope():
        for _ in range(number):
            await fiber(sleep, 1e5)
        await fiber(falls, 0)


@HOSTED
@pytest.mark.parametrize(
    ("grow", "outcome"),
    [
        (counts_down, "Completed(value={})"),
        (falls, "Errored(error=LookupError('at the bottom'))"),
        (leaves, "Completed(value=None)"),
        (waits_for_all, "Completed(value={})"),
        (fails_in_a_crowd, "Errored(error=LookupError('at the bottom'))"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_F6_a_tree_that_ends_by_itself(
    grow: Callable[[int], Coroutine[Any, Any, object]], outcome: str, hosted: bool
) -> None:
    number = N if hosted else N // 5

    async def body(page: PageMachine) -> None:
        ended = await page.start(Desk, grow, number).wait()
        assert repr(ended) == outcome.format(number)

    on_a_page(body, hosted)


@HOSTED
def test_F3_failures_all_the_way_up_are_each_told_once(hosted: bool) -> None:
    async def body(page: PageMachine) -> None:
        ended = await page.start(Desk, falls_unjoined, 100).wait()
        assert isinstance(ended, Errored)
        assert ended.error.args == (100,)
        assert ended.error.__notes__ == ["falls_unjoined of Talk.Desk failed, too: LookupError(99)"]

    on_a_page(body, hosted)


@pytest.mark.parametrize("grow", [chain_of_fibers, star_of_fibers], ids=lambda grow: grow.__name__)
def test_F6_a_snapshot_of_it_can_be_read(grow: Grow) -> None:
    async def body(page: PageMachine) -> None:
        page.start(Desk, grow, Trace(), N)
        await trio.testing.wait_all_tasks_blocked()
        lines = str(page.tree()).splitlines()
        assert len(lines) == N + 1
        assert max(map(len, lines)) < 200

    on_a_page(body, hosted=True)


# --- linear -----------------------------------------------------------------------------------


def lines_run(play: Callable[[], object]) -> int:
    """How many lines of Python `play` runs: the same on every machine, however busy."""
    lines: Counter[str] = Counter()

    def trace(frame: object, event: str, argument: object) -> object:
        lines[event] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        play()
    finally:
        sys.settrace(before)
    return lines["line"]


@HOSTED
@SHAPES
def test_F6_twice_as_many_take_twice_as_long(grow: Grow, hosted: bool) -> None:
    number = 200 if hosted else 100
    once = lines_run(lambda: grow_and_cancel(grow, number, hosted))
    twice = lines_run(lambda: grow_and_cancel(grow, 2 * number, hosted))
    assert twice < 2.3 * once


class Row(deque[Any]):
    """The row of those whose turn comes, which counts how far it is searched."""

    searched = 0

    def __contains__(self, record: object) -> bool:
        Row.searched += len(self)
        return super().__contains__(record)


@HOSTED
def test_F6_no_cancellation_searches_the_row_of_all_others(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(rows, "SPARE", [(Row(), [])])

    async def body(page: PageMachine) -> None:
        page.start(Desk, star_of_fibers, Trace(), 500)
        await trio.testing.wait_all_tasks_blocked()
        Row.searched = 0
        await page.cancel("closing")

    on_a_page(body, hosted)
    assert Row.searched == 0
