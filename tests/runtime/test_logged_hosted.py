"""Runners on trio that keep logs: what a log has of chance, and what happens again or does not."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    AsyncCoroutine,
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Log,
    Origin,
    OutcomeUnknown,
    Port,
    ReplayMismatch,
    Suspended,
    UsageError,
    Yield,
    fiber,
    now,
    once,
    open_coroutine,
    perform,
    random_float,
    read,
    resume_coroutine,
    scope,
    timeout,
    use,
    write,
)
from tests.runtime.followed import Lines


class Ask(Yield[str]):
    number: int = 0


class Slow(Port):
    @read
    async def look(self) -> str: ...
    @write
    async def change(self) -> str: ...
    @once
    async def pay(self) -> str: ...


class Never(Slow):
    """Counts, and does not come back before it is let go."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.go = trio.Event()

    async def _called(self, name: str) -> str:
        self.calls.append(name)
        await self.go.wait()
        return name

    async def look(self) -> str:
        return await self._called("look")

    async def change(self) -> str:
        return await self._called("change")

    async def pay(self) -> str:
        return await self._called("pay")


def again(log: Log) -> Log:
    """As another process has it."""
    return Log.load(log.dump())


async def impatient() -> str:
    slow = await use(Slow)
    for call in (slow.look, slow.pay):
        try:
            async with timeout(1):
                await call()
        except TimeoutError:
            await Ask(1)
        except OutcomeUnknown:
            await Ask(2)
    return "over"


async def draws() -> None:
    await Ask(int(await random_float() * 1000))


async def test_W6_chance_is_the_same_behind_a_tool_that_reads_numbers_as_doubles() -> None:
    log = Log(json=True)
    async with open_coroutine(draws, log=log) as runner:
        state = await runner.run()
        parsed = json.loads(log.dump(), parse_int=lambda text: int(float(text)))
    async with resume_coroutine(draws, Log.load(json.dumps(parsed))) as runner:
        assert runner.state == state


async def test_W6_a_call_that_was_cut_is_cut_again(autojump_clock: MockClock) -> None:
    log, slow = Log(), Never()
    async with open_coroutine(impatient, provide={Slow: slow}, log=log) as runner:
        state = await runner.run()
        assert state == Suspended(Ask(1))
        first = again(log)
        assert isinstance(state, Suspended)
        ask = state.ask
        assert isinstance(ask, Ask)
        assert await runner.resume(ask, "go") == Suspended(Ask(2))
        second = again(log)
    assert "Slow.look was cut" in str(first)
    assert "Slow.pay was cut" in str(second)
    twin = Never()
    for saved, asked in ((first, 1), (second, 2)):
        async with resume_coroutine(impatient, saved, provide={Slow: twin}) as runner:
            assert runner.state == Suspended(Ask(asked))
    assert twin.calls == []


async def test_W6_a_call_whose_cut_has_no_end_yet_is_cut(autojump_clock: MockClock) -> None:
    log = Log()
    async with open_coroutine(impatient, provide={Slow: Never()}, log=log) as runner:
        await runner.run()
    cut = next(i for i, each in enumerate(log.frames) if "cut=True" in repr(each.input))
    saved, twin = again(log), Never()
    del saved.frames[cut:]
    async with resume_coroutine(impatient, saved, provide={Slow: twin}) as runner:
        assert await runner.run() == Suspended(Ask(1))
    assert twin.calls == []


async def in_doubt() -> list[str]:
    slow = await use(Slow)
    said: list[str] = []

    async def call(name: str) -> None:
        try:
            said.append(await getattr(slow, name)())
        except OutcomeUnknown:
            said.append("unknown")

    async with scope():
        for name in ("look", "change", "pay"):
            await fiber(call, name)
    return said


async def test_W6_calls_in_doubt_are_made_again_in_their_order(autojump_clock: MockClock) -> None:
    log = Log()
    async with open_coroutine(in_doubt, provide={Slow: Never()}, log=log) as runner:
        runner.run_nowait()
        await wait_all_tasks_blocked()
        saved = again(log)
    twin = Never()
    async with resume_coroutine(in_doubt, saved, provide={Slow: twin}) as runner:
        await wait_all_tasks_blocked()
        twin.go.set()
        state = await runner.run()
        assert isinstance(state, Completed)
        assert sorted(state.value) == ["change", "look", "unknown"]
    assert sorted(twin.calls) == ["change", "look"]


