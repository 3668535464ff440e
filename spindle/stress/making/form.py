"""An event as the fields of the form that makes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, cast

import msgspec

from spindle._core.decoding.decode import DecodeError
from spindle._core.decoding.forms import decode_form
from spindle._core.decoding.json_value import is_object

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event

__all__ = ["form_of"]


def form_of(contract: Declared, event: Event) -> list[tuple[str, str]] | None:
    """Spell an event as names and texts; None if no form gives just this event."""
    posted = list(_fields("", event))
    try:
        same = decode_form(contract, type(event).__wire__, posted) == event
    except DecodeError:
        return None
    return posted if same else None


def _fields(name: str, value: object, *, listed: bool = False) -> Iterator[tuple[str, str]]:
    parts = _parts(value)
    if parts is not None:
        for key, inner in parts:
            yield from _fields(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        items = list(cast("Iterable[object]", value))
        rows = any(_parts(item) is not None or isinstance(item, (list, tuple)) for item in items)
        for index, item in enumerate(items):
            yield from _fields(f"{name}.{index}" if rows else name, item, listed=True)
    elif isinstance(value, bool):
        if value or listed:
            yield name, "on" if value else "off"
    elif value is not None:
        yield name, str(msgspec.to_builtins(value))


def _parts(value: object) -> list[tuple[str, object]] | None:
    """The named parts of a value that consists of such; their names are those of Python."""
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
    elif is_dataclass(value):
        names = tuple(field.name for field in fields(value))
    elif is_object(value):
        return [(str(msgspec.to_builtins(key)), inner) for key, inner in value.items()]
    else:
        return None
    return [(name, getattr(value, name)) for name in names]
