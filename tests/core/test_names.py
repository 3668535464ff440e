"""Which errors can be printed without a call of code of their own."""

from __future__ import annotations

import pytest

from spindle import UsageError
from spindle._core.names import prints_plainly


class Plain(Exception):
    """Has no code of its own."""


class OfItsOwn(Exception):
    def __str__(self) -> str:
        raise AssertionError("was called")


class Inherits(OfItsOwn, LookupError):
    """Prints as its base does."""


class Property(Exception):
    @property
    def __cause__(self) -> BaseException:
        raise AssertionError("was called")


class Meta(type):
    def __getattribute__(cls, name: str) -> object:
        raise AssertionError("was called")


class OfAMetaclass(Exception, metaclass=Meta):
    """Its class has code of its own."""


class Value:
    def __repr__(self) -> str:
        raise AssertionError("was called")


class Bare:
    """Is printed as any object is."""


def caused_by(error: Exception) -> Exception:
    made = LookupError("gone")
    made.__cause__ = error
    return made


def in_the_wake_of(error: Exception) -> Exception:
    made = LookupError("gone")
    made.__context__ = error
    return made


def noted(notes: object) -> Exception:
    made = LookupError("gone")
    made.__notes__ = notes  # type: ignore[assignment]
    return made


def chain(length: int) -> Exception:
    error: Exception = LookupError("first")
    for _ in range(length):
        error = in_the_wake_of(error)
    return error


@pytest.mark.parametrize(
    "error",
    [
        LookupError("gone"),
        KeyError(3, None, 1.5, b"x", True),
        Plain("said"),
        UsageError("said"),
        LookupError(Bare(), 1),
        caused_by(Plain()),
        noted(["a note"]),
        chain(20),
    ],
    ids=repr,
)
def test_an_error_of_texts_and_numbers_is(error: Exception) -> None:
    assert prints_plainly(error)


@pytest.mark.parametrize(
    "error",
    [
        OfItsOwn(),
        Inherits(),
        Property(),
        OfAMetaclass(),
        LookupError(Value()),
        LookupError([Value()]),
        LookupError(Plain),
        LookupError("x" * 20_000),
        LookupError(10**5_000),
        caused_by(OfItsOwn()),
        in_the_wake_of(OfItsOwn()),
        noted([Value()]),
        noted(Value()),
        ExceptionGroup("several", [OfItsOwn()]),
        chain(100),
    ],
    ids=lambda error: type(error).__qualname__ if type(type(error)) is type else "of a metaclass",
)
def test_one_with_code_of_its_own_or_of_unknown_length_is_not(error: Exception) -> None:
    assert not prints_plainly(error)
