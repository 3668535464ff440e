"""Forks: a spindle starts others beside it, under keys of their own."""

from __future__ import annotations

import pytest

from spindle import Errored, Handle, SpindleIsLive, UsageError, await_any, fiber, fork, use
from tests.drivers import Stage, under
from tests.store import Store
from tests.talk import Bell, Clerk, Desk, Echo, ring, ring_once


@under("hand", "hosted", "task")
async def test_F1_forker_and_forked_run_side_by_side_and_either_may_end_first(page: Stage) -> None:
    async def forks() -> str:
        await fork(Bell, ring_once)
        return (await Desk.Ask()).word

    page.start(Desk, forks)
    assert await page.hears() == ["Desk asks Ask(number=1) #1", "Bell asks Wait() #1"]
    page.resume(Bell.Rung(3))
    assert await page.hears() == ["Bell returned 3"]
    page.resume(Desk.Told("done"))
    assert await page.hears() == ["Desk returned 'done'"]

    page.start(Desk, forks, instance="second")
    await page.settle()
    page.resume(Desk.Told("first"), instance="second")
    page.resume(Bell.Rung(4))
    assert await page.hears() == [
        "Desk[second] asks Ask(number=1) #1",
        "Bell asks Wait() #2",
        "Desk[second] returned 'first'",
        "Bell returned 4",
    ]


@under("hand", "hosted", "task")
async def test_F2_a_second_one_under_the_key_is_refused_where_it_is_forked(page: Stage) -> None:
    said: list[str] = []

    async def forks() -> None:
        await fork(Bell, ring, 1)
        try:
            await fork(Bell, ring, 2)
        except SpindleIsLive as error:
            said.append(str(error))
        await fork(Bell, ring, 3, instance="third")

    page.start(Desk, forks)
    assert await page.hears() == [
        "Desk returned None",
        "Bell says Rang(times=1)",
        "Bell asks Wait() #1",
        "Bell[third] says Rang(times=3)",
        "Bell[third] asks Wait() #1",
    ]
    assert said == [
        "Talk.Bell is running: a second one under the same block needs a name of its own, "
        "start(..., instance='...') or fork(..., instance='...'); to end the one that runs and "
        "take its place, fork(..., replace=True)"
    ]
    page.resume(Bell.Rung(1), instance="third")
    page.resume(Bell.Rung(2))
    assert await page.hears() == ["Bell[third] returned 1", "Bell returned 2"]
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_F3_the_forked_one_outlives_a_forker_that_fails_or_is_cancelled(page: Stage) -> None:
    async def fails() -> None:
        await fork(Bell, ring, 1, instance="of one that fails")
        raise LookupError("x")

    async def is_cancelled() -> None:
        await fork(Bell, ring, 2, instance="of one cancelled")
        await Desk.Ask()

    page.start(Desk, fails)
    handle = page.start(Desk, is_cancelled, instance="second")
    await page.settle()
    handle.cancel_nowait("enough")
    assert await page.hears() == [
        "Desk failed: LookupError",
        "Bell[of one that fails] says Rang(times=1)",
        "Bell[of one that fails] asks Wait() #1",
        "Desk[second] asks Ask(number=1) #1",
        "Bell[of one cancelled] says Rang(times=2)",
        "Bell[of one cancelled] asks Wait() #1",
        "Desk[second] withdraws Ask(number=1) #1",
        "Desk[second] was cancelled: enough (handle)",
    ]
    assert page.kernel.coroutines == 2


@under("hand", "hosted", "task")
async def test_F4_cancelled_in_the_step_of_its_fork_it_never_starts(page: Stage) -> None:
    ran: list[str] = []

    async def runs() -> None:
        try:
            ran.append("began")
        finally:
            ran.append("ended")

    async def forks() -> None:
        handle = await fork(Bell, runs)
        await handle.cancel("at once")
        await (await fiber(runs)).cancel("at once")
        assert handle.outcome is not None

    page.start(Desk, forks)
    assert await page.hears() == [
        "Bell was cancelled: at once (handle)",
        "Desk returned None",
    ]
    assert ran == []
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_F4_cancelled_at_its_first_operation_its_cleanup_runs(page: Stage) -> None:
    """Between its start and its first operation it is a coroutine like any other."""
    ran: list[str] = []

    async def runs() -> None:
        try:
            ran.append("began")
            await Bell.Rang(1)
        finally:
            ran.append("ended")

    async def forks() -> None:
        handle = await fork(Bell, cancels_itself)
        await handle.result()

    async def cancels_itself() -> None:
        await Handle(page.kernel.live[Bell]).cancel("myself")
        await runs()

    page.start(Desk, forks)
    assert await page.hears() == [
        "Bell was cancelled: myself (handle)",
        "Desk failed: WasCancelled",
    ]
    assert ran == ["began", "ended"]


