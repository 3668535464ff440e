"""The ends of a coroutine without a page: cancelled, left, given up waiting for."""

from __future__ import annotations

import signal

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Completed,
    Errored,
    Origin,
    Suspended,
    UnexpectedEvent,
    UsageError,
    cleanup,
    open_coroutine,
)
from tests.drivers import HOSTED, on_trio
from tests.tidy import CLEANED, Tidy
from tests.typing.wizard import AskEmail, AskName, wizard

LEFT = Cancelled("the runner was left", Origin.BODY_LEFT)


@HOSTED
@on_trio()
async def test_W2_cancel_returns_when_the_cleanup_has_run(hosted: bool) -> None:
    tidy = Tidy()
    async with open_coroutine(tidy.wizard, tag="w", hosted=hosted) as runner:
        first = await runner.run()
        assert await runner.cancel("closing time") == Cancelled("closing time")
        assert tidy.log == CLEANED
        assert runner.state == runner.outcome == Cancelled("closing time")
        assert await runner.cancel("again") == Cancelled("closing time")
        with pytest.raises(UnexpectedEvent, match="wizard asks AskName no more: Cancelled"):
            runner.resume_nowait(first.ask, "Ada")
    assert [news async for news in runner.results] == [
        ("w", first),
        ("w", Cancelled("closing time")),
    ]
    assert tidy.log == CLEANED


@HOSTED
@on_trio()
async def test_W2_cancel_without_waiting(hosted: bool) -> None:
    tidy = Tidy()
    async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
        await runner.run()
        runner.cancel_nowait("one")
        runner.cancel_nowait("two")
        assert runner.outcome is None
        assert await runner.run() == Cancelled("one")
        assert tidy.log == CLEANED


@HOSTED
@on_trio()
async def test_W2_cancel_from_another_task_tells_who_waits(hosted: bool) -> None:
    tidy = Tidy()
    heard: list[object] = []
    async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
        state = await runner.run()

        async def cancels(reason: str) -> None:
            heard.append(await runner.cancel(reason))
            assert tidy.log == CLEANED

        async def listens() -> None:
            heard.extend([state async for _, state in runner.results])

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listens)
            for reason in "ab":
                nursery.start_soon(cancels, reason)
        assert runner.outcome in (Cancelled("a"), Cancelled("b"))
    assert heard.count(runner.outcome) == 3
    assert heard.count(state) == 1


