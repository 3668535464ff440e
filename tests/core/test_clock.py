"""Time and chance as operations: virtual by hand, seeded on a page."""

from __future__ import annotations

import math
from uuid import RFC_4122, UUID

import pytest

from spindle import (
    Completed,
    Coroutine,
    UsageError,
    await_any,
    fiber,
    now,
    open_page,
    random_float,
    sleep,
    unique_id,
)
from spindle._core.kernel.chance import Chance
from spindle._core.kernel.hand import Hand
from spindle._runtime.host import open_host
from spindle._runtime.page import seed_of
from tests.board import Board, Reader, Writer, told
from tests.drivers import Stage, run_on_trio, under

# --- time -----------------------------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_A8_sleeps_end_in_the_order_of_their_deadlines(page: Stage) -> None:
    async def sleeps(name: str, seconds: float) -> None:
        await sleep(seconds)
        await Reader.Said(f"{name} at {await now():g}")

    async def starts() -> None:
        for name, seconds in (("c", 3), ("a", 1), ("b", 2), ("a2", 1), ("now", 0), ("half", 0.5)):
            await fiber(sleeps, name, seconds)
        await sleep(9)

    page.start(Reader, starts)
    await page.settle()
    await page.advance(10)
    assert told(page.said()) == [
        "now at 0",
        "half at 0.5",
        "a at 1",
        "a2 at 1",
        "b at 2",
        "c at 3",
    ]


@under("hand", "hosted", "task", contract=Board)
async def test_A8_a_sleep_of_0_does_not_wait(page: Stage) -> None:
    async def sleeps(name: str) -> None:
        for _ in range(2):
            await Reader.Said(name)
            await sleep(0)

    for name in "ab":
        page.start(Reader, sleeps, name, instance=name)
    assert told(await page.hears()) == ["a", "a", "b", "b"]
    assert page.kernel.timers.next_at() is None


@under("hand", "hosted", "task", contract=Board)
async def test_A8_the_clock_stands_still_during_a_turn(page: Stage) -> None:
    async def looks() -> None:
        seen = set()
        for _ in range(3000):
            seen.add(await now())
        await Reader.Said(f"{sorted(seen)}")
        await sleep(2.5)
        await Reader.Said(f"{await now()}")

    await page.advance(1.5)
    page.start(Reader, looks)
    await page.settle()
    await page.advance(3)
    assert told(page.said()) == ["[1.5]", "4.0"]


@under("hand", "hosted", "task", contract=Board)
async def test_A8_a_sleep_that_ends_while_its_spindle_is_busy_counts_from_its_own_time(
    page: Stage,
) -> None:
    """Each deadline is passed at its own time: a loop of sleeps does not drift."""

    async def ticks() -> None:
        for _ in range(5):
            await sleep(0.1)
        await Reader.Said(f"{await now():.3f}")

    page.start(Reader, ticks)
    await page.settle()
    await page.advance(7)
    assert told(page.said()) == ["0.500"]


@under("hand", "hosted", "task", contract=Board)
async def test_A8_one_can_sleep_for_ever(page: Stage) -> None:
    async def sleeps() -> str:
        position, _ = await await_any(sleep(math.inf), Reader.Ask())
        return f"woken by {position}"

    handle = page.start(Reader, sleeps)
    await page.settle()
    await page.advance(1e5)
    page.resume(Reader.Told())
    await page.settle()
    assert handle.outcome == Completed("woken by 1")
    assert page.kernel.timers.next_at() is None


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, -math.inf, "3", None])
def test_A8_a_sleep_takes_seconds_not_below_0(seconds: object) -> None:
    with pytest.raises(UsageError, match=r"sleep\(\) takes seconds, 0 or more, not "):
        sleep(seconds)  # type: ignore[arg-type]


def test_A8_by_hand_the_clock_moves_only_when_it_is_moved() -> None:
    async def looks() -> list[float]:
        times = [await now()]
        await Reader.Ask()
        times.append(await now())
        await sleep(2)
        times.append(await now())
        return times

    coroutine = Coroutine(looks)
    coroutine.run()
    coroutine.advance(10)
    # Where only time is waited for it jumps.
    assert coroutine.run(Reader.Told()) == Completed([0.0, 10.0, 12.0])
    assert coroutine.now == 12.0


# --- chance ---------------------------------------------------------------------------------------