async def calls_off() -> str:
    async def waits() -> None:
        await Ask(1)

    handle = await fiber(waits)
    await Ask(2)
    handle.cancel_nowait("enough")
    await Ask(3)
    return "over"


@pytest.mark.parametrize("lost", [0, 1])
async def test_W6_what_a_spindle_has_called_off_is_called_off(lost: int) -> None:
    log = Log()
    async with open_coroutine(calls_off, log=log) as runner:
        runner.run_nowait()
        two = next(each.ask for each in runner._asking._questions if each.ask == Ask(2))
        assert isinstance(two, Ask)
        await runner.resume(two, "go")
        saved = again(log)
    assert "a fiber of the first spindle is cancelled: enough" in str(saved)
    del saved.frames[len(saved.frames) - lost :]
    async with resume_coroutine(calls_off, saved) as runner:
        assert runner.state == Suspended(Ask(3))
        assert len(list(runner._asking._questions)) == 1


async def spins(times: int) -> str:
    async def asks() -> str:
        return await Ask(1)

    handle = await fiber(asks)
    said = [await now() for _ in range(times)]
    word = await handle.result()
    return f"{word} {len(said)}"


async def test_W6_an_answer_that_came_in_the_middle_of_a_long_turn_comes_there_again() -> None:
    log = Log()
    async with open_coroutine(spins, 20_000, log=log) as runner:
        runner.run_nowait()
        while runner.state is None:
            await trio.lowlevel.checkpoint()
        state = runner.state
        assert isinstance(state, Suspended)
        ask = state.ask
        assert isinstance(ask, Ask)
        runner.resume_nowait(ask, "early")
        assert await runner.run() == Completed("early 20000")
    assert any(each.early for each in log.frames)
    with pytest.raises(UsageError, match="take it up there, with resume_coroutine"):
        Coroutine.resume(spins, again(log))
    async with resume_coroutine(spins, again(log)) as runner:
        assert runner.outcome == Completed("early 20000")
        assert [each async for each in runner.results] == [("spins", Completed("early 20000"))]


async def test_W6_logs_go_from_hand_to_trio_and_back() -> None:
    async def talk() -> str:
        return f"{await Ask(1)} {await Ask(2)} {await Ask(3)}"

    log = Log()
    by_hand = Coroutine(talk, log=log)
    by_hand.run()
    by_hand.run("a")
    saved = again(log)
    async with resume_coroutine(talk, saved) as runner:
        state = runner.state
        assert state == Suspended(Ask(2))
        assert isinstance(state, Suspended)
        ask = state.ask
        assert isinstance(ask, Ask)
        await runner.resume(ask, "b")
        saved = again(saved)
    assert Coroutine.resume(talk, saved).run("c") == Completed("a b c")


async def test_W6_one_that_was_cancelled_or_not_begun_is_so_again() -> None:
    log = Log()
    async with open_coroutine(calls_off, log=log) as runner:
        begun = again(log)
        runner.run_nowait()
        await runner.cancel("enough")
    async with resume_coroutine(calls_off, again(log)) as runner:
        assert runner.outcome == Cancelled("enough")
    follower = Lines()
    async with resume_coroutine(calls_off, begun, tracer=follower) as runner:
        assert runner.state is None
        assert [each.rpartition(" of ")[2] for each in follower.lines] == ["calls_off"]
        runner.run_nowait()
        assert runner.state == Suspended(Ask(2))


async def test_D3_another_code_is_refused_where_the_block_begins() -> None:
    async def other() -> str:
        return await Ask(7)

    async def another() -> str:
        return "at once"

    log = Log()
    async with open_coroutine(other, log=log) as runner:
        runner.run_nowait()
        saved = again(log)
    before = saved.dump()
    with pytest.raises(ReplayMismatch, match="it ends here now"):
        async with resume_coroutine(another, saved):
            raise AssertionError
    assert saved.dump() == before
    with pytest.raises(UsageError, match="this log is empty"):
        resume_coroutine(another, Log())
    with pytest.raises(UsageError, match="has a conversation"):
        open_coroutine(another, log=saved)


