"""What a run opens in its own process: pages without a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from spindle._runtime.page import PageMachine

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared
    from spindle.stress.making.maker import Given

__all__ = ["Left", "PageLoad", "Start", "no_values"]

Start: TypeAlias = Callable[[PageMachine], Awaitable[None] | None]
"""Starts the spindles of a page that was opened, as a mount function of `spindle.web` does."""
Left: TypeAlias = Callable[[PageMachine], Iterable[str]]
"""Says in words, when a page has ended, what of it is left: each text is a violation."""


def no_values() -> Given:
    """Leave all answers to the types of their fields."""
    return {}


@dataclass(frozen=True)
class PageLoad:
    """Pages that are opened in the process of the run, answered by their contract, and ended.

    Args:
        contract: of the pages, or a block standing for one.
        start: is called with each page that was opened; starts its spindles. May be async.
        provide: what `use` hands out on every page.
        hosted: whether the pages are opened hosted, too, each alone and on one host of many. Their
            spindles then await operations only.
        values: by event class, a function that makes one, given a `random.Random`: for fields
            whose type does not say enough.
        expected: errors that spindles end with on purpose: no failures.
        left: is called with each page that has ended, and says what of it is left.
    """

    contract: Declared
    start: Start
    _: KW_ONLY
    provide: Mapping[type, object] | None = None
    hosted: bool = False
    values: Given = field(default_factory=no_values)
    expected: tuple[type[Exception], ...] = ()
    left: Left | None = None
