"""Structs that contain themselves: those that need another for ever are refused, by the field."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from spindle import UsageError
from spindle.testing.properties import values


class Line(msgspec.Struct, tag=True):
    sku: str


class More(msgspec.Struct):
    again: Endless


class Endless(msgspec.Struct):
    more: More
    old: Endless | None = None


class Crowded(msgspec.Struct):
    all: Annotated[list[Crowded], Meta(min_length=1)]


class Keyed(msgspec.Struct):
    all: Annotated[dict[str, tuple[int, Keyed]], Meta(min_length=1)]


class Between(msgspec.Struct, tag=True):
    one: Between | Beside


class Beside(msgspec.Struct, tag=True):
    one: Between


class Untagged(msgspec.Struct):
    one: Untagged | Twice


class Twice(msgspec.Struct):
    other: Untagged | Twice


class Loose(msgspec.Struct):
    one: Loose | Plain


class Plain(msgspec.Struct):
    count: int


class Ended(msgspec.Struct, tag=True):
    one: Ended | Line
    all: list[Ended] = []
    both: tuple[Ended, Ended] | None = None


class Named(msgspec.Struct):
    within: dict[str, Named]
    last: Annotated[list[Named], Meta(min_length=0)]
    other: Named | None


@pytest.mark.parametrize("form", [Ended, Loose, Named])
def test_what_may_contain_itself_has_an_end(form: type[msgspec.Struct]) -> None:
    seen: list[object] = []

    @settings(max_examples=50, derandomize=True, database=None)
    @given(values(form))
    def sees(value: object) -> None:
        seen.append(value)

    sees()
    assert len(seen) > 20


def test_a_strategy_of_its_own_for_what_has_no_end() -> None:
    within = values(Crowded, overrides={"Crowded.all": st.just([])})
    assert find(within, lambda _: True) == Crowded([])
    ended = Endless(More(None))  # type: ignore[arg-type]
    of_a_class = values(Endless, overrides={More: st.just(ended.more)})
    assert find(of_a_class, lambda _: True) == ended


ENDLESS: list[tuple[type, str]] = [
    (Endless, r"Endless\.more\.again: one needs another Endless, without end"),
    (Crowded, r"Crowded\.all\[\]: one needs another Crowded"),
    (Keyed, r"Keyed\.all\[\]\[1\]: one needs another Keyed"),
    (Between, r"Between\.one: one needs another Between"),
    (Untagged, r"for Untagged: one needs another Untagged"),
]


@pytest.mark.parametrize(("form", "said"), ENDLESS)
def test_what_needs_itself_is_refused(form: type, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        values(form)
