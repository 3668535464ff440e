"""A port whose calls end at moments of their own, so that two never end in the same instant."""

from __future__ import annotations

from dataclasses import dataclass

import trio

from spindle import Port, once, read, write

__all__ = ["Errand", "Errands", "Ticket"]

GOLDEN = 0.6180339887498949
"""Its multiples are as far from each other, modulo 1, as numbers can be."""


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


class Errand(Port):
    @read
    async def look(self, ticket: Ticket) -> str: ...
    @write
    async def note(self, ticket: Ticket) -> str: ...
    @once
    async def pay(self, ticket: Ticket) -> str: ...


class Errands(Errand):
    """Takes its time, also to end when it is cancelled."""

    async def look(self, ticket: Ticket) -> str:
        return await _run(ticket)

    async def note(self, ticket: Ticket) -> str:
        return await _run(ticket)

    async def pay(self, ticket: Ticket) -> str:
        return await _run(ticket)


async def _run(ticket: Ticket) -> str:
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
