"""The spindles of the golden pages. What they do is in logs that are kept for good: leave it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import trio

from spindle import (
    Cell,
    Channel,
    Contract,
    Event,
    Notify,
    OutcomeUnknown,
    Port,
    Spindle,
    Yield,
    await_any,
    cleanup,
    fiber,
    fork,
    many,
    map_fibers,
    mark,
    now,
    once,
    patched,
    perform,
    random_float,
    read,
    scope,
    sleep,
    timeout,
    unique_id,
    use,
    write,
)

__all__ = ["Office", "Working", "Works"]


class Office(Contract):
    class Desk(Spindle[object]):
        total = Cell[int]()

        class Add(Event):
            number: int

        class Go(Event):
            word: str = ""

        class Ask(Yield[Add | Go]):
            said: str

        class Told(Notify):
            text: str

    class Clerk(Spindle[str]):
        class Poked(Event):
            pass

        class Wait(Yield[Poked]):
            number: int


Desk, Clerk = Office.Desk, Office.Clerk


class Thing(msgspec.Struct):
    number: int
    tags: tuple[str, ...]


class Refused(Exception):
    """What a call raises, with an attribute."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Works(Port):
    @read
    async def look(self, number: int) -> Thing: ...
    @many(look)
    async def looks(self, numbers: tuple[int, ...]) -> dict[int, Thing]: ...
    @read
    async def peek(self, number: int) -> Thing | None: ...
    @write
    async def do(self, number: int) -> list[int]: ...
    @once
    async def pay(self, number: int) -> str: ...


@dataclass
class Working(Works):
    """Notes what it is asked; while it is slow nothing comes to an end."""

    calls: list[str] = field(default_factory=list)
    slow: bool = False

    async def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.slow:
            await trio.sleep_forever()
        await trio.lowlevel.checkpoint()

    async def look(self, number: int) -> Thing:
        await self._called(f"look {number}")
        return Thing(number, ("a", "b"))

    async def looks(self, numbers: tuple[int, ...]) -> dict[int, Thing]:
        await self._called(f"looks {sorted(numbers)}")
        return {each: Thing(each, ("many",)) for each in numbers}

    async def peek(self, number: int) -> Thing | None:
        await self._called(f"peek {number}")
        return Thing(number, ()) if number % 2 else None

    async def do(self, number: int) -> list[int]:
        await self._called(f"do {number}")
        if number % 3 == 0:
            raise Refused(number)
        return [number, number + 1]

    async def pay(self, number: int) -> str:
        await self._called(f"pay {number}")
        if number == 13:
            raise LookupError("no money", number)
        return f"paid {number}"


async def counts(start: int) -> int:
    total = start
    while True:
        await Desk.total.put(total)
        match await Desk.Ask(f"{total} so far"):
            case Desk.Add(number):
                total += number
            case _:
                return total


async def _outside(number: int) -> str:
    await trio.lowlevel.checkpoint()
    return f"outside {number}"


async def calls() -> None:
    works = await use(Works)
    number = 1
    while True:
        await Desk.Told(f"looked: {await works.look(number)} {await works.peek(number)}")
        try:
            await Desk.Told(f"done: {await works.do(number)}")
        except Refused as refused:
            await Desk.Told(f"refused {refused.number}")
        try:
            await Desk.Told(await works.pay(number))
        except OutcomeUnknown:
            await Desk.Told("nobody knows whether it was paid")
        except LookupError as error:
            await Desk.Told(f"{error.args}")
        await Desk.Told(await perform(_outside, number))
        match await Desk.Ask("which number?"):
            case Desk.Add(number):
                pass
            case _:
                return


async def calls_one(kind: str) -> str:
    works = await use(Works)
    await Desk.Ask(f"{kind}?")
    try:
        match kind:
            case "look":
                said = f"{await works.look(1)}"
            case "peek":
                said = f"{await works.peek(1)}"
            case "do":
                said = f"{await works.do(1)}"
            case _:
                said = await works.pay(1)
    except OutcomeUnknown:
        said = "nobody knows"
    await Desk.Ask(said)
    return said


async def sleeps() -> None:
    await Desk.Told("good night")
    await sleep(3600)
    await Desk.Told(f"good morning at {await now():.0f}")
    await Desk.Ask("and now?")


async def hurries() -> str:
    try:
        async with timeout(60):
            await Desk.Ask("quick!")
    except TimeoutError:
        await Desk.Told("too late")
    return f"{await Desk.Ask('again?')}"


async def _clerk(number: int) -> str:
    while number:
        await Clerk.Wait(number)
        number -= 1
    return "done"


async def forks() -> str:
    first = await fork(Clerk, _clerk, 1)
    second = await fork(Clerk, _clerk, 2, instance="two")
    place, value = await await_any(first.result(), second.result(), Desk.Ask("or?"))
    await Desk.Told(f"{place}: {value}")
    return f"{await second.result()} {await Desk.Ask('and?')}"


async def _feeds(channel: Channel[int]) -> None:
    for number in range(100):
        await channel.put(number)
        await sleep(1)


async def fibers() -> None:
    channel = Channel[int](1)
    async with scope():
        feeds = await fiber(_feeds, channel)
        while True:
            match await await_any(channel.take(), Desk.Ask("enough?")):
                case (0, number):
                    await Desk.Told(f"took {number}")
                    await Desk.total.put(number)
                case _:
                    feeds.cancel_nowait("enough")
                    break
    await Desk.Ask(f"at {await Desk.total.get()}")


async def draws() -> None:
    while True:
        drawn = f"{await random_float():.6f} {await unique_id()} {await now():.3f}"
        await Desk.Told(drawn)
        await Desk.Ask("again?")


async def gathers() -> None:
    works = await use(Works)
    while True:
        match await Desk.Ask("up to?"):
            case Desk.Add(number):
                things = await map_fibers(works.look, range(number), limit=2)
                await Desk.Told(f"{[thing.tags for thing in things]}")
            case _:
                return


async def changes_not() -> None:
    """As `changes` was before its change."""
    name = await Desk.Ask("first")
    await Desk.Told(f"{name}")
    await Desk.Ask("second")


async def changes() -> None:
    name = await Desk.Ask("first")
    if await patched("asks in between"):
        await Desk.Ask("in between")
    await Desk.Told(f"{name}")
    await Desk.Ask("second")


async def fails() -> None:
    works = await use(Works)
    match await Desk.Ask("ready"):
        case Desk.Add(number):
            await works.do(number)
        case _:
            raise ValueError("as told")


async def tidies() -> None:
    works = await use(Works)
    try:
        await Desk.Ask("until when?")
    finally:
        async with cleanup(seconds=5):
            await Desk.Told(f"tidied: {await works.do(1)}")


async def marks(total: int, names: list[str]) -> None:
    while True:
        await mark(total, names)
        match await Desk.Ask(f"{total} by {names}"):
            case Desk.Add(number):
                total += number
                await Desk.Told(f"{await (await use(Works)).do(total)}")
            case Desk.Go(word):
                names = [*names[-1:], word]
            case other:
                raise AssertionError(other)


def here() -> dict[str, Any]:
    """The functions, by the names that logs have for them."""
    return globals()
