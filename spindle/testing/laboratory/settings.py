"""What a search is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

import trio

from spindle._core.errors import (
    Abandoned,
    ChannelClosed,
    OutcomeUnknown,
    PageClosed,
    UsageError,
    WasCancelled,
)
from spindle._core.kernel.groups import leaves
from spindle._core.names import shown
from spindle.testing.laboratory.origins import NeighbourFailed
from spindle.testing.laboratory.schedule import Interleaving

__all__ = ["Settings"]


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


CONSEQUENCES: Final[tuple[type[Exception], ...]] = (
    Abandoned,
    ChannelClosed,
    NeighbourFailed,
    OutcomeUnknown,
    PageClosed,
    WasCancelled,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio.EndOfChannel,
)
"""What a right program may raise because something was cancelled, or has failed beside it."""


@dataclass(frozen=True)
class Settings:
    """How runs are made and judged; see `explore` for what each means."""

    interleaving: Interleaving = "batches"
    may_raise: tuple[type[Exception], ...] = ()
    bound: float | None = None
    steps: int = 10_000

    def checked(self) -> Settings:
        """These, if they make sense.

        Raises:
            UsageError: one is no such thing.
        """
        if self.interleaving not in get_args(Interleaving):
            kinds = " or ".join(map(repr, get_args(Interleaving)))
            raise UsageError(f"interleaving= is {kinds}, not {shown(self.interleaving)}")
        if not isinstance(self.may_raise, tuple) or not all(map(_is_exception, self.may_raise)):
            raise UsageError(
                f"may_raise= is a tuple of classes of exceptions, as in (LookupError,), not "
                f"{shown(self.may_raise)}"
            )
        if self.bound is not None and not (
            isinstance(self.bound, (int, float)) and self.bound >= 0
        ):
            raise UsageError(f"bound= is a number of seconds, not {shown(self.bound)}")
        return self

    def is_excused(self, error: BaseException, *, injected: bool) -> bool:
        """Whether an exception is no violation.

        A program to which something was done may hear that its page is gone, or that what it waits
        for was cancelled.
        """
        allowed = (*self.may_raise, *CONSEQUENCES) if injected else self.may_raise
        return all(isinstance(each, allowed) for each in leaves(error))
