"""What type checkers take for right is not refused: a table, along the docs of `typing`."""

from __future__ import annotations

import array
import collections
import enum
import functools
import io
import numbers
import os
import pathlib
import re
import types
import typing
import weakref
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Reversible,
    Sequence,
    Sized,
    ValuesView,
)
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from dataclasses import KW_ONLY, InitVar, dataclass
from typing import (
    IO,
    Annotated,
    Any,
    BinaryIO,
    ClassVar,
    Concatenate,
    Final,
    Generic,
    Literal,
    LiteralString,
    NamedTuple,
    Never,
    NewType,
    NotRequired,
    Optional,
    ParamSpec,
    Protocol,
    Required,
    Self,
    SupportsInt,
    TextIO,
    TypedDict,
    TypeGuard,
    TypeVar,
    TypeVarTuple,
    Union,
    Unpack,
)
from unittest.mock import AsyncMock, MagicMock, Mock, NonCallableMock, create_autospec

import msgspec
import pytest
import typing_extensions as te

from spindle.testing.fitting import misfit

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
P = ParamSpec("P")
Pair = tuple[T, T]
Json = Union[dict[str, "Json"], list["Json"], str, float, bool, None]  # noqa: UP007
Tree = te.TypeAliasType("Tree", "dict[str, Tree] | int")
Ids = NewType("Ids", list[int])
Length = NewType("Length", float)


class Colour(enum.Enum):
    RED = "red"


class Word(enum.StrEnum):
    A = "a"


class Bits(enum.Flag):
    ONE = 1
    TWO = 2


class Row(TypedDict, total=False):
    name: Required[str]
    age: NotRequired[int]


class Cells(TypedDict, Generic[T]):
    cells: list[T]


class Thing:
    def itself(self) -> Self:
        return self


class Quacks(Protocol):
    def quack(self) -> str: ...


class Holder(Protocol[T]):
    held: T


class Unseen(Any):
    """Of a library without types, for checkers."""


class Point(NamedTuple):
    x: int
    y: int


class Pairs(tuple[T, ...]):
    """Of which nothing is known."""


class Descriptor:
    def __get__(self, obj: object, owner: object = None) -> int:
        return 5

    def __set__(self, obj: object, value: int) -> None: ...


@dataclass
class Described:
    x: Descriptor = Descriptor()


@dataclass
class Slotted:
    x: Descriptor


@dataclass
class Computed:
    _: KW_ONLY
    given: int = 3
    seed: InitVar[int] = 4
    shared: ClassVar[list[int]] = []

    @property
    def x(self) -> str:
        return "x"


class Boxed(msgspec.Struct, Generic[T]):
    value: T
    more: list[T] = []


class Box(Boxed[int]):
    pass


class Partial(msgspec.Struct):
    value: int | msgspec.UnsetType = msgspec.UNSET
    raw: msgspec.Raw = msgspec.Raw(b"")


class Ducks(type):
    def __instancecheck__(cls, value: object) -> bool:
        return hasattr(value, "quack")


class Duck(metaclass=Ducks):
    pass


class Quacking:
    quack = "quack"


def twin(kind: type) -> object:
    """An instance of the class as it is where its module was loaded once more."""
    again = type(kind.__name__, (), {"__module__": kind.__module__})
    again.__qualname__ = kind.__qualname__
    return again()


