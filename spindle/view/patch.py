"""What changed between two renderings, as little text as will do.

Rendered HTML is compared as text, so that any template engine will do: one splice where that is
small, else a delta by key, else the whole text. Offsets count UTF-16 units, as browsers do.
"""

from __future__ import annotations

import zlib

import msgspec

from spindle.view.delta import delta
from spindle.view.script import Op, Script, weigh

__all__ = ["Full", "Patch", "apply", "checksum", "diff"]

# A splice below both is sent without looking for anything better.
_SMALL, _SMALL_SHARE = 1_000, 0.1

# Above this share of the new text a patch is not worth its round of checking.
_LARGE_SHARE = 0.5


class Full(msgspec.Struct, frozen=True):
    """The new text itself, and its checksum."""

    html: str
    hash: int


class Patch(msgspec.Struct, frozen=True):
    """Operations that make the new text out of the old, and the new text's checksum.

    An operation is `(start, length)`, which copies that stretch of the old text in UTF-16 units, or
    a text, which inserts itself.
    """

    ops: tuple[Op, ...]
    hash: int


def checksum(html: str) -> int:
    """Return the CRC-32 of the UTF-8 bytes, by which both ends compare their texts."""
    return zlib.crc32(html.encode())


def diff(old: str, new: str) -> Full | Patch:
    """Return how a browser that shows `old` comes to show `new`.

    The work grows with the length of the texts. Equal texts give a patch that copies everything.

    Args:
        old: The text the browser has, from `render_root`.
        new: The text it is to have.

    Returns:
        A patch, or the full text if more than half of it would have to be sent.
    """
    ops = _splice(old, new)
    if weigh(ops) > max(_SMALL, _SMALL_SHARE * len(new)):
        ops = min(ops, delta(old, new).finish(), key=weigh)
        if weigh(ops) > _LARGE_SHARE * len(new):
            return Full(new, checksum(new))
    return Patch(ops, checksum(new))


def apply(old: str, change: Full | Patch) -> str:
    """Return the new text, as the browser script makes it; for clients in tests.

    Does not compare checksums: `checksum(text) == change.hash` tells whether `old` was the right
    text.
    """
    if isinstance(change, Full):
        return change.html
    units = old.encode("utf-16-le")
    parts = (
        op.encode("utf-16-le") if isinstance(op, str) else units[2 * op[0] : 2 * (op[0] + op[1])]
        for op in change.ops
    )
    return b"".join(parts).decode("utf-16-le")


def _splice(old: str, new: str) -> tuple[Op, ...]:
    script = Script(old)
    script.splice(0, len(old), new)
    return script.finish()
