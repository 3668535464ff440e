"""A page that does a bit of everything, and what its spindles saw with their own eyes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, ClassVar

import trio

from spindle import (
    Ask,
    Cell,
    Channel,
    Contract,
    Delivery,
    Event,
    Handle,
    Notify,
    Restart,
    Spindle,
    TooSlow,
    Yield,
    await_any,
    cleanup,
    fiber,
    fork,
    scope,
    sleep,
    timeout,
    use,
)
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.ledger import Letter
from tests.drivers import Stage
from tests.talk import Clerk

__all__ = ["Board", "Desk", "Fair", "Grounds", "Slow", "Troll", "Visit", "left_in"]


class Fair(Contract):
    class Desk(Spindle[object]):
        served = Cell[int]()

        class Ticket(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            text: str

        class Sure(Event):
            word: str

        class Next(Yield[Ticket | Typed]): ...

        class AskSure(Yield[Sure]):
            number: int

        class Served(Notify):
            number: int

    class Board(Spindle[object]):
        class Refreshed(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Looking(Yield[Refreshed]): ...

        class Shows(Notify):
            what: str

        class Ticks(Notify):
            conflate: ClassVar = True
            count: int

    class Troll(Spindle[object]):
        class Poked(Event): ...

        class Sulk(Yield[Poked]): ...


Desk, Board, Troll = Fair.Desk, Fair.Board, Fair.Troll


class Slow(Clerk):
    """Takes a second for everything."""

    async def look(self, what: str) -> str:
        await trio.sleep(1)
        return what

    async def note(self, what: str) -> None:
        await trio.sleep(1)

    async def pay(self, amount: int, *, currency: str = "EUR") -> str:
        await trio.sleep(1)
        return currency


class Grounds:
    """The spindles of the page. What they note, they note by identity."""

    def __init__(self, clerk: Clerk | None = None) -> None:
        self.clerk = clerk
        """Whom they call; None for operations only, which every driver orders alike."""
        self.began: list[str] = []
        self.cleaned: list[str] = []
        self.received: list[tuple[Ask, Event]] = []
        """What came, and to which yield."""
        self.strays: list[str] = []
        self.channels: list[Channel[int]] = []

    async def desk(self) -> str:
        async with _Care(self, "desk"):
            slips = Channel[int]()
            self.channels.append(slips)
            await fork(Board, self.board, replace=True)
            await fiber(self.stamps, slips)
            await fiber(self.offers)
            while True:
                ask = Desk.Next()
                _, event = await await_any(ask, sleep(30))
                self.note(ask, event, Desk.Ticket, Desk.Typed)
                match event:
                    case Desk.Ticket(13):
                        raise LookupError("no such counter")
                    case Desk.Ticket(12):
                        return "closed for lunch"
                    case Desk.Ticket(number):
                        await self.serve(slips, number)
                    case Desk.Typed(text):
                        await Desk.Served(len(text))
                    case None:
                        await Desk.Served(0)

    async def serve(self, slips: Channel[int], number: int) -> None:
        try:
            async with timeout(4):
                ask = Desk.AskSure(number)
                self.note(ask, await ask, Desk.Sure)
        except TooSlow:
            await Desk.Served(-number)
        else:
            async with scope():
                await fiber(self.looks, number)
                await slips.put(number)

    async def looks(self, number: int) -> None:
        async with _Care(self, "look"):
            await self.work(f"look {number}")

    async def stamps(self, slips: Channel[int]) -> None:
        async with _Care(self, "stamps"):
            while True:
                number = await slips.take()
                await Desk.served.put(number)
                await Desk.Served(number)
                await sleep(3)  # who has the next slip waits

    async def offers(self) -> None:
        """Has something that nobody wants."""
        rest = Channel[int]()
        self.channels.append(rest)
        await rest.put(0)

    async def board(self) -> None:
        async with _Care(self, "board"):
            await fiber(self.glances)
            changes = Desk.served.changes()
            while True:
                ask = Board.Looking()
                match await await_any(changes.next(), ask):
                    case 0, number:
                        await Board.Shows(str(number))
                    case _, event:
                        self.note(ask, event, Board.Refreshed)
                        await Board.Shows("again")

    async def glances(self) -> None:
        """Asks what its owner asks, beside it."""
        async with _Care(self, "glances"):
            while True:
                ask = Board.Looking()
                self.note(ask, await ask, Board.Refreshed)
                await sleep(1)

    async def work(self, what: str) -> None:
        """Take a second, or as long as the clerk takes."""
        if self.clerk is None:
            await sleep(1)
        else:
            await (await use(Clerk)).note(what)

    def note(self, ask: Ask, event: Event | None, *kinds: type[Event]) -> None:
        if event is not None:
            self.received.append((ask, event))
            if not isinstance(event, kinds):
                self.strays.append(f"{event!r} came to a yield that does not accept it")


class _Care:
    """Notes that a coroutine begins, and cleans up after it with a call."""

    def __init__(self, grounds: Grounds, who: str) -> None:
        self.grounds, self.who = grounds, who

    async def __aenter__(self) -> None:
        self.grounds.began.append(self.who)

    async def __aexit__(self, *error: object) -> None:
        async with cleanup(5):
            await self.grounds.work(self.who)
            self.grounds.cleaned.append(self.who)


class Visit:
    """A random visitor: bursts of clicks, good, late and wrong ones. The same for the same seed."""

    def __init__(self, seed: int, clerk: Clerk | None = None, *, rounds: int = 10) -> None:
        self.draw = random.Random(seed)
        self.rounds = rounds
        self.grounds = Grounds(clerk)
        self.letters: list[Letter] = []
        self.handle: Handle[Any]

    async def play(self, page: Stage) -> None:
        self.handle = page.start(
            Desk,
            self.grounds.desk,
            provide={Clerk: self.grounds.clerk} if self.grounds.clerk else {},
            policy=Restart(delay=3, longest=3, jitter=0, intensity=100),
        )
        for _ in range(self.rounds):
            for _ in range(self.draw.randrange(2, 5)):
                self.click(page)
            await page.settle()
            if self.draw.random() < 0.4:
                await page.advance(self.draw.choice([1, 3, 40]))
        if self.draw.random() < 0.3:
            await page.advance(40)
            self.letters.append(page.resume(Desk.Ticket(13)))
            await page.advance(2.5)  # it has cleaned up, and waits to be opened again
        if self.draw.random() < 0.5:
            await page.cancel("goes home")

    def click(self, page: Stage) -> None:
        if self.draw.random() < 0.02:
            self.handle.cancel_nowait("asked to leave")
            return
        number = self.draw.randrange(14)
        kinds: list[Callable[[], Event]] = [
            lambda: Desk.Ticket(number),
            lambda: Desk.Sure(str(number)),
            lambda: Desk.Typed("x" * number),
            lambda: Board.Refreshed(number),
        ]
        event = self.draw.choices(kinds, weights=[3, 4, 1, 2])[0]()
        instance = "nobody" if self.draw.random() < 0.05 else None
        yield_id = self.draw.randrange(1, 30) if self.draw.random() < 0.3 else None
        self.letters.append(page.resume(event, yield_id=yield_id, instance=instance))


def left_in(kernel: Kernel, grounds: Grounds) -> list[str]:
    """What is left of a page: nothing, when it has ended."""
    cells = (kernel.cells or {}).values()
    found = {
        "spindles": len(kernel.live),
        "ready": len(kernel.ready),
        "coroutines": kernel.coroutines,
        "outside": len(kernel.outside or ()),
        "timers": kernel.timers.next_at() is not None,
        "watchers": sum(len(cell.waiting) + len(cell.watchers) for cell in cells),
        "putters": sum(len(each.putters or ()) for each in grounds.channels),
        "takers": sum(len(each.takers or ()) for each in grounds.channels),
        "pending": kernel.ledger.pending,
    }
    return [f"{count} {name}" for name, count in found.items() if count]
