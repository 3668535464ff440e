"""Exceptions that a log keeps, and what is told of those that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spindle import CallFailed, Coroutine, Log, perform
from spindle._core.replay.failures import keep_error, revive
from spindle._core.replay.formats import Format


class SoldOut(Exception):
    def __init__(self, sku: str, left: int = 0) -> None:
        super().__init__(sku, left)
        self.left = left


class Odd(Exception):
    """Is made of something else than it keeps."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


class Told(Exception):
    """Says itself what it is made of."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")
        self.both = [first, second]

    def __reduce__(self) -> tuple[type[Told], tuple[int, ...]]:
        return type(self), tuple(self.both)


class Untold(Exception):
    def __reduce__(self) -> str:
        raise TypeError("not to be copied")


class Holding(Exception):
    pass


def raised(error: Exception, *, as_json: bool) -> list[Exception]:
    """What a spindle gets from a call that raises this, live, resumed, and resumed again."""

    async def gives() -> None:
        raise error

    async def takes() -> None:
        try:
            await perform(gives)
        except Exception as came:
            given.append(came)

    given: list[Exception] = []
    log = Log(json=as_json)
    Coroutine(takes, log=log).run()
    Coroutine.resume(takes, log)
    Coroutine.resume(takes, Log.load(log.dump()))
    return given


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        KeyError("a"),
        SoldOut("tea", 2),
        OSError(2, "gone"),
        OSError(2, "gone", "file.txt", None, "other.txt"),
        ImportError("none", name="shop", path="shop.py"),
        Told(1, 2),
        Untold("x", 1),
        Holding(),
    ],
    ids=repr,
)
def test_an_error_is_raised_as_it_was(error: Exception, as_json: bool) -> None:
    if not isinstance(error, Told):  # which says nothing of notes
        error.add_note("said with care")
    given = raised(error, as_json=as_json)
    assert len(given) == 3
    for each in given:
        assert type(each) is type(error)
        assert each is not error
        assert each.args == error.args
        assert vars(each) == vars(error)
        assert str(each) == str(error)
        for name in ("filename", "filename2", "name", "path"):
            assert getattr(each, name, None) == getattr(error, name, None)
    assert given[0].__traceback__ is not None


class Odder(Exception):
    """Says that it is made of something that nothing is made of."""

    def __init__(self, made: object) -> None:
        super().__init__("x")
        self.made = made

    def __reduce__(self) -> Any:
        return self.made


class Louder(Exception):
    """Made of what it keeps, it would keep something else."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text}!")


class Plain:
    def __repr__(self) -> str:
        return "a plain one"


class Silent:
    def __repr__(self) -> str:
        raise RuntimeError("evil")


class Gone(Exception):
    def __str__(self) -> str:
        return " ".join(map(repr, self.args)) + " is gone"


class NoArgs(Exception):
    @property
    def args(self) -> tuple[object, ...]:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride]
        raise RuntimeError("evil")


def holding() -> Exception:
    error = Holding("x")
    error.held = object()  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Odd(1, 2), "Odd: Odd('1 and 2')"),
        (lambda: ValueError("no", Plain()), "ValueError: ValueError('no', a plain one)"),
        (
            lambda: ValueError("no", Silent()),
            "ValueError: ValueError('no', <Silent, whose repr fails>)",
        ),
        (lambda: Gone(Plain()), "Gone: Gone('a plain one is gone')"),
        (lambda: Gone("tea", Silent()), "Gone: Gone('tea', <Silent, whose repr fails>)"),
        (lambda: ValueError("a" * 2000, Plain()), f"ValueError: ValueError('{'a' * 987}…"),
        (holding, "Holding: Holding('x')"),
        (lambda: Odder((Odder, None)), "Odder: Odder('x')"),
        (lambda: Odder((Odder, (1, 2, 3))), "Odder: Odder('x')"),
        (lambda: NoArgs("a"), "NoArgs: NoArgs('a')"),
        (lambda: Louder("a"), "Louder: Louder('a!')"),
        (lambda: type("Made", (Exception,), {})("here"), "Made: Made('here')"),
        (lambda: ExceptionGroup("two", [ValueError("a")]), "ExceptionGroup: ValueError('a')"),
    ],
)
def test_what_cannot_be_made_anew_is_told_of(
    make: Callable[[], Exception], says: str, as_json: bool
) -> None:
    for each in raised(make(), as_json=as_json):
        assert type(each) is CallFailed
        assert str(each) == says


def test_what_is_to_end_the_program_is_told_of() -> None:
    failure, instead = keep_error(SystemExit(3), Format.JSON)
    assert str(instead) == "SystemExit: SystemExit(3)"
    assert str(revive(failure, Format.JSON)) == str(instead)
