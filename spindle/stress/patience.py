"""How long visitors wait for what may come."""

from __future__ import annotations

import random

import trio

__all__ = ["Patience"]


class Patience:
    """Gives visitors time, none of it beyond the end of the run.

    Args:
        seconds: for which a visitor listens, on average, before acting unasked.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = float("inf")
        """When the run has lasted long enough, on trio's clock."""

    @property
    def over(self) -> bool:
        """Whether nobody is to wait any more."""
        return trio.current_time() >= self.ends

    def some(self, draw: random.Random) -> trio.CancelScope:
        """Open the scope for listening, which is left after a while that is drawn."""
        return self.at_most(2 * self.seconds * draw.random())

    def at_most(self, seconds: float) -> trio.CancelScope:
        """Open a scope that is left after so long, or when the run has lasted long enough."""
        return trio.CancelScope(deadline=min(trio.current_time() + seconds, self.ends))