@under("hand", "hosted", "task")
async def test_a_fork_is_given_what_its_forker_has_and_more(page: Stage) -> None:
    async def looks(name: str) -> None:
        said.append(f"{name}: {await use(str)} {await use(int)}")
        if name != "deeper":
            await fork(Bell, looks, "deeper", instance=f"below {name}", provide={int: 100})

    async def forks() -> None:
        await fork(Bell, looks, "plain", provide={int: 7})
        await fork(Bell, looks, "loud", instance="loud", provide={str: "LOUD"})

    said: list[str] = []
    page.start(Desk, forks, provide={str: "soft", int: 1})
    await page.settle()
    assert said == ["plain: soft 7", "loud: LOUD 1", "deeper: soft 100", "deeper: LOUD 100"]


@under("hand", "hosted", "task")
async def test_what_is_provided_to_a_fork_is_checked_against_its_port(page: Stage) -> None:
    async def forks() -> None:
        await fork(Bell, ring, 1, provide={Clerk: Echo})

    handle = page.start(Desk, forks)
    assert await page.hears() == ["Desk failed: NotProvided"]
    assert "Clerk was given a class: give an instance, Echo(...)" in str(handle.outcome.error)
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_what_is_provided_to_a_fork_reaches_its_fibers_and_not_its_forker(
    page: Stage,
) -> None:
    async def looks() -> int:
        return await use(int)

    async def forked() -> int:
        return await (await fiber(looks)).result()

    async def forks() -> tuple[int, int]:
        given = {int: 7}
        handle = await fork(Bell, forked, provide=given)
        given[int] = 8
        return await handle.result(), await use(int)

    page.start(Desk, forks, provide={int: 1})
    assert (await page.hears())[-1] == "Desk returned (7, 1)"


@under("hand", "hosted", "task")
async def test_a_block_of_another_contract_is_not_forked(page: Stage) -> None:
    async def forks() -> None:
        await fork(Store.Checkout, ring_once)

    handle = page.start(Desk, forks)
    assert await page.hears() == ["Desk failed: UsageError"]
    assert isinstance(handle.outcome, Errored)
    assert str(handle.outcome.error) == (
        "Talk.Desk wanted to fork Store.Checkout, which is not a block of this page's contract: "
        "that has Talk.Desk, Talk.Bell"
    )


@under("hand", "hosted", "task")
async def test_A4_a_fork_is_a_source_of_a_race_and_a_loser_runs_on(page: Stage) -> None:
    async def races() -> tuple[int, object]:
        bell: Handle[int] = await fork(Bell, ring, 1)
        won = await await_any(bell.result(), Desk.Ask())
        await Desk.Said(str(won))
        return await await_any(bell.result(), Desk.Ask(2))

    page.start(Desk, races)
    await page.settle()
    page.resume(Desk.Told("first"))
    page.resume(Bell.Rung(5))
    assert (await page.hears())[-3:] == [
        "Desk withdraws Ask(number=2) #2",
        "Bell returned 5",
        "Desk returned (0, 5)",
    ]


def test_slips_are_told_by_name() -> None:
    function = "fork() takes the block first: write fork(SomeBlock, ring, ...)"
    coroutine = (
        "fork takes a function and its arguments, not a coroutine object: "
        "write fork(..., ring, ...) instead of fork(..., ring(...))"
    )
    for slip, said in (
        (lambda: fork(ring), function),
        (lambda: fork(ring, 1), function),
        (lambda: fork(ring(1)), function),
        (lambda: fork(ring(1), Bell), function),
        (lambda: fork(Bell), "fork(Talk.Bell) lacks the function to start under it"),
        (lambda: fork(Bell, ring(1)), coroutine),
        (lambda: fork(Bell, 3), "fork takes an async function and its arguments, not 3"),
    ):
        with pytest.raises(UsageError) as raised:
            slip()
        assert str(raised.value) == said


def test_a_forgotten_await_is_told_by_name() -> None:
    with pytest.raises(AttributeError) as raised:
        fork(Bell, ring, 1).result()  # type: ignore[attr-defined]
    assert str(raised.value) == (
        "fork() was not awaited, so there is no handle with `result` yet: "
        "write `handle = await fork(...)`"
    )
    with pytest.raises(AttributeError, match="has no attribute 'size'"):
        fork(Bell, ring, 1).size  # type: ignore[attr-defined] # noqa: B018


@under("hand", "hosted", "task")
async def test_F2_an_instance_is_a_text_and_nothing_of_its_class(page: Stage) -> None:
    """Keys are compared and hashed by the page, outside the spindle that gave the name."""

    class Name(str):
        __slots__ = ()

    async def forks() -> None:
        with pytest.raises(UsageError, match="instance= takes a text, not 5"):
            await fork(Bell, ring_once, instance=5)  # type: ignore[arg-type]
        left = await fork(Bell, ring_once, instance=Name("left"))
        assert (left.source.instance, type(left.source.instance)) == ("left", str)

    page.start(Desk, forks)
    assert await page.hears() == ["Desk returned None", "Bell[left] asks Wait() #1"]
