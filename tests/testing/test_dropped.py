"""An operation that is made and dropped without an `await` does nothing, and a warning says so."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from spindle import (
    Cell,
    Channel,
    Coroutine,
    Event,
    Port,
    Spindle,
    Yield,
    await_any,
    fiber,
    perform,
    read,
    sleep,
    use,
    write,
)
from spindle._core.operations.dropped import tell_of_dropped
from spindle.testing import HandPage
from tests.drivers import Stage, under


class Board(Spindle):
    cell = Cell[int]()

    class Chosen(Event): ...

    class Waiting(Yield[Chosen]): ...


class Store(Port):
    @read
    async def load(self) -> int: ...
    @write
    async def save(self, number: int) -> None: ...


class Memory(Store):
    async def load(self) -> int:
        return 1

    async def save(self, number: int) -> None: ...


async def nothing() -> None: ...


@contextmanager
def told() -> Iterator[list[warnings.WarningMessage]]:
    """Collect what is warned of, of nothing that lay about before."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught
        gc.collect()


SLIPS: dict[str, Callable[[Any], object]] = {
    "Store.save(...)": lambda store: store.save(1),
    "use(Store)": lambda store: use(Store),
    "sleep(...)": lambda store: sleep(1),
    "perform(nothing, ...)": lambda store: perform(nothing),
    "Board.cell.put(...)": lambda store: Board.cell.put(1),
    "channel.put(...)": lambda store: Channel[int](1).put(1),
    "fiber(...)": lambda store: fiber(nothing),
    "await_any(...)": lambda store: await_any(sleep(1), Board.Waiting()),
}


@pytest.mark.parametrize(("written", "slip"), SLIPS.items(), ids=SLIPS)
@under("hand", "hosted", "task", seeds=1, contract=Board)
async def test_it_is_named_with_its_line(page: Stage, written: str, slip: Any) -> None:
    async def slips() -> None:
        slip(await use(Store))

    with told() as warned:
        page.start(Board, slips, provide={Store: Memory()})
        await page.settle()
    (warning,) = warned
    line = slip.__code__.co_firstlineno
    assert warning.category is RuntimeWarning
    assert str(warning.message) == f"{written} was never awaited, at {__file__}:{line}"
    assert (warning.filename, warning.lineno) == (__file__, line)


@under("hand", "hosted", "task", seeds=1, contract=Board)
async def test_nothing_is_said_of_what_was_awaited(page: Stage) -> None:
    items = Channel[int](1)

    async def works() -> int:
        store = await use(Store)
        await store.save(await store.load())
        await (await fiber(store.load)).result()
        taking = items.take()
        await await_any(taking, sleep(0))
        await items.put(1)
        await taking
        await Board.cell.put(1)
        match await await_any(sleep(1), Board.Waiting()):
            case 1, Board.Chosen():
                return await store.load()
        return 0

    with told() as warned:
        handle = page.start(Board, works, provide={Store: Memory()})
        await page.settle()
        page.resume(Board.Chosen())
        await page.settle()
    assert handle.outcome is not None
    assert warned == []


def test_nothing_is_said_of_what_spindle_makes_itself() -> None:
    items = Channel[int](1)
    with told() as warned, HandPage(Board) as page:
        page.put(items, 1)
        assert page.take(items) == 1
        assert page.get(Board.cell, 3) == 3
    assert warned == []


def test_to_switch_it_on_twice_tells_once() -> None:
    tell_of_dropped()
    with told() as warned:
        sleep(1)
    assert len(warned) == 1


def test_a_message_is_a_value() -> None:
    with told() as warned:
        Board.Waiting()
    assert warned == []


def test_a_spindle_that_waits_and_is_dropped_has_awaited() -> None:
    async def waits() -> None:
        await sleep(1)
        await Board.Waiting()

    with told() as warned:
        Coroutine(waits).run()
    assert warned == []


PROGRAM = """
from spindle import sleep
{imports}
sleep(1)
kept = sleep(2)
"""


@pytest.mark.parametrize(
    ("flags", "imports", "warned"),
    [
        ([], "", ""),
        ([], "import spindle.testing", "sleep(...) was never awaited, at <string>:4"),
        (["-X", "dev"], "", "sleep(...) was never awaited, at <string>:4"),
    ],
    ids=["else", "in tests", "in development"],
)
def test_it_is_told_in_tests_and_in_development_mode_and_costs_nothing_else(
    flags: list[str], imports: str, warned: str
) -> None:
    command = [sys.executable, *flags, "-c", PROGRAM.format(imports=imports)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDEVMODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr.count("never awaited") == bool(warned)
    assert warned in done.stderr
