"""The shape of an event: its type as a tree, which the readers of JSON and of forms walk.

Built from what msgspec itself knows of the type, once for a class, so that the readers and
msgspec's decoders cannot disagree about it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

import msgspec
from msgspec import inspect as mi

__all__ = [
    "Anything",
    "Choice",
    "Field",
    "Fixed",
    "Keyed",
    "Leaf",
    "Many",
    "Record",
    "Shape",
    "Single",
]


class Leaf(msgspec.Struct, frozen=True, eq=False):
    """One value: text, a number, a date, an enum ..."""

    node: mi.Type
    form: object
    """The type in the spelling that `msgspec.convert` takes, constraints included."""
    message: str | None = None
    """What the type says to a visitor who missed it: `Meta(extra={"message": ...})`."""
    options: Mapping[str, object] | None = None
    """The values there are, by the text that a form posts for each; None if they are not few."""


class Anything(msgspec.Struct, frozen=True, eq=False):
    """A field typed Any or object."""


class Field(msgspec.Struct, frozen=True, eq=False):
    """A field of a record."""

    name: str
    encoded: str
    shape: Shape
    required: bool


class Record(msgspec.Struct, eq=False):
    """A Struct, dataclass, named tuple or typed dict."""

    cls: type
    tag_field: str | None = None
    tag: str | int | None = None
    positional: bool = False
    """An array in JSON, its fields in their order."""
    closed: bool = False
    """Unknown fields are refused by msgspec itself."""
    checked: bool = False
    """The class checks itself, in `__post_init__`."""
    fields: tuple[Field, ...] = ()


class Many(msgspec.Struct, frozen=True, eq=False):
    """A list, set, frozenset or tuple of any length."""

    build: Callable[[list[object]], Collection[object]]
    item: Shape
    least: int = 0
    most: int | None = None
    message: str | None = None


class Fixed(msgspec.Struct, frozen=True, eq=False):
    """A tuple that says what stands where."""

    items: tuple[Shape, ...]
    message: str | None = None


class Keyed(msgspec.Struct, frozen=True, eq=False):
    """A mapping."""

    form: object
    """The mapping with its keys only, in the spelling that `msgspec.convert` takes."""
    key: Shape
    value: Shape
    least: int = 0
    most: int | None = None
    message: str | None = None


class Choice(msgspec.Struct, eq=False):
    """A union. msgspec allows one of each kind that JSON can tell apart, and tagged records."""

    optional: bool = False
    leaves: tuple[Leaf, ...] = ()
    form: object = None
    """The leaves alone, in the spelling that `msgspec.convert` takes."""
    records: tuple[Record, ...] = ()
    sequence: Many | Fixed | None = None
    keyed: Keyed | None = None
    message: str | None = None


Single: TypeAlias = Leaf | Anything | Record | Many | Fixed | Keyed
Shape: TypeAlias = Single | Choice
