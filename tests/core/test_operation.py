"""Operations as values, apart from any driver."""

from __future__ import annotations

import pytest

from spindle import OutsideSpindle, perform, sleep, use
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.kernel.meanings.table import meaning_of
from spindle._core.kernel.waits import NOT_READY
from spindle._core.operations.operation import Operation
from tests.talk import Bell, Clerk, Desk, ask_once


def test_awaiting_hands_the_value_itself_to_the_driver() -> None:
    for operation in (Desk.Ask(), Desk.Said("x"), use(Clerk), perform(ask_once)):
        assert operation.__await__().send(None) is operation


def test_the_answer_is_what_the_await_returns() -> None:
    awaited = Desk.Ask().__await__()
    awaited.send(None)
    with pytest.raises(StopIteration) as stopped:
        awaited.send(Desk.Told("a"))
    assert stopped.value.value == Desk.Told("a")


def test_messages_are_values() -> None:
    assert Desk.Ask(1) == Desk.Ask(1) != Desk.Ask(2)
    assert hash(Desk.Said("a")) == hash(Desk.Said("a"))


@pytest.mark.parametrize(
    "refusal",
    [
        TypeError("trio.run received unrecognized yield message Ask()"),
        RuntimeError("Task got bad yield: Ask()"),
    ],
)
def test_what_a_loop_says_of_an_unknown_trap_is_translated(refusal: Exception) -> None:
    for what in (Desk.Ask(), Desk.Said("x"), sleep(1)):
        awaited = what.__await__()
        awaited.send(None)
        name = type(what).__name__
        with pytest.raises(OutsideSpindle, match=rf"{name} was awaited outside a spindle") as said:
            awaited.throw(refusal)
        assert said.value.__suppress_context__


class Texted(RuntimeError):
    def __str__(self) -> str:
        return "Task got bad yield"


@pytest.mark.parametrize(
    "error",
    [
        TypeError("mine"),
        RuntimeError(),
        RuntimeError(3),
        Texted("mine"),
        ValueError("Task got bad yield"),
        LookupError(),
    ],
)
def test_everything_else_passes(error: Exception) -> None:
    for what in (Desk.Ask(), Desk.Said("x"), sleep(1)):
        awaited = what.__await__()
        awaited.send(None)
        with pytest.raises(type(error)) as raised:
            awaited.throw(error)
        assert raised.value is error


def test_what_is_no_operation_has_no_meaning() -> None:
    for trap in (None, 3, "text", object(), Desk.Told(), Desk, Operation):
        assert meaning_of(trap) is None


def test_every_message_means_what_its_kind_means() -> None:
    assert meaning_of(Desk.Ask()) is meaning_of(Bell.Wait()) is not None
    assert meaning_of(Desk.Said("x")) is meaning_of(Bell.Rang(1)) is not None
    assert meaning_of(Operation()) is None


def test_the_answers_that_are_none_print_as_what_they_are() -> None:
    assert repr(SUSPENDED) == "SUSPENDED"
    assert repr(NOT_READY) == "NOT_READY"
