"""An event as the fields of the form that makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from spindle._core.decoding.decode import DecodeError
from spindle._core.decoding.forms import decode_form
from spindle._core.decoding.json_value import is_array, is_object

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event

__all__ = ["form_of"]


def form_of(contract: Declared, event: Event) -> list[tuple[str, str]] | None:
    """Spell an event as names and texts; None if no form gives just this event."""
    fields = list(_fields("", msgspec.to_builtins(event)))
    try:
        same = decode_form(contract, type(event).__wire__, fields) == event
    except DecodeError:
        return None
    return fields if same else None


def _fields(name: str, value: object) -> Iterator[tuple[str, str]]:
    if is_object(value):
        for key, inner in value.items():
            yield from _fields(f"{name}.{key}" if name else key, inner)
    elif is_array(value):
        for index, item in enumerate(value):
            nested = is_object(item) or is_array(item)
            yield from _fields(f"{name}.{index}" if nested else name, item)
    elif value is True:
        yield name, "on"
    elif value is not None and value is not False:
        yield name, str(value)
