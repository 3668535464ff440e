"""What a message does by itself."""

from __future__ import annotations

from typing import ClassVar

import pytest

from spindle._core.messages import Delivery, Event, Message, Notify, Yield
from spindle._core.names import bounded, name_of, shortened, shown


class AskName(Yield[str]):
    greeting: str = ""


class Told(Notify):
    news: str


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Poison(Event):
    inside: object


def test_a_yield_hands_itself_over_and_returns_its_answer() -> None:
    asked = AskName("Hello")

    async def spindle() -> str:
        return await asked

    coroutine = spindle()
    assert coroutine.send(None) is asked
    with pytest.raises(StopIteration) as stopped:
        coroutine.send("Ada")
    assert stopped.value.value == "Ada"


def test_a_notify_hands_itself_over() -> None:
    told = Told("It rains")

    async def spindle() -> None:
        await told

    coroutine = spindle()
    assert coroutine.send(None) is told
    with pytest.raises(StopIteration):
        coroutine.send(None)


def test_messages_are_immutable_and_compared_by_what_they_say() -> None:
    assert Told("It rains") == Told("It rains")
    with pytest.raises(AttributeError, match="immutable"):
        Told("It rains").news = "It snows"  # type: ignore[misc]  # the mistake under test


def test_an_event_says_how_it_is_delivered() -> None:
    class Typed(Event):
        delivery: ClassVar = Delivery.LATEST

    assert Told.conflate is False
    assert Poison.delivery is Delivery.ANSWER
    assert Typed.delivery is Delivery.LATEST


def test_a_message_outside_any_block_has_none() -> None:
    assert (Message.__block__, Told.__block__, Told.__wire__) == (None, None, "Told")


def test_a_repr_never_fails() -> None:
    assert repr(Told("It rains")) == "Told(news='It rains')"
    assert repr(Poison(Hostile())) == "<Poison, whose repr fails>"
    assert shown(Hostile()) == "<Hostile, whose repr fails>"
    assert shown("x" * 1_000, 20) == "'" + "x" * 18 + "…"


def test_names_are_those_of_the_source() -> None:
    class Local: ...

    assert name_of(Local) == "Local"
    assert name_of(Delivery.QUEUE) == "<Delivery.QUEUE: 'queue'>"
    assert shortened("abcdef", 4) == "abc…"
    assert bounded("a\nb") == r"'a\nb'"
