"""A small conversation with everything in it that is written down."""

from __future__ import annotations

from spindle import Event, Notify, Port, Spindle, Yield, read, use, write


class Signup(Spindle[str]):
    class NameGiven(Event):
        name: str

    class AskName(Yield[NameGiven]):
        hint: str = ""

    class Welcomed(Notify):
        name: str


class Users(Port):
    @read
    async def is_free(self, name: str) -> bool: ...
    @write
    async def add(self, name: str) -> int: ...


async def signup(tries: int) -> str:
    """Ask for a name until one is free, at most so often."""
    directory, hint = await use(Users), ""
    for _ in range(tries):
        name = (await Signup.AskName(hint)).name
        if await directory.is_free(name):
            number = await directory.add(name)
            await Signup.Welcomed(name)
            return f"{name} #{number}"
        hint = f"{name} is taken"
    return "no name"


class Directory(Users):
    """Where Ada and Eve are taken. Counts what it is asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def is_free(self, name: str) -> bool:
        self.calls.append(f"is_free {name}")
        return name not in {"Ada", "Eve"}

    async def add(self, name: str) -> int:
        self.calls.append(f"add {name}")
        return 7