async def asks_twice() -> str:
    return f"{await Ask(1)} {await Ask(2)}"


async def answered(runner: AsyncCoroutine[str], answer: str) -> object:
    state = await runner.run()
    assert isinstance(state, Suspended)
    ask = state.ask
    assert isinstance(ask, Ask)
    return await runner.resume(ask, answer)


async def test_W6_a_log_has_one_runner_at_a_time() -> None:
    log = Log()
    late = open_coroutine(asks_twice, log=log)
    early = resume_coroutine(asks_twice, log)
    async with late as runner:
        await answered(runner, "a")
        saved = log.dump()
        with pytest.raises(UsageError, match="being written: its conversation with asks_twice go"):
            resume_coroutine(asks_twice, log)
        with pytest.raises(UsageError, match="goes on"):
            Coroutine.resume(asks_twice, log)
        with pytest.raises(UsageError, match=r"a log of its own, Log\.load\(log\.dump\(\)\)"):
            async with early:
                raise AssertionError
        assert log.dump() == saved
        assert await answered(runner, "b") == Completed("a b")
        for _ in range(2):
            async with resume_coroutine(asks_twice, log) as ended:
                assert ended.outcome == Completed("a b")
    assert Coroutine.resume(asks_twice, log).state == Completed("a b")
    assert Coroutine.resume(asks_twice, again(log)).state == Completed("a b")


async def test_W6_a_runner_whose_block_was_left_or_refused_leaves_its_log() -> None:
    async def another() -> str:
        return "at once"

    log = Log()
    by_hand = Coroutine(asks_twice, log=log)
    by_hand.run()
    with pytest.raises(ReplayMismatch):
        async with resume_coroutine(another, log):
            raise AssertionError
    by_hand.run("a")
    async with resume_coroutine(asks_twice, log) as runner:
        assert runner.state == Suspended(Ask(2))
        with pytest.raises(UsageError, match="was taken up anew from its log"):
            by_hand.run("b")
    async with resume_coroutine(asks_twice, log) as runner:
        assert runner.outcome == Cancelled("the runner was left", Origin.BODY_LEFT)


@pytest.mark.parametrize("given", [b"spindle log", "{}", 3])
def test_W6_something_else_than_a_log(given: Any) -> None:
    with pytest.raises(UsageError, match=r"resume_coroutine\(\) takes a Log, not "):
        resume_coroutine(asks_twice, given)
    with pytest.raises(UsageError, match=r"open_coroutine\(log=\) takes a Log, not .*Log\.load\(d"):
        open_coroutine(asks_twice, log=given)


async def test_W6_an_answer_that_cannot_be_kept_is_refused_at_once() -> None:
    class Odd(Yield[object]): ...

    async def asks() -> object:
        return await Odd()

    async with open_coroutine(asks, log=Log()) as runner:
        state = await runner.run()
        assert isinstance(state, Suspended)
        ask = state.ask
        assert isinstance(ask, Odd)
        with pytest.raises(UsageError, match="cannot be kept in the log"):
            await runner.resume(ask, object())
        assert runner.state == state


async def test_W6_what_a_call_raises_that_is_no_exception_is_told() -> None:
    async def leaves() -> None:
        raise SystemExit(3)

    async def calls() -> None:
        await perform(leaves)

    log = Log()
    async with open_coroutine(calls, log=log) as runner:
        state = await runner.run()
    assert isinstance(state, Errored)
    assert "SystemExit(3)" in str(state.error)
    async with resume_coroutine(calls, again(log)) as runner:
        assert str(runner.outcome) == str(state)


def test_W6_a_log_ends_where_it_was_interrupted_from_the_keyboard() -> None:
    async def asks() -> None:
        await Ask(1)
        raise KeyboardInterrupt

    log = Log()

    async def main() -> None:
        async with open_coroutine(asks, log=log) as runner:
            state = await runner.run()
            assert isinstance(state, Suspended)
            ask = state.ask
            assert isinstance(ask, Ask)
            await runner.resume(ask, "go")

    with suppress(KeyboardInterrupt):
        trio.run(main)
    assert "interrupted from the keyboard" in log.fault
    assert Coroutine.resume(asks, again(log)).state == Suspended(Ask(1))