thing = Thing()
RIGHT: list[tuple[object, object]] = [
    # tuples
    ((1, "a", "b"), tuple[int, typing.Unpack[tuple[str, ...]]]),  # noqa: UP044
    ((1, "a", "b"), tuple[int, *tuple[str, ...]]),
    ((1, "a"), tuple[*Ts]),
    ((1, "a"), tuple[int, Unpack[Ts]]),  # noqa: UP044
    ((1, "a"), tuple[int, te.Unpack[Ts]]),  # noqa: UP044
    ((1, 2), typing.Tuple),  # noqa: UP006
    ((1, 2), tuple),
    ((1, "a"), typing.Tuple[int, str]),  # noqa: UP006
    ((1, 2), Pair[int]),
    (Point(1, 2), tuple[int, int]),
    (Point(1, 2), Sequence[int]),
    (Pairs([1, 2]), tuple[int, ...]),
    # files
    (io.StringIO(), TextIO),
    (io.BytesIO(), BinaryIO),
    (io.BytesIO(), IO[bytes]),
    (io.TextIOWrapper(io.BytesIO()), TextIO),
    (io.StringIO(), IO[str] | None),
    # special forms
    (3, Annotated[int, msgspec.Meta(gt=5)]),
    (True, TypeGuard[int]),
    (thing, Self),
    (1, Never),
    ("a", LiteralString),
    (1, Final[int]),
    (1, Required[int]),
    (len, Callable[Concatenate[int, P], int]),
    (len, Callable[P, int]),
    (None, Optional[int]),  # noqa: UP045
    ([None], list[Optional[int]]),  # noqa: UP045
    ("a", te.Literal["a"]),
    (1, te.ReadOnly[int]),
    ([1], list["Thing"]),
    (1, typing.ForwardRef("str")),
    # literals and enums
    (Colour.RED, Literal[Colour.RED]),
    (Word.A, str),
    (Word.A, Literal["a"]),
    (Bits.ONE | Bits.TWO, Bits),
    (None, Literal["a", None]),
    # numbers and bytes
    (3, float),
    (True, complex),
    ([1], list[float]),
    ({"a": 1}, Mapping[str, float]),
    (3, Length),
    (3, numbers.Number),
    (bytearray(b"a"), bytes),
    (memoryview(b"a"), bytes),
    (memoryview(b"a"), te.Buffer),
    (array.array("i"), te.Buffer),
    (b"a", Sequence[int]),
    (array.array("i", [1]), MutableSequence[int]),
    # abstract collections
    ("ab", Iterable[str]),
    (range(3), Sequence[int]),
    ({"a": 1}, Collection[str]),
    ({"a": 1}, MutableMapping[str, int]),
    ({"a": 1}.keys(), KeysView[str]),
    ({"a": 1}.keys(), AbstractSet[str]),
    ({"a": 1}.values(), ValuesView[int]),
    ({"a": 1}.items(), ItemsView[str, int]),
    (frozenset({1}), AbstractSet[int]),
    ({1}, MutableSet[int]),
    ([1], Reversible[int]),
    ([], Sized),
    (1, Hashable),
    (types.MappingProxyType({"a": 1}), Mapping[str, int]),
    (collections.Counter("a"), collections.Counter[str]),
    (collections.Counter("a"), dict[str, int]),
    (collections.ChainMap({"a": 1}), Mapping[str, int]),
    (collections.defaultdict(int, a=1), collections.defaultdict[str, int]),
    (collections.UserDict({"a": 1}), MutableMapping[str, int]),
    (collections.UserList([1]), collections.UserList[int]),
    ((each for each in "a"), Iterator[str]),
    ((each for each in "a"), Generator[str, None, None]),
    (AsyncMock(), Awaitable[int]),
    (MagicMock(), AsyncIterator[int]),
    (MagicMock(), Coroutine[Any, Any, int]),
    # callables, classes
    (functools.partial(len), Callable[[str], int]),
    (Thing, Callable[[], Thing]),
    (thing.itself, typing.Callable),
    (Thing, type[Thing]),
    (Thing, type[Thing | int]),
    (Thing, typing.Type[Any]),  # noqa: UP006
    (list[int], type[list[int]]),
    (dict[str, int], type),
    # generics, protocols, aliases
    ([1, "a"], list[T]),
    (Boxed(1), Boxed[str]),
    (Box(1), Box),
    (Box(1), Boxed[int]),
    ([Boxed(1)], list[Boxed[str]]),
    (Partial(), Partial),
    (object(), Quacks),
    (object(), Holder[int]),
    (1, SupportsInt),
    (nullcontext(), AbstractContextManager[None]),
    (pathlib.Path(), os.PathLike[str]),
    (re.compile("a"), re.Pattern[str]),
    (re.compile("a"), typing.Pattern[str]),
    ([1], Ids),
    ({"a": [1, {"b": None}]}, Json),
    ({"a": {"b": 1}}, Tree),
    ({"name": "Ada"}, Row),
    ({"cells": [1]}, Cells[int]),
    # others' classes
    (Quacking(), Duck),
    (weakref.proxy(thing), Thing),
    (twin(Thing), Thing),
    (Unseen(), int),
    ([Unseen()], list[Literal["a"]]),
    # fields that say nothing of their values
    (Described(), Described),
    (Slotted(5), Slotted),  # type: ignore[arg-type]
    (Computed(), Computed),
    # mocks
    (Mock(), Literal["a"]),
    (Mock(), Row),
    (Mock(), Cells[int]),
    (Mock(), tuple[int, str]),
    (MagicMock(), tuple[int, str]),
    (MagicMock(), tuple[int, ...]),
    ((Mock(), MagicMock()), tuple[int, tuple[int, str]]),
    (Mock(), Length),
    (Mock(), None),
    (Mock(), int | None),
    (Mock(), type[Thing]),
    (NonCallableMock(), Callable[[], int]),
    ({"a": Mock()}, dict[str, int]),
    (Boxed(Mock()), Boxed[int]),
    (create_autospec(Thing), Thing),
    (create_autospec(Thing, instance=True), Thing),
]


@pytest.mark.parametrize(("value", "hint"), RIGHT)
def test_what_type_checkers_accept_is_not_refused(value: object, hint: object) -> None:
    assert misfit(value, hint) is None


def test_only_the_first_thousand_parts_are_looked_at_in_all() -> None:
    rows: list[list[object]] = [[1] * 10 for _ in range(100)]
    rows[80][0] = "a"
    found = misfit(rows, list[list[int]])
    assert found is not None
    assert found.path == "[80][0]"
    rows[80][0], rows[95][0] = 1, "a"
    assert misfit(rows, list[list[int]]) is None


def test_a_large_value_costs_no_more_than_a_thousand_parts() -> None:
    asked = 0

    class Asked(int):
        @property
        def __class__(self) -> type:  # type: ignore[override]
            nonlocal asked
            asked += 1
            return int

    assert misfit([[Asked()] * 1_000] * 1_000, list[list[str]]) is not None
    asked = 0
    assert misfit([[Asked()] * 1_000] * 1_000, list[list[Literal[0]]]) is None
    assert misfit([[3] * 1_000] * 1_000, list[list[Asked]]) is not None
    assert asked <= 1_000
