"""From what msgspec knows of a type to a strategy for its values."""

from __future__ import annotations

import datetime
import types
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, Union, get_args, get_origin
from uuid import UUID

import msgspec
from hypothesis import reject
from hypothesis import strategies as st
from msgspec import inspect as mi

from spindle._core.contracts.nodes import nodes_below
from spindle._core.errors import UsageError
from spindle._core.names import name_of
from spindle.testing.properties.endless import needs_itself
from spindle.testing.properties.leaves import leaf, sizes
from spindle.testing.properties.probing import can_be_drawn

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from spindle.testing.properties.overrides import Replacements

__all__ = ["Builder", "kind_of_node"]

_MOST: Final = 5
"""Items above the least, where nothing says how many there may be."""
_CLASSES: Final[dict[type[mi.Type], type]] = {
    mi.ListType: list, mi.SetType: set, mi.FrozenSetType: frozenset, mi.VarTupleType: tuple,
}  # fmt: skip
_PLAIN: Final[dict[type[mi.Type], type]] = {
    mi.BoolType: bool, mi.IntType: int, mi.FloatType: float, mi.StrType: str, mi.BytesType: bytes,
    mi.DateTimeType: datetime.datetime, mi.DateType: datetime.date, mi.TimeType: datetime.time,
    mi.TimeDeltaType: datetime.timedelta, mi.UUIDType: UUID, mi.DecimalType: Decimal,
}  # fmt: skip
_RECORDS: Final = (mi.StructType, mi.DataclassType, mi.TypedDictType, mi.NamedTupleType)
_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


