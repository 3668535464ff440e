"""Seats that are booked: one visitor's booking, and the board that all of them look at."""

from typing import ClassVar

from spindle import (
    Cell,
    Contract,
    Delivery,
    Event,
    Notify,
    Port,
    Spindle,
    TooSlow,
    Yield,
    cleanup,
    read,
    timeout,
    use,
    write,
)


class Desk(Contract):
    """What visitors and spindles say to each other."""

    class Booking(Spindle[str]):
        """One visitor's; returns the number of a ticket, or why there is none."""

        class SeatChosen(Event):
            """A seat was picked."""

            seat: str

        class Confirmed(Event):
            """The seat was confirmed."""

        class AskSeat(Yield[SeatChosen]):
            """Which of the free seats?"""

            free: tuple[str, ...]

        class AskConfirmation(Yield[Confirmed]):
            """Is it this one?"""

            seat: str

        class Reminded(Notify):
            """The seat is held for so long still."""

            seconds_left: int

    class Board(Spindle):
        """Everybody's."""

        free = Cell[tuple[str, ...]]()

        class Released(Event):
            """A seat was given back."""

            delivery: ClassVar = Delivery.QUEUE
            seat: str

        class Watching(Yield[Released]):
            """What has become free?"""


Booking = Desk.Booking
Board = Desk.Board


class Seats(Port):
    """The seats of the house."""

    @read
    async def free(self) -> tuple[str, ...]:
        """Those that nobody has."""

    @write
    async def hold(self, seat: str) -> bool:
        """Keep one for somebody; answers whether it was free."""

    @write
    async def release(self, seat: str) -> None:
        """Give one back."""


async def book() -> str:
    """Hold a seat for 30 seconds, until it is confirmed."""
    seats = await use(Seats)
    seat = (await Booking.AskSeat(await seats.free())).seat
    if not await seats.hold(seat):
        return f"{seat} is taken"
    sold = False
    try:
        async with timeout(30):
            await Booking.AskConfirmation(seat)
        sold = True
        return f"ticket for {seat}"
    except TooSlow:
        return f"{seat} was not confirmed"
    finally:
        if not sold:
            async with cleanup(seconds=2):
                await seats.release(seat)


async def board() -> None:
    """Show what is free."""
    free = await (await use(Seats)).free()
    while True:
        await Board.free.put(free)
        released = await Board.Watching()
        free = (*free, released.seat)
