"""Spindles of random statements, stepped by random moves, and all that can be seen of them."""

from __future__ import annotations

import os
import traceback
import types
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextvars import ContextVar
from functools import partial
from typing import Any

from spindle import (
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Notify,
    Port,
    Yield,
    cancel_reason,
    cleanup,
    fiber,
    now,
    perform,
    read,
    sleep,
    timeout,
    unique_id,
    use,
    write,
)
from tests.talk import Bell, Desk

__all__ = ["MOVES", "STATEMENTS", "TALK", "played"]

VARIABLE = ContextVar("variable", default=0)


class Lone(Yield[Desk.Told]):
    """A question of no block."""


class News(Notify):
    """And a notify of none."""


class Office(Port):
    @read
    async def look(self, what: str) -> str: ...
    @write
    async def set_variable(self, value: int) -> int: ...
    @read
    async def fails(self) -> str: ...
    @read
    async def waits(self) -> str: ...
    @read
    async def operates(self) -> None: ...
    @read
    async def meddles(self) -> None: ...


@types.coroutine
def foreign(value: object) -> Generator[object, object, object]:
    return (yield value)


class Desks(Office):
    """Does in each of its methods what a fake may do, or should not."""

    def __init__(self, spoken: Spoken) -> None:
        self.spoken = spoken

    async def look(self, what: str) -> str:
        return f"{what} {VARIABLE.get()}"

    async def set_variable(self, value: int) -> int:
        VARIABLE.set(value)
        return VARIABLE.get()

    async def fails(self) -> str:
        raise LookupError("not found")

    async def waits(self) -> str:
        token = VARIABLE.set(9)
        try:
            await foreign("something")
        finally:
            self.spoken.log.append(("given up", VARIABLE.get()))
            VARIABLE.reset(token)
        return ""

    async def operates(self) -> None:
        await sleep(1)

    async def meddles(self) -> None:
        await _meddle(self.spoken)


async def _meddle(spoken: Spoken) -> None:
    run = spoken.coroutine
    for reach in (
        run.run,
        lambda: run.run(Desk.Told("again")),
        lambda: run.advance(1),
        run.cancel,
        lambda: run.state,
        run.pending,
        lambda: run.notified,
        lambda: run.now,
    ):
        spoken.keep("from inside", reach)


async def _numbers(spoken: Spoken) -> AsyncGenerator[int]:
    try:
        yield 1
        yield 2
    finally:
        try:
            await Desk.Said("never")
        except Exception as error:
            spoken.log.append(("generator closed", seen(error)))


async def _drops_a_generator(spoken: Spoken) -> None:
    async for _ in _numbers(spoken):
        break


async def _cleans_up(spoken: Spoken) -> None:
    try:
        await Desk.Ask(5)
    finally:
        async with cleanup(1):
            await Desk.Said("clean")


async def _asks_in_a_fiber(spoken: Spoken) -> object:
    async def asks() -> str:
        return (await Desk.Ask(6)).word

    return await (await fiber(asks)).result()


async def _says_much(spoken: Spoken) -> None:
    for number in range(1500):
        await Desk.Said(str(number))


async def _performs_what_returns_none(spoken: Spoken) -> None:
    await perform(lambda: None)  # type: ignore[arg-type,return-value]


async def _raises_stop(spoken: Spoken) -> None:
    def stops() -> Any:
        raise StopIteration(3)

    await perform(stops)


async def _in_time(spoken: Spoken) -> object:
    async with timeout(2):
        return await Desk.Ask(7)


async def _set_variable(spoken: Spoken) -> None:
    VARIABLE.set(VARIABLE.get() + 1)


async def _quit(spoken: Spoken) -> None:
    raise SystemExit(3)


TALK: dict[str, Callable[[Spoken], Awaitable[object]]] = {
    "ask": lambda _: Desk.Ask(1),
    "ask another": lambda _: Desk.Listen(),
    "say": lambda _: Desk.Said("a word"),
    "look": lambda spoken: spoken.call("look", "tea"),
    "set variable by port": lambda spoken: spoken.call("set_variable", 5),
    "drop a generator": _drops_a_generator,
}
"""Done without the kernel."""

