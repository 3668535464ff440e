"""Which messages can change after they were said, as far as the types of their fields say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_origin
from weakref import WeakKeyDictionary

from msgspec import inspect as mi

from spindle._core.contracts.nodes import nodes_below
from spindle._core.messages import Ask

if TYPE_CHECKING:
    from spindle._core.messages import Message

__all__ = ["can_change"]

_KNOWN: Final[WeakKeyDictionary[type, bool]] = WeakKeyDictionary()
_CHANGEABLE: Final = (
    mi.AnyType, mi.RawType, mi.ListType, mi.SetType, mi.DictType, mi.TypedDictType,
    mi.ByteArrayType, mi.MemoryViewType, mi.CustomType,
)  # fmt: skip


def can_change(kind: type[Message]) -> bool:
    """Whether a message can change after it was said; of a question, an answer to it, too."""
    known = _KNOWN.get(kind)
    if known is None:
        answers = kind.__answers__ if issubclass(kind, Ask) else ()
        known = _KNOWN[kind] = any(map(_has_changeable_fields, (kind, *answers)))
    return known


def _has_changeable_fields(kind: type) -> bool:
    try:
        node = mi.type_info(kind)
    except (TypeError, ValueError, NameError):
        return True  # nobody knows
    return any(_is_changeable(below) for _, below in nodes_below(node))


def _is_changeable(node: mi.Type) -> bool:
    if isinstance(node, mi.StructType):
        kind: Any = get_origin(node.cls) or node.cls
        return not kind.__struct_config__.frozen
    if isinstance(node, mi.DataclassType):
        kind = get_origin(node.cls) or node.cls
        return not kind.__dataclass_params__.frozen
    return isinstance(node, _CHANGEABLE)
