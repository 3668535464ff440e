"""A page of several spindles, in every state that a log may begin anew in, or not."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

import trio

from spindle import (
    Cell,
    Channel,
    Contract,
    Delivery,
    Event,
    Notify,
    Spindle,
    Yield,
    await_any,
    cancel_reason,
    cleanup,
    fiber,
    fork,
    mark,
    now,
    patched,
    random_float,
    sleep,
    timeout,
    unique_id,
)


class House(Contract):
    class Main(Spindle[str]):
        class Go(Event):
            word: str

        class Later(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Ask(Yield[Go]):
            word: str

        class Wait(Yield[Later]): ...

        class Either(Yield[Go | Later]): ...

        class News(Notify):
            text: str

    class Side(Spindle[int]):
        level = Cell[int]()
        odd = Cell["Main"]()

        class Set(Event):
            level: int

        class AskLevel(Yield[Set]): ...

        class Seen(Notify):
            level: int

    class Guest(Spindle[int]):
        class Leave(Event): ...

        class Stay(Yield[Leave]): ...

        class Came(Notify):
            number: int


Main, Side, Guest = House.Main, House.Side, House.Guest


async def races(turn: int) -> str:
    while True:
        await mark(turn)
        await Main.News(f"turn {turn}")
        match await await_any(Main.Ask(f"{turn}"), sleep(60)):
            case 0, answer:
                if answer.word == "end":
                    return "over"
                if answer.word == "fail":
                    raise ValueError("asked to")
            case _:
                pass
        turn += 1


async def limited(turn: int) -> str:
    while True:
        await mark(turn)
        with suppress(TimeoutError):
            async with timeout(60):
                await Main.Ask(f"{turn} {await now()}")
        turn += 1


async def draws(turn: int) -> str:
    while True:
        await mark(turn)
        assert await cancel_reason() is None
        await Main.Ask(f"{await random_float()} {await unique_id()}")
        turn += 1


async def reads(turn: int) -> str:
    while True:
        await mark(turn)
        await Main.Ask(f"{await Side.level.get(-1)}")
        turn += 1


async def levels(level: int) -> int:
    while level >= 0:
        await mark(level)
        change = await Side.level.put(level)
        await Side.Seen(change.new)
        level = (await Side.AskLevel()).level
    return level


async def visits(number: int) -> int:
    await Guest.Came(number)
    await Guest.Stay()
    return number


async def comes_late() -> int:
    await sleep(20)
    return await visits(20)


async def calls_once(number: int) -> int:
    await Guest.Stay()
    await Guest.Came(number)
    await Guest.Stay()
    raise ValueError("gone")


async def changes(turn: int) -> str:
    while True:
        await mark(turn)
        word = "new" if await patched("a word") else "old"
        await Main.Ask(word)
        turn += 1


async def keeps_letters() -> str:
    await Main.Ask("first")
    await Main.Wait()
    await Main.Either()
    return "read"


async def never_marks() -> str:
    while True:
        await Main.Ask("again")


async def has_a_fiber() -> str:
    await fiber(keeps_letters)
    await Main.Ask("with a fiber")
    return "done"


async def cleans_up() -> str:
    async with cleanup(60):
        await Main.Ask("in a cleanup")
    return "done"


async def takes() -> str:
    return await Channel[str]().take()


async def forks() -> str:
    await fork(Side, levels, 3)
    await Main.Ask("forked")
    return "done"


async def forks_a_closure() -> str:
    async def inner() -> int:
        return (await Side.AskLevel()).level

    await fork(Side, inner)
    await Main.Ask("forked")
    return "done"


async def marks_late() -> str:
    await Main.Ask("before")
    await mark()
    return "never"


async def marks_in_a_fiber() -> None:
    async def marks() -> None:
        await mark()

    await (await fiber(marks)).result()


async def other(turn: int) -> str:
    """What may stand in the place of another after a change of code."""
    await Side.AskLevel()
    return f"{turn}"


async def talks(times: int) -> str:
    for number in range(times):
        await Main.News(f"{number}")
    return (await Main.Ask("enough")).word


async def races_a_channel() -> str:
    await await_any(Main.Ask("or an item"), Channel[str]().take())
    return "done"


async def awaits_trio() -> str:
    await trio.lowlevel.checkpoint()
    return "never"


async def spins(times: int) -> str:
    for _ in range(times):
        await now()
    return "done"


async def changes_its_argument(lines: list[str]) -> str:
    while True:
        await mark(lines)
        lines.append("more")
        lines.append((await Main.Ask(" ".join(lines))).word)


async def marks_in_a_limit(turn: int) -> str:
    async with timeout(60):
        while True:
            await mark(turn)
            await Main.Ask(f"{turn}")
            turn += 1


async def draws_before_its_mark(turn: int) -> str:
    drawn = await random_float()
    while True:
        await mark(turn)
        await Main.Ask(f"{drawn}")


async def fails_anew(turn: int) -> str:
    while True:
        await mark(turn)
        if (await Main.Ask(f"{turn}")).word == "fail":
            raise ValueError
        turn += 1
