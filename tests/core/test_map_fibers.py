"""`map_fibers`: the order of the items kept, the bound kept, the first failure seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from spindle import (
    Completed,
    Errored,
    TooSlow,
    UsageError,
    map_fibers,
    sleep,
    timeout,
    use,
)
from tests.drivers import Stage, under
from tests.talk import Clerk, Desk, Echo


class Work:
    """Takes as many seconds as it is told, and counts how many do so at a time."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.log: list[str] = []

    async def __call__(self, seconds: float) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        self.log.append(f"began {seconds}")
        try:
            await sleep(seconds)
        finally:
            self.running -= 1
            self.log.append(f"ended {seconds}")
        return f"took {seconds}"


@under("hand", "hosted", "task")
async def test_F5_results_come_in_the_order_of_the_items(page: Stage) -> None:
    async def maps() -> tuple[str, ...]:
        return await map_fibers(Work(), [3, 1, 2], limit=3)

    handle = page.start(Desk, maps)
    await page.advance(3)
    assert handle.outcome == Completed(("took 3", "took 1", "took 2"))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@under("hand", "hosted", "task", seeds=3)
async def test_F5_the_bound_is_kept_and_used(page: Stage, limit: int) -> None:
    work = Work()

    async def maps() -> int:
        return len(await map_fibers(work, [1 + number % 3 for number in range(10)], limit=limit))

    handle = page.start(Desk, maps)
    await page.advance(100)
    assert handle.outcome == Completed(10)
    assert work.most == min(limit, 10)
    assert work.running == 0
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_F5_no_items_no_fibers(page: Stage) -> None:
    async def maps() -> object:
        return await map_fibers(Work(), [], limit=5), await map_fibers(Work(), iter(()), limit=5)

    handle = page.start(Desk, maps)
    await page.settle()
    assert handle.outcome == Completed(((), ()))


@under("hand", "hosted", "task")
async def test_F5_items_are_taken_as_fibers_become_free(page: Stage) -> None:
    work = Work()

    def numbers() -> Iterator[int]:
        for number in (2, 1, 1, 1):
            work.log.append(f"taken {number}")
            yield number

    async def maps() -> object:
        return await map_fibers(work, numbers(), limit=2)

    handle = page.start(Desk, maps)
    await page.advance(5)
    assert handle.outcome == Completed(("took 2", "took 1", "took 1", "took 1"))
    assert work.log[:4] == ["taken 2", "taken 1", "began 2", "began 1"]
    assert work.log[4:] == [
        *("ended 1", "taken 1", "began 1"),
        *("ended 2", "taken 1", "began 1"),
        *("ended 1", "ended 1"),
    ]


@under("hand", "hosted", "task")
async def test_F5_a_high_bound_starts_no_more_fibers_than_there_are_items(page: Stage) -> None:
    async def maps() -> object:
        return await map_fibers(Work(), iter([1, 1]), limit=10**9)

    handle = page.start(Desk, maps)
    await page.settle()
    assert page.kernel.coroutines == 3
    await page.advance(1)
    assert handle.outcome == Completed(("took 1", "took 1"))


@under("hand", "hosted", "task")
async def test_F5_the_first_failure_cancels_the_rest_and_is_the_one_seen(page: Stage) -> None:
    work = Work()

    async def divides(number: int) -> str:
        word = await work(number)
        if number == 2:
            raise LookupError("two")
        return word

    async def maps() -> object:
        return await map_fibers(divides, [5, 2, 1, 4, 9], limit=3)

    handle = page.start(Desk, maps)
    await page.advance(10)
    assert isinstance(handle.outcome, Errored)
    assert handle.outcome.error.args == ("two",)
    assert work.log == [
        *("began 5", "began 2", "began 1"),
        *("ended 1", "began 4", "ended 2"),
        *("ended 4", "ended 5"),
    ]
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_F5_items_that_fail_to_come_are_a_failure_like_any_other(page: Stage) -> None:
    work = Work()

    def numbers() -> Iterator[int]:
        yield 1
        yield 5
        raise LookupError("no more")

    async def maps(limit: int) -> object:
        return await map_fibers(work, numbers(), limit=limit)

    for limit in (1, 2, 3):
        handle = page.start(Desk, maps, limit)
        await page.advance(20)
        assert isinstance(handle.outcome, Errored)
        assert handle.outcome.error.args == ("no more",)
        assert work.running == 0


@under("hand", "hosted", "task")
async def test_F5_a_timeout_around_it_raises_and_gives_no_part_of_the_results(
    page: Stage,
) -> None:
    work = Work()

    async def maps() -> object:
        try:
            async with timeout(2):
                return await map_fibers(work, [1, 5, 1], limit=2)
        except TooSlow as error:
            return str(error)

    handle = page.start(Desk, maps)
    await page.advance(10)
    assert handle.outcome == Completed("timeout(2) passed")
    assert work.running == 0


@under("hosted", "task")
async def test_F5_a_call_of_a_port_is_mapped(page: Stage) -> None:
    async def maps() -> object:
        clerk = await use(Clerk)
        return await map_fibers(clerk.look, ["a", "b", "c"], limit=2)

    handle = page.start(Desk, maps, provide={Clerk: Echo()})
    await page.settle()
    assert handle.outcome == Completed(("seen a", "seen b", "seen c"))


async def work(item: object) -> None: ...


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: map_fibers(work, [1], limit=0), "takes a limit of 1 or more, not 0"),
        (lambda: map_fibers(work, [1], limit="2"), "takes a limit of 1 or more, not '2'"),
        (
            lambda: map_fibers(work(1), [1], limit=1),
            "write map_fibers(..., work, ...) instead of map_fibers(..., work(...))",
        ),
        (lambda: map_fibers(3, [1], limit=1), "takes an async function and its arguments, not 3"),
    ],
)
def test_slips_are_told_by_name(call: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        call().send(None)
    assert said in str(raised.value)
