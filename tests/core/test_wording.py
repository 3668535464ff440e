"""The sentences with which events and messages are refused."""

from __future__ import annotations

from spindle import Event, Spindle, Yield
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.ledger import Letter
from spindle._core.kernel.record import SpindleRecord, Unnamed
from spindle._core.kernel.waits import YieldWait
from spindle._core.kernel.wording import answers, no_such_spindle, not_asked, stale, wrong_block
from spindle._core.source import Source
from spindle._core.states import Cancelled
from tests.talk import Bell, Desk, ask_once


def record(*asks, block=Desk, instance: str | None = None) -> SpindleRecord:
    made = Hand().kernel.register(block, instance, ask_once, (), {})
    for number, ask in enumerate(asks, 1):
        made.pending[number] = YieldWait(made, 0, ask, Source(block, instance, number))
    return made


class Loose(Event):
    """Of no block."""


def test_nobody_is_there() -> None:
    assert no_such_spindle(Desk.Told(), None, None) == (
        "no spindle: Talk.Desk is not running (it has ended, or was never started)"
    )
    assert no_such_spindle(Desk.Told(), "left", None).startswith("no spindle: Talk.Desk['left'] ")
    assert no_such_spindle(Loose(), None, None).startswith("no spindle: Loose is not running")
    assert no_such_spindle(Desk.Told(), None, Cancelled("closing time")) == (
        "the page has ended (closing time)"
    )


def test_a_yield_that_does_not_wait_any_more() -> None:
    assert stale(record(), Letter(Desk.Told(), 3, None)) == (
        "stale: yield 3 of Talk.Desk does not wait any more for Talk.Desk.Told"
    )


def test_a_yield_that_takes_something_else() -> None:
    assert stale(record(Desk.Take(), instance="left"), Letter(Desk.Told(), 1, "left")) == (
        "not asked: yield 1 of Talk.Desk['left'], Talk.Desk.Take, takes Talk.Desk.Queued, "
        "not Talk.Desk.Told"
    )


def test_nothing_is_asked() -> None:
    assert not_asked(record(), Desk.Told()) == (
        "not asked: Talk.Desk does not ask for anything now, so not for Talk.Desk.Told"
    )


def test_something_else_is_asked() -> None:
    assert not_asked(record(Desk.Take(), Desk.Listen()), Bell.Rung()) == (
        "not asked: Talk.Desk asks Talk.Desk.Take (takes Talk.Desk.Queued), Talk.Desk.Listen "
        "(takes Talk.Desk.Queued or Talk.Desk.Told or Talk.Desk.Typed), "
        "which Talk.Bell.Rung does not answer"
    )


def test_answers_are_sorted() -> None:
    assert answers(frozenset({Desk.Told, Bell.Rung})) == "Talk.Bell.Rung or Talk.Desk.Told"
    assert answers(frozenset()) == "nothing"


def test_a_message_of_another_block_or_of_none() -> None:
    assert str(wrong_block(record(), Bell.Wait())) == (
        "Talk.Desk awaited Talk.Bell.Wait, which belongs to Talk.Bell: a spindle awaits messages "
        "of its own block only. Declare the message in Talk.Desk, or start this function as "
        "Talk.Bell"
    )

    class Question(Yield[Loose]): ...

    assert str(wrong_block(record(), Question())) == (
        "Talk.Desk awaited Question, which belongs to no block: declare it inside Talk.Desk, so "
        "that the page knows whom its answers are for"
    )


def test_a_spindle_is_named_by_block_and_instance_or_by_its_function() -> None:
    assert record().name == "Talk.Desk"
    assert record(instance="left").name == "Talk.Desk['left']"
    assert record(block=Unnamed).name == "ask_once"

    class Local(Spindle[None]): ...

    assert record(block=Local).name == "Local"
