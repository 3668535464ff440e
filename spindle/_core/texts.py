"""Texts that a program gives a page to keep: reasons and names of instances."""

from __future__ import annotations

from typing import Any

from spindle._core.errors import UsageError
from spindle._core.names import shown

__all__ = ["plain_text"]


def plain_text(what: str, value: object) -> str:
    """Check that it is a text, and return it without what a class of its own would add.

    The page compares, hashes, prints and keeps it for everybody, outside the spindle that gave it.

    Raises:
        UsageError: it is none, or holds half a character, which UTF-8 cannot write.
    """
    if type(value) is str and value.isascii():
        return value
    if not issubclass(type(value), str):
        raise UsageError(f"{what} takes a text, not {shown(value)}")
    given: Any = value
    text = str.__str__(given)
    try:
        text.encode()
    except UnicodeEncodeError as half:
        raise UsageError(
            f"{what} takes a text that can be written as UTF-8, not {shown(text)}, which holds "
            f"half a character at {half.start}: write text.encode(errors='replace').decode()"
        ) from None
    return text
