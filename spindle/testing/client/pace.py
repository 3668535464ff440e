"""How often what is typed or pointed at is sent: at once, then the newest of every pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from bs4.element import Tag

    from spindle.testing.client.pairs import Pairs

__all__ = ["PAUSE", "Pace"]

PAUSE: Final = 0.05


class Pace:
    """Runs the first task at once; while it rests, whoever holds it calls `rest` each `PAUSE`."""

    def __init__(self) -> None:
        self.resting = False
        self._waiting: Callable[[], None] | None = None
        self._of: Tag | None = None

    @property
    def waits(self) -> bool:
        """Whether something has not been sent yet."""
        return self._waiting is not None

    def turn_to(self, of: Tag) -> None:
        """Run what waits for another element than this."""
        if of is not self._of:
            self.flush()
        self._of = of

    def run(self, of: Tag, task: Callable[[], None]) -> None:
        """Run a task now, or at the end of the pause unless a newer one comes."""
        self.turn_to(of)
        self._waiting = task
        if not self.resting:
            self.rest()

    def flush(self) -> None:
        """Run what waits, before something that was done after it."""
        task, self._waiting = self._waiting, None
        if task is not None:
            task()

    def follow(self, pairs: Pairs) -> None:
        """Go on with the elements of a new rendering."""
        if self._of is not None:
            self._of = pairs.of(self._of) or self._of

    def rest(self) -> None:
        """End a pause; begin another one if something was sent."""
        self.resting = self._waiting is not None
        self.flush()
