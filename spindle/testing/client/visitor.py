"""A visitor of an app, who opens tabs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spindle.testing.client.tab import Tab

__all__ = ["Client"]


class Client(ABC):
    """A visitor of an app: opens tabs, in memory or in a browser."""

    @abstractmethod
    async def visit(self, target: str) -> Tab:
        """Open a page in a new tab, and settle it.

        Args:
            target: path and query, such as `/buy/tea?copies=2`.

        Raises:
            VisitFailed: the address was answered with something else than a live page.
            NotSettled: the page was still busy when the client's patience was at its end.
        """
