"""Form names by type: `fields(Checkout.ShippingGiven).shipping.street`."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import NoReturn, cast

import msgspec
from markupsafe import escape
from msgspec import inspect as shapes
from typing_extensions import TypeVar

from spindle._core.messages import Event
from spindle._core.names import name_of
from spindle.view.errors import ViewError

__all__ = ["FieldPath", "Place", "fields", "place_of"]

E = TypeVar("E", bound=Event)


class Place(msgspec.Struct, frozen=True):
    """A field of an event: its dotted form name, and what may be in it."""

    event: type[Event]
    name: str
    kinds: tuple[shapes.Type, ...]

    def child(self, name: str, shape: shapes.Type) -> Place:
        """Return the place of a field, or an item, of this one."""
        return Place(self.event, f"{self.name}.{name}" if self.name else name, _plain(shape))

    def __str__(self) -> str:
        return f"{name_of(self.event)}.{self.name}" if self.name else name_of(self.event)


class FieldPath:
    """Stands in for an event where its fields are named; its text is the dotted form name."""

    __slots__ = ("__place__",)

    __place__: Place

    def __init__(self, place: Place) -> None:
        self.__place__ = place

    def __getattr__(self, name: str) -> FieldPath:
        if name.startswith("__"):
            raise AttributeError(name)
        place = self.__place__
        known = {field.name: field for shape in place.kinds for field in _fields(shape)}
        if name not in known:
            raise ViewError(_unknown(place, name, tuple(known)))
        return FieldPath(place.child(known[name].encode_name, known[name].type))

    def __getitem__(self, index: int) -> FieldPath:
        place = self.__place__
        for shape in place.kinds:
            item = _item(shape, index)
            if item is not None:
                return FieldPath(place.child(str(index), item))
        raise ViewError(f"{place} has no item {index!r}: items of lists count 0, 1, ...")

    def __iter__(self) -> NoReturn:
        raise ViewError(
            f"{self.__place__} names a field and holds no items: "
            f"loop over the items you show and index, as in fields(...).lines[position]"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldPath) and self.__place__ == other.__place__

    def __hash__(self) -> int:
        return hash((self.__place__.event, self.__place__.name))

    def __str__(self) -> str:
        return self.__place__.name

    def __format__(self, spec: str) -> str:
        return format(self.__place__.name, spec)

    def __html__(self) -> str:
        return escape(self.__place__.name)

    def __repr__(self) -> str:
        return f"<field {self.__place__}>"


def fields(event: type[E], /) -> E:
    """Return a stand-in for `event` whose attributes are the names of its form fields.

    To a type checker it is the event, so a field that does not exist is an error there. Its text is
    the dotted name a control gets: `f.shipping.street` is `shipping.street`, `f.lines[0].sku` is
    `lines.0.sku`. A list of plain values is named without index; its controls share the name.

    Raises:
        ViewError: `event` is not the class of an event; later, at the attribute or index that leads
            to no field.
    """
    return cast("E", _root(event))


def place_of(field: object) -> Place:
    """Return the place that a path made by `fields` leads to.

    Raises:
        ViewError: `field` is something else, such as the name as text.
    """
    if isinstance(field, FieldPath):
        return field.__place__
    raise ViewError(f"expected a field, as in fields(Checkout.ShippingGiven).street, got {field!r}")


def _root(event: object) -> object:
    if isinstance(event, type) and issubclass(event, Event):
        return FieldPath(Place(event, "", (_shape_of(event),)))
    raise ViewError(f"fields({event!r}): expected the class of an event of the contract")


@cache
def _shape_of(event: type[Event]) -> shapes.Type:
    return shapes.type_info(event)


def _plain(shape: shapes.Type) -> tuple[shapes.Type, ...]:
    """Return the alternatives of a union, without what only describes them."""
    if isinstance(shape, shapes.Metadata):
        return _plain(shape.type)
    if isinstance(shape, shapes.UnionType):
        return tuple(each for part in shape.types for each in _plain(part))
    return (shape,)


def _fields(shape: shapes.Type) -> tuple[shapes.Field, ...]:
    if isinstance(shape, shapes.StructType | shapes.DataclassType | shapes.TypedDictType):
        return shape.fields
    return ()


def _item(shape: shapes.Type, index: int) -> shapes.Type | None:
    if isinstance(shape, shapes.CollectionType) and index >= 0:
        return shape.item_type
    if isinstance(shape, shapes.TupleType) and 0 <= index < len(shape.item_types):
        return shape.item_types[index]
    return None


def _unknown(place: Place, name: str, known: tuple[str, ...]) -> str:
    if not known:
        return f"{place} has no fields of its own, so no {name!r}: it is a single value"
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
    return f"{place} has no field {name!r}: {hint}"
