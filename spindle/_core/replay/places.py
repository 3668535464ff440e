"""Classes and functions by where they stand, `shop.contract:Store.Checkout`."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["found_at", "place_of"]


def place_of(value: object) -> str:
    """Where it stands; empty if it is not found there, for it was made in a function."""
    place = f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
    try:
        return place if found_at(place) is value else ""
    except LookupError:
        return ""


def found_at(place: str) -> object:
    """What stands there; its module is loaded.

    Raises:
        LookupError: there is nothing.
    """
    module, _, path = place.partition(":")
    try:
        __import__(module)
        found: Any = sys.modules[module]
        for name in path.split("."):
            found = getattr(found, name)
    except Exception as error:  # what its module does when it is loaded, too
        raise LookupError(f"there is no {place}: {error}") from error
    else:
        return found
