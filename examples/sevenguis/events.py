"""What becomes of an event that finds the coroutine busy, as bases for the seven to derive from."""

from __future__ import annotations

from typing import ClassVar

from spindle import Delivery, Event

__all__ = ["Latest", "Queued"]


class Queued(Event):
    """Waits for the next question that takes it: no press is lost."""

    delivery: ClassVar = Delivery.QUEUE


class Latest(Event):
    """Waits too, and gives way to a newer one: only what was typed last counts."""

    delivery: ClassVar = Delivery.LATEST
