"""What a coroutine without a page asks, and how those who answer name it.

A question is named by the object it is announced with, and each suspension announces one of its
own: a spindle may await the same message again, and a late answer to the first must not be taken
for one to the second. What the kernel calls it, its source, is known by identity as well: a fork
may speak for the same block.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import outcome
import trio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle._core.messages import Ask
    from spindle._core.source import Source
    from spindle._runtime.results import State

__all__ = ["Next", "Question", "Questions"]


class Next:
    """What comes of an answer, or of a start: the next state, or that there will be none."""

    __slots__ = ("_came", "_result")

    def __init__(self) -> None:
        self._came: trio.Event | None = None
        self._result: outcome.Value[State[Any]] | outcome.Error | None = None

    @property
    def refused(self) -> bool:
        """Whether the answer reached nobody."""
        return isinstance(self._result, outcome.Error)

    def settle(self, state: State[Any]) -> None:
        """Wake who waits."""
        self._come(outcome.Value(state))

    def refuse(self, error: Exception) -> None:
        """Raise `error` where somebody waits."""
        self._come(outcome.Error(error))

    def _come(self, result: outcome.Value[State[Any]] | outcome.Error) -> None:
        self._result = result
        if self._came is not None:
            self._came.set()

    async def wait(self) -> State[Any]:
        """Wait for it; a checkpoint, but no cancel point once it is there."""
        if self._result is None:
            self._came = trio.Event()
            await self._came.wait()
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()
        assert self._result is not None
        return self._result.unwrap()


class Question:
    """A pending yield, as it was announced."""

    __slots__ = ("answered", "ask", "source")

    def __init__(self, source: Source, ask: Ask) -> None:
        self.source = source
        self.ask = ask
        self.answered: Next | None = None
        """What will come of its answer, which is on its way since the driver is busy or pauses."""


class Questions:
    """All pending yields, the oldest first."""

    __slots__ = ("_by_ask", "_by_source")

    def __init__(self) -> None:
        self._by_source: dict[int, Question] = {}
        self._by_ask: dict[int, Question] = {}

    def __iter__(self) -> Iterator[Question]:
        """Those that nobody has answered."""
        return (each for each in self._by_source.values() if each.answered is None)

    def announce(self, source: Source, ask: Ask) -> Question:
        """Take one in, with an object of its own."""
        question = Question(source, copy(ask))
        self._by_source[id(source)] = self._by_ask[id(question.ask)] = question
        return question

    def named(self, ask: Ask) -> Question | None:
        """The one that was announced with this very object, if nobody has answered it."""
        question = self._by_ask.get(id(ask))
        return question if question is not None and question.answered is None else None

    def withdraw(self, source: Source) -> Question:
        """Take one out that is asked no more."""
        question = self._by_source.pop(id(source))
        del self._by_ask[id(question.ask)]
        return question

    def take(self, question: Question) -> Next | None:
        """Take one out whose answer is there; None if it is asked no more."""
        if id(question.source) not in self._by_source:
            return None
        self.withdraw(question.source)
        return question.answered

    def clear(self) -> list[Next]:
        """Take all out; what waits for the answers that were on their way is left."""
        left = [each.answered for each in self._by_source.values() if each.answered is not None]
        self._by_source.clear()
        self._by_ask.clear()
        return left
