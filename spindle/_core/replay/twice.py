"""What is one and the same in two places of a value, and would be two of it read back."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from spindle._core.fields import PLAIN, fields_of_value, is_frozen
from spindle._core.names import shown

__all__ = ["Twice", "twice"]

_CHANGEABLE: Final = (list, dict, set, bytearray, deque)


class Twice(NamedTuple):
    """What can be changed, and is reached on two ways: read back it would be two."""

    first: str
    second: str
    value: object


def twice(named: Iterable[tuple[str, object]]) -> Twice | None:
    """The first such thing within these values; None if there is none.

    Args:
        named: the values, each with how one comes to it.
    """
    seen: dict[int, tuple[str, object]] = {}
    for name, value in named:
        for at, each in _changeable(value, name):
            here = at, each
            if (first := seen.setdefault(id(each), here)) is not here:
                return Twice(first[0], at, each)
    return None


def _changeable(value: Any, at: str) -> Iterator[tuple[str, object]]:
    if type(value) in PLAIN:
        return
    fields = fields_of_value(value)
    is_fixed = is_frozen(type(value)) if fields else not isinstance(value, _CHANGEABLE)
    if not is_fixed:
        yield at, value
    for name in fields or ():
        if type(part := getattr(value, name)) not in PLAIN:
            yield from _changeable(part, f"{at}.{name}")
    if isinstance(value, (list, tuple)):
        for place, each in enumerate(cast("Sequence[object]", value)):
            if type(each) not in PLAIN:
                yield from _changeable(each, f"{at}[{place}]")
    elif isinstance(value, Mapping):
        for key, each in cast("Mapping[object, object]", value).items():
            if type(each) not in PLAIN:
                yield from _changeable(each, f"{at}[{shown(key)}]")
            yield from _changeable(key, f"a key of {at}")
    elif isinstance(value, (set, frozenset)):
        for each in cast("Collection[object]", value):
            yield from _changeable(each, f"a member of {at}")
