"""The one stretch in which two texts differ.

Comparing halves of what is left, as slices, costs one pass over the text at the speed of memory.
"""

from __future__ import annotations

__all__ = ["common_prefix", "common_suffix"]


def common_prefix(old: str, new: str) -> int:
    """Return how many characters both texts begin with."""
    same, limit = 0, min(len(old), len(new))
    while same < limit:
        middle = (same + limit + 1) // 2
        if old[same:middle] == new[same:middle]:
            same = middle
        else:
            limit = middle - 1
    return same


def common_suffix(old: str, new: str, limit: int) -> int:
    """Return how many characters both texts end with, at most `limit`."""
    same, old_end, new_end = 0, len(old), len(new)
    while same < limit:
        middle = (same + limit + 1) // 2
        if old[old_end - middle : old_end - same] == new[new_end - middle : new_end - same]:
            same = middle
        else:
            limit = middle - 1
    return same
