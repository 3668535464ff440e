"""Notes on exceptions: what is known of one and is not in its text."""

from __future__ import annotations

__all__ = ["annotate"]


def annotate(error: BaseException, note: str) -> None:
    """Add a note, if the exception takes one: one of the user's own may do anything."""
    try:
        BaseException.add_note(error, note)
    except Exception:
        return
