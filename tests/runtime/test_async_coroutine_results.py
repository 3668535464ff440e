"""The results of a coroutine without a page: in order, bounded, and nobody has to read them."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Completed,
    Notified,
    Notify,
    Suspended,
    UnexpectedEvent,
    Withdrawn,
    open_coroutine,
)
from spindle._runtime import outbox
from spindle._runtime.outbox import HIGH_WATER
from tests.drivers import HOSTED, on_trio
from tests.typing.wizard import AskEmail, AskName, wizard


class Told(Notify):
    word: str


async def tell(number: int) -> str:
    """Ask for a name, tell much, and return the name."""
    name = await AskName()
    for each in range(number):
        await Told(str(each))
    return name


def said(number: int) -> Notified:
    return Notified(Told(str(number)))


@pytest.fixture
def two_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A runner pauses when two messages lie unread."""
    monkeypatch.setattr(outbox, "HIGH_WATER", 2)


@HOSTED
@on_trio()
async def test_results_are_a_receive_channel(hosted: bool) -> None:
    async with open_coroutine(wizard, tag="w", hosted=hosted) as runner:
        assert isinstance(runner.results, trio.abc.ReceiveChannel)
        with pytest.raises(trio.WouldBlock):
            runner.results.receive_nowait()
        first = await runner.run()
        assert runner.results.unread == 1
        assert runner.results.receive_nowait() == ("w", first)
        await runner.cancel()
        assert await runner.results.receive() == ("w", Cancelled(""))
        with pytest.raises(trio.EndOfChannel):
            runner.results.receive_nowait()
        with pytest.raises(trio.EndOfChannel):
            await runner.results.receive()


@HOSTED
@on_trio()
async def test_results_end_with_the_spindle_not_with_the_block(hosted: bool) -> None:
    async with open_coroutine(tell, 2, hosted=hosted) as runner:
        first = await runner.run()
        runner.resume_nowait(first.ask, "Ada")
        assert [state async for _, state in runner.results] == [
            first,
            said(0),
            said(1),
            Completed("Ada"),
        ]


@pytest.mark.bulk
@HOSTED
@on_trio()
async def test_results_that_nobody_reads_stop_nobody_and_are_bounded(hosted: bool) -> None:
    many = 3 * HIGH_WATER
    async with open_coroutine(tell, many, hosted=hosted) as runner:
        first = await runner.run()
        assert await runner.resume(first.ask, "Ada") == Completed("Ada")
        assert runner.results.unread == HIGH_WATER
        assert runner.results.dropped == many + 2 - HIGH_WATER
        # The newest are there, and the outcome is one of them.
        newest = [state async for _, state in runner.results]
        assert newest == [said(each) for each in range(many - HIGH_WATER + 1, many)] + [
            Completed("Ada")
        ]


@pytest.mark.bulk
@HOSTED
@on_trio()
async def test_results_of_a_slow_reader_pause_the_runner_and_lose_nothing(hosted: bool) -> None:
    many = 3 * HIGH_WATER
    async with open_coroutine(tell, many, hosted=hosted) as runner:
        first = await runner.run()
        heard = [(await runner.results.receive())[1]]
        runner.resume_nowait(first.ask, "Ada")
        await trio.testing.wait_all_tasks_blocked()
        assert runner.results.unread == HIGH_WATER
        assert runner.state is None
        with pytest.raises(trio.TooSlowError), trio.fail_after(10):
            await runner.run()
        async for _, state in runner.results:
            heard.append(state)
            assert runner.results.unread <= HIGH_WATER
        assert heard == [first, *map(said, range(many)), Completed("Ada")]
        assert runner.results.dropped == 0


@pytest.mark.bulk
@HOSTED
@on_trio()
async def test_results_are_not_dropped_before_a_reader_that_waits(hosted: bool) -> None:
    many = 3 * HIGH_WATER
    heard: list[object] = []
    async with open_coroutine(tell, many, hosted=hosted) as runner, trio.open_nursery() as nursery:

        async def reads() -> None:
            heard.extend([state async for _, state in runner.results])

        nursery.start_soon(reads)
        await trio.testing.wait_all_tasks_blocked()
        first = await runner.run()
        runner.resume_nowait(first.ask, "Ada")
    assert heard == [first, *map(said, range(many)), Completed("Ada")]
    assert runner.results.dropped == 0


@HOSTED
@on_trio()
async def test_results_are_not_dropped_before_a_reader_that_has_waited(
    hosted: bool, two_unread: None
) -> None:
    async def tells() -> None:
        for each in range(5):
            await Told(str(each))

    async with open_coroutine(tells, hosted=hosted) as runner:
        with trio.move_on_after(1):
            await runner.results.receive()
        runner.run_nowait()
        await trio.testing.wait_all_tasks_blocked()
        assert [state async for _, state in runner.results] == [
            *map(said, range(5)),
            Completed(None),
        ]


