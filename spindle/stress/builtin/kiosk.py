"""The page that is opened when the user names none: a bit of everything, in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import trio

from spindle._core.contracts.contract import Contract, Spindle
from spindle._core.errors import TooSlow
from spindle._core.messages import Delivery, Event, Notify, Yield
from spindle._core.operations.await_any import await_any
from spindle._core.operations.cell import Cell
from spindle._core.operations.channel import Channel
from spindle._core.operations.clock import random_float, sleep
from spindle._core.operations.fiber import fiber, scope
from spindle._core.operations.fork import fork
from spindle._core.operations.port import Port, read, use, write
from spindle._core.operations.scope import cleanup, timeout
from spindle._core.supervision import Restart

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "RESTART",
    "Books",
    "Broken",
    "Clerk",
    "Counter",
    "Flaky",
    "Kiosk",
    "Quick",
    "Screen",
    "ServedKiosk",
]

MOMENT = 0.001
"""Seconds: of everything that takes its time."""
RESTART = Restart(delay=5 * MOMENT, longest=0.02, intensity=10_000)


class Clerk(Port):
    """Whom the spindles call."""

    @read
    async def look(self, what: str) -> str:
        """Look something up."""

    @write
    async def note(self, what: str) -> None:
        """Write something down."""


class Quick(Clerk):
    """Takes a moment."""

    async def look(self, what: str) -> str:
        """See `Clerk`."""
        await trio.sleep(MOMENT)
        return what

    async def note(self, what: str) -> None:
        """See `Clerk`."""
        await trio.sleep(MOMENT)


class Kiosk(Contract):
    """The contract of the page."""

    class Counter(Spindle[None]):
        """Serves, and writes a cell."""

        served = Cell[int]()

        class Ticket(Event):
            """A visitor wants to be served."""

            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Sure(Event):
            """The visitor is sure."""

        class Next(Yield[Ticket]):
            """Waits for a visitor."""

        class AskSure(Yield[Sure]):
            """Asks the visitor back."""

            number: int

        class Served(Notify):
            """A visitor was served, or did not answer."""

            number: int

    class Screen(Spindle[None]):
        """Shows what was written, and what it is told to show."""

        class Refreshed(Event):
            """The view wants to see it again."""

            delivery: ClassVar = Delivery.LATEST

        class Looking(Yield[Refreshed]):
            """Waits for the view."""

        class Shows(Notify):
            """What is to be seen."""

            conflate: ClassVar = True
            number: int

    class Flaky(Spindle[None]):
        """Fails now and then, and is started again."""

        class Fixed(Event):
            """Somebody says so."""

        class AskFix(Yield[Fixed]):
            """Waits for it."""


Counter, Screen, Flaky = Kiosk.Counter, Kiosk.Screen, Kiosk.Flaky


class ServedKiosk(Contract):
    """The contract of the page on a site, where nothing fails on purpose: it would be logged."""

    Counter = Kiosk.Counter
    Screen = Kiosk.Screen


class Broken(Exception):
    """What `Flaky` raises on purpose."""


class Books:
    """The spindles of one page, and what they have begun and not cleaned up."""

    def __init__(self) -> None:
        self.channels: list[Channel[int]] = []
        self.uncleaned: set[Care] = set()
        self.faults: list[str] = []

    async def counter(self) -> None:
        """Serve visitors for ever."""
        async with Care(self, "counter"):
            slips = Channel[int](1)
            self.channels.append(slips)
            await fork(Screen, self.screen, replace=True)
            await fiber(self.stamps, slips)
            while True:
                _, ticket = await await_any(Counter.Next(), sleep(20 * MOMENT))
                if ticket is not None:
                    await self.serve(slips, ticket.number)

    async def serve(self, slips: Channel[int], number: int) -> None:
        """Ask back, and give up when there is no answer in time."""
        try:
            async with timeout(5 * MOMENT):
                await Counter.AskSure(number)
        except TooSlow:
            await Counter.Served(-number)
            return
        clerk = await use(Clerk)
        async with scope():
            await fiber(clerk.look, str(number))
            await slips.put(number)
        await clerk.note(str(number))

    async def stamps(self, slips: Channel[int]) -> None:
        """Write down what comes through the channel."""
        async with Care(self, "stamps"):
            while True:
                number = await slips.take()
                await Counter.served.put(number)
                await Counter.Served(number)

    async def screen(self) -> None:
        """Show what changes."""
        async with Care(self, "screen"):
            changes = Counter.served.changes()
            while True:
                _, came = await await_any(changes.next(), Screen.Looking())
                await Screen.Shows(came if isinstance(came, int) else 0)

    async def flaky(self) -> None:
        """Fail after a moment, mended or not."""
        async with Care(self, "flaky"):
            try:
                async with timeout(5 * MOMENT * (await random_float() + 0.1)):
                    while await random_float() < 0.5:
                        await Flaky.AskFix()
                    await sleep(MOMENT)
            except TooSlow as late:
                raise Broken("nobody has fixed it") from late
            raise Broken("it was not fixed for long")

    def left(self) -> list[str]:
        """What is left of a page that has ended, beside what its kernel says."""
        counts = {
            "waits to put": sum(len(each.putters or ()) for each in self.channels),
            "waits to take": sum(len(each.takers or ()) for each in self.channels),
            "cleanups not run": len(self.uncleaned),
        }
        return [f"{count} {name} left" for name, count in counts.items() if count] + self.faults


class Care:
    """Counts a coroutine that has begun, and its cleanup."""

    def __init__(self, books: Books, who: str) -> None:
        self.books, self.who = books, who

    async def __aenter__(self) -> None:  # noqa: ASYNC910 - waits for nothing
        self.books.uncleaned.add(self)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        async with cleanup(30):  # noqa: ASYNC102 - shields
            await sleep(MOMENT)  # noqa: ASYNC102
            if self not in self.books.uncleaned:
                self.books.faults.append(f"the cleanup of {self.who} ran twice")
            self.books.uncleaned.discard(self)
