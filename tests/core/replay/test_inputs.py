"""What else may come in, and logs whose inputs find nobody: changed by hand, or code that was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spindle import (
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Event,
    Handle,
    Log,
    Origin,
    Port,
    ReplayMismatch,
    Spindle,
    StillRunning,
    Suspended,
    UsageError,
    Yield,
    cleanup,
    fiber,
    fork,
    mark,
    perform,
    random_float,
    sleep,
    use,
    write,
)
from spindle._core.kernel import hand
from tests.core.replay.by_hand import changed_by_hand
from tests.core.replay.signup import Directory, Signup, Users, signup
from tests.core.replay.talkative import Main, Side


class Guard(Port):
    @write
    async def stop(self, name: str) -> str: ...


class Stops(Guard):
    """Cancels what it holds while it is called."""

    def __init__(self) -> None:
        self.held: list[Handle[Any]] = []
        self.calls = 0

    async def stop(self, name: str) -> str:
        self.calls += 1
        for each in self.held:
            each.cancel_nowait(f"stopped by {name}")
        return name


async def asks_for_ever() -> None:
    while True:
        await Main.Ask(1)


def test_what_a_port_cancels_is_cancelled_again_without_it() -> None:
    async def is_guarded() -> str:
        guard.held.append(await fiber(asks_for_ever))
        guard.held.append(await fiber(asks_for_ever))
        await sleep(1)
        came = await (await use(Guard)).stop("somebody")
        await Main.Ask(2)
        return came

    guard, log = Stops(), Log(json=True)
    whole = Coroutine(is_guarded, provide={Guard: guard}, log=log)
    whole.run()
    assert whole.advance(1) == Suspended(Main.Ask(2))
    guard.held[0].cancel_nowait("over long ago")
    guard.held.clear()
    again = Coroutine.resume(is_guarded, Log.load(log.dump()), provide={Guard: guard})
    assert again.pending() == whole.pending()
    assert again.run(Main.Count(1)) == Completed("somebody")
    assert guard.calls == 1
    assert [each.outcome for each in guard.held] == [
        Cancelled("stopped by somebody", Origin.HANDLE)
    ] * 2


def test_what_is_cancelled_from_outside_is_kept() -> None:
    held: list[Handle[Any]] = []

    async def waits() -> str:
        held.append(await fork(Side, asks_aside))
        return (await Main.Ask(1)).word

    async def asks_aside() -> None:
        await fiber(sleeps)
        await Side.Wait()

    async def sleeps() -> None:
        await sleep(100)

    log = Log()
    whole = Coroutine(waits, log=log)
    whole.run()
    held[0].cancel_nowait("enough")
    again = Coroutine.resume(waits, Log.load(log.dump()))
    assert again.pending() == whole.pending()
    assert held[1].outcome == Cancelled("enough", Origin.HANDLE)
    assert again.run(Main.Said("x")) == Completed("x")


def test_one_that_goes_on_for_ever_is_told_of_when_it_is_run() -> None:
    async def goes_on() -> None:
        while True:
            await random_float()

    log = Log()
    coroutine = Coroutine(goes_on, log=log)
    with pytest.raises(StillRunning):
        coroutine.run()
    again = Coroutine.resume(goes_on, log)
    with pytest.raises(StillRunning):
        assert again.state


def test_one_that_calls_for_ever_is_cut_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "STRETCH", 20)

    async def nothing() -> None:
        pass

    async def calls() -> None:
        while True:
            await perform(nothing)

    log = Log()
    coroutine = Coroutine(calls, log=log)
    with pytest.raises(StillRunning):
        coroutine.run()
    state = coroutine.cancel("enough")
    assert state == Cancelled("enough", Origin.REQUESTED)
    assert Coroutine.resume(calls, log).state == state


def test_one_that_was_cancelled_before_it_ran_is_so_again() -> None:
    log = Log()
    coroutine = Coroutine(signup, 1, log=log)
    coroutine.cancel("never mind")
    assert Coroutine.resume(signup, log).state == coroutine.state


def test_an_answer_of_a_derived_class_is_refused() -> None:
    class Nicknamed(Signup.NameGiven, frozen=True):
        pass

    coroutine = Coroutine(signup, 1, provide={Users: Directory()}, log=Log())
    coroutine.run()
    with pytest.raises(UsageError, match="a log keeps what is declared, and no class derived"):
        coroutine.run(Nicknamed("Bo"))
    assert coroutine.state == Suspended(Signup.AskName())


def test_arguments_that_cannot_be_written_are_told_apart_by_their_class() -> None:
    async def takes(value: object) -> int:
        return 1

    async def gives() -> int:
        return await perform(takes, object())

    async def gives_another() -> int:
        return await perform(takes, sleep)

    log = Log()
    assert Coroutine(gives, log=log).run() == Completed(1)
    assert Coroutine.resume(gives, log).state == Completed(1)
    with pytest.raises(ReplayMismatch, match="its arguments are others"):
        Coroutine.resume(gives_another, log)


def changed(old: bytes, new: bytes, times: int = -1) -> Log:
    """A conversation in which something stands that did not come there by itself."""
    log = Log(json=True)
    coroutine = Coroutine(signup, 3, provide={Users: Directory()}, log=log)
    coroutine.run()
    coroutine.run(Signup.NameGiven("Ada"))
    return changed_by_hand(log, old, new, times)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'["",null,[],false],1,"', b'["",null,[],false],7,"', "question 7 of Signup is not asked"),
        (b'"Signup.NameGiven"', b'"Signup.Other"', "AskName is not answered by Signup.Other"),
        (
            b'"end",["",null,[],false],"Users.is_free"',
            b'"end",["",null,[],false],"x"',
            "does not call x",
        ),
        (b'"answer",["",null,[],false]', b'"answer",["Gone",null,[],false]', "Gone is not there"),
        (
            b'"answer",["",null,[],false]',
            b'"answer",["","a",[3],false]',
            r"a fiber of the first spindle\['a'\]",
        ),
        (
            b'"answer",["",null,[],false]',
            b'"answer",["",null,[3,1],false]',
            "a fiber of the first spindle is",
        ),
        (
            b",false,null,false]",
            b',"no",null,false]',
            "of another type than is declared now: Expected `bool`",
        ),
        (
            b",false,null,false]",
            b',null,["builtins:int",[],{}],false]',
            "cannot be made anew: builtins:int is no exception",
        ),
        (
            b",false,null,false]",
            b',null,["gone:Odd",[],{}],false]',
            "cannot be made anew: there is no gone:Odd",
        ),
    ],
)
def test_D3_an_input_that_finds_nobody_is_told(old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(ReplayMismatch, match=says) as caught:
        Coroutine.resume(signup, changed(old, new), provide={Users: Directory()})
    assert "nothing was executed, and the log is unchanged" in str(caught.value)


def test_D3_arguments_that_the_function_does_not_take_any_more() -> None:
    async def takes_a_text(tries: str) -> str:
        return tries

    log = changed(b"{", b"{", 0)
    with pytest.raises(ReplayMismatch, match=r"signup was begun with arguments that .*takes_a"):
        Coroutine.resume(takes_a_text, log)


@pytest.mark.parametrize(
    ("first", "then", "cause"),
    [
        (("a", "b"), ("a",), "this was taken out"),
        (("a",), ("a", "b"), "this was added"),
        (("a", "b"), ("a", "c", "b"), "what is done now was added before it"),
    ],
)
def test_D3_what_is_done_more_or_less(
    first: tuple[str, ...], then: tuple[str, ...], cause: str
) -> None:
    def forking(names: tuple[str, ...]) -> Callable[[], Any]:
        async def forks() -> None:
            for name in names:
                await fork(Side, asks_for_ever_aside, instance=name)
            await sleep(1)

        return forks

    async def asks_for_ever_aside() -> None:
        await sleep(100)

    log = Log()
    Coroutine(forking(first), log=log).run()
    del log.frames[1:]
    with pytest.raises(ReplayMismatch, match=cause):
        Coroutine.resume(forking(then), log)


def test_one_that_waits_for_the_key_of_another_may_be_cancelled() -> None:
    held: list[Handle[Any]] = []

    async def tidies_up() -> None:
        try:
            await Side.Wait()
        finally:
            async with cleanup(10):
                await sleep(5)

    async def replaces() -> None:
        held.append(await fork(Side, tidies_up))
        await Main.Ask(1)
        held.append(await fork(Side, tidies_up, replace=True))
        await Main.Ask(2)

    log = Log()
    whole = Coroutine(replaces, log=log)
    whole.run()
    whole.run(Main.Count(1))
    held[1].cancel_nowait("not needed")
    whole.advance(6)
    held.clear()
    again = Coroutine.resume(replaces, Log.load(log.dump()))
    assert again.pending() == whole.pending()
    assert held[1].outcome == Cancelled("not needed", Origin.HANDLE)


async def asks_once_aside(turn: int) -> None:
    await Side.Wait()


async def forks_in_turns(turn: int) -> int:
    while True:
        await mark(turn)
        await (await fork(Side, asks_once_aside, turn)).result()
        await Main.Ask(turn)
        turn += 1


def test_questions_of_spindles_that_have_ended_are_counted_on() -> None:
    log = Log()
    coroutine = Coroutine(forks_in_turns, 0, log=log)
    coroutine.run()
    for turn in range(4):
        coroutine = Coroutine.resume(forks_in_turns, Log.load(log.dump()))
        log = Log.load(log.dump())
        coroutine = Coroutine.resume(forks_in_turns, log)
        coroutine.run(Side.Poked())
        coroutine.run(Main.Count(1))
        assert [source.yield_id for source, _ in coroutine.pending()] == [turn + 2]
        assert len(log.frames) == 1


def test_nothing_is_forgotten_of_blocks_that_nobody_finds_again() -> None:
    class Local(Spindle):
        class Poked(Event): ...

        class Ask(Yield[Poked]): ...

    async def asks_local() -> None:
        await Local.Ask()

    async def forks_local(turn: int) -> None:
        while True:
            await mark(turn)
            await (await fork(Local, asks_local)).result()
            turn += 1

    log = Log()
    coroutine = Coroutine(forks_local, 0, log=log)
    coroutine.run()
    lengths = list[int]()
    for _ in range(3):
        state = coroutine.run(Local.Poked())
        assert not isinstance(state, Errored)
        lengths.append(len(log.frames))
    assert lengths == [2, 3, 4]
    assert Coroutine.resume(forks_local, log).pending() == coroutine.pending()
