"""One run of a scenario, as the scenario sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from typing import Final, Protocol, TypeVar

import trio.testing

from spindle._core.errors import UsageError
from spindle._core.names import name_of, shown
from spindle.testing.laboratory.origins import ORIGINS
from spindle.testing.laboratory.schedule import NAME

__all__ = ["Check", "Trial", "Wishes"]

T = TypeVar("T")

Check = Callable[[], object]
"""Looks at something, and raises AssertionError or returns False where it is wrong."""

_NAME: Final = re.compile(NAME)


class Chooses(Protocol):
    """Whoever decides where there is a choice."""

    def choose(self, options: Sequence[object]) -> int:
        """The index of one of the options."""
        ...

    def say(self, text: str) -> None:
        """Put a line into the transcript."""
        ...


@dataclass
class Wishes:
    """What a scenario wants of its run."""

    standing: list[Check] = field(default_factory=list)
    """What holds after every step of any task."""
    closing: list[Check] = field(default_factory=list)
    """What holds when the scenario is over."""
    offers: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What may be done to the program beside cancelling it, by name."""


class Trial:
    """One of the many runs of a scenario. Made by the laboratory, given to the scenario.

    Every run must do the same where the same is chosen: state is made in the scenario, chance and
    time come from `choose` and from trio's clock.
    """

    def __init__(self, chooser: Chooses, wishes: Wishes) -> None:
        self._chooser = chooser
        self._wishes = wishes

    def always(self, check: Check) -> None:
        """Have `check` called after every step of any task from now on, to the end of the run.

        Args:
            check: a plain function without arguments; it must not change anything. Raising
                AssertionError, or returning False, is a violation; it returns True or None else.

        Raises:
            UsageError: `check` is no function, or an async one.
        """
        self._wishes.standing.append(_checked("always", check))

    def at_end(self, check: Check) -> None:
        """Have `check` called when the scenario is over, however it has ended.

        Raises:
            UsageError: `check` is no function, or an async one.
        """
        self._wishes.closing.append(_checked("at_end", check))

    def offer(self, name: str, action: Callable[[], object]) -> None:
        """Let the laboratory call `action` at any one point of the run, from now on.

        For what may happen to a program beside its cancellation: a view that disconnects, a backend
        that fails, a burst of events. It is called between two steps of tasks, and must not block.

        Raises:
            UsageError: `name` is not one word, or that of an origin; or `action` is no function, or
                an async one.
        """
        if name in ORIGINS:
            raise UsageError(f"offer() cannot take the name {name!r}, which cancel= has already")
        if not _NAME.fullmatch(name):
            raise UsageError(f"offer() takes a name of one word, as in 'view-leaves', not {name!r}")
        self._wishes.offers[name] = _checked("offer", action)

    def choose(self, options: Sequence[T]) -> T:
        """One of several options. In the runs that are made in order each is tried.

        Raises:
            UsageError: there is none.
        """
        if not options:
            raise UsageError("choose() takes one option at least")
        return options[self._chooser.choose(options)]

    def say(self, text: str) -> None:
        """Put a line into the transcript that a failure shows."""
        self._chooser.say(text)

    async def settle(self) -> None:
        """Wait until all other tasks wait for something; the clock stands still meanwhile."""
        await trio.testing.wait_all_tasks_blocked()


def _checked(taker: str, check: Check) -> Check:
    if iscoroutinefunction(check):
        raise UsageError(
            f"{taker}() takes a plain function, which is called between two steps of tasks and "
            f"cannot wait, not the async function {name_of(check)}"
        )
    if not callable(check):
        raise UsageError(f"{taker}() takes a function without arguments, not {shown(check)}")
    return check