@HOSTED
@on_trio()
async def test_W2_a_caller_that_waits_learns_of_the_cancel(hosted: bool) -> None:
    got: list[object] = []
    async with open_coroutine(Tidy().slow, hosted=hosted) as runner:

        async def runs() -> None:
            state = await runner.run()
            got.append(state)
            got.append(await runner.resume(state.ask, "Ada"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(runs)
            await trio.sleep(15)
            nursery.start_soon(runner.cancel, "enough")
    assert got == [Suspended(AskName()), Cancelled("enough")]


@HOSTED
@on_trio()
async def test_W2_giving_up_a_wait_leaves_the_runner_as_it_was(hosted: bool) -> None:
    async with open_coroutine(Tidy().slow, tag="slow", hosted=hosted) as runner:
        began = trio.current_time()
        with pytest.raises(trio.TooSlowError), trio.fail_after(3):
            await runner.run()
        with pytest.raises(trio.TooSlowError), trio.fail_after(3):
            await runner.run()
        assert runner._asking._waiting == {}
        assert runner.state is None
        first = await runner.run()
        assert first == Suspended(AskName())
        with pytest.raises(trio.TooSlowError), trio.fail_after(5):
            await runner.resume(first.ask, "Ada")
        # The answer stands: it is given once.
        with pytest.raises(UnexpectedEvent):
            await runner.resume(first.ask, "Bob")
        assert await runner.run() == Completed("Ada")
        assert trio.current_time() - began == 20
        assert [news async for news in runner.results] == [
            ("slow", Suspended(AskName())),
            ("slow", Completed("Ada")),
        ]


@HOSTED
@on_trio()
async def test_W2_giving_up_the_results_loses_none(hosted: bool) -> None:
    async with open_coroutine(Tidy().slow, hosted=hosted) as runner:
        runner.run_nowait()
        with pytest.raises(trio.TooSlowError), trio.fail_after(3):
            await runner.results.receive()
        assert await runner.results.receive() == ("Tidy.slow", Suspended(AskName()))


@HOSTED
@on_trio()
async def test_W2_in_a_cancelled_scope_nothing_happens(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        with trio.CancelScope() as scope:
            scope.cancel()
            await runner.run()
        assert scope.cancelled_caught
        assert repr(runner) == "<wizard: wizard, new>"
        state = await runner.run()
        with trio.CancelScope() as scope:
            scope.cancel()
            await runner.resume(state.ask, "Ada")
        assert scope.cancelled_caught
        assert runner.state == state
        assert await runner.resume(state.ask, "Bob") == Suspended(AskEmail("Bob"))


@HOSTED
@on_trio()
async def test_W2_a_state_that_is_there_is_returned_although_a_cancel_came_too(
    hosted: bool,
) -> None:
    """Else it would be unknown whether the answer was taken."""

    async def cancels_its_caller() -> str:
        name = await AskName()
        scope.cancel()
        return await AskEmail(name)

    async with open_coroutine(cancels_its_caller, hosted=hosted) as runner:
        first = await runner.run()
        got: list[object] = []
        with trio.CancelScope() as scope:
            got.append(await runner.resume(first.ask, "Ada"))
        assert got == ([runner.state] if hosted else [])
        assert await runner.run() == Suspended(AskEmail("Ada"))


@HOSTED
@on_trio()
async def test_A6_an_answer_when_the_time_limit_has_passed_is_refused(hosted: bool) -> None:
    """Also when nobody has looked at the clock before."""

    async def insists() -> None:
        async with cleanup(5):
            await AskName()
        await AskEmail("too late")

    for resume in ("resume", "resume_nowait"):
        async with open_coroutine(insists, hosted=hosted) as runner:
            first = await runner.run()
            await trio.sleep(5)
            with pytest.raises(UnexpectedEvent, match="insists does not ask this AskName"):
                await getattr(runner, resume)(first.ask, "Ada")
            assert await runner.run() == Suspended(AskEmail("too late"))


@HOSTED
@on_trio()
async def test_W2_every_wait_is_a_checkpoint(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        with trio.testing.assert_checkpoints():
            state = await runner.run()
        with trio.testing.assert_checkpoints():
            await runner.run()
        with trio.testing.assert_checkpoints():
            await runner.resume(state.ask, "Ada")
        with trio.testing.assert_checkpoints():
            await runner.cancel()
        with trio.testing.assert_checkpoints():
            await runner.run()
        with trio.testing.assert_checkpoints():
            await runner.results.receive()
        with trio.testing.assert_checkpoints():
            await runner.results.aclose()


@HOSTED
@on_trio()
async def test_W2_giving_up_the_wait_for_the_end_does_not_undo_the_cancel(hosted: bool) -> None:
    tidy = Tidy()
    async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
        await runner.run()
        with trio.move_on_after(0.5):
            await runner.cancel("given up on")
        assert runner.outcome is None
        assert await runner.run() == Cancelled("given up on")
        assert tidy.log == CLEANED


@HOSTED
@on_trio()
async def test_W2_cancel_before_the_start_never_starts(hosted: bool) -> None:
    tidy = Tidy()
    async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
        assert await runner.cancel("changed my mind") == Cancelled("changed my mind")
        assert await runner.run() == Cancelled("changed my mind")
        with pytest.raises(UsageError, match="wizard has ended: Cancelled"):
            runner.run_nowait()
    assert [state async for _, state in runner.results] == [Cancelled("changed my mind")]
    assert tidy.log == []


@HOSTED
@on_trio()
async def test_W2_cancel_after_the_end_tells_how_it_ended(hosted: bool) -> None:
    async def returns() -> int:
        return 7

    async with open_coroutine(returns, hosted=hosted) as runner:
        assert await runner.run() == Completed(7)
        assert await runner.cancel("late") == Completed(7)
    assert [state async for _, state in runner.results] == [Completed(7)]


@HOSTED
@on_trio()
async def test_W2_what_it_ended_with_instead(hosted: bool) -> None:
    error = LookupError("in the cleanup")

    async def fails() -> None:
        try:
            await AskName()
        finally:
            raise error

    async def insists() -> str:
        try:
            return await AskName()
        except BaseException:
            return "all the same"

    for does, ended in ((fails, Errored(error)), (insists, Completed("all the same"))):
        async with open_coroutine(does, hosted=hosted) as runner:
            await runner.run()
            assert await runner.cancel() == ended
            assert runner.outcome == ended


@on_trio()
async def test_W2_a_spindle_may_cancel_itself() -> None:
    tidy = Tidy()

    async def cancels() -> None:
        try:
            await runner.cancel("from inside")
        finally:
            tidy.log.append("unwinds")

    async with open_coroutine(cancels) as runner:
        assert await runner.run() == Cancelled("from inside")
    assert tidy.log == ["unwinds"]


@HOSTED
@on_trio()
async def test_W2_leaving_the_block_cancels_and_waits(hosted: bool) -> None:
    tidy = Tidy()
    async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
        first = await runner.run()
    assert tidy.log == CLEANED
    assert runner.outcome == LEFT
    assert [state async for _, state in runner.results] == [first, LEFT]


@HOSTED
@on_trio()
async def test_W2_leaving_without_ever_having_started(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        pass
    assert runner.outcome == LEFT
    assert [state async for _, state in runner.results] == [LEFT]


@HOSTED
@on_trio()
async def test_W2_an_error_in_the_body_comes_out_as_it_is(hosted: bool) -> None:
    tidy = Tidy()
    error = ValueError("body")
    runners = []

    async def fails() -> None:
        async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
            runners.append(runner)
            await runner.run()
            raise error

    with pytest.raises(ValueError, match="body") as raised:
        await fails()
    assert raised.value is error
    assert tidy.log == CLEANED
    assert runners[0].outcome == Cancelled(
        "ValueError in the body of the runner", Origin.BODY_FAILED
    )


@HOSTED
@on_trio()
async def test_W2_the_program_around_is_cancelled(hosted: bool) -> None:
    tidy = Tidy()
    with trio.move_on_after(10) as scope:
        async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
            first = await runner.run()
            await runner.resume(first.ask, "Ada")
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert trio.current_time() == scope.deadline + 1, "its cleanup took a second"
    assert tidy.log == CLEANED
    assert runner.outcome == Cancelled(
        "the program around the runner was cancelled", Origin.HOST_CANCELLED
    )


@HOSTED
def test_W2_ctrl_c_in_the_program_ends_it_with_its_cleanup(hosted: bool) -> None:
    tidy = Tidy()

    async def main() -> None:
        async with open_coroutine(tidy.wizard, hosted=hosted) as runner:
            await runner.run()
            signal.raise_signal(signal.SIGINT)
            await trio.sleep_forever()

    with pytest.raises(KeyboardInterrupt):
        trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert tidy.log == CLEANED


@HOSTED
def test_W2_ctrl_c_in_the_spindle_leaves_the_block(hosted: bool) -> None:
    runners = []

    async def interrupts() -> None:
        await AskName()
        raise KeyboardInterrupt

    async def main() -> None:
        async with open_coroutine(interrupts, hosted=hosted) as runner:
            runners.append(runner)
            first = await runner.run()
            await runner.resume(first.ask, "Ada")
            await trio.sleep_forever()

    with pytest.raises(KeyboardInterrupt):
        trio.run(main)
    assert isinstance(runners[0].outcome, Errored)
