"""What of trio's own a coroutine without a page may await, and what trio does to its questions."""

from __future__ import annotations

import pytest
import trio

from spindle import (
    Completed,
    Errored,
    ForeignAwait,
    Suspended,
    UnexpectedEvent,
    Withdrawn,
    open_coroutine,
)
from tests.drivers import on_trio
from tests.typing.wizard import AskEmail, AskName


@on_trio()
async def test_W1_a_task_awaits_any_trio_library() -> None:
    async def sleeps() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 3)
        return await AskName()

    async with open_coroutine(sleeps) as runner:
        began = trio.current_time()
        state = await runner.run()
        assert trio.current_time() - began == 3
        assert await runner.resume(state.ask, "Ada") == Completed("Ada")


@on_trio()
async def test_W4_a_foreign_await_while_hosted_is_refused_at_its_line() -> None:
    async def sleeps() -> None:
        await trio.sleep(3)

    async with open_coroutine(sleeps, hosted=True) as runner:
        state = await runner.run()
    assert isinstance(state, Errored)
    assert isinstance(state.error, ForeignAwait)
    assert "hosted=False" in str(state.error)


@on_trio()
async def test_W1_a_question_that_is_withdrawn_takes_no_answer() -> None:
    async def gives_up() -> str:
        with trio.move_on_after(5):
            return await AskName()
        await trio.sleep(5)
        return await AskEmail("nobody")

    async with open_coroutine(gives_up) as runner:
        first = await runner.run()
        await trio.sleep(7)
        assert runner.state is None
        with pytest.raises(UnexpectedEvent, match=r"AskName: .* Now gives_up asks nothing"):
            runner.resume_nowait(first.ask, "Ada")
        second = await runner.run()
        assert second == Suspended(AskEmail("nobody"))
        with pytest.raises(UnexpectedEvent, match=r"AskName: .* Now gives_up asks AskEmail"):
            await runner.resume(first.ask, "Ada")
        assert await runner.resume(second.ask, "late") == Completed("late")
        said = [said async for _, said in runner.results]
        assert said == [first, Withdrawn(first.ask), second, Completed("late")]
        assert said[0].ask is said[1].ask is first.ask


@on_trio()
async def test_K2_an_answer_in_the_tick_of_a_time_limit_is_received_or_refused() -> None:
    received: list[str] = []

    async def gives_up() -> None:
        with trio.move_on_after(1):
            received.append(await AskName())
        await AskEmail("next")

    async with open_coroutine(gives_up) as runner:
        state = await runner.run()
        with trio.move_on_after(1):
            await trio.sleep_forever()
        try:
            after = await runner.resume(state.ask, "Ada")
        except UnexpectedEvent:
            assert received == []
        else:
            assert received == ["Ada"]
            assert after == Suspended(AskEmail("next"))
        assert await runner.run() == Suspended(AskEmail("next"))
