"""Whether a block or an event is part of a page's contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import UsageError, hides_frames
from spindle._core.messages import Event
from spindle._core.names import name_of, shown

if TYPE_CHECKING:
    from spindle._core.contracts.description import Description

__all__ = ["check_block", "check_event"]

__tracebackhide__ = hides_frames


def check_block(description: Description, block: object) -> None:
    """Refuse what is not a block of this contract.

    Raises:
        UsageError: names the contract's blocks.
    """
    if isinstance(block, type) and block in description.blocks:
        return
    known = ", ".join(name_of(each) for each in description.blocks)
    if not isinstance(block, type):
        name = name_of(block)
        raise UsageError(
            f"start() takes the block first: write start(SomeBlock, {name}, ...), where the "
            f"block is one of {known}"
        )
    raise UsageError(f"{name_of(block)} is not a block of this page's contract, which has {known}")


def check_event(description: Description, event: object) -> None:
    """Refuse what is not an event of this contract.

    Raises:
        UsageError: names the contract's blocks.
    """
    if not isinstance(event, Event):
        raise UsageError(
            f"resume() takes an event, such as SearchTyped(...), not its class or anything "
            f"else; it was given {shown(event)}"
        )
    if event.__block__ not in description.blocks:
        known = ", ".join(name_of(each) for each in description.blocks)
        raise UsageError(
            f"{name_of(type(event))} is not an event of this page's contract: its blocks "
            f"are {known}"
        )
