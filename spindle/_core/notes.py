"""Notes on exceptions: what is known of one and is not in its text."""

from __future__ import annotations

__all__ = ["annotate"]


def annotate(error: BaseException, note: str) -> None:
    """Add a note, once, if the exception takes one: one of the user's own may do anything."""
    try:
        if note not in getattr(error, "__notes__", ()):
            BaseException.add_note(error, note)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: ASYNC103 - of a note that fails
        return  # noqa: ASYNC104
