"""Slips in the use of a coroutine without a page: each has its own error, and changes nothing."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    Completed,
    Errored,
    ForeignAwait,
    NotProvided,
    Suspended,
    UnexpectedEvent,
    UsageError,
    open_coroutine,
)
from tests.drivers import HOSTED, on_trio
from tests.talk import Clerk, Desk, ask_once
from tests.typing.wizard import AskEmail, AskName, wizard


def test_a_coroutine_object_instead_of_a_function() -> None:
    with pytest.raises(UsageError) as refused:
        open_coroutine(wizard())
    assert str(refused.value) == (
        "open_coroutine takes a function and its arguments, not a coroutine object: write "
        "open_coroutine(..., wizard, ...) instead of open_coroutine(..., wizard(...))"
    )


def test_what_cannot_be_called() -> None:
    with pytest.raises(UsageError, match="takes an async function and its arguments, not 'wizard'"):
        open_coroutine("wizard")


@HOSTED
@on_trio()
async def test_a_function_that_is_not_async_fails_as_a_spindle(hosted: bool) -> None:
    async with open_coroutine(lambda: 3, hosted=hosted) as runner:
        ended = await runner.run()
    assert isinstance(ended, Errored)
    assert "is to run as a spindle but returned int: write `async def`" in str(ended.error)


@on_trio(1)
async def test_something_else_than_an_implementation() -> None:
    with pytest.raises(NotProvided):
        async with open_coroutine(wizard, provide={Clerk: object()}):
            pytest.fail("not reached")


@HOSTED
@on_trio()
async def test_W1_the_answer_to_another_question(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        first = await runner.run()
        second = await runner.resume(first.ask, "Ada")
        for ask in (first.ask, AskName(), AskEmail("Ada")):
            with pytest.raises(UnexpectedEvent) as refused:
                runner.resume_nowait(ask, "late")
            kind = type(ask).__name__
            assert str(refused.value) == (
                f"wizard does not ask this {kind}: it was answered already or withdrawn, or is not "
                f"the object that Suspended(ask) carried. Now wizard asks AskEmail"
            )
            with pytest.raises(UnexpectedEvent):
                await runner.resume(ask, "late")
        assert runner.state == second


@HOSTED
@pytest.mark.parametrize(
    ("answer", "brought"),
    [
        (3, "int"),
        (None, "nothing"),
        (str, "the class str, not an instance of it"),
        (Desk.Told("x"), "Talk.Desk.Told"),
    ],
)
@on_trio()
async def test_W1_a_wrong_answer(hosted: bool, answer: object, brought: str) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        state = await runner.run()
        for resume in (runner.resume_nowait, runner.resume):
            with pytest.raises(UnexpectedEvent) as refused:
                await resume(state.ask, answer)
            assert str(refused.value) == (
                f"wizard asks AskName, which takes str; resume() brought {brought}"
            )
        assert runner.state == state
        assert await runner.resume(state.ask, "Ada") == Suspended(AskEmail("Ada"))


@HOSTED
@on_trio()
async def test_the_class_of_an_event_instead_of_one(hosted: bool) -> None:
    async with open_coroutine(ask_once, hosted=hosted) as runner:
        state = await runner.run()
        with pytest.raises(UnexpectedEvent, match=r"the class Talk.Desk.Told, not an instance"):
            runner.resume_nowait(state.ask, Desk.Told)
        assert await runner.resume(state.ask, Desk.Told("a")) == Completed("a")


@HOSTED
@on_trio()
async def test_something_else_than_the_question(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        state = await runner.run()
        with pytest.raises(UsageError, match=r"not its state: pass `state.ask`"):
            runner.resume_nowait(state, "Ada")
        with pytest.raises(UsageError) as refused:
            runner.resume_nowait(AskName, "Ada")
        assert str(refused.value) == (
            "resume() takes the question that was asked, not its class: write "
            "`case Suspended(AskName() as ask)` and pass `ask`"
        )
        with pytest.raises(UsageError, match="takes a question and its answer, not 'Ada'"):
            await runner.resume("Ada", state.ask)
        assert runner.state == state


@HOSTED
@on_trio()
async def test_an_answer_before_the_start(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        with pytest.raises(UsageError, match=r"wizard has not asked anything yet: call run\(\)"):
            runner.resume_nowait(AskName(), "Ada")
        with pytest.raises(UsageError, match=r"wizard has not asked anything yet: call run\(\)"):
            await runner.resume(AskName(), "Ada")
        assert await runner.run() == Suspended(AskName())


@HOSTED
@on_trio()
async def test_an_answer_after_the_end(hosted: bool) -> None:
    """A stale answer like any other: whether the end came first is nobody's slip."""
    async with open_coroutine(ask_once, hosted=hosted) as runner:
        state = await runner.run()
        await runner.resume(state.ask, Desk.Told("a"))
        with pytest.raises(UnexpectedEvent) as refused:
            await runner.resume(state.ask, Desk.Told("b"))
        assert str(refused.value) == ("Talk.Desk asks Talk.Desk.Ask no more: Completed(value='a')")
    with pytest.raises(UnexpectedEvent, match=r"asks Talk.Desk.Ask no more"):
        runner.resume_nowait(state.ask, Desk.Told("b"))


@HOSTED
@on_trio()
async def test_started_twice(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        runner.run_nowait()
        with pytest.raises(UsageError) as refused:
            runner.run_nowait()
        assert str(refused.value) == (
            "wizard was started already, which happens once: `await runner.run()` waits for the "
            "state it is in next"
        )
        assert await runner.run() == Suspended(AskName())
        await runner.cancel("enough")
        with pytest.raises(UsageError, match="wizard has ended: Cancelled"):
            runner.run_nowait()
    assert await runner.run() == runner.outcome


@on_trio()
async def test_a_spindle_that_would_wait_for_itself() -> None:
    refusals: list[str] = []

    async def waits() -> None:
        for wait in (runner.run, lambda: runner.resume(AskName(), "Ada")):
            with pytest.raises(UsageError) as refused:
                await wait()
            refusals.append(str(refused.value))
        await AskName()

    async with open_coroutine(waits) as runner:
        assert await runner.run() == Suspended(AskName())
    assert refusals == [
        "waits waits for itself: it called run() of its own runner",
        "waits waits for itself: it called resume() of its own runner",
    ]


@on_trio()
async def test_a_hosted_spindle_that_would_wait_for_itself() -> None:
    async def waits() -> None:
        await runner.run()

    async with open_coroutine(waits, hosted=True) as runner:
        ended = await runner.run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, ForeignAwait)


@on_trio()
async def test_a_task_of_a_spindle_may_answer_it() -> None:
    async def helped() -> str:
        async def helps() -> None:
            async for _, state in runner.results:
                if isinstance(state, Suspended):
                    await runner.resume(state.ask, "from inside")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(helps)
            name = await AskName()
            nursery.cancel_scope.cancel()
        return name

    async with open_coroutine(helped) as runner:
        runner.run_nowait()
        await trio.testing.wait_all_tasks_blocked()
        assert runner.outcome == Completed("from inside")


@HOSTED
@on_trio()
async def test_a_question_whose_repr_fails(hosted: bool) -> None:
    class Unspeakable(str):
        def __repr__(self) -> str:
            raise ValueError("no repr")

    async def asks() -> str:
        return await AskEmail(Unspeakable("x")) + await AskEmail("y")

    async with open_coroutine(asks, hosted=hosted) as runner:
        first = await runner.run()
        await runner.resume(first.ask, "a")
        with pytest.raises(UnexpectedEvent, match="does not ask this AskEmail"):
            runner.resume_nowait(first.ask, "b")
