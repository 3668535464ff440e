"""Values of all kinds, and what is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

import attrs
import msgspec


class Fixed(msgspec.Struct, frozen=True):
    names: list[str]
    size: int = 0


class Loose(msgspec.Struct):
    names: list[str] = msgspec.field(default_factory=list[str])


@dataclass(frozen=True)
class Row:
    names: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Cart:
    names: list[str] = field(default_factory=list[str])


@attrs.define
class Parcel:
    names: list[str] = attrs.Factory(list[str])


class Pair(NamedTuple):
    names: list[str]
    size: int


class Point(NamedTuple):
    x: int
    y: int


class Lock:
    """Is no value."""


@dataclass
class Service:
    rows: list[object]
    lock: object


async def method(*_: object, **__: object) -> None:
    """Of a port."""


T = TypeVar("T")


class Sheet(msgspec.Struct, Generic[T], dict=True):
    items: list[T]


@dataclass
class Line:
    sku: str
    count: int = 1


@dataclass
class Basket:
    """Finds its lines by an index of its own."""

    lines: list[Line]

    def __post_init__(self) -> None:
        self._by_sku = {each.sku: each for each in self.lines}

    @cached_property
    def first(self) -> Line:
        return self.lines[0]

    def add(self, sku: str) -> str:
        self._by_sku[sku].count += 1
        return str([each.count for each in self.lines])
