"""Ports, and what is provided under their names."""

from __future__ import annotations

import pytest
import trio

from spindle import (
    Completed,
    Coroutine,
    Errored,
    ForeignAwait,
    NotProvided,
    OutsideSpindle,
    Port,
    UsageError,
    perform,
    read,
    use,
    write,
)
from spindle._core.operations.port import Repeat, methods_of
from tests.talk import Clerk, Desk, Echo


class Settings:
    def __init__(self, colour: str) -> None:
        self.colour = colour


async def hand_out(kind: type) -> object:
    return await use(kind)


async def look() -> str:
    clerk = await use(Clerk)
    return await clerk.look("tea")


def run(fn, *args: object, provide=None) -> object:
    """What a spindle that asks nothing ends with: its value, or its error."""
    match Coroutine(fn, *args, provide=provide).run():
        case Completed(value):
            return value
        case Errored(error):
            return error
        case state:
            raise AssertionError(state)


def test_use_hands_out_plain_values_as_they_are() -> None:
    settings = Settings("green")
    assert run(hand_out, Settings, provide={Settings: settings}) is settings
    assert run(hand_out, int, provide={int: 0}) == 0
    assert run(hand_out, str, provide={str: None}) is None


def test_use_is_a_thing_that_can_be_awaited_twice() -> None:
    async def twice() -> bool:
        wanted = use(Clerk)
        return type(await wanted) is type(await wanted)

    assert run(twice, provide={Clerk: Echo()}) is True


def test_use_takes_a_class() -> None:
    for nothing in ("Clerk", Echo(), None, lambda: Echo()):
        with pytest.raises(
            UsageError, match=r"use\(\) takes a class, as in `await use\(Catalog\)`"
        ):
            use(nothing)


def test_what_was_not_provided_is_named() -> None:
    assert str(run(hand_out, Clerk)) == (
        "use(Clerk): nothing was provided under Clerk (provided: nothing). "
        "Give it where the page is opened: provide={Clerk: ...}"
    )
    error = run(hand_out, Clerk, provide={Settings: 1, int: 2})
    assert isinstance(error, NotProvided)
    assert "(provided: Settings, int)" in str(error)


class Half(Clerk):
    async def look(self, what: str) -> str:
        return what

    def note(self, what: str) -> None:
        """Not async."""


class Wider(Clerk):
    @read
    async def search(self, text: str) -> list[str]: ...


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(NotProvided, match="provide= is a mapping of classes to what use"):
        Coroutine(look, provide=3)


@pytest.mark.parametrize(
    ("provide", "faults"),
    [
        (
            {"clerk": Echo()},
            ["the key 'clerk' is not a class: use the class that is handed to use()"],
        ),
        ({Clerk: Echo}, ["Clerk was given a class: give an instance, Echo(...)"]),
        ({Clerk: 3}, ["Clerk was given int, which does not subclass Clerk"]),
        (
            {Clerk: Half()},
            [
                "Half does not implement Clerk.note with an async method",
                "Half does not implement Clerk.pay with an async method",
            ],
        ),
        (
            {Clerk: Clerk(), 3: 4},
            [
                "Clerk does not implement Clerk.look with an async method",
                "Clerk does not implement Clerk.note with an async method",
                "Clerk does not implement Clerk.pay with an async method",
                "the key 3 is not a class: use the class that is handed to use()",
            ],
        ),
        ({Wider: Echo()}, ["Wider was given Echo, which does not subclass Wider"]),
    ],
)
def test_what_cannot_be_used_is_named_whole(provide, faults: list[str]) -> None:
    with pytest.raises(NotProvided) as refused:
        Coroutine(look, provide=provide)
    lines = str(refused.value).splitlines()
    assert lines[0] == "provide= cannot be used:"
    assert [line.removeprefix("  - ") for line in lines[1:]] == faults


