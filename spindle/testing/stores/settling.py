"""Which of the states that a page may be in is the one that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spindle.testing.stores.model import Page, Wrong, broken, called

if TYPE_CHECKING:
    from spindle.durable.store import Kept

__all__ = ["settled"]


def settled(
    name: str, may_be: Sequence[Page | None], kept: Kept | None, torn: str = "G1"
) -> Page | None:
    """Compare all that is kept of a page with what may be.

    Args:
        name: the page's.
        may_be: its states, the one before what is in doubt first; None where there is no page.
        kept: as the store tells; None if it has no such page.
        torn: the guarantee that is broken if it is none of several states.

    Returns:
        The state it is in.

    Raises:
        AssertionError: it is none of them; the guarantee is named.
    """
    if kept is None:
        if None in may_be:
            return None
        raise broken("G7", f"page {called(name)} was acknowledged and is gone")
    pages = [each for each in may_be if each is not None]
    if not pages:
        raise broken("G7", f"page {called(name)} is there, and was purged or never created")
    fit = [each for each in pages if each.fits(kept.frames)]
    if not fit:
        raise _fault(pages, kept.frames, acknowledged=None not in may_be)
    faults: list[Wrong] = []
    for page in fit:
        fault = page.fault(kept)
        if fault is None:
            return page
        faults.append(fault)
    if len(may_be) == 1 or all(each.in_bytes for each in faults):
        raise faults[0].broken("G7")
    told = "; or ".join(each.said for each in faults)
    raise broken(torn, f"what was asked has to be kept as a whole or not at all: {told}")


def _fault(pages: Sequence[Page], found: Sequence[bytes], *, acknowledged: bool) -> AssertionError:
    """What is wrong with the frames of a page."""
    least = min(pages, key=lambda page: page.head)
    whole = [*max(pages, key=lambda page: page.head).frames]
    known = least.head if acknowledged else -1
    found = [*least.frames[: least.pruned + 1], *found]
    number = {frame: seq for seq, frame in enumerate(whole)}
    of = f"of page {called(least.name)}"
    if found == whole[: len(found)]:
        if len(found) <= known:
            gone = f"frames {len(found)} to {known} {of}"
            return broken("G7", f"{gone} were acknowledged and are gone")
        return broken("G1", f"of a call only frames up to {len(found) - 1} {of} are there")
    if strange := [seq for seq, frame in enumerate(found) if frame not in number]:
        return broken("G6", f"frame {strange[0]} {of} is not what was appended, or was refused")
    numbers = [number[frame] for frame in found]
    if len(set(numbers)) < len(numbers):
        return broken("G5", f"frames {of} are there twice: {_first(numbers)}")
    return broken("G2", f"there is a gap in the frames {of}: {_first(numbers)}")


def _first(numbers: Sequence[int]) -> str:
    """Some numbers: up to where they are not one after the other."""
    odd = next((at for at, seq in enumerate(numbers) if seq != numbers[0] + at), 0)
    begin = max(0, odd - 3)
    shown = ", ".join(map(str, numbers[begin : odd + 3]))
    return f"[{'…, ' if begin else ''}{shown}{', …' if odd + 3 < len(numbers) else ''}]"
