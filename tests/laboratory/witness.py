"""What the spindles of a run saw with their own eyes, for the books to be checked against."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import trio

from tests.talk import Clerk

__all__ = ["Token", "Witness", "Work"]

T = TypeVar("T")


@dataclass(eq=False)
class Token:
    """What one call returned: made once, so that it can be told from every other."""

    call: str


@dataclass
class Witness:
    """Notes by identity, never by equality: two equal events are two events."""

    began: list[str] = field(default_factory=list)
    unwound: list[str] = field(default_factory=list)
    cleaned: list[str] = field(default_factory=list)
    heard: list[object] = field(default_factory=list)
    """Every event a spindle received, in order."""
    got_on: list[object] = field(default_factory=list)
    """Of those, the ones whose spindle reached its next yield or returned."""
    tokens: list[Token] = field(default_factory=list)
    """Every value of a call a spindle received."""
    strays: list[str] = field(default_factory=list)
    """What came back from a wait it was not for."""
    scopes: list[trio.CancelScope] = field(default_factory=list)
    """Trio scopes that spindles have around their waits now."""
    _in_hand: dict[str, list[object]] = field(default_factory=dict)

    def reaches(self, who: str) -> None:
        """`who` is about to yield again, or to return."""
        self.got_on += self._in_hand.pop(who, [])

    async def asks(self, who: str, ask: Awaitable[T]) -> T:
        """Await a yield of `who`, and note what it was answered with."""
        self.reaches(who)
        event = await ask
        kinds = tuple(type(ask).__answers__)
        if not isinstance(event, kinds):
            self.strays.append(f"{ask!r} was answered with {event!r}")
        self.heard.append(event)
        self._in_hand.setdefault(who, []).append(event)
        return event

    async def calls(self, call: Callable[..., Awaitable[Any]], name: str) -> None:
        """Await a call that was given its own name, and note the token it returned."""
        token = await call(name)
        if not isinstance(token, Token) or token.call != name:
            self.strays.append(f"call {name} returned {token!r}")
        else:
            self.tokens.append(token)


class Work(Clerk):
    """A port that takes its time: a tick, or a second of the clock."""

    async def look(self, what: str) -> Token:
        await trio.lowlevel.checkpoint()
        return Token(what)

    async def note(self, what: str) -> Token:
        await trio.sleep(1)
        return Token(what)

    async def pay(self, amount: object, *, currency: str = "EUR") -> Token:
        return Token(amount)
