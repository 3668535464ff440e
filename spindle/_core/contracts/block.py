"""The key under which a spindle runs, whatever the spindle returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from spindle._core.contracts.description import Description
    from spindle._core.operations.cell import Cell

__all__ = ["Block"]


class Block:
    """Base of every block; blocks themselves derive `Spindle`."""

    __description__: ClassVar[Description]
    __cells__: ClassVar[tuple[Cell[object], ...]] = ()
