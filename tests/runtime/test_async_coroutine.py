"""One spindle without a page: started, answered and heard from any trio program."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Notified,
    Suspended,
    UnexpectedEvent,
    Yield,
    open_coroutine,
    unique_id,
    use,
)
from spindle.testing import Recording
from tests.drivers import HOSTED, on_trio, run_on_trio
from tests.talk import Clerk, Desk, Echo, ask_twice
from tests.typing.wizard import AskEmail, AskName, User, wizard

ADA = User("Ada", "ada@example.org")


class Count(Yield[int]):
    number: int


async def count(to: int) -> str:
    """Ask 0, 1, 2, ... and demand that each answer is for its question."""
    for number in range(to):
        assert await Count(number) == number
    return "counted"


@HOSTED
@on_trio()
async def test_W1_started_and_resumed_with_waiting(hosted: bool) -> None:
    async with open_coroutine(wizard, tag="wizard", hosted=hosted) as runner:
        first = await runner.run()
        assert first == Suspended(AskName())
        second = await runner.resume(first.ask, "Ada")
        assert second == Suspended(AskEmail("Ada"))
        assert await runner.resume(second.ask, "ada@example.org") == Completed(ADA)
        assert runner.outcome == Completed(ADA)
        assert [news async for news in runner.results] == [
            ("wizard", Suspended(AskName())),
            ("wizard", Suspended(AskEmail("Ada"))),
            ("wizard", Completed(ADA)),
        ]
    assert runner.outcome == runner.state == Completed(ADA)


@HOSTED
@on_trio()
async def test_W1_started_and_resumed_without_waiting(hosted: bool) -> None:
    heard = []
    async with open_coroutine(wizard, tag="w", hosted=hosted) as runner:
        runner.run_nowait()
        async for tag, state in runner.results:
            heard.append((tag, state))
            assert runner.state == state
            match state:
                case Suspended(AskName() as ask):
                    runner.resume_nowait(ask, "Ada")
                case Suspended(AskEmail() as ask):
                    runner.resume_nowait(ask, "ada@example.org")
                case _:
                    pass
    assert heard == [
        ("w", Suspended(AskName())),
        ("w", Suspended(AskEmail("Ada"))),
        ("w", Completed(ADA)),
    ]


@HOSTED
@on_trio()
async def test_W1_waiting_for_what_was_begun_without(hosted: bool) -> None:
    async with open_coroutine(wizard, hosted=hosted) as runner:
        assert runner.state is None
        runner.run_nowait()
        first = await runner.run()
        assert first == Suspended(AskName())
        # It asks already: nothing to wait for.
        assert await runner.run() == first
        runner.resume_nowait(first.ask, "Ada")
        second = await runner.run()
        assert second == runner.state == Suspended(AskEmail("Ada"))
        assert runner.outcome is None
        runner.resume_nowait(second.ask, "ada@example.org")
        assert await runner.run() == Completed(ADA)
        assert await runner.run() == Completed(ADA)


@HOSTED
def test_W1_the_same_conversation_as_by_hand(hosted: bool) -> None:
    by_hand, on_its_own = Recording(), Recording()
    fiber = Coroutine(wizard, journal=by_hand)
    fiber.run()
    fiber.run("Ada")
    assert fiber.run("ada@example.org") == Completed(ADA)

    async def main() -> None:
        on_its_own.entries.clear()
        async with open_coroutine(wizard, journal=on_its_own, hosted=hosted) as runner:
            first = await runner.run()
            second = await runner.resume(first.ask, "Ada")
            await runner.resume(second.ask, "ada@example.org")

    for seed in range(5):
        run_on_trio(main, seed)
        # Leaving the block cancels what is there, which is nothing any more.
        assert str(on_its_own).startswith(str(by_hand))


@HOSTED
@on_trio()
async def test_W1_each_caller_gets_the_state_that_follows_its_own_answer(hosted: bool) -> None:
    many = 20
    got: dict[int, object] = {}
    async with open_coroutine(count, many, hosted=hosted) as runner, trio.open_nursery() as nursery:

        async def caller(ask: Count) -> None:
            got[ask.number] = await runner.resume(ask, ask.number)

        runner.run_nowait()
        async for _, state in runner.results:
            if isinstance(state, Suspended):
                nursery.start_soon(caller, state.ask)
    states = [Suspended(Count(number)) for number in range(many)] + [Completed("counted")]
    assert got == {number: states[number + 1] for number in range(many)}


@HOSTED
@on_trio()
async def test_W1_a_caller_that_is_late_gets_its_own_state_all_the_same(hosted: bool) -> None:
    """The spindle is two questions further before the caller's task has run."""
    got: list[object] = []
    async with open_coroutine(count, 3, hosted=hosted) as runner:
        first = await runner.run()

        async def caller() -> None:
            got.append(await runner.resume(first.ask, 0))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(caller)
            assert (await runner.results.receive())[1] == first
            _, second = await runner.results.receive()
            runner.resume_nowait(second.ask, 1)
            await trio.testing.wait_all_tasks_blocked()
            assert runner.state == Suspended(Count(2))
    assert got == [second] == [Suspended(Count(1))]


