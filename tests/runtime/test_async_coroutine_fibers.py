"""A coroutine without a page that asks several things at a time: fibers, races, forks."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    ESCALATE,
    Cancelled,
    Completed,
    Errored,
    Notify,
    Origin,
    SpindleIsLive,
    Suspended,
    TooSlow,
    UnexpectedEvent,
    Withdrawn,
    await_all,
    await_any,
    fiber,
    fork,
    open_coroutine,
    sleep,
    timeout,
)
from spindle._runtime import outbox
from tests.drivers import HOSTED, on_trio
from tests.talk import Desk, ask_once
from tests.typing.wizard import AskEmail, AskName


class Hello(Notify): ...


async def ask(name: str) -> str:
    return await AskEmail(name)


async def ask_both() -> tuple[str, str]:
    return await await_all(await fiber(ask, "a"), await fiber(ask, "b"))


@HOSTED
@on_trio()
async def test_Y9_questions_of_two_fibers_are_answered_by_name(hosted: bool) -> None:
    async with open_coroutine(ask_both, hosted=hosted) as runner:
        runner.run_nowait()
        _, first = await runner.results.receive()
        _, second = await runner.results.receive()
        assert (first, second) == (Suspended(AskEmail("a")), Suspended(AskEmail("b")))
        assert await runner.run() == first, "the oldest"
        runner.resume_nowait(second.ask, "B")
        await trio.testing.wait_all_tasks_blocked()
        assert await runner.run() == first
        with pytest.raises(UnexpectedEvent, match="Now ask_both asks AskEmail"):
            runner.resume_nowait(second.ask, "again")
        assert await runner.resume(first.ask, "A") == Completed(("A", "B"))


@HOSTED
@on_trio()
async def test_A2_a_question_that_loses_a_race_is_withdrawn(hosted: bool) -> None:
    async def hurries() -> str:
        match await await_any(AskName(), sleep(5)):
            case 0, name:
                return name
            case _:
                return await AskEmail("nobody")

    async with open_coroutine(hurries, hosted=hosted) as runner:
        first = await runner.run()
        await trio.sleep(6)
        with pytest.raises(UnexpectedEvent, match="hurries does not ask this AskName"):
            runner.resume_nowait(first.ask, "Ada")
        second = await runner.run()
        assert await runner.resume(second.ask, "x") == Completed("x")
        assert [said async for _, said in runner.results] == [
            first,
            Withdrawn(first.ask),
            second,
            Completed("x"),
        ]
    async with open_coroutine(hurries, hosted=hosted) as runner:
        first = await runner.run()
        assert await runner.resume(first.ask, "Ada") == Completed("Ada")


@HOSTED
@on_trio()
async def test_A6_a_time_limit_of_the_spindle_is_its_own_error(hosted: bool) -> None:
    async def hurries() -> str:
        async with timeout(5):
            return await AskName()

    async with open_coroutine(hurries, hosted=hosted) as runner:
        first = await runner.run()
        await trio.sleep(5)
        with pytest.raises(UnexpectedEvent):
            await runner.resume(first.ask, "Ada")
        ended = await runner.run()
        assert isinstance(ended, Errored)
        assert isinstance(ended.error, TooSlow)


@on_trio()
async def test_what_was_said_before_an_answer_does_not_follow_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another fiber asks in the very pass in which the answer is applied."""
    monkeypatch.setattr(outbox, "HIGH_WATER", 2)

    async def late() -> None:
        await sleep(5)
        await AskEmail("late")

    async def asks() -> None:
        await fiber(late)
        await sleep(1)
        await Hello()
        await AskName()
        await AskEmail("next")

    async with open_coroutine(asks, hosted=True) as runner:
        with pytest.raises(trio.WouldBlock):
            runner.results.receive_nowait()  # there is a reader, if a slow one: it pauses
        first = await runner.run()
        got: list[object] = []

        async def answers() -> None:
            got.append(await runner.resume(first.ask, "Ada"))

        async with trio.open_nursery() as nursery:
            await trio.sleep(6)
            nursery.start_soon(answers)
            await trio.testing.wait_all_tasks_blocked()
            runner.results.close()
        assert got == [Suspended(AskEmail("next"))]
        assert await runner.run() == Suspended(AskEmail("late")), "asked before, so the oldest"


@HOSTED
@on_trio()
async def test_F1_a_fork_asks_with_it_and_is_not_its_end(hosted: bool) -> None:
    async def forks() -> str:
        await fork(Desk, ask_once)
        return await AskName()

    async with open_coroutine(forks, hosted=hosted) as runner:
        runner.run_nowait()
        _, first = await runner.results.receive()
        _, second = await runner.results.receive()
        assert (first, second) == (Suspended(AskName()), Suspended(Desk.Ask()))
        runner.resume_nowait(second.ask, Desk.Told("from a fork"))
        await trio.testing.wait_all_tasks_blocked()
        assert runner.outcome is None
        assert await runner.resume(first.ask, "Ada") == Completed("Ada")
        assert [said async for _, said in runner.results] == [Completed("Ada")]


