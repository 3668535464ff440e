"""Types whose values would have no end: those of a struct that cannot do without another of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import inspect as mi

__all__ = ["needs_itself"]


def needs_itself(node: mi.Type, around: frozenset[int] = frozenset()) -> str | None:
    """The path to where a value would need one more like it, for ever; None if it has an end.

    Args:
        node: what msgspec knows of the type.
        around: the records, by `id`, that it stands in.
    """
    if isinstance(node, mi.UnionType):
        found = [needs_itself(each, around) for each in node.types]
        return None if None in found else found[0]
    if isinstance(node, (mi.StructType, mi.DataclassType, mi.TypedDictType, mi.NamedTupleType)):
        if id(node) in around:
            return ""
        around |= {id(node)}
    for step, below in _needed(node):
        path = needs_itself(below, around)
        if path is not None:
            return step + path
    return None


def _needed(node: Any) -> Iterator[tuple[str, mi.Type]]:
    """The parts that each value has, with the step to them."""
    match node:
        case mi.Metadata(inner):
            yield "", inner
        case mi.TupleType(items):
            yield from ((f"[{index}]", item) for index, item in enumerate(items))
        case mi.ListType() | mi.SetType() | mi.FrozenSetType() | mi.VarTupleType():
            if node.min_length:
                yield "[]", node.item_type
        case mi.DictType():
            if node.min_length:
                yield "[]", node.value_type
        case mi.StructType() | mi.DataclassType() | mi.TypedDictType() | mi.NamedTupleType():
            yield from ((f".{each.name}", each.type) for each in node.fields if each.required)
        case _:
            pass
