"""Events for the questions of a page, made from the types of their fields."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

import msgspec
from msgspec import inspect as mi

from spindle._core.errors import UsageError
from spindle._core.messages import Event
from spindle._core.names import name_of
from spindle.stress.making.errors import Unmakeable
from spindle.stress.making.values import Values

__all__ = ["Given", "Maker"]

Given: TypeAlias = Mapping[type[Event], Callable[[random.Random], Event]]
"""By event class, a function that makes one: it is called with the chance."""

TRIES: Final = 20
"""How often it is tried to make an event that its own class accepts."""


class Maker:
    """Makes events.

    Args:
        draw: the chance.
        given: functions that make events whose fields' types do not say enough.
    """

    def __init__(self, draw: random.Random, given: Given) -> None:
        self._draw = draw
        self._given = given
        self._values = Values(draw)
        self._roots: dict[type[Event], mi.Type] = {}

    def event(self, cls: type[Event]) -> Event:
        """Make an event of that class.

        Raises:
            Unmakeable: none can be made; says of which field, and how to give some.
            UsageError: a function of the user's gave something else.
        """
        given = self._given.get(cls)
        if given is None:
            return self._made(cls)
        event = given(self._draw)
        if type(event) is not cls:
            raise UsageError(
                f"values[{name_of(cls)}] gave {event!r}: it has to make a {name_of(cls)}"
            )
        return event

    def check(self, classes: Iterable[type[Event]]) -> None:
        """Make one of each.

        Args:
            classes: all that will be asked for.

        Raises:
            Unmakeable: of one of them, none can be made.
            UsageError: there is a function for something else.
        """
        known = set(classes)
        for cls in self._given:
            if cls not in known:
                raise UsageError(f"values= has a function for {name_of(cls)}, no event of the page")
        for cls in known:
            self.event(cls)

    def _made(self, cls: type[Event]) -> Event:
        refused = ""
        for _ in range(TRIES):
            try:
                return msgspec.json.decode(msgspec.json.encode(self._drawn(cls)), type=cls)
            except msgspec.ValidationError as error:
                refused = str(error)
            except Unmakeable as error:
                raise Unmakeable(f"{error}. {_remedy(cls)}") from None
        raise Unmakeable(f"{name_of(cls)} refuses what was made for it ({refused}). {_remedy(cls)}")

    def _drawn(self, cls: type[Event]) -> object:
        root = self._roots.get(cls)
        if root is None:
            root = self._roots[cls] = mi.type_info(cls)
        return self._values.make(root, name_of(cls))


def _remedy(cls: type[Event]) -> str:
    name = name_of(cls)
    return (
        f"Give a function that makes some: PageLoad(..., values={{{name}: lambda draw: "
        f"{cls.__name__}(...)}}), or the same with SiteLoad"
    )
