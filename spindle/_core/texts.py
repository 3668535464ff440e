"""Texts that a program gives a page to keep: reasons and names of instances."""

from __future__ import annotations

from typing import Any

from spindle._core.errors import UsageError
from spindle._core.names import shown

__all__ = ["plain_text"]


def plain_text(what: str, value: object) -> str:
    """Check that it is a text, and return it without what a class of its own would add.

    The page compares, hashes and prints it for everybody, outside the spindle that gave it.

    Raises:
        UsageError: it is none.
    """
    if type(value) is str:
        return value
    if not issubclass(type(value), str):
        raise UsageError(f"{what} takes a text, not {shown(value)}")
    text: Any = value
    return str.__str__(text)