@HOSTED
@on_trio()
async def test_W1_of_two_callers_with_one_question_one_is_refused(hosted: bool) -> None:
    got: list[object] = []
    async with open_coroutine(count, 2, hosted=hosted) as runner:
        first = await runner.run()

        async def caller() -> None:
            try:
                got.append(await runner.resume(first.ask, 0))
            except UnexpectedEvent:
                got.append("refused")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(caller)
            nursery.start_soon(caller)
        assert runner.state == Suspended(Count(1))
    assert sorted(got, key=str) == [Suspended(Count(1)), "refused"]


@HOSTED
@on_trio()
async def test_W1_a_message_that_is_asked_twice_is_two_questions(hosted: bool) -> None:
    the_one = AskName()

    async def asks_twice() -> tuple[str, str]:
        return await the_one, await the_one

    async with open_coroutine(asks_twice, hosted=hosted) as runner:
        first = await runner.run()
        second = await runner.resume(first.ask, "a")
        assert first == second == Suspended(the_one)
        with pytest.raises(UnexpectedEvent, match="does not ask this AskName"):
            runner.resume_nowait(first.ask, "double click")
        assert await runner.resume(second.ask, "b") == Completed(("a", "b"))


@HOSTED
@on_trio()
async def test_W1_spindles_of_a_contract_run_as_well(hosted: bool) -> None:
    async with open_coroutine(ask_twice, hosted=hosted) as runner:
        first = await runner.run()
        second = await runner.resume(first.ask, Desk.Told("a"))
        assert await runner.resume(second.ask, Desk.Told("b")) == Completed(("a", "b"))
        assert {tag for tag, _ in [news async for news in runner.results]} == {"ask_twice"}


@HOSTED
@on_trio()
async def test_W1_ports_arguments_and_names(hosted: bool) -> None:
    async def calls(what: str) -> str:
        await AskName()
        return await (await use(Clerk)).look(what)

    given = open_coroutine(calls, "tea", tag="t", provide={Clerk: Echo()}, hosted=hosted)
    async with given as runner:
        assert runner.tag == "t"
        assert repr(runner) == "<t: calls, new>"
        state = await runner.run()
        assert repr(runner) == "<t: calls, waiting>"
        assert await runner.resume(state.ask, "Ada") == Completed("seen tea")
        assert repr(runner) == "<t: calls, done>"


@HOSTED
@on_trio()
async def test_W1_chance_is_not_the_same_for_all(hosted: bool) -> None:
    async def draws() -> str:
        return str(await unique_id())

    drawn: set[object] = set()
    for _ in range(3):
        async with open_coroutine(draws, hosted=hosted) as runner:
            drawn.add(repr(await runner.run()))
    assert len(drawn) == 3


