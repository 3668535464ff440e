"""Strategies that a test gives itself, for a class wherever it stands, or for one place."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from hypothesis.strategies import SearchStrategy

from spindle._core.errors import UsageError
from spindle._core.names import name_of, shown

__all__ = ["Overrides", "Replacements"]

Overrides: TypeAlias = Mapping[type | str, SearchStrategy[object]]
"""By class, or by the path of a field as errors name it: `"Checkout.ShippingGiven.email"`."""


class Replacements:
    """What was given, and whether each of it had a place."""

    def __init__(self, overrides: Overrides | None) -> None:
        """Check them.

        Raises:
            UsageError: a key is neither a class nor a path, or a value is no strategy.
        """
        self._given: dict[type | str, SearchStrategy[object]] = dict(overrides or {})
        self._used: set[object] = set()
        self._places: set[str] = set()
        self.own: set[str] = set()
        """The places of which a strategy was given."""
        for key, strategy in self._given.items():
            given: object = strategy
            if not isinstance(key, (type, str)):
                raise UsageError(f"overrides= goes by class or by path, not by {shown(key)}")
            if not isinstance(given, SearchStrategy):
                raise UsageError(
                    f"overrides= gives {_named(key)} {shown(given)}, which is no strategy: "
                    f"use one of hypothesis.strategies, such as just({shown(given, 20)})"
                )

    def at(self, place: str, kind: object = None) -> SearchStrategy[Any] | None:
        """The strategy that was given for a place, or else for the class of what stands there."""
        self._places.add(place)
        keys: list[type | str] = [place, kind] if isinstance(kind, type) else [place]
        for key in keys:
            if key in self._given:
                self._used.add(key)
                self.own.add(place)
                return self._given[key]
        return None

    def within(self, place: str) -> bool:
        """Whether a strategy was given for a part of what stands at a place."""
        return any(each.startswith((f"{place}.", f"{place}[")) for each in self.own)

    def check_all_used(self) -> None:
        """Refuse one that was for nothing: mostly a slip.

        Raises:
            UsageError: names it, and the place that is meant perhaps.
        """
        for key in self._given:
            if key not in self._used:
                close = get_close_matches(str(key), self._places, n=1)
                meant = f"; did you mean {close[0]!r}?" if close else ""
                raise UsageError(f"overrides= has no place for {_named(key)}{meant}")


def _named(key: object) -> str:
    return repr(key) if isinstance(key, str) else name_of(key)
