"""The smallest conversation: a spindle that asks the same question for ever."""

from __future__ import annotations

from spindle import Event, Spindle, Yield

__all__ = ["Echo", "echo"]


class Echo(Spindle):
    """Asks and is told, over and over."""

    class Said(Event):
        """What was said."""

        text: str

    class Ask(Yield[Said]):
        """Say something."""

        number: int


async def echo() -> None:
    """Ask for ever."""
    while True:
        await Echo.Ask(1)
