"""Strategies for values without parts: what msgspec knows of their limits is kept, edges are hit.

Each lists the general case first, so that a failure shrinks to the simplest value, then the edges.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from hypothesis import strategies as st
from msgspec import inspect as mi

from spindle.testing.properties.probing import can_be_drawn, is_plain

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["leaf", "sizes"]

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_LONG: Final = 200
"""From how many characters on a text at the edge is made of one."""
_TRIES: Final = 50
"""Among how many multiples of a number that has no exact form one is looked for."""
_ZONES: Final = st.sampled_from(
    [
        UTC,
        timezone(timedelta(hours=5, minutes=30)),
        timezone(timedelta(hours=-12)),
        timezone(timedelta(hours=14)),
    ]
)
_DIGITS: Final = 10**12


def leaf(node: mi.Type) -> SearchStrategy[Any] | None:
    """Make the strategy of a node without parts; None if that cannot be.

    Raises:
        ValueError: no value can be within its limits; says why.
    """
    if isinstance(node, mi.EnumType):
        return st.sampled_from(list(node.cls))
    if isinstance(node, mi.LiteralType):
        return st.sampled_from(list(node.values))
    make = _LEAVES.get(type(node))
    return None if make is None else make(node)


def sizes(node: Any, default: int) -> tuple[int, int]:
    """How few and how many items there may be; of those without a limit, some above the least.

    Raises:
        ValueError: at least as many are wanted as are too many.
    """
    least: int = node.min_length or 0
    most: int = least + default if node.max_length is None else node.max_length
    if most < least:
        raise ValueError(f"it has {least} items or more and {most} or fewer")
    return least, most


def _integers(node: Any) -> SearchStrategy[int]:
    step = node.multiple_of or 1
    low = _inner(node.ge, node.gt, 1)
    high = _inner(node.le, node.lt, -1)
    # In steps: from the first that is not below `low` to the last that is not above `high`.
    least = -(-(min(_SMALLEST, high or 0) if low is None else low) // step)
    most = (max(_LARGEST, low or 0) if high is None else high) // step
    if most < least:
        raise ValueError(f"no whole number is within its limits ({_limits_of(node)})")
    edges = [edge * step for edge, limit in ((least, low), (most, high)) if limit is not None]
    return _with_edges(st.integers(least, most).map(lambda many: many * step), edges)


def _inner(closed: int | None, opened: int | None, step: int) -> int | None:
    """The outermost whole number that a limit lets pass."""
    return closed if opened is None else opened + step


def _floats(node: Any) -> SearchStrategy[float]:
    if node.multiple_of is not None:
        return _multiples(node)
    low = node.ge if node.gt is None else math.nextafter(node.gt, math.inf)
    high = node.le if node.lt is None else math.nextafter(node.lt, -math.inf)
    edges = [float(edge) for edge in (low, high) if edge is not None]
    if len(edges) == 2 and edges[0] > edges[1]:
        raise ValueError(f"no number is within its limits ({_limits_of(node)})")
    least, most = (None if edge is None else float(edge) for edge in (low, high))
    return _with_edges(st.floats(least, most, allow_nan=False, allow_infinity=False), edges)


def _multiples(node: Any) -> SearchStrategy[float]:
    step: float = node.multiple_of
    low, high = (node.ge, node.gt)[node.gt is not None], (node.le, node.lt)[node.lt is not None]
    least = -(2**40) if low is None else math.ceil(low / step)
    most = 2**40 if high is None else math.floor(high / step)
    if most < least:
        raise ValueError(f"no number is within its limits ({_limits_of(node)})")
    passes = _passes(float, node)
    edges = [edge for edge in (least * step, most * step) if passes(edge)]

    def near(many: int) -> float:
        # For msgspec 3 * 0.1 is no multiple of 0.1, as the remainder is not quite 0.
        candidates = (each * step for each in range(many, max(least - 1, many - _TRIES), -1))
        return next((each for each in candidates if passes(each)), many * step)

    return _with_edges(st.integers(least, most).map(near).filter(passes), edges)


def _texts(node: Any) -> SearchStrategy[str]:
    least, most = node.min_length or 0, node.max_length
    if most is not None and most < least:
        raise ValueError(f"no text is within its limits ({_limits_of(node)})")
    if node.pattern is not None:
        return _matching(node, least, most)
    general = st.text(min_size=min(least, _LONG), max_size=most)
    if least > _LONG:
        general = general.map(lambda text: text.ljust(least, "0"))
    edges = {edge for edge in (node.min_length, most) if edge is not None}
    return st.one_of(general, *(_as_long_as(edge) for edge in sorted(edges)))


def _matching(node: Any, least: int, most: int | None) -> SearchStrategy[str]:
    pattern = str(node.pattern)
    matching: SearchStrategy[str] = st.from_regex(pattern)
    if not least and most is None and is_plain(pattern):
        return matching

    def fitted(text: str) -> str:
        # Of a pattern that repeats something, a shorter or a longer text often matches, too.
        return text[:most] + text[-1:] * (least - len(text))

    fitting = matching.map(fitted).filter(_passes(str, node))
    if not can_be_drawn(fitting):
        raise ValueError(
            f"a text with {_limits_of(node)} is not found by trying, as most are that look around "
            f"or that length and pattern both limit"
        )
    return fitting


def _as_long_as(length: int) -> SearchStrategy[str]:
    if length > _LONG:
        return st.just("0" * length)
    return st.text(min_size=length, max_size=length)


def _bytes(node: Any) -> SearchStrategy[bytes]:
    least, most = sizes(node, 20)
    edges = {edge for edge in (node.min_length, node.max_length) if edge is not None}
    return _with_edges(
        st.binary(min_size=least, max_size=most), [b"\0" * edge for edge in sorted(edges)]
    )


def _zones(node: Any) -> SearchStrategy[Any]:
    if node.tz is None:
        return st.none() | _ZONES
    return _ZONES if node.tz else st.none()


def _decimals(node: Any) -> SearchStrategy[Decimal]:
    # Such as are typed, in the main; contracts refuse numbers with hundreds of digits.
    typed = st.decimals(-_DIGITS, _DIGITS, allow_nan=False, allow_infinity=False, places=2)
    return typed | st.decimals(-_DIGITS, _DIGITS, allow_nan=False, allow_infinity=False)


def _with_edges(general: SearchStrategy[Any], edges: list[Any]) -> SearchStrategy[Any]:
    return st.one_of(general, st.sampled_from(edges)) if edges else general


def _passes(kind: type, node: Any) -> Callable[[Any], bool]:
    """Whether msgspec takes a value: its own word for limits that have no simple form."""
    form: Any = Annotated[kind, msgspec.Meta(**_given(node))]

    def passes(value: object) -> bool:
        try:
            msgspec.convert(value, form)
        except msgspec.ValidationError:
            return False
        return True

    return passes


def _given(node: Any) -> dict[str, Any]:
    given = {name: getattr(node, name) for name in node.__struct_fields__}
    return {name: limit for name, limit in given.items() if limit is not None}


def _limits_of(node: Any) -> str:
    return ", ".join(f"{name}={limit!r}" for name, limit in _given(node).items())


_LEAVES: Final[dict[type[mi.Type], Callable[[Any], SearchStrategy[Any]]]] = {
    mi.NoneType: lambda node: st.none(),
    mi.BoolType: lambda node: st.booleans(),
    mi.IntType: _integers,
    mi.FloatType: _floats,
    mi.StrType: _texts,
    mi.BytesType: _bytes,
    mi.ByteArrayType: lambda node: _bytes(node).map(bytearray),
    mi.MemoryViewType: lambda node: _bytes(node).map(memoryview),
    mi.DateTimeType: lambda node: st.datetimes(timezones=_zones(node)),
    mi.DateType: lambda node: st.dates(),
    mi.TimeType: lambda node: st.times(timezones=_zones(node)),
    mi.TimeDeltaType: lambda node: st.timedeltas(),
    mi.UUIDType: lambda node: st.uuids(),
    mi.DecimalType: _decimals,
}
