"""What every store asks of its arguments, before anything waits."""

from __future__ import annotations

from collections.abc import Sequence

from spindle._core.errors import UsageError
from spindle._core.names import is_wire_name, shown

__all__ = ["checked_bytes", "checked_frames", "checked_page"]


def checked_page(page: str) -> None:
    """Check the name of a new page.

    Raises:
        UsageError: it has blanks, control characters or more than 200 characters, or is empty.
    """
    if not is_wire_name(page):
        raise UsageError(
            f"a page is named by 1 to 200 characters without blanks and controls, not {shown(page)}"
        )


def checked_bytes(what: str, value: bytes) -> None:
    """Check that it is bytes.

    Raises:
        UsageError: it is not.
    """
    if type(value) is not bytes:
        raise UsageError(f"a store keeps bytes: {what} is {shown(value)}")


def checked_frames(frames: Sequence[bytes]) -> list[bytes]:
    """Check that all are bytes, and return them.

    Raises:
        UsageError: they are not.
    """
    for each in frames:
        checked_bytes("a frame", each)
    return list(frames)
