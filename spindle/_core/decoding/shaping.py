"""Build the shape of an event from what msgspec knows of it."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union
from weakref import WeakKeyDictionary

from msgspec import Meta
from msgspec import inspect as mi

from spindle._core.decoding.shapes import (
    Anything,
    Choice,
    Field,
    Fixed,
    Keyed,
    Leaf,
    Many,
    Record,
    Shape,
    Single,
)

if TYPE_CHECKING:
    from spindle._core.messages import Event

__all__ = ["shape_of"]

_shapes: WeakKeyDictionary[type[Event], Record] = WeakKeyDictionary()

_BASES: dict[type[mi.Type], object] = {
    mi.NoneType: None,
    mi.BoolType: bool,
    mi.IntType: int,
    mi.FloatType: float,
    mi.StrType: str,
    mi.BytesType: bytes,
    mi.ByteArrayType: bytearray,
    mi.MemoryViewType: memoryview,
    mi.DateTimeType: datetime.datetime,
    mi.DateType: datetime.date,
    mi.TimeType: datetime.time,
    mi.TimeDeltaType: datetime.timedelta,
    mi.UUIDType: uuid.UUID,
    mi.DecimalType: decimal.Decimal,
}
_CONSTRAINTS = (
    "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz",
)  # fmt: skip
_BUILDS: dict[type[mi.Type], Callable[[list[object]], Collection[object]]] = {
    mi.ListType: list,
    mi.SetType: set,
    mi.FrozenSetType: frozenset,
    mi.VarTupleType: tuple,
}
_TICKS: Mapping[str, object] = {
    "on": True, "true": True, "1": True, "off": False, "false": False, "0": False, "": False,
}  # fmt: skip
_RecordNode: TypeAlias = mi.StructType | mi.DataclassType | mi.TypedDictType | mi.NamedTupleType
_ManyNode: TypeAlias = mi.ListType | mi.SetType | mi.FrozenSetType | mi.VarTupleType


def shape_of(event: type[Event]) -> Record:
    """Return the shape of `event`, built when first asked for."""
    shape = _shapes.get(event)
    if shape is None:
        root = mi.type_info(event)
        assert isinstance(root, mi.StructType)
        shape = _shapes[event] = _Shaper().record(root)
    return shape


class _Shaper:
    """Builds one tree; a recursive type refers to the record that is being built."""

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}

    def shape(self, node: mi.Type, message: str | None = None) -> Shape:
        match node:
            case mi.Metadata(inner):
                return self.shape(inner, _own_message(node, message))
            case mi.UnionType():
                return _choice([self._single(*each) for each in _alternatives(node, message)])
            case _:
                return self._single(node, message)

    def _single(self, node: mi.Type, message: str | None) -> Single:
        match node:
            case mi.AnyType() | mi.CustomType():
                return Anything()
            case mi.ListType() | mi.SetType() | mi.FrozenSetType() | mi.VarTupleType():
                return self._many(node, message)
            case mi.TupleType(items):
                return Fixed(tuple(self.shape(item, message) for item in items), message)
            case mi.DictType(key, value):
                shapes = self.shape(key, message), self.shape(value, message)
                limits = node.min_length or 0, node.max_length
                return Keyed(GenericAlias(dict, (_form(key), Any)), *shapes, *limits, message)
            case mi.StructType() | mi.DataclassType() | mi.TypedDictType() | mi.NamedTupleType():
                return self.record(node)
            case _:
                return Leaf(node, _form(node), message, _options(node))

    def record(self, node: _RecordNode) -> Record:
        known = self._records.get(id(node))
        if known is not None:
            return known
        record = self._records[id(node)] = _empty_record(node)
        record.fields = tuple(
            Field(each.name, each.encode_name, self.shape(each.type), each.required)
            for each in node.fields
        )
        return record

    def _many(self, node: _ManyNode, message: str | None) -> Many:
        item = self.shape(node.item_type, message)
        return Many(_BUILDS[type(node)], item, node.min_length or 0, node.max_length, message)


def _empty_record(node: _RecordNode) -> Record:
    checked = hasattr(node.cls, "__post_init__")
    match node:
        case mi.StructType(tag_field=tag_field, tag=tag, array_like=positional):
            closed = node.forbid_unknown_fields
            return Record(node.cls, tag_field, tag, positional, closed, checked)
        case mi.NamedTupleType():
            return Record(node.cls, positional=True, closed=True)
        case _:
            return Record(node.cls, checked=checked)


def _choice(parts: Sequence[Single]) -> Shape:
    choice = Choice()
    for part in parts:
        match part:
            case Anything():
                return part
            case Leaf(mi.NoneType()):
                choice.optional = True
            case Leaf(message=message):
                choice.leaves += (part,)
                choice.message = choice.message or message
            case Record():
                choice.records += (part,)
            case Keyed():
                choice.keyed = part
            case _:
                choice.sequence = part
    choice.form = _union([leaf.form for leaf in choice.leaves])
    return choice


def _alternatives(node: mi.Type, message: str | None) -> Iterator[tuple[mi.Type, str | None]]:
    match node:
        case mi.UnionType(types):
            for each in types:
                yield from _alternatives(each, message)
        case mi.Metadata(inner):
            yield from _alternatives(inner, _own_message(node, message))
        case _:
            yield node, message


def _own_message(node: mi.Metadata, inherited: str | None) -> str | None:
    extra: Mapping[str, object] = getattr(node, "extra", None) or {}
    own = extra.get("message")
    return own if isinstance(own, str) else inherited


def _form(node: mi.Type) -> object:
    match node:
        case mi.EnumType(cls):
            return cls
        case mi.LiteralType(values):
            return Literal[values]
        case mi.UnionType(types):
            return _union([_form(each) for each in types])
        case mi.Metadata(inner):
            return _form(inner)
        case _:
            base = _BASES[type(node)]
            given = {name: getattr(node, name, None) for name in _CONSTRAINTS}
            limits = {name: limit for name, limit in given.items() if limit is not None}
            return Annotated[base, Meta(**limits)] if limits else base


def _options(node: mi.Type) -> Mapping[str, object] | None:
    match node:
        case mi.BoolType():
            return _TICKS
        case mi.NoneType():
            return {"": None}
        case mi.EnumType(cls):
            return {str(member.value): member for member in cls}
        case mi.LiteralType(values):
            return {"" if value is None else str(value): value for value in values}
        case _:
            return None


def _union(forms: Sequence[object]) -> object:
    return Union[tuple(forms)] if forms else None  # noqa: UP007 - `|` cannot join a sequence
