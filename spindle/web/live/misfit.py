"""A form whose controls do not bear the names of its event's fields: the view's own slip.

The visitor is told to fill in a field that they have filled in; only the log can say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from spindle._core.decoding.form_wording import NO_SUCH_FIELD
from spindle._core.decoding.shapes import Field, Leaf, Record
from spindle._core.decoding.shaping import shape_of
from spindle._core.names import bounded, name_of

if TYPE_CHECKING:
    from spindle._core.messages import Event

__all__ = ["misfit"]

_MOST: Final = 20
"""How many names are listed of each kind."""


def misfit(
    event: type[Event], sent: Sequence[tuple[str, str]], faults: Mapping[str, str]
) -> str | None:
    """Say what a refused form sent and what its event has; None if the names may be right.

    They are not if one is no field's, or if nothing at all came for a field that is required. Of
    radio buttons nothing comes before one is chosen, so a field with few values may be missing.
    """
    shape = shape_of(event)
    names = list(dict.fromkeys(name for name, _ in sent))
    strays = [name for name, fault in faults.items() if fault == NO_SUCH_FIELD]
    lacking = [field.name for field in shape.fields if _is_lacking(field, names, faults)]
    if not strays and not lacking:
        return None
    return (
        f"{event.__wire__} has the fields {_listed(_names(shape.fields))}; its "
        f"form sent {_listed(names)}: take the names of controls from fields({name_of(event)})"
    )


def _names(fields: Iterable[Field], within: str = "", depth: int = 5) -> Iterator[str]:
    """What controls may be called; of a record those of its fields, but not for ever."""
    for field in fields:
        name = f"{within}{field.name}"
        if isinstance(field.shape, Record) and depth:
            yield from _names(field.shape.fields, f"{name}.", depth - 1)
        else:
            yield name


def _is_lacking(field: Field, names: Iterable[str], faults: Iterable[str]) -> bool:
    if not field.required or not isinstance(field.shape, (Leaf, Record)):
        return False
    if isinstance(field.shape, Leaf) and field.shape.options is not None:
        return False
    return any(_is_of(field, each) for each in faults) and not any(
        _is_of(field, each) for each in names
    )


def _is_of(field: Field, name: str) -> bool:
    return name == field.name or name.startswith(f"{field.name}.")


def _listed(names: Iterable[str]) -> str:
    quoted = [bounded(name) for name in names]
    more = f" and {len(quoted) - _MOST} more" if len(quoted) > _MOST else ""
    return ", ".join(quoted[:_MOST]) + more if quoted else "nothing"