def test_a_port_that_extends_another_has_the_operations_of_both() -> None:
    assert methods_of(Wider) == {
        "look": Repeat.READ,
        "note": Repeat.WRITE,
        "pay": Repeat.ONCE,
        "search": Repeat.READ,
    }

    class Whole(Echo, Wider):
        async def search(self, text: str) -> list[str]:
            return [text]

    async def uses_both() -> tuple[object, ...]:
        wider = await use(Wider)
        return await wider.search("tea"), await wider.look("cup")

    assert run(uses_both, provide={Wider: Whole()}) == (["tea"], "seen cup")
    assert run(look, provide={Clerk: Whole()}) == "seen tea"


def test_a_method_that_is_not_declared_is_not_there() -> None:
    class Private(Echo):
        async def secret(self) -> None: ...

    async def calls() -> None:
        clerk = await use(Clerk)
        await clerk.secret()

    error = run(calls, provide={Clerk: Private()})
    assert isinstance(error, AttributeError)
    assert "ClerkCalls" in str(error)


def test_an_implementation_may_keep_what_it_likes() -> None:
    class Stateful(Echo):
        def __init__(self) -> None:
            super().__init__()
            self.count = 0

        async def look(self, what: str) -> str:
            self.count += 1
            return f"{what} {self.count}"

    stateful = Stateful()
    assert run(look, provide={Clerk: stateful}) == "tea 1"
    assert run(look, provide={Clerk: stateful}) == "tea 2"


def test_write_and_read_return_the_function_they_mark() -> None:
    async def method(self: Port) -> None: ...

    assert read(method) is method
    assert write(method) is method


# --- perform --------------------------------------------------------------------------------------


async def add(first: int, second: int) -> int:
    return first + second


async def performs(fn, *args: object) -> object:
    return await perform(fn, *args)


def test_perform_calls_any_async_function() -> None:
    assert run(performs, add, 1, 2) == 3
    assert run(performs, Echo().look, "tea") == "seen tea"
    assert run(performs, lambda word: Echo().look(word), "tea") == "seen tea"


def test_perform_takes_a_function_not_a_coroutine_object() -> None:
    with pytest.raises(UsageError) as refused:
        perform(add(1, 2))
    assert "write perform(add, ...) instead of perform(add(...))" in str(refused.value)
    with pytest.raises(UsageError, match="takes an async function and its arguments, not 5"):
        perform(5)  # type: ignore[arg-type]


def test_perform_of_what_is_not_async_is_refused_at_its_await() -> None:
    error = run(performs, len, "abc")
    assert isinstance(error, UsageError)
    assert "len returned int instead of something to await" in str(error)


def test_perform_with_wrong_arguments() -> None:
    assert isinstance(run(performs, add, 1), TypeError)


def test_what_a_call_raises_is_raised() -> None:
    async def fails() -> None:
        raise LookupError("gone")

    assert isinstance(run(performs, fails), LookupError)


# --- by hand --------------------------------------------------------------------------------------


class Waits:
    def __await__(self):
        yield "a trap of some loop"


def test_by_hand_a_port_answers_without_waiting() -> None:
    closed: list[str] = []

    async def waits() -> None:
        try:
            await Waits()
        finally:
            closed.append("closed")

    error = run(performs, waits)
    assert isinstance(error, ForeignAwait)
    assert "waits waited for something (str)" in str(error)
    assert "give performs a fake whose async methods answer without waiting" in str(error)
    assert closed == ["closed"]


def test_by_hand_a_port_cannot_await_operations() -> None:
    async def asks() -> None:
        await Desk.Ask()

    async def asks_within() -> None:
        await perform(asks)

    error = run(asks_within)
    assert isinstance(error, OutsideSpindle)
    assert str(error) == (
        "asks awaited Talk.Desk.Ask: a port is outside the spindle and cannot await operations; "
        "return a value and let asks_within go on with it"
    )


def test_by_hand_a_port_is_named_that_opens_a_trio_scope() -> None:
    async def sleeps() -> None:
        await trio.sleep(1)

    error = run(performs, sleeps)
    assert isinstance(error, ForeignAwait)
    assert "sleeps waited for something" in str(error)
