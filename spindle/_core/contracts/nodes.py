"""What msgspec knows of a type, walked without going round in the circles of a recursive one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, get_origin

from msgspec import inspect as mi

__all__ = ["Node", "Place", "hashable", "nodes_below"]

Node: TypeAlias = mi.Type
Place: TypeAlias = tuple[str, str]


def nodes_below(root: Node) -> Iterator[tuple[str, Node]]:
    """Yield every node of the tree once, with the place where it is first met: `.lines[].sku`."""
    waiting: list[tuple[str, Node]] = [("", root)]
    seen: set[int] = set()
    while waiting:
        place, node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield place, node
            below = [(place + step, child) for step, child in _children(node)]
            waiting.extend(reversed(below))


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    match node:
        case mi.Metadata(inner):
            yield "", inner
        case mi.UnionType(types):
            yield from (("", each) for each in types)
        case mi.ListType(item) | mi.SetType(item) | mi.FrozenSetType(item) | mi.VarTupleType(item):
            yield "[]", item
        case mi.TupleType(items):
            yield from ((f"[{index}]", item) for index, item in enumerate(items))
        case mi.DictType(key, value):
            yield "[key]", key
            yield "[]", value
        case (
            mi.StructType(fields=fields)
            | mi.DataclassType(fields=fields)
            | mi.TypedDictType(fields=fields)
            | mi.NamedTupleType(fields=fields)
        ):
            yield from ((f".{field.name}", field.type) for field in fields)
        case _:
            pass


_NEVER = (mi.AnyType, mi.ListType, mi.SetType, mi.DictType, mi.TypedDictType, mi.ByteArrayType)


def hashable(root: Node) -> bool:
    """Say whether every value of the type can be hashed, so that a set of them can be decoded."""
    return all(_hashable_itself(node) for _, node in nodes_below(root))


def _hashable_itself(node: Node) -> bool:
    if isinstance(node, mi.StructType):
        config = (get_origin(node.cls) or node.cls).__struct_config__
        return config.frozen or not config.eq
    if isinstance(node, mi.DataclassType):
        return (get_origin(node.cls) or node.cls).__hash__ is not None
    return not isinstance(node, _NEVER)
