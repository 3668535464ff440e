"""Named places in the life of a lasting page, where a test may end its process.

They are reached by the hook of the stores, `spindle.durable.points`, which costs nothing in a
program.
"""

from __future__ import annotations

from typing import Final

from spindle.durable.points import reach

__all__ = ["LABELS", "reach"]

LABELS: Final = (
    "page:to be created",
    "page:created",
    "frames:to be appended",
    "frames:kept, not told",
    "frames:told",
    "snapshot:to be kept",
    "snapshot:kept",
    "call:intent kept",
    "call:ended, not kept",
    "lease:to be renewed",
    "lease:renewed",
    "replay:acquired",
    "replay:read",
    "replay:a turn",
    "replay:told, nothing begun",
    "replay:gone on",
)
"""All of them."""
