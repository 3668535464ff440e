"""A railway without trains: seats are numbers in memory."""

from __future__ import annotations

from itertools import count

from typing_extensions import override

from examples.assistant.ports import Trains
from examples.assistant.talk import Seat, Ticket, Train

__all__ = ["TRAINS", "Timetable"]

TRAINS = (
    Train("RE 12", "Bremen", "7:33", 2900),
    Train("ICE 94", "Bremen", "9:04", 5900),
    Train("RE 3", "Jena", "6:50", 1900),
    Train("ICE 701", "Jena", "8:12", 4400),
    Train("IC 2063", "Ulm", "7:58", 3900),
    Train("ICE 512", "Ulm", "8:04", 4900),
    Train("RE 5", "Ulm", "9:31", 2400),
)


class Timetable(Trains):
    """So many seats in every train."""

    def __init__(self, seats: int = 40) -> None:
        self.free = {train.number: seats for train in TRAINS}
        self.held: set[Seat] = set()
        self.sold: list[Ticket] = []
        self._numbers = count(1)

    @override
    async def hold(self, train: Train) -> Seat | None:
        if self.free[train.number] == 0:
            return None
        self.free[train.number] -= 1
        seat = Seat(next(self._numbers), train)
        self.held.add(seat)
        return seat

    @override
    async def release(self, seat: Seat) -> None:
        if seat in self.held:
            self.held.remove(seat)
            self.free[seat.train.number] += 1

    @override
    async def buy(self, seat: Seat) -> Ticket:
        self.held.discard(seat)  # a conversation may know of it that began before a restart
        ticket = Ticket(len(self.sold) + 1, seat)
        self.sold.append(ticket)
        return ticket
