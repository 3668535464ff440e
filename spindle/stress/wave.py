"""Visitors who come at the same time, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spindle.stress.storm import Storm

__all__ = ["Wave"]


class Wave:
    """Some visitors, each of whom opens one page after the other until the wave is over.

    Args:
        visitors: how many.
        storms: how often they open their pages at the same time, and end them at one moment; 0 if
            each comes and goes when it likes.
        over: whether no further page is to be opened. Each visitor opens one all the same.
    """

    def __init__(self, visitors: int, *, storms: int, over: Callable[[], bool]) -> None:
        self.visitors = visitors
        self._storms = [Storm(visitors) for _ in range(storms)]
        self._over = over
        self._begun = 0

    def visits(self) -> Iterator[Storm | None]:
        """Count off the visits of one visitor: at least one; each with its storm, if it is one."""
        if not self._storms:
            yield None
            while not self._over():
                yield None
        for number, storm in enumerate(self._storms):
            if self._breaks_loose(number):
                yield storm

    def _breaks_loose(self, number: int) -> bool:
        """Whether there is a storm of that number; who asks first decides it for all."""
        if number == self._begun and (number == 0 or not self._over()):
            self._begun += 1
        return number < self._begun
