"""The smallest conversation: a spindle that asks the same question for ever."""

from __future__ import annotations

from collections.abc import Iterable

from spindle import Event, PageMachine, Spindle, Yield

__all__ = ["Echo", "echo", "start_echoes"]


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


async def start_echoes(page: PageMachine, instances: Iterable[str]) -> None:
    """Start an echo of each name, and let the view see its first question."""
    for instance in instances:
        page.start(Echo, echo, instance=instance)
        await page.outbox.receive()