class Builder:
    """Builds strategies; each place by itself, for a test may give one place a strategy."""

    def __init__(self, given: Replacements) -> None:
        self._given = given
        self._within: dict[int, SearchStrategy[Any]] = {}
        """The records around the place, for those that contain themselves."""
        self._met: set[int] = set()
        """Those that do."""

    def of(self, form: Any, place: str) -> SearchStrategy[Any]:
        """Build the strategy of a type as it is written; `place` is its path, for errors.

        Raises:
            UsageError: there is none; names the place, and how to give it one.
        """
        given = self._given.at(place, form if isinstance(form, type) else None)
        if given is not None:
            return given
        try:
            node = mi.type_info(form)
        except (TypeError, ValueError) as error:  # of limits that it cannot keep, a ValueError
            why = str(error).partition(". ")[0]
        else:
            return self._at(node, place)
        return self._more_than_msgspec(form, place, why)

    def _more_than_msgspec(self, form: Any, place: str, why: str) -> SearchStrategy[Any]:
        """What msgspec encodes and cannot decode: a union of structs, above all."""
        if get_origin(form) in (Union, types.UnionType):
            parts = sorted(get_args(form), key=lambda each: id(each) in self._within)
            return st.one_of([self.of(each, place) for each in parts])
        if isinstance(form, type) and issubclass(form, msgspec.Struct):
            return self._encoded(form, place)
        return self._refuse(place, f"msgspec does not know it ({why})")

    def _encoded(self, form: type[msgspec.Struct], place: str) -> SearchStrategy[Any]:
        listed = msgspec.structs.fields(form)
        needed = {each.name for each in listed if each.required}

        def make() -> SearchStrategy[Any]:
            fields = {each.name: self.of(each.type, f"{place}.{each.name}") for each in listed}
            return self._made(form, fields, needed)

        made, _ = self._around(form, make)
        if self._met and not self._within and not can_be_drawn(made):
            self._refuse(place, f"one needs another {name_of(form)}, without end")
        return made

    def _at(self, node: mi.Type, place: str) -> SearchStrategy[Any]:
        while isinstance(node, mi.Metadata):
            node = node.type
        given = self._given.at(place, kind_of_node(node))
        if given is not None:
            return given
        try:
            simple = self._simple(node, place)
            return self._composed(node, place) if simple is None else simple
        except ValueError as error:
            return self._refuse(place, str(error))

    def _simple(self, node: mi.Type, place: str) -> SearchStrategy[Any] | None:
        match node:
            case mi.AnyType():
                return _JSON
            case mi.UnionType():
                return self._union(node, place)
            case mi.CustomType(cls) if cls is object:
                return _JSON
            case mi.CustomType(cls):
                return self._refuse(place, f"it is a {name_of(cls)}, which only you can make")
            case _:
                return leaf(node)

    def _union(self, node: mi.UnionType, place: str) -> SearchStrategy[Any]:
        # None first, for it is the simplest; what leads back to where we are only now and then, or
        # values might have no end.
        parts = sorted(node.types, key=lambda each: not isinstance(each, mi.NoneType))
        shallow = [each for each in parts if not self._leads_back(each)]
        deep = [each for each in parts if self._leads_back(each)]
        twice = shallow if deep else []
        return st.one_of([self._at(each, place) for each in (*shallow, *twice, *deep)])

    def _composed(self, node: mi.Type, place: str) -> SearchStrategy[Any]:
        match node:
            case mi.TupleType(items):
                return st.tuples(
                    *(self._at(each, f"{place}[{index}]") for index, each in enumerate(items))
                )
            case mi.ListType() | mi.SetType() | mi.FrozenSetType() | mi.VarTupleType():
                least, most = self._sizes(node, node.item_type)
                item = self._at(node.item_type, f"{place}[]")
                kind = _CLASSES[type(node)]
                unique = isinstance(node, (mi.SetType, mi.FrozenSetType))
                lists = st.lists(item, min_size=least, max_size=most, unique=unique)
                if unique and least > 1 and not can_be_drawn(lists):
                    raise ValueError(f"{least} different items are not found by trying")
                return lists if kind is list else lists.map(kind)
            case mi.DictType(key, value):
                least, most = self._sizes(node, value)
                keys, kept = self._at(key, f"{place}[key]"), self._at(value, f"{place}[]")
                entries = st.dictionaries(keys, kept, min_size=least, max_size=most)
                if least > 1 and not can_be_drawn(st.sets(keys, min_size=least)):
                    raise ValueError(f"{least} different keys are not found by trying")
                return entries
            case mi.StructType() | mi.DataclassType() | mi.TypedDictType() | mi.NamedTupleType():
                return self._record(node, place)
            case _:
                return self._refuse(place, f"{type(node).__name__} has no form of its own")

    def _sizes(self, node: Any, item: mi.Type) -> tuple[int, int]:
        return sizes(node, 1 if self._leads_back(item) else _MOST)

    def _leads_back(self, node: mi.Type) -> bool:
        return any(id(below) in self._within for _, below in nodes_below(node))

    def _record(self, node: Any, place: str) -> SearchStrategy[Any]:
        def make() -> SearchStrategy[Any]:
            fields: dict[str, SearchStrategy[Any]] = {
                each.name: self._at(each.type, f"{place}.{each.name}") for each in node.fields
            }
            return self._made(node.cls, fields, {it.name for it in node.fields if it.required})

        made, again = self._around(node, make)
        endless = needs_itself(node) if again else None
        if endless is not None and not self._given.within(place):
            self._refuse(f"{place}{endless}", f"one needs another {name_of(node.cls)}, without end")
        return made

    def _around(
        self, record: object, make: Callable[[], SearchStrategy[Any]]
    ) -> tuple[SearchStrategy[Any], bool]:
        """Make the strategy of a record that may contain itself, and say whether it does."""
        around = self._within.get(id(record))
        if around is not None:
            self._met.add(id(record))
            return around, False
        made: list[SearchStrategy[Any]] = []
        self._within[id(record)] = st.deferred(lambda: made[0])
        try:
            made.append(make())
        finally:
            del self._within[id(record)]
        return made[0], id(record) in self._met

    def _made(
        self, make: Any, fields: Mapping[str, SearchStrategy[Any]], needed: Iterable[str]
    ) -> SearchStrategy[Any]:
        required = {name: fields[name] for name in fields if name in needed}
        optional = {name: fields[name] for name in fields if name not in needed}
        given = st.fixed_dictionaries(required, optional=optional)
        return given.map(partial(_called, make))

    def _refuse(self, place: str, why: str) -> NoReturn:
        raise UsageError(
            f"no values can be made for {place}: {why}. Give it a strategy: "
            f"overrides={{{place!r}: ...}}, or its class as the key"
        )


def _called(make: Callable[..., Any], fields: Mapping[str, object]) -> object:
    try:
        return make(**fields)
    except (ValueError, TypeError):
        if hasattr(get_origin(make) or make, "__post_init__"):
            reject()  # the type's own check does not want these together
        raise


def kind_of_node(node: mi.Type) -> object:
    """The class of the values that msgspec decodes there; None if it has none of its own."""
    if isinstance(node, (*_RECORDS, mi.EnumType, mi.CustomType)):
        return get_origin(node.cls) or node.cls
    return _PLAIN.get(type(node)) or _CLASSES.get(type(node))
