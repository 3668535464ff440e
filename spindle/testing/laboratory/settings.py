"""What a search is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spindle._core.errors import SpindleError
from spindle._core.kernel.groups import leaves

if TYPE_CHECKING:
    from spindle.testing.laboratory.schedule import Interleaving

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """How runs are made and judged; see `explore` for what each means."""

    interleaving: Interleaving = "batches"
    may_raise: tuple[type[Exception], ...] = ()
    bound: float | None = None
    steps: int = 10_000

    def is_excused(self, error: BaseException, *, injected: bool) -> bool:
        """Whether an exception is no violation.

        A program to which something was done may hear from Spindle that its page is gone, or that
        what it waits for was cancelled.
        """
        allowed = (*self.may_raise, SpindleError) if injected else self.may_raise
        return all(isinstance(each, allowed) for each in leaves(error))
