"""A page that a fault of its driver ends alone: its host and all other pages go on.

Spindles' errors are the kernel's to deal with. What is left is a fault in Spindle itself, or in
what it trusts. For such a page it is as if its process had been killed at this moment: what is kept
is in its log, and nothing else was told to anybody.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from spindle._lasting.stopping import StoppingPage

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ContainedPage"]


class ContainedPage(StoppingPage, ABC):
    """Lets no error out that its work comes upon, but while its log is told."""

    @abstractmethod
    def break_off(self, error: Exception) -> None:
        """It cannot go on here."""

    def contained(self, do: Callable[[], None]) -> None:
        """Do something of its own that belongs to no turn."""
        try:
            do()
        except Exception as error:
            self.break_off(error)

    def _work(self, apply: Callable[..., None] | None, args: tuple[object, ...]) -> None:
        try:
            super()._work(apply, args)
        except Exception as error:
            if self._retelling is not None:
                raise
            self.break_off(error)
