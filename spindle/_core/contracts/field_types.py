"""Whether the fields of a message can cross the edge of a page: in for events, out for others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect as mi

from spindle._core.contracts.nodes import Node, Place, hashable, nodes_below
from spindle._core.errors import ContractError
from spindle._core.messages import Event, Message
from spindle._core.names import name_of

__all__ = ["check_fields"]

_CARRIED = "a msgspec.Struct, a dataclass, an enum, str, int, bool, a list of these ..."


def check_fields(message: type[Message]) -> None:
    """Check that msgspec can decode (an event) or encode (a yield, a notify) every field.

    Raises:
        ContractError: names the class, the field and the fix.
    """
    find = _undecodable if issubclass(message, Event) else _unencodable
    field = ""
    try:
        for field, annotation in _annotations(message):
            for place, problem in find(annotation, field):
                raise ContractError(f"{name_of(message)}{place}: {problem}")
    except NameError as error:
        name = str(error.name)
        where = name_of(message) + (field or _field_that_says(name, message))
        raise ContractError(_unresolved(where, name)) from None


def _undecodable(annotation: object, field: str) -> Iterator[Place]:
    try:
        root = mi.type_info(annotation)
    except TypeError as error:
        yield field, _sentence(error)
    else:
        for place, node in nodes_below(root):
            problem = _why_not_decoded(node)
            if problem:
                yield field + place, problem


def _why_not_decoded(node: Node) -> str:
    match node:
        case mi.CustomType(cls) if cls is not object:
            return f"msgspec cannot decode {name_of(cls)}. Use what JSON carries: {_CARRIED}"
        case mi.RawType() | mi.ExtType():
            return f"what a visitor sends has to be decoded. Use what JSON carries: {_CARRIED}"
        case mi.SetType(item) | mi.FrozenSetType(item) if not hashable(item):
            return "the items of a set have to be hashable. Use frozen=True for them, or a tuple."
        case mi.DictType(key) if not hashable(key) or isinstance(key, _NO_KEYS):
            return "the keys of a JSON object are text. Use str, int or an enum as their type."
        case _:
            return ""


_NO_KEYS = (
    mi.StructType, mi.DataclassType, mi.NamedTupleType, mi.TupleType, mi.VarTupleType,
    mi.FrozenSetType, mi.BoolType,
)  # fmt: skip


def _unencodable(annotation: object, field: str) -> Iterator[Place]:
    """Find what msgspec cannot encode; it encodes more than it decodes (any union of structs)."""
    return _unencodable_in(annotation, field, set())


def _unencodable_in(annotation: object, place: str, seen: set[int]) -> Iterator[Place]:
    try:
        root = mi.type_info(annotation)
    except TypeError as error:
        if id(annotation) not in seen:
            seen.add(id(annotation))
            yield from _unencodable_parts(annotation, place, seen, error)
    else:
        for below, node in nodes_below(root):
            if isinstance(node, mi.CustomType) and node.cls is not object:
                yield place + below, f"msgspec cannot encode {name_of(node.cls)}. Use {_CARRIED}"


def _unencodable_parts(
    annotation: object, place: str, seen: set[int], error: TypeError
) -> Iterator[Place]:
    cls: object = annotation
    if isinstance(cls, type) and issubclass(cls, msgspec.Struct):
        for field, inner in _annotations(cls):
            yield from _unencodable_in(inner, place + field, seen)
    elif parts := _parts(annotation):
        for part in parts:
            yield from _unencodable_in(part, place, seen)
    else:
        yield place, _sentence(error)


def _parts(annotation: object) -> tuple[object, ...]:
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return arguments[:1]
    return () if get_origin(annotation) is Literal else tuple(a for a in arguments if a is not ...)


def _annotations(struct: type[msgspec.Struct]) -> Iterator[tuple[str, object]]:
    hints = get_type_hints(struct, include_extras=True)
    return ((f".{field}", hints[field]) for field in struct.__struct_fields__)


def _sentence(error: TypeError) -> str:
    return f"msgspec refuses it: {error}."


def _field_that_says(name: str, message: type[Message]) -> str:
    word = re.compile(rf"\b{re.escape(name)}\b")
    annotations = message.__annotations__.items()
    return next((f".{field}" for field, said in annotations if word.search(str(said))), "")


def _unresolved(where: str, name: str) -> str:
    return (
        f"{where}: the name {name} is not found. Types of fields are looked up in the module when "
        f"the class is defined: define {name} at module level, not beside the message in its block "
        f"or in a function, and import it outside `if TYPE_CHECKING`."
    )
