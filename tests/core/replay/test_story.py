"""A log that is printed tells what came in and what was done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from spindle import (
    Completed,
    Coroutine,
    Log,
    Port,
    await_all,
    fiber,
    map_fibers,
    mark,
    perform,
    read,
    sleep,
    use,
    within,
)
from tests.core.replay.signup import Directory, Signup, Users, signup
from tests.core.replay.talkative import Main


def placeless(log: Log) -> list[str]:
    """Its lines, without places in the code."""
    return [line.rpartition("  replay/")[0] or line for line in str(log).splitlines()]


def test_it_tells_what_came_in_and_what_was_done() -> None:
    log = Log()
    assert str(log) == "a log in which nothing was begun"
    coroutine = Coroutine(signup, 3, provide={Users: Directory()}, log=log)
    coroutine.run()
    coroutine.run(Signup.NameGiven("Bo"))
    assert placeless(log) == [
        "signup(3)",
        "   0.000 s  <- started",
        "            signup asks Signup.AskName",
        "   0.000 s  <- question 1 of the first spindle is answered: "
        "Signup.NameGiven {'name': 'Bo'}",
        "            signup calls Users.is_free('Bo')",
        "   0.000 s  <- Users.is_free returned True",
        "            signup calls Users.add('Bo')",
        "   0.000 s  <- Users.add returned 7",
        "            signup ends completed",
    ]
    assert str(log).splitlines()[2].endswith("  replay/signup.py:30 signup")


def test_it_tells_of_errors_of_time_and_of_what_was_cancelled() -> None:
    async def fails() -> None:
        raise LookupError("gone", 3)

    async def sleeps() -> None:
        await sleep(100)

    async def lives(turn: int) -> None:
        await mark(turn)
        try:
            await perform(fails)
        except LookupError:
            handle = await fiber(sleeps)
            await sleep(1)
            handle.cancel_nowait("enough")
            await Main.Ask(1)
            handle.cancel_nowait("over by now")

    log = Log(json=True)
    coroutine = Coroutine(lives, 0, log=log)
    coroutine.run()
    coroutine.run(Main.Count(1))
    Coroutine.resume(lives, log).cancel("the end")
    other = Log()
    Coroutine(lives, 0, log=other).cancel("never mind")
    lines = placeless(log)
    name = lines[0].partition("(")[0]
    assert lines[0] == f"{name}(0), at a mark"
    assert [line.partition("<- ")[2] for line in lines if "<-" in line] == [
        "started",
        "fails raised builtins:LookupError ['gone', 3]",
        "the clock comes to 1 s",
        "a fiber of the first spindle is cancelled: enough",
        "question 1 of the first spindle is answered: Main.Count {'number': 1}",
        "what was over is cancelled: over by now",
        "all is cancelled: the end",
    ]
    assert str(other).splitlines()[-2].endswith("<- all is cancelled: never mind")


class Scales(Port):
    @read
    async def weigh(self, what: str) -> int: ...
    @within(3)
    @read
    async def soon(self, what: str) -> int: ...


class Lengths(Scales):
    async def weigh(self, what: str) -> int:
        return len(what)

    async def soon(self, what: str) -> int:
        return len(what)


async def maps() -> None:
    scales = await use(Scales)
    await map_fibers(scales.weigh, ["a", "bc"], limit=2)


async def starts_it() -> None:
    scales = await use(Scales)
    await await_all(await fiber(scales.weigh, "a"))


async def starts_it_with_a_limit() -> None:
    scales = await use(Scales)
    await (await fiber(scales.soon, "a")).result()


async def starts_a_part_of_it() -> None:
    scales = await use(Scales)
    await (await fiber(partial(scales.weigh, "a"))).result()


def line_of(fn: Callable[..., Any], line: int) -> str:
    code = fn.__code__
    return f"replay/test_story.py:{code.co_firstlineno + line} {code.co_qualname}"


@pytest.mark.parametrize(
    ("fn", "place"),
    [
        (maps, line_of(maps, 2)),
        (starts_it, line_of(Scales.weigh, 0)),
        (starts_it_with_a_limit, line_of(Scales.soon, 0)),
        (starts_a_part_of_it, line_of(starts_a_part_of_it, 2)),
    ],
)
def test_a_call_by_a_fiber_of_its_own_stands_in_the_code_of_the_program(
    fn: Callable[..., Any], place: str
) -> None:
    log = Log()
    state = Coroutine(fn, provide={Scales: Lengths()}, log=log).run()
    assert state == Completed(None)
    places = {
        command.place
        for frame in log.frames
        for command in frame.commands
        if command.kind == "calls"
    }
    assert places == {place}
    assert Coroutine.resume(fn, log, provide={Scales: Lengths()}).state == state


async def looks() -> int:
    return 1


class Looking:
    def look(self) -> Any:
        return perform(looks)


@pytest.mark.parametrize("fn", [Looking().look, lambda: perform(looks)])
def test_what_runs_no_code_of_the_program_stands_where_it_is_awaited(
    fn: Callable[..., Any],
) -> None:
    log = Log()
    assert Coroutine(fn, log=log).run() == Completed(1)
    [called] = log.frames[0].commands
    assert called.place.startswith("operations/operation.py:")
