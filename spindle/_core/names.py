"""How errors and the wire name what a program declares."""

from __future__ import annotations

import unicodedata

__all__ = ["bounded", "is_wire_name", "name_of", "shortened", "shown"]

LONGEST_WIRE_NAME = 200


def name_of(value: object) -> str:
    """Return the name a class or function is known by where it is written: `Store.Checkout`."""
    qualified: str | None = getattr(value, "__qualname__", None)
    return repr(value) if qualified is None else qualified.rpartition("<locals>.")[2]


def is_wire_name(name: object) -> bool:
    """Say whether `name` can stand in an attribute, a frame and a log: no blanks, no controls."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= LONGEST_WIRE_NAME
        and not any(unicodedata.category(letter)[0] in "CZ" for letter in name)
    )


def shortened(text: str, limit: int = 80) -> str:
    """Cut text that came from outside to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def bounded(text: str, limit: int = 80) -> str:
    """Quote text that came from outside: escaped, on one line, cut to `limit` characters."""
    return repr(shortened(text, limit))


def shown(value: object, limit: int = 100) -> str:
    """Return a repr that cannot fail, whatever the value's own does, cut to `limit` characters."""
    try:
        return shortened(repr(value), limit)
    except Exception:
        return f"<{type(value).__name__}, whose repr fails>"
