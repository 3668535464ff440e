"""A port whose calls end at moments of their own, so that two never end in the same instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import trio

from spindle import Port, many, once, read, write

__all__ = ["Errand", "Errands", "Parcel", "Ticket", "ticket_of"]

GOLDEN = 0.6180339887498949
"""Its multiples are as far from each other, modulo 1, as numbers can be."""
MISSING = 4
"""The parcel that is never there."""


@dataclass(frozen=True)
class Ticket:
    """What one call is to do."""

    number: int
    seconds: float | None
    fails: bool

    @property
    def offset(self) -> float:
        """A part of a second that no other call has, nor a sum of a few."""
        return self.number * GOLDEN % 1 / 8

    @property
    def lasts(self) -> float:
        """How long the call takes."""
        assert self.seconds is not None
        return self.seconds + self.offset

    @property
    def winds_up(self) -> float:
        """How long it takes to end when it is cut."""
        return self.offset / 8 + 0.001

    def result(self) -> str:
        """What the call returns, or raises."""
        if self.fails:
            raise LookupError(f"errand {self.number}")
        return f"errand {self.number}"


class Parcel:
    """What is read in batches; two of the same are equal, but each knows who asked for it."""

    def __init__(self, what: int, ticket: Ticket) -> None:
        self.what = what
        self.ticket = ticket

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parcel) and other.what == self.what

    def __hash__(self) -> int:
        return self.what

    def __repr__(self) -> str:
        return f"parcel {self.what}"


@dataclass(frozen=True)
class Load(Ticket):
    """What one batch is to do: it lasts as long as the longest of its parcels."""

    parcels: tuple[Parcel, ...]

    def result(self) -> Any:
        """What it returns: nothing for some of them."""
        said = super().result()
        return {each: f"{each} by {said}" for each in self.parcels if each.what != MISSING}


def ticket_of(what: Any) -> Ticket:
    """What a call is to do, by its argument."""
    if isinstance(what, Ticket):
        return what
    tickets = [each.ticket for each in what]
    seconds = [each.seconds for each in tickets if each.seconds is not None]
    fails = any(each.fails for each in tickets)
    return Load(tickets[0].number, max(seconds, default=None), fails, what)


class Errand(Port):
    @read
    async def look(self, ticket: Ticket) -> str: ...
    @write
    async def note(self, ticket: Ticket) -> str: ...
    @once
    async def pay(self, ticket: Ticket) -> str: ...
    @read
    async def parcel(self, parcel: Parcel) -> str: ...

    @many(parcel)
    async def parcels(self, parcels: tuple[Parcel, ...]) -> Mapping[Parcel, str]:
        raise NotImplementedError


class Errands(Errand):
    """Takes its time, also to end when it is cancelled."""

    async def look(self, ticket: Ticket) -> str:
        return await _run(ticket)

    async def note(self, ticket: Ticket) -> str:
        return await _run(ticket)

    async def pay(self, ticket: Ticket) -> str:
        return await _run(ticket)

    async def parcel(self, parcel: Parcel) -> str:
        raise AssertionError("there is one that reads many")

    async def parcels(self, parcels: tuple[Parcel, ...]) -> Mapping[Parcel, str]:
        return await _run(ticket_of(parcels))


async def _run(ticket: Ticket) -> Any:
    if ticket.seconds is None:
        return ticket.result()
    done = False
    try:
        await trio.sleep(ticket.lasts)
        done = True
    finally:
        if not done:
            with trio.CancelScope(shield=True):
                await trio.sleep(ticket.winds_up)
    return ticket.result()
