"""An operation used without `await`, as if it were its answer: what was called is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spindle import (
    Cell,
    Channel,
    Errored,
    Event,
    Notify,
    Port,
    Spindle,
    UsageError,
    Yield,
    await_all,
    await_any,
    cancel_reason,
    fiber,
    forget,
    fork,
    many,
    now,
    patched,
    perform,
    random_float,
    read,
    sleep,
    unique_id,
    use,
)
from tests.drivers import Stage, under


class Desk(Spindle):
    cell = Cell[int]()

    class Told(Event):
        word: str

    class Ask(Yield[Told]): ...

    class Said(Notify):
        word: str


class Store(Port):
    @read
    async def load(self) -> list[str]: ...
    @read
    async def one(self, key: str) -> str: ...
    @many(one)
    async def some(self, keys: tuple[str, ...]) -> dict[str, str]:
        raise NotImplementedError


class Shelf(Store):
    async def load(self) -> list[str]:
        return ["a", "b"]

    async def one(self, key: str) -> str:
        return key


async def nothing() -> None: ...


Make = Callable[[Any], Any]
"""Of the store, what is used without an `await`."""

OPERATIONS: dict[str, Make] = {
    "use(Store)": lambda store: use(Store),
    "Store.load(...)": lambda store: store.load(),
    "Store.one(...)": lambda store: store.one("a"),
    "Store.some(...)": lambda store: store.some(("a",)),
    "forget(...)": lambda store: forget(store.one, "a"),
    "perform(nothing, ...)": lambda store: perform(nothing),
    "sleep(...)": lambda store: sleep(1),
    "now()": lambda store: now(),
    "random_float()": lambda store: random_float(),
    "unique_id()": lambda store: unique_id(),
    "Desk.cell.put(...)": lambda store: Desk.cell.put(1),
    "Desk.cell.get()": lambda store: Desk.cell.get(),
    "Desk.cell.watch()": lambda store: Desk.cell.watch(),
    "changes.next()": lambda store: Desk.cell.changes().next(),
    "channel.put(...)": lambda store: Channel[int](1).put(1),
    "channel.take()": lambda store: Channel[int](1).take(),
    "channel.close()": lambda store: Channel[int](1).close(),
    "channel.fail(...)": lambda store: Channel[int](1).fail(ValueError()),
    "await_any(...)": lambda store: await_any(Desk.Ask()),
    "await_all(...)": lambda store: await_all(),
    "cancel_reason()": lambda store: cancel_reason(),
    "patched(...)": lambda store: patched("gift"),
    "Desk.Ask(...)": lambda store: Desk.Ask(),
}
STARTS: dict[str, Make] = {
    "fiber(...)": lambda store: fiber(nothing),
    "fork(...)": lambda store: fork(Desk, nothing),
}


async def of(page: Stage, slip: Callable[[Any], object]) -> Exception:
    """What a spindle fails with that makes a slip."""

    async def slips() -> None:
        slip(await use(Store))

    handle = page.start(Desk, slips, provide={Store: Shelf()})
    await page.settle()
    assert isinstance(handle.outcome, Errored)
    return handle.outcome.error


@pytest.mark.parametrize(("written", "make"), OPERATIONS.items(), ids=OPERATIONS)
@under("hand", "hosted", "task", seeds=1, contract=Desk)
async def test_its_answer_is_asked_for_an_attribute(page: Stage, written: str, make: Make) -> None:
    error = await of(page, lambda store: make(store).word)
    assert type(error) is AttributeError
    assert str(error).endswith(" object has no attribute 'word'")
    assert error.__notes__ == [f"did you forget `await` before {written}?"]


@pytest.mark.parametrize(
    ("written", "make"), (OPERATIONS | STARTS).items(), ids=OPERATIONS | STARTS
)
@under("hand", "hosted", "task", seeds=1, contract=Desk)
async def test_it_is_taken_apart(page: Stage, written: str, make: Make) -> None:
    def loops(store: Any) -> None:
        for _ in make(store):
            pass

    def unpacks(store: Any) -> None:
        _, _ = make(store)

    for slip in loops, unpacks, lambda store: "a" in make(store):
        error = await of(page, slip)
        assert type(error) is TypeError
        assert str(error).endswith(f"is not iterable: did you forget `await` before {written}?")
    error = await of(page, lambda store: make(store)[0])
    assert type(error) is TypeError
    assert str(error).endswith(f"is not subscriptable: did you forget `await` before {written}?")


@under("hand", "hosted", "task", seeds=1, contract=Desk)
async def test_patched_stands_in_a_condition(page: Stage) -> None:
    """It would always be true. Others may be held, and asked whether they are there."""

    def branches(store: Any) -> None:
        if patched("gift"):
            raise ArithmeticError("always")

    for slip in branches, lambda store: not patched("gift"), lambda store: patched("gift") or 3:
        error = await of(page, slip)
        assert type(error) is UsageError
        assert "patched('gift') is neither true nor false: did you forget `await`" in str(error)
    assert bool(sleep(1)) is True


@under("hand", "hosted", "task", contract=Desk)
async def test_nothing_is_added_where_an_await_would_not_help(page: Stage) -> None:
    for slip in (
        lambda store: Desk.Ask().wrod,  # no answer has it
        lambda store: Desk.Said("x").wrod,
        lambda store: store.laod,
        lambda store: nothing.word,
    ):
        error = await of(page, slip)
        assert type(error) is AttributeError
        assert not hasattr(error, "__notes__")


def test_where_no_spindle_runs_it_is_told_too() -> None:
    with pytest.raises(TypeError, match=r"'Use' object is not iterable: .* before use\(Store\)\?"):
        list(use(Store))
