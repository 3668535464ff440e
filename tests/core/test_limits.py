"""How much a page may take: refused where it is asked for, and given back when it is over."""

from __future__ import annotations

import math

import pytest

from spindle import (
    Completed,
    LimitReached,
    PageLimits,
    UsageError,
    await_all,
    fiber,
    fork,
    map_fibers,
    open_page,
    sleep,
)
from spindle._core.kernel.hand import Hand
from spindle._core.operations.handle import Handle
from tests.drivers import on_trio
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

HOSTED = pytest.mark.parametrize("hosted", [True, False])


async def idle() -> None:
    await sleep(1000)


async def starts_three() -> list[str]:
    said = []
    handles = []
    for start in (lambda: fiber(idle), lambda: fork(Bell, idle), lambda: fiber(idle)):
        try:
            handles.append(await start())
        except LimitReached as error:
            said.append(str(error))
    for handle in handles:
        await handle.cancel()
    await sleep(1)
    await await_all(await fiber(sleep, 1), await fiber(sleep, 1))
    return [*said, "two again"]


TOO_MANY = (
    "{} was not started: 3 spindles and fibers are live, and PageLimits(coroutines=) allows no more"
)


@HOSTED
@on_trio()
async def test_F6_coroutines_are_counted_refused_and_given_back(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted, limits=PageLimits(coroutines=3)) as page:
        outcome = await page.start(Desk, starts_three).wait()
        assert outcome == Completed([TOO_MANY.format("idle of Talk.Desk"), "two again"])
        handles = [page.start(Desk, ask_once, instance=name) for name in "abc"]
        with pytest.raises(LimitReached) as raised:
            page.start(Bell, ring_once)
        assert str(raised.value) == TOO_MANY.format("Talk.Bell")
        handles[0].cancel_nowait()
        await handles[0].wait()
        page.start(Bell, ring_once)
    assert page._driver.kernel.coroutines == 0


def test_F6_by_hand_too() -> None:
    hand = Hand(limits=PageLimits(coroutines=3))
    record = hand.kernel.register(Desk, None, starts_three, (), {})
    hand.post(hand.kernel.launch, record)
    hand.advance(5)
    assert Handle(record).outcome == Completed([TOO_MANY.format("idle of Talk.Desk"), "two again"])
    assert hand.kernel.coroutines == 0


@HOSTED
@on_trio()
async def test_F6_a_chain_of_fibers_is_refused_at_its_depth(hosted: bool) -> None:
    async def nests(depth: int) -> int:
        try:
            handle = await fiber(nests, depth + 1)
        except LimitReached as error:
            said.append(str(error))
            return depth
        return await handle.result()

    said: list[str] = []
    async with open_page(Talk, hosted=hosted, limits=PageLimits(depth=4)) as page:
        outcome = await page.start(Desk, nests, 0).wait()
    assert outcome == Completed(4)
    assert said == [
        "nests of Talk.Desk was not started: it would be the 5th in a chain of fibers each started "
        "by the one before, and PageLimits(depth=) allows no more"
    ]
    assert page._driver.kernel.coroutines == 0


@HOSTED
@on_trio()
async def test_F6_a_refused_start_of_a_key_that_is_taken_counts_nothing(hosted: bool) -> None:
    async def tries() -> None:
        for _ in range(10):
            with pytest.raises(UsageError):
                await fork(Desk, idle)

    async with open_page(Talk, hosted=hosted, limits=PageLimits(coroutines=2)) as page:
        await page.start(Desk, tries).wait()
        assert page._driver.kernel.coroutines == 0


@HOSTED
@on_trio()
async def test_F6_a_replacement_that_is_refused_leaves_the_one_before_alone(hosted: bool) -> None:
    async def replaces() -> str:
        bell = await fork(Bell, ring_once)
        try:
            await fork(Bell, ring_once, replace=True)
        except LimitReached:
            return str(bell.outcome)
        return "no error"

    async with open_page(Talk, hosted=hosted, limits=PageLimits(coroutines=2)) as page:
        assert await page.start(Desk, replaces).wait() == Completed("None")
        page.resume(Bell.Rung())
        await page.wait()
        assert page._driver.kernel.coroutines == 0


@HOSTED
@on_trio()
async def test_F6_map_fibers_meets_the_limit_like_any_other_failure(hosted: bool) -> None:
    async def maps() -> str:
        try:
            await map_fibers(sleep, [1, 1, 1, 1], limit=4)
        except LimitReached:
            return "refused"
        return "no error"

    async with open_page(Talk, hosted=hosted, limits=PageLimits(coroutines=3)) as page:
        assert await page.start(Desk, maps).wait() == Completed("refused")
        assert page._driver.kernel.coroutines == 0


@HOSTED
@on_trio()
async def test_an_unhandled_refusal_is_an_error_of_the_spindle_only(hosted: bool) -> None:
    async def storms() -> None:
        while True:
            await fiber(idle)

    async with open_page(Talk, hosted=hosted, limits=PageLimits(coroutines=100)) as page:
        page.start(Bell, ring_once)
        outcome = await page.start(Desk, storms).wait()
        assert type(outcome.error) is LimitReached
        receipt = page.resume(Bell.Rung())
        await page.wait()
        assert receipt.settlement is not None


@pytest.mark.parametrize("name", PageLimits.__struct_fields__)
@pytest.mark.parametrize("value", [0, -1, math.nan, "3", None])
def test_limits_are_positive_numbers(name: str, value: object) -> None:
    with pytest.raises(UsageError) as raised:
        PageLimits(**{name: value})
    counts = name in ("coroutines", "depth", "kept_values")
    what = "positive whole number" if counts else "positive number"
    assert str(raised.value) == f"PageLimits({name}=) takes a {what}, not {value!r}"


@pytest.mark.parametrize("value", [1.5, True])
def test_what_is_counted_is_limited_by_whole_numbers(value: object) -> None:
    with pytest.raises(UsageError, match="takes a positive whole number"):
        PageLimits(depth=value)  # type: ignore[arg-type]
