"""Events as visitors send them: who is asked which of two seats, mostly names one of the two.

Drawn from its type alone, a field would hardly ever have a value that the question offers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import inspect as mi

from spindle.testing.properties.building import kind_of_node

if TYPE_CHECKING:
    from spindle._core.messages import Ask, Event
    from spindle.testing.properties.overrides import Replacements

__all__ = ["Draw", "DrawnEvents", "can_be_offered"]

Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]

_MOST: Final = 200
"""How many parts of questions are looked at."""
_ANY: Final = st.integers(0, 119)  # none of up to six is drawn more often than another


class DrawnEvents:
    """Draws the events of one class."""

    def __init__(
        self, strategy: SearchStrategy[Event], offered: Mapping[str, tuple[Any, frozenset[type]]]
    ) -> None:
        """Draw them by their strategy, and some of their fields from questions, by `offered`."""
        self._strategy = strategy
        self._offered = offered

    def draw(self, draw: Draw, asked: Iterable[Ask]) -> Event:
        """Draw one, to be sent while these questions are asked.

        A number is drawn for each field, whatever there is to be picked, or another question would
        make others of the choices that follow.
        """
        event: Event = draw(self._strategy)
        for name, (form, kinds) in self._offered.items():
            number: int = draw(_ANY)
            found = list(_fitting(form, kinds, asked)) if number % 2 else []
            if found:
                event = _changed(event, name, found[number // 2 % len(found)])
        return event


def can_be_offered(
    event: type[Event], given: Replacements, place: str
) -> dict[str, tuple[Any, frozenset[type]]]:
    """The fields of an event that a question may offer values for; their types, and the classes.

    Args:
        event: its class.
        given: the strategies of the test's own, which have the last word.
        place: that of the event.
    """
    if place in given.own:
        return {}
    found: dict[str, tuple[Any, frozenset[type]]] = {}
    for field in msgspec.structs.fields(event):
        within = f"{place}.{field.name}"
        kinds = frozenset(_kinds(field.type))
        if kinds and within not in given.own and not given.within(within):
            found[field.name] = (field.type, kinds)
    return found


def _kinds(form: Any) -> Iterator[type]:
    """The classes that the values of a type have; not those with so few that they need no offer."""
    try:
        waiting = [mi.type_info(form)]
    except (TypeError, ValueError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, mi.Metadata):
            waiting.append(node.type)
        elif isinstance(node, mi.UnionType):
            waiting.extend(node.types)
        else:
            kind = kind_of_node(node)
            if isinstance(kind, type) and kind is not bool:
                yield kind


def _fitting(form: Any, kinds: frozenset[type], asked: Iterable[Ask]) -> Iterator[object]:
    """The parts of questions that a field may have, each once."""
    seen: list[object] = []
    for part in islice(_parts(asked), _MOST):
        if type(part) in kinds and part not in seen:
            seen.append(part)
            try:
                yield msgspec.convert(part, form)
            except (msgspec.ValidationError, TypeError):
                continue


def _parts(asked: Iterable[Ask]) -> Iterator[object]:
    """The fields of questions, then what is in these, and so on."""
    waiting: deque[object] = deque(asked)
    while waiting:
        below = list(_below(waiting.popleft()))
        yield from below
        waiting.extend(below)


def _below(value: object) -> Sequence[object]:
    if isinstance(value, msgspec.Struct):
        return [getattr(value, name) for name in value.__struct_fields__]
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name, None) for each in fields(value)]
    if isinstance(value, dict):
        kept = cast("Mapping[object, object]", value)
        return [*islice(kept, _MOST), *islice(kept.values(), _MOST)]
    if isinstance(value, (list, tuple)):
        return cast("Sequence[object]", value)[:_MOST]
    if isinstance(value, (set, frozenset)):
        return sorted(cast("Iterable[object]", value), key=repr)[:_MOST]
    return ()


def _changed(event: Event, name: str, value: object) -> Event:
    try:
        return msgspec.structs.replace(event, **{name: value})
    except (ValueError, TypeError):  # the event's own check does not want these together
        return event
