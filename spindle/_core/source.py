"""Where a message comes from."""

from __future__ import annotations

import msgspec

from spindle._core.contracts.block import Block

__all__ = ["Source"]


class Source(msgspec.Struct, frozen=True):
    """The spindle, and for a yield the suspension, that a message of a page comes from.

    `yield_id` counts 1, 2, ... per block and instance; `Yielded` and `Withdrawn` have it, for all
    else it is None.
    """

    block: type[Block]
    instance: str | None = None
    yield_id: int | None = None
