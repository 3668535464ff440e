"""What may answer a yield, read off its declaration."""

from __future__ import annotations

from collections.abc import Callable
from types import new_class
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NewType,
    Optional,
    Protocol,
    TypedDict,
    TypeVar,
    Union,
    runtime_checkable,
)

import pytest
from typing_extensions import TypeAliasType

from spindle._core.errors import ContractError
from spindle._core.messages import Yield

T = TypeVar("T")
S = TypeVar("S")
UserId = NewType("UserId", str)
NameOrAge = TypeAliasType("NameOrAge", str | int)


class Shaped(Protocol):
    x: int


@runtime_checkable
class Sized(Protocol):
    def __len__(self) -> int: ...


class Typed(TypedDict):
    x: int


class Choose(Yield[T], Generic[T]):
    options: tuple[T, ...] = ()


class ChooseTwo(Yield[tuple[T, S]], Generic[S, T]): ...


class ChooseOrNot(Yield[T | None], Generic[T]): ...


class ChooseBackwards(Generic[T], Choose[T]): ...


class ChooseName(Choose[str]): ...


class ChooseNicely(ChooseName):
    hint: str = ""


class ChooseAgain(Choose[T | bytes], Generic[T]): ...


class ChooseAgainNumber(ChooseAgain[int]): ...


@pytest.mark.parametrize(
    ("form", "classes"),
    [
        (str, {str}),
        (str | None, {str, type(None)}),
        (Union[str, bytes], {str, bytes}),  # noqa: UP007 - the older spelling
        (Optional[str], {str, type(None)}),  # noqa: UP045 - the older spelling
        (None, {type(None)}),
        (list[str], {list}),
        (Callable[[], None], {Callable}),
        (Literal["yes", 1], {str, int}),
        (Annotated[str, "a name"], {str}),
        (float, {float, int}),
        (UserId, {str}),
        (NameOrAge, {str, int}),
        (Any, {object}),
        (object, {object}),
        (T, {object}),
        (Shaped, {object}),
        (Sized, {Sized}),
        (Typed, {dict}),
    ],
)
def test_the_answers_are_classes_that_isinstance_can_be_asked_about(
    form: object, classes: set[object]
) -> None:
    asked = new_class("Asked", (Yield[form],))  # type: ignore[valid-type]
    assert asked.__answers__ == classes


def test_a_yield_of_the_users_own_is_followed_to_its_parameters() -> None:
    assert Choose.__answers__ == {object}
    assert ChooseName.__answers__ == {str}
    assert new_class("Backwards", (ChooseBackwards[int],)).__answers__ == {int}
    assert ChooseNicely.__answers__ == {str}
    assert new_class("Both", (ChooseTwo[int, str],)).__answers__ == {tuple}
    assert new_class("Maybe", (ChooseOrNot[int],)).__answers__ == {int, type(None)}
    assert ChooseAgainNumber.__answers__ == {int, bytes}


def test_a_message_outside_any_block_goes_by_its_own_name() -> None:
    assert ChooseName.__wire__ == "ChooseName"
    assert ChooseName.__block__ is None


def test_C1_a_bare_yield_is_refused_outside_a_block_too() -> None:
    with pytest.raises(ContractError, match=r"^AskName derives a bare Yield, so nothing says"):
        new_class("AskName", (Yield,))