@HOSTED
@on_trio()
async def test_W1_what_it_raises_is_its_state(hosted: bool) -> None:
    error = LookupError("gone")

    async def fails() -> None:
        await AskName()
        raise error

    async with open_coroutine(fails, hosted=hosted) as runner:
        state = await runner.run()
        assert await runner.resume(state.ask, "Ada") == Errored(error)
        assert [state async for _, state in runner.results] == [state, Errored(error)]


@HOSTED
@on_trio()
async def test_W1_news_come_with_the_states_in_program_order(hosted: bool) -> None:
    async def tells() -> str:
        await Desk.Said("one")
        word = (await Desk.Ask()).word
        await Desk.Said("two")
        return word

    async with open_coroutine(tells, hosted=hosted) as runner:
        state = await runner.run()
        assert state == Suspended(Desk.Ask()), "a wait is for a state, not for news"
        assert await runner.resume(state.ask, Desk.Told("hi")) == Completed("hi")
        assert [said async for _, said in runner.results] == [
            Notified(Desk.Said("one")),
            Suspended(Desk.Ask()),
            Notified(Desk.Said("two")),
            Completed("hi"),
        ]


@pytest.mark.bulk
@HOSTED
@on_trio(1)
async def test_W1_a_long_conversation_costs_no_memory_and_no_stack(hosted: bool) -> None:
    async with open_coroutine(count, 5000, hosted=hosted) as runner:
        state = await runner.run()
        while isinstance(state, Suspended):
            state = await runner.resume(state.ask, state.ask.number)
        assert state == Completed("counted")
        assert runner._asking._questions._by_source == {}
        assert runner._asking._questions._by_ask == {}
        assert runner._asking._waiting == {}


@pytest.mark.bulk
@HOSTED
@on_trio()
async def test_W1_many_runners_side_by_side(hosted: bool) -> None:
    ended: list[object] = []

    async def converse(number: int) -> None:
        async with open_coroutine(count, number, tag=str(number), hosted=hosted) as runner:
            runner.run_nowait()
            async for tag, state in runner.results:
                assert tag == str(number)
                if isinstance(state, Suspended):
                    runner.resume_nowait(state.ask, state.ask.number)
                else:
                    ended.append(state)

    before = trio.lowlevel.current_statistics().tasks_living
    async with trio.open_nursery() as nursery:
        for number in range(30):
            nursery.start_soon(converse, number)
    assert ended == [Completed("counted")] * 30
    assert trio.lowlevel.current_statistics().tasks_living == before


@HOSTED
@on_trio()
async def test_W1_a_runner_in_a_runner(hosted: bool) -> None:
    async def outer() -> str:
        name = await AskName()
        async with open_coroutine(wizard, hosted=hosted) as inner:
            first = await inner.run()
            second = await inner.resume(first.ask, name)
            email = await second.ask
            state = await inner.resume(second.ask, email)
        assert isinstance(state, Completed)
        return state.value.email

    async with open_coroutine(outer) as runner:
        first = await runner.run()
        second = await runner.resume(first.ask, "Ada")
        assert second == Suspended(AskEmail("Ada"))
        assert await runner.resume(second.ask, "a@b") == Completed("a@b")


@HOSTED
@on_trio()
async def test_W1_states_follow_one_another_without_a_gap(hosted: bool) -> None:
    async with open_coroutine(count, 50, hosted=hosted) as runner, trio.open_nursery() as nursery:

        async def answers() -> None:
            state = await runner.run()
            while isinstance(state, Suspended):
                state = await runner.resume(state.ask, state.ask.number)

        nursery.start_soon(answers)
        states = [state async for _, state in runner.results]
    assert states[-1] == Completed("counted")
    for before, after in pairwise(states[:-1]):
        assert after.ask.number == before.ask.number + 1
    assert Cancelled not in map(type, states)