async def draws() -> tuple[object, ...]:
    return await random_float(), await unique_id(), await random_float(), await unique_id()


async def draws_twice() -> list[object]:
    first, second = await fiber(draws), await fiber(draws)
    return [*await first.result(), *await second.result(), *await draws()]


def drawn(driver: str, seed: int | None, scheduler: int = 0) -> list[object]:
    """What `draws_twice` draws on a page with that seed."""
    if driver == "hand":
        given = seed_of(seed)
        assert isinstance(given, bytes)
        hand = Hand(seed=given)
        record = hand.kernel.register(Reader, None, draws_twice, (), {})
        hand.post(hand.kernel.launch, record)
        return record.outcome.value
    outcomes: list[list[object]] = []

    async def main() -> None:
        if driver == "host":
            async with open_host() as host:
                page = host.open(Board, seed=seed)
                handle = page.start(Reader, draws_twice)
                await page.wait()
        else:
            async with open_page(Board, hosted=driver == "hosted", seed=seed) as page:
                handle = page.start(Reader, draws_twice)
                await page.wait()
        outcomes.append(handle.outcome.value)

    run_on_trio(main, scheduler)
    return outcomes[0]


@pytest.mark.parametrize(
    "seed", [0, 1, -5, 10**100, 1 << 20_000], ids=lambda seed: f"{seed.bit_length()} bits"
)
def test_A8_the_same_seed_draws_the_same_under_every_driver(seed: int) -> None:
    expected = drawn("hand", seed)
    assert len(set(map(str, expected))) == len(expected)
    for driver in ("hosted", "task", "host"):
        for scheduler in range(3):
            assert drawn(driver, seed, scheduler) == expected


def test_A8_other_seeds_draw_other_numbers() -> None:
    firsts = {drawn("hand", seed)[0] for seed in range(100)}
    assert len(firsts) == 100
    assert drawn("task", None) != drawn("task", None)


@pytest.mark.parametrize("seed", ["5", 1.5, b"x"])
def test_a_seed_is_a_whole_number(seed: object) -> None:
    async def main() -> None:
        with pytest.raises(UsageError, match=r"seed= takes a whole number, not "):
            async with open_page(Board, seed=seed):  # type: ignore[arg-type]
                raise AssertionError("not reached")

    run_on_trio(main, 0)


def test_A8_random_float_is_evenly_distributed() -> None:
    chance = Chance(b"seed")
    numbers = [chance.random_float() for _ in range(20_000)]
    assert all(0 <= number < 1 for number in numbers)
    assert abs(sum(numbers) / len(numbers) - 0.5) < 0.01
    for tenth in range(10):
        share = sum(tenth <= number * 10 < tenth + 1 for number in numbers) / len(numbers)
        assert abs(share - 0.1) < 0.01
    # All 53 bits are used, each about half of the time.
    wholes = [int(number * (1 << 53)) for number in numbers]
    for bit in range(53):
        assert abs(sum(whole >> bit & 1 for whole in wholes) / len(wholes) - 0.5) < 0.02


def test_A8_unique_ids_are_random_uuids() -> None:
    chance = Chance(b"seed")
    texts = [chance.unique_id() for _ in range(5_000)]
    assert len(set(texts)) == len(texts)
    varies = 0
    for text in texts:
        parsed = UUID(text)
        assert str(parsed) == text
        assert (parsed.version, parsed.variant) == (4, RFC_4122)
        varies |= parsed.int ^ UUID(texts[0]).int
    fixed = (0xF << 76) | (0x3 << 62)
    assert varies == ((1 << 128) - 1) & ~fixed, "every other bit is drawn"


# --- N1 -------------------------------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_N1_notifies_and_the_yield_behind_them_arrive_in_order_at_once(page: Stage) -> None:
    log: list[str] = []

    async def reports() -> None:
        for word in ("loading", "loaded"):
            await Reader.Said(word)
            log.append(word)
        await Reader.Ask()

    async def is_next() -> None:
        log.append("another runs")
        await Writer.Said("me too")

    page.start(Reader, reports)
    page.start(Writer, is_next)
    assert await page.hears() == [
        "Reader says Said(word='loading')",
        "Reader says Said(word='loaded')",
        "Reader asks Ask(number=1) #1",
        "Writer says Said(word='me too')",
        "Writer returned None",
    ]
    assert log == ["loading", "loaded", "another runs"], "a notify does not pause its spindle"
