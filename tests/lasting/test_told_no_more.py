"""D5: what the view was told before its log began anew, and today's code cannot tell any more."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import open_durable_host
from spindle._lasting.rehearsal import Rehearsal
from spindle.durable import MemoryStore
from tests.lasting.prefixes import received

LEDGER = """\
from dataclasses import dataclass

from spindle import Contract, Event, Notify, Spindle, Yield, fork, mark, upcasts


@dataclass
class Sum:
    total: int


class Spent(Exception):
    pass


class Ledger(Contract):
    class Book(Spindle[None]):
        class Next(Event): ...

        class Ask(Yield[Next]):
            page: int

        class Written(Notify):
            text: str

        class Turned(Notify):
            page: int

    class Adds(Spindle[Sum]):
        class Added(Notify):
            total: int

    class Fails(Spindle[None]): ...

    class Waits(Spindle[None]):
        class Go(Event): ...

        class Wait(Yield[Go]): ...

    class Boss(Spindle[None]): ...


Book = Ledger.Book


async def book(page: int) -> None:
    while True:
        await mark(page)
        await Book.Ask(page)
        await Book.Written(f"page {page}")
        await Book.Turned(page)
        page += 1


async def adds() -> Sum:
    await Ledger.Adds.Added(7)
    return Sum(7)


async def fails() -> None:
    raise Spent("all of it")


async def waits() -> None:
    await Ledger.Waits.Wait()


async def boss() -> None:
    waiting = await fork(Ledger.Waits, waits)
    await waiting.cancel("enough")
"""
WRITTEN = "Written(text='page 0')"
TURNED = "Turned(page=0)"
ADDED, SUM = "Added(total=7)", "Completed(value=Sum(total=7))"
SPENT = "Errored(error=Spent('all of it'))"
CANCELLED = "Cancelled(reason='enough', origin=<Origin.HANDLE: 'handle'>, by="
BY_BOSS = f"{CANCELLED}Source(block=<class 'changed_ledger.Ledger.Boss'>"
ALL = {WRITTEN, TURNED, ADDED, SUM, SPENT, BY_BOSS}

COLOUR = ("            text: str\n", "            text: str\n            colour: str\n")
COLOURED = ('f"page {page}")', 'f"page {page}", "red")')
CENTS = ("    total: int\n\n\n", "    cents: int\n\n\n")
GONE = (
    "    class Adds(Spindle[Sum]):\n        class Added(Notify):\n            total: int\n\n",
    "",
)

Load = Callable[..., ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Load]:
    """Import the ledger, with some of its text changed."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def imported(*changes: tuple[str, str], more: str = "") -> ModuleType:
        text = LEDGER
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "changed_ledger.py").write_text(text + more)
        sys.modules.pop("changed_ledger", None)
        importlib.invalidate_caches()
        return importlib.import_module("changed_ledger")

    yield imported
    sys.modules.pop("changed_ledger", None)


async def lived(ledger: Any, store: MemoryStore) -> None:
    """A page whose log has begun anew when all that was said."""
    async with open_durable_host(store, snapshot_every=1) as host:
        page = await host.create(ledger.Ledger, "page")
        page.start(ledger.Book, ledger.book, 0)
        for each in ("adds", "fails", "boss"):
            page.start(getattr(ledger.Ledger, each.title()), getattr(ledger, each))
            await wait_all_tasks_blocked()
        await page.resume(ledger.Book.Next()).settled()
        await wait_all_tasks_blocked()
    kept = await store.look("page")
    assert kept.snapshot is not None
    assert kept.snapshot.seq == kept.record.head


async def checked(store: MemoryStore) -> int:
    """Of how many inputs `spindle check` says that they go on."""
    async with trio.open_nursery() as nursery:
        return Rehearsal(nursery).rehearse(await store.look("page"))


async def told(store: MemoryStore) -> list[str]:
    """What a view is told, once the page is taken up."""
    async with open_durable_host(store, snapshot_every=1) as host:
        return received(await host.take_up("page"))


def found_in(said: list[str], wanted: set[str]) -> set[str]:
    return {each for each in wanted if any(each in line for line in said)}


UPCAST = """
@upcasts(Book.Written)
def had_no_colour(old):
    return {**old, "colour": "red"}
"""
BROKEN = """
@upcasts(Book.Written)
def had_no_colour(old):
    raise RuntimeError("not today")
"""
UPCAST_SUM = """
@upcasts(Sum)
def had_a_total(old):
    return {"cents": old["total"] * 100}
"""


@pytest.mark.parametrize(
    ("changes", "more", "lost", "instead"),
    [
        ((), "", set[str](), set[str]()),
        ((COLOUR, COLOURED), "", {WRITTEN}, set[str]()),
        ((COLOUR, COLOURED), BROKEN, {WRITTEN}, set[str]()),
        ((COLOUR, COLOURED), UPCAST, {WRITTEN}, {"Written(text='page 0', colour='red')"}),
        ((("Written", "Wrote"),), "", {WRITTEN}, set[str]()),
        ((GONE, ("Ledger.Adds", "Ledger.Book")), "", {ADDED, SUM}, set[str]()),
        ((CENTS,), "", {SUM}, set[str]()),
        ((CENTS,), UPCAST_SUM, {SUM}, {"Completed(value=Sum(cents=700))"}),
        ((("[Sum]", "[int]"),), "", {SUM}, set[str]()),
        ((("Spent", "Lost"),), "", {SPENT}, set[str]()),
        ((("    class Boss(Spindle[None]): ...\n", ""),), "", {BY_BOSS}, {f"{CANCELLED}None)"}),
    ],
    ids=[
        "nothing changed",
        "one more field",
        "an upcaster that fails",
        "an upcaster",
        "the class renamed",
        "the block gone",
        "a result of other fields",
        "a result and its upcaster",
        "a result of another type",
        "the exception renamed",
        "who cancelled gone",
    ],
)
async def test_D5_what_was_said_may_change_freely_behind_a_snapshot(
    load: Load,
    caplog: pytest.LogCaptureFixture,
    changes: tuple[tuple[str, str], ...],
    more: str,
    lost: set[str],
    instead: set[str],
) -> None:
    """What can be told to nobody any more is not, all else is, and the page goes on."""
    store = MemoryStore()
    await lived(load(), store)
    assert found_in(await told(store), ALL) == ALL
    ledger: Any = load(*changes, more=more)
    assert await checked(store) == 0
    said = await told(store)
    assert found_in(said, ALL | instead) == (ALL - lost) | instead
    assert "Ask(page=1)" in said[-1]
    async with open_durable_host(store, snapshot_every=1) as host:
        page = await host.take_up("page")
        await page.resume(ledger.Book.Next()).settled()
        await wait_all_tasks_blocked()
    again = await told(store)
    newer = {each for each in (ALL - lost) | instead if "page" not in each}
    assert found_in(again, ALL | instead) == newer, "of the next snapshot, too"
    assert "Ask(page=2)" in again[-1]
    caplog.clear()