@HOSTED
@on_trio()
async def test_results_that_are_closed_stop_nobody(hosted: bool) -> None:
    async with open_coroutine(tell, 3 * HIGH_WATER, hosted=hosted) as runner:
        first = await runner.run()
        await runner.results.receive()
        runner.resume_nowait(first.ask, "Ada")
        await trio.testing.wait_all_tasks_blocked()
        assert runner.outcome is None, "it pauses"
        runner.results.close()
        assert await runner.run() == Completed("Ada")
        with pytest.raises(trio.ClosedResourceError):
            await runner.results.receive()


@HOSTED
@on_trio()
async def test_results_that_were_not_read_do_not_keep_the_block(hosted: bool) -> None:
    async with open_coroutine(tell, 3 * HIGH_WATER, hosted=hosted) as runner:
        first = await runner.run()
        await runner.results.receive()
        runner.resume_nowait(first.ask, "Ada")
    assert isinstance(runner.outcome, Cancelled)
    assert [state async for _, state in runner.results][-1] == runner.outcome


@HOSTED
@on_trio()
async def test_results_are_shared_by_readers_each_state_once(hosted: bool) -> None:
    heard: list[object] = []
    async with open_coroutine(tell, 50, hosted=hosted) as runner, trio.open_nursery() as nursery:

        async def reads() -> None:
            async for _, state in runner.results:
                heard.append(state)
                await trio.lowlevel.checkpoint()

        nursery.start_soon(reads)
        nursery.start_soon(reads)
        first = await runner.run()
        await runner.resume(first.ask, "Ada")
    assert len(heard) == 52
    assert {repr(state) for state in heard} == {
        repr(state) for state in [first, *map(said, range(50)), Completed("Ada")]
    }


async def greet() -> str:
    """Say something and ask, which makes two messages; give up after ten seconds."""
    await Told("0")
    with trio.move_on_after(10):
        return await AskName()
    return await AskEmail("too late")


async def paused(runner) -> Suspended:
    with pytest.raises(trio.WouldBlock):
        runner.results.receive_nowait()  # there is a reader, if a slow one
    return await runner.run()


@on_trio()
async def test_an_answer_to_a_paused_runner_waits_its_turn(two_unread: None) -> None:
    async with open_coroutine(greet) as runner:
        state = await paused(runner)
        runner.resume_nowait(state.ask, "Ada")
        await trio.testing.wait_all_tasks_blocked()
        assert runner.outcome is None
        assert runner.state is None, "it has its answer, and asks no more"
        with pytest.raises(UnexpectedEvent, match="Now greet asks nothing"):
            runner.resume_nowait(state.ask, "Bob")
        assert [state async for _, state in runner.results] == [said(0), state, Completed("Ada")]


@on_trio()
async def test_a_caller_of_a_paused_runner_waits_with_it(two_unread: None) -> None:
    got: list[object] = []
    async with open_coroutine(greet) as runner, trio.open_nursery() as nursery:
        state = await paused(runner)

        async def answers() -> None:
            got.append(await runner.resume(state.ask, "Ada"))

        async def runs() -> None:
            got.append(await runner.run())

        nursery.start_soon(answers)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(runs)
        await trio.testing.wait_all_tasks_blocked()
        assert got == []
        runner.results.close()
    assert got == [Completed("Ada")] * 2


@on_trio()
async def test_an_answer_that_waits_while_its_question_is_withdrawn(two_unread: None) -> None:
    """Who waits is told; for who does not, the results tell."""
    async with open_coroutine(greet) as runner:
        state = await paused(runner)

        async def answers() -> None:
            with pytest.raises(UnexpectedEvent, match="does not ask this AskName"):
                await runner.resume(state.ask, "Ada")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(answers)
            await trio.sleep(11)
            assert await runner.results.receive() == ("greet", said(0))
            assert await runner.results.receive() == ("greet", state)
            assert await runner.results.receive() == ("greet", Withdrawn(state.ask))
            assert await runner.results.receive() == ("greet", Suspended(AskEmail("too late")))


@pytest.mark.parametrize("waits", [True, False])
@on_trio()
async def test_an_answer_that_a_cancel_overtakes(two_unread: None, waits: bool) -> None:
    async with open_coroutine(greet) as runner:
        state = await paused(runner)

        async def answers() -> None:
            with pytest.raises(UnexpectedEvent, match="greet asks AskName no more: Cancelled"):
                await runner.resume(state.ask, "Ada")

        async with trio.open_nursery() as nursery:
            if waits:
                nursery.start_soon(answers)
                await trio.testing.wait_all_tasks_blocked()
            else:
                runner.resume_nowait(state.ask, "Ada")
            assert await runner.cancel("enough") == Cancelled("enough")
        assert [state async for _, state in runner.results] == [said(0), state, runner.outcome]
