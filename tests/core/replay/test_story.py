"""A log that is printed tells what came in and what was done."""

from __future__ import annotations

from spindle import Coroutine, Log, fiber, mark, perform, sleep
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
