"""A spindle that nobody drives any more is closed without a word, however deep it waits."""

from __future__ import annotations

import gc

import pytest

from spindle import Contract, Event, Notify, Spindle, Yield
from spindle._core.kernel.edge import discard
from spindle.testing import HandPage


class Deep(Contract):
    class Only(Spindle):
        class Go(Event):
            pass

        class Ask(Yield[Go]):
            pass

        class Said(Notify):
            text: str


Only = Deep.Only
seen: list[str] = []


async def outer() -> None:
    try:
        await middle()
    finally:
        seen.append("outer")
        await Only.Said("never")


async def middle() -> None:
    try:
        await inner()
    finally:
        await Only.Said("never")
        seen.append("not reached")


async def inner() -> None:
    try:
        await Only.Ask()
    finally:
        try:
            await helper()
        finally:
            seen.append("inner")


async def helper() -> None:
    try:
        await Only.Said("never")
    finally:
        seen.append("helper")


async def failing() -> None:
    await raising()


async def raising() -> None:
    try:
        await Only.Ask()
    finally:
        raise ValueError("in a helper")


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def test_operations_in_the_finally_blocks_of_what_it_awaits_are_refused_one_by_one() -> None:
    page = HandPage(Deep)
    page.start(Only, outer)
    [record] = page._hand.kernel.live.values()  # type: ignore[attr-defined]
    discard(record)
    gc.collect()  # what Python complains of then is an error, as any warning
    assert seen == ["helper", "inner", "outer"]
    discard(record)


def test_what_a_helper_raises_is_raised() -> None:
    page = HandPage(Deep)
    page.start(Only, failing)
    [record] = page._hand.kernel.live.values()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="in a helper"):
        discard(record)