@HOSTED
@on_trio()
async def test_F3_a_fork_lives_on_and_ends_with_the_block(hosted: bool) -> None:
    log: list[str] = []

    async def goes_on() -> str:
        try:
            return (await Desk.Ask()).word + (await Desk.Ask(2)).word
        finally:
            log.append("unwinds")

    async def forks() -> str:
        await fork(Desk, goes_on)
        return await AskName()

    async with open_coroutine(forks, hosted=hosted) as runner:
        first = await runner.run()
        await trio.testing.wait_all_tasks_blocked()
        assert await runner.resume(first.ask, "Ada") == Completed("Ada")
        states = [said async for _, said in runner.results]
        assert states == [first, Suspended(Desk.Ask()), Completed("Ada")]
        with pytest.raises(UnexpectedEvent, match=r"forks asks Talk.Desk.Ask no more: Completed"):
            runner.resume_nowait(states[1].ask, Desk.Told("late"))
        assert log == []
    assert log == ["unwinds"]
    assert runner.outcome == Completed("Ada")


@HOSTED
@on_trio()
async def test_a_fork_that_speaks_for_the_same_block_asks_its_own_questions(hosted: bool) -> None:
    async def forks() -> str:
        word = (await Desk.Ask(1)).word
        await fork(Desk, ask_once, instance="other")
        return word + (await Desk.Ask(2)).word + (await Desk.Ask(3)).word

    async with open_coroutine(forks, hosted=hosted) as runner:
        first = await runner.run()
        runner.resume_nowait(first.ask, Desk.Told("a"))
        await trio.testing.wait_all_tasks_blocked()
        states = [runner.results.receive_nowait()[1] for _ in range(3)]
        assert states == [first, Suspended(Desk.Ask(2)), Suspended(Desk.Ask(1))]
        third = await runner.resume(states[1].ask, Desk.Told("b"))
        assert third == Suspended(Desk.Ask(3))
        runner.resume_nowait(states[2].ask, Desk.Told("fork"))
        assert await runner.resume(third.ask, Desk.Told("c")) == Completed("abc")


@HOSTED
@on_trio()
async def test_F2_a_fork_under_the_block_it_speaks_for_needs_a_name(hosted: bool) -> None:
    """As on a page: the block's key is taken, whether it was known from the start or not."""

    async def forks() -> None:
        await Desk.Ask(1)
        await fork(Desk, ask_once)

    async with open_coroutine(forks, hosted=hosted) as runner:
        first = await runner.run()
        ended = await runner.resume(first.ask, Desk.Told("a"))
        assert isinstance(ended, Errored)
        assert isinstance(ended.error, SpindleIsLive)
        assert str(ended.error).startswith(
            "Talk.Desk is running: a second one under the same block"
        )


@HOSTED
@on_trio()
async def test_an_answer_that_the_end_overtakes_is_followed_by_the_end(
    hosted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HIGH_WATER", 2)

    async def greets() -> None:
        await sleep(1)
        await Hello()
        await Hello()

    async def forks() -> str:
        await fork(Desk, ask_once)
        await fiber(greets)
        return await AskName()

    async with open_coroutine(forks, hosted=hosted) as runner:
        runner.run_nowait()
        _, first = await runner.results.receive()
        _, second = await runner.results.receive()
        await trio.sleep(2)  # now two messages lie unread, and it pauses
        got: list[object] = []

        async def answers() -> None:
            got.append(await runner.resume(second.ask, Desk.Told("x")))

        async with trio.open_nursery() as nursery:
            runner.resume_nowait(first.ask, "Ada")
            nursery.start_soon(answers)
            await trio.testing.wait_all_tasks_blocked()
            runner.results.close()
        assert got == [Completed("Ada")]


@HOSTED
@on_trio()
async def test_a_fork_that_fails_for_all_ends_the_block(hosted: bool) -> None:
    async def fails() -> None:
        raise LookupError("gone")

    async def forks() -> None:
        await fork(Desk, fails, policy=ESCALATE)
        await AskName()

    runners = []

    async def main() -> None:
        async with open_coroutine(forks, hosted=hosted) as runner:
            runners.append(runner)
            await runner.run()
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup, match="spindles have ended the runner") as raised:
        await main()
    assert [type(error) for error in raised.value.exceptions] == [LookupError]
    (runner,) = runners
    assert isinstance(runner.outcome, Cancelled)
    assert runner.outcome.origin is Origin.ESCALATED
    assert [said async for _, said in runner.results] == [
        Suspended(AskName()),
        runner.outcome,
    ]


@pytest.mark.bulk
@HOSTED
@on_trio(2)
async def test_many_questions_at_a_time(hosted: bool) -> None:
    many = 500

    async def asks_all() -> int:
        fibers = [await fiber(ask, str(number)) for number in range(many)]
        return sum(int(each) for each in await await_all(*fibers))

    async with open_coroutine(asks_all, hosted=hosted) as runner, trio.open_nursery() as nursery:

        async def answers(ask: AskEmail) -> None:
            await runner.resume(ask, ask.name)

        runner.run_nowait()
        async for _, state in runner.results:
            if isinstance(state, Suspended):
                nursery.start_soon(answers, state.ask)
        assert runner.outcome == Completed(sum(range(many)))
