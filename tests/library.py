"""A port that is read in batches, and implementations that remember how they were asked."""

from __future__ import annotations

from collections.abc import Mapping

import trio

from spindle import Port, fiber, many, once, read, use, write

__all__ = ["Books", "Index", "Library", "Slow", "ask", "ask_all"]


class Library(Port):
    @read
    async def book(self, number: int) -> str: ...

    @many(book)
    async def books(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        raise NotImplementedError

    @write
    async def lend(self, number: int) -> None: ...
    @once
    async def buy(self, number: int) -> None: ...
    @read
    async def count(self) -> int: ...


class Index(Library):
    """Reads one at a time."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.edition = 1

    async def book(self, number: int) -> str:
        self.log.append(number)
        if number < 0:
            raise LookupError(number)
        return f"{number}, edition {self.edition}"

    async def lend(self, number: int) -> None:
        self.edition += 1

    async def buy(self, number: int) -> None:
        self.edition += 1

    async def count(self) -> int:
        return 3


class Books(Index):
    """Reads many at once; there is none from 100 on, and a negative number spoils the batch."""

    async def books(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        self.log.append(numbers)
        if min(numbers) < 0:
            raise LookupError(min(numbers))
        return {each: f"{each}, edition {self.edition}" for each in numbers if each < 100}


class Slow(Books):
    """Takes a second, and notes when that is cut short."""

    seconds = 1.0

    async def books(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        found = await super().books(numbers)
        await self.last(numbers)
        return found

    async def lend(self, number: int) -> None:
        await super().lend(number)
        await self.last(f"lend {number}")

    async def last(self, what: object) -> None:
        try:
            await trio.sleep(self.seconds)
        except trio.Cancelled:
            self.log.append(f"{what} cut")
            raise


async def ask(*numbers: int) -> list[str]:
    """Read one after the other."""
    library = await use(Library)
    return [await library.book(each) for each in numbers]


async def ask_all(*numbers: int) -> list[str]:
    """Read each in a fiber of its own."""
    library = await use(Library)
    fibers = [await fiber(library.book, each) for each in numbers]
    return [await each.result() for each in fibers]
