"""Spindles that do whatever a list of steps says, to be written down and taken up again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from spindle import (
    Cell,
    Channel,
    Contract,
    Event,
    Handle,
    Notify,
    Port,
    Spindle,
    WrongBlock,
    Yield,
    await_all,
    await_any,
    call_key,
    cleanup,
    fiber,
    fork,
    mark,
    now,
    once,
    random_float,
    read,
    scope,
    sleep,
    timeout,
    unique_id,
    use,
    write,
)

Step = Any
"""A word, or a word and what it is about."""


class Talk(Contract):
    class Main(Spindle[object]):
        told = Cell[int]()

        class Said(Event):
            word: str

        class Count(Event):
            number: int

        class Ask(Yield[Said | Count]):
            number: int

        class Heard(Notify):
            text: str

    class Side(Spindle[object]):
        class Poked(Event): ...

        class Wait(Yield[Poked]): ...


class Choose(Yield[str]): ...


Main, Side = Talk.Main, Talk.Side


class Refused(Exception):
    """What a call raises, with an attribute."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass
class Thing:
    number: int
    tags: tuple[str, ...]


class Work(Port):
    @read
    async def look(self, number: int) -> Thing: ...
    @write
    async def do(self, number: int) -> list[int]: ...
    @once
    async def pay(self, number: int) -> None: ...


@dataclass
class Worker(Work):
    """Counts what it is asked, and notes the keys; what it answers is different each time."""

    calls: list[str] = field(default_factory=list)

    def _called(self, what: str) -> int:
        self.calls.append(what)
        return len(self.calls)

    async def look(self, number: int) -> Thing:
        return Thing(self._called(f"look {number}"), ("a", str(number)))

    async def do(self, number: int) -> list[int]:
        made = self._called(f"do {number}, {call_key()}")
        if number % 3 == 0:
            raise Refused(made)
        return [made]

    async def pay(self, number: int) -> None:
        if self._called(f"pay {number}, {call_key()}") % 2:
            raise LookupError("no money", number)


@dataclass
class Doer:
    """One conversation: what came of each step is kept beside it."""

    seen: list[str]

    async def body(self, steps: list[Step]) -> object:
        channel = Channel[int](2)
        handles: list[Handle[object]] = []
        for each in steps:
            await self.step(each, channel, handles)
        return len(steps)

    async def step(self, step: Step, channel: Channel[int], handles: list[Handle[Any]]) -> None:
        word, about = step
        work = await use(Work)
        try:
            match word:
                case "ask":
                    self.saw(await Main.Ask(about))
                case "choose":
                    self.saw(await Choose())
                case "say":
                    await Main.Heard(str(about))
                case "look":
                    self.saw(await work.look(about))
                case "do":
                    self.saw(await work.do(about))
                case "pay":
                    self.saw(await work.pay(about))
                case "sleep":
                    await sleep(about)
                    self.saw(await now())
                case "draw":
                    self.saw((await random_float(), await unique_id()))
                case "spin":
                    for _ in range(about * 700):
                        await now()
                case "put":
                    with suppress(TimeoutError):
                        async with timeout(1):
                            await channel.put(about)
                case "take":
                    with suppress(TimeoutError):
                        async with timeout(2):
                            self.saw(await channel.take())
                case "cell":
                    self.saw(await Main.told.put(about))
                case "get":
                    self.saw(await Main.told.get(-1))
                case "race":
                    self.saw(await await_any(Main.Ask(about), sleep(about), channel.take()))
                case _:
                    await self.step_of_others(step, handles, work)
        except (Refused, LookupError, WrongBlock) as error:
            self.saw(repr(error))

    async def step_of_others(self, step: Step, handles: list[Handle[Any]], work: Any) -> None:
        """One that lets other coroutines do something, or does it within bounds."""
        word, about = step
        match word:
            case "fiber":
                handles.append(await fiber(self.body, about))
            case "fork":
                handles.append(await fork(Side, self.aside, about, replace=True))
            case "cancel" if handles:
                handles[about % len(handles)].cancel_nowait("enough")
            case "all":
                first = await fiber(self.body, about)
                second = await fiber(self.body, about[:1])
                self.saw(await await_all(first, second))
            case "scope":
                async with scope():
                    await fiber(self.body, about)
                    await work.look(1)
            case "limit":
                with suppress(TimeoutError):
                    async with timeout(1):
                        await self.body(about)
            case "tidy":
                try:
                    await self.body(about)
                finally:
                    async with cleanup(2):
                        self.saw(await work.do(1))

    async def aside(self, steps: list[Step]) -> object:
        while True:
            self.saw(await Side.Wait())
            await self.body([each for each in steps if each[0] not in {"ask", "choose", "race"}])

    def saw(self, value: object) -> None:
        self.seen.append(repr(value))


@dataclass
class Looper(Doer):
    """Does one list of steps after the other, and marks before each."""

    async def turns(self, turn: int, bodies: list[list[Step]]) -> int:
        while turn < len(bodies):
            await mark(turn, bodies)
            await self.body(bodies[turn])
            turn += 1
        return turn
