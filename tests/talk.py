"""A contract with every kind of message, for tests that care about messages and not about shops."""

from __future__ import annotations

from typing import ClassVar

from spindle import (
    Contract,
    Delivery,
    Event,
    Notify,
    Port,
    Spindle,
    Yield,
    now,
    once,
    read,
    sleep,
    write,
)


class Talk(Contract):
    class Desk(Spindle[object]):
        class Told(Event):
            word: str = ""

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            text: str

        class Ask(Yield[Told]):
            number: int = 1

        class Take(Yield[Queued]): ...

        class Read(Yield[Typed]): ...

        class Listen(Yield[Told | Queued | Typed]): ...

        class Said(Notify):
            word: str

    class Bell(Spindle[object]):
        class Rung(Event):
            times: int = 1

        class Wait(Yield[Rung]): ...

        class Rang(Notify):
            times: int


Desk, Bell = Talk.Desk, Talk.Bell


class Clerk(Port):
    """A port with one operation of each kind."""

    @read
    async def look(self, what: str) -> str: ...
    @write
    async def note(self, what: str) -> None: ...
    @once
    async def pay(self, amount: int, *, currency: str = "EUR") -> str: ...


class Echo(Clerk):
    """Answers without waiting, and remembers."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    async def look(self, what: str) -> str:
        return f"seen {what}"

    async def note(self, what: str) -> None:
        self.noted.append(what)

    async def pay(self, amount: int, *, currency: str = "EUR") -> str:
        return f"{amount} {currency}"


async def ask_once() -> str:
    """Ask, and return the word."""
    return (await Desk.Ask()).word


async def ask_twice() -> tuple[str, str]:
    """Ask 1, then ask 2."""
    first = await Desk.Ask(1)
    second = await Desk.Ask(2)
    return first.word, second.word


async def ring_once() -> int:
    """Wait for the bell."""
    return (await Bell.Wait()).times


async def ring(times: int) -> int:
    """Say which one this is, then wait for the bell."""
    await Bell.Rang(times)
    return (await Bell.Wait()).times


async def naps(*seconds: float) -> float:
    """Sleep so long, each time, and say when that was over."""
    for each in seconds:
        await sleep(each)
        await Desk.Said(f"{await now():g}")
    return await now()
