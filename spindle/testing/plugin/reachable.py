"""What something keeps alive, directly or through what it refers to."""

from __future__ import annotations

import gc
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["reachable_from"]

MOST: Final = 200_000
"""How many objects are looked at, the nearest ones first."""
# These lead everywhere.
_ENDS: Final = (type, ModuleType, CodeType, FrameType)
_FOREIGN: Final = ("_pytest", "pluggy")


def reachable_from(roots: Iterable[object]) -> set[int]:
    """Find the `id`s of all objects that are reached from the roots.

    Not through modules, the globals of functions, classes, or what belongs to pytest.
    """
    layer = list(roots)
    seen: dict[int, object] = {}
    while layer and len(seen) < MOST:
        new: list[object] = []
        for each in layer:
            if id(each) not in seen and gc.is_tracked(each) and not _is_an_end(each):
                seen[id(each)] = each
                new.append(each)
        layer = [after for each in new for after in _referred_to(each)]
    return set(seen)


def _is_an_end(value: object) -> bool:
    kind = type(value)
    home: object = kind.__module__
    return issubclass(kind, _ENDS) or (isinstance(home, str) and home.partition(".")[0] in _FOREIGN)


def _referred_to(value: object) -> list[Any]:
    if isinstance(value, FunctionType):
        return [value.__closure__, value.__defaults__, value.__kwdefaults__, vars(value)]
    return gc.get_referents(value)