STATEMENTS = {
    **TALK,
    "ask without a block": lambda _: Lone(),
    "say without a block": lambda _: News(),
    "ask for another block": lambda _: Bell.Wait(),
    "say for another block": lambda _: Bell.Rang(1),
    "call with a mistake": lambda spoken: spoken.call("look"),
    "fail": lambda spoken: spoken.call("fails"),
    "wait in a port": lambda spoken: spoken.call("waits"),
    "operate in a port": lambda spoken: spoken.call("operates"),
    "meddle in a port": lambda spoken: spoken.call("meddles"),
    "meddle": _meddle,
    "use nothing": lambda _: use(int),
    "sleep": lambda _: sleep(1),
    "now": lambda _: now(),
    "draw": lambda _: unique_id(),
    "reason": lambda _: cancel_reason(),
    "set variable": _set_variable,
    "await what is foreign": lambda _: foreign(None),
    "clean up": _cleans_up,
    "ask in a fiber": _asks_in_a_fiber,
    "say much": _says_much,
    "perform nothing": _performs_what_returns_none,
    "stop in a call": _raises_stop,
    "ask in time": _in_time,
    "quit": _quit,
}

MOVES: dict[str, Callable[[Coroutine[Any]], object]] = {
    "answer": lambda run: run.run(Desk.Told("yes")),
    "answer another": lambda run: run.run(Desk.Queued(1)),
    "answer another block": lambda run: run.run(Bell.Rung(1)),
    "answer nothing": lambda run: run.run(),
    "answer one": lambda run: run.run(Desk.Told("you"), to=Desk.Ask(1)),
    "advance": lambda run: run.advance(1),
    "advance not": lambda run: run.advance(-1),
    "cancel": lambda run: run.cancel("enough"),
}


class Spoken:
    """One play of a program: `log` has all that was said, to the test and to the spindle."""

    def __init__(self, program: list[tuple[str, bool]], *, returns: bool) -> None:
        self.log: list[object] = []
        self.program = program
        self.returns = returns
        provide: dict[type, object] = {Office: Desks(self)}
        self.coroutine: Coroutine[object] = Coroutine(said, self, provide=provide)

    async def call(self, name: str, *args: object) -> object:
        return await getattr(await use(Office), name)(*args)

    def play(self, moves: list[str], *, leave_at: int | None) -> list[object]:
        """Start, make the moves and look at what can be seen after each; then drop it.

        Args:
            moves: by name.
            leave_at: before which of them it leaves its lane, if it is still there.
        """
        for number, move in enumerate(["answer nothing", *moves]):
            if number == leave_at:
                self.coroutine._by_hand("the test")
            self.keep(move, partial(MOVES[move], self.coroutine))
            self.look()
        self.log.append("dropped")
        del self.coroutine
        return self.log

    def look(self) -> None:
        """Keep all that can be seen."""
        run = self.coroutine
        self.keep("state", lambda: run.state)
        self.keep("pending", run.pending)
        self.keep("notified", lambda: run.notified)
        self.keep("now", lambda: run.now)

    def keep(self, what: str, reach: Callable[[], object]) -> None:
        """Do something, and keep what came of it."""
        try:
            self.log.append((what, seen(reach())))
        except BaseException as error:
            self.log.append((what, seen(error)))


async def said(spoken: Spoken) -> object:
    """Do the statements of a program one by one; guarded ones may fail."""
    try:
        for name, guarded in spoken.program:
            try:
                spoken.log.append((name, seen(await STATEMENTS[name](spoken)), VARIABLE.get()))
            except Exception as error:
                spoken.log.append((name, seen(error)))
                if not guarded:
                    raise
    finally:
        spoken.log.append("over")
    return spoken.log[-2] if spoken.returns else None


def seen(value: object) -> object:
    """All that can be seen of a value: of an error, where in a program it was raised, and why."""
    if isinstance(value, Errored):
        return "errored", seen(value.error)
    if isinstance(value, (Completed, Cancelled)):
        return repr(value)
    if not isinstance(value, BaseException):
        return repr(value)
    trace = traceback.extract_tb(value.__traceback__)
    frames = [frame.name for frame in trace if f"{os.sep}_core{os.sep}" not in frame.filename]
    because = [each and seen(each) for each in (value.__cause__, value.__context__)]
    return type(value), str(value), getattr(value, "__notes__", None), frames, because


def played(
    program: list[tuple[str, bool]], moves: list[str], returns: bool, leave_at: int | None
) -> list[object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Spoken(program, returns=returns).play(moves, leave_at=leave_at)
