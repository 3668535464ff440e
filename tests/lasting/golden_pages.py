"""The golden pages: what came into each before its log was kept, and what comes when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    REPORT,
    Completed,
    DurableHost,
    Errored,
    PageMachine,
    Policy,
    Restart,
    Spindle,
    open_durable_host,
)
from spindle._core.states import Cancelled, Origin
from spindle.durable import MemoryStore
from tests.lasting import golden_office as office
from tests.lasting.golden_office import Clerk, Desk, Office, Working, Works
from tests.lasting.prefixes import driver_of

__all__ = ["PAGES", "Golden", "Page", "goes_on", "opened_for", "ready_to", "seen"]

Move = tuple[str, Any]
BASE = 1_800_000_000.0


@dataclass(frozen=True)
class Page:
    """One page."""

    function: str
    args: tuple[object, ...]
    before: Sequence[Move]
    after: Sequence[Move]
    policy: Policy = REPORT
    in_doubt: bool = False
    """Whether its last call has no end when its log is kept."""
    whole: bool = True
    """Whether all that it has told is told again: not, behind a snapshot."""


ADDS = [("add", 2), ("add", 3)]
MARKS = [("add", 3), ("go", "ann"), ("go", "ben")]

PAGES = {
    "counts": Page("counts", (1,), ADDS, [("add", 4), ("go", "")]),
    "counts-idle": Page("counts", (7,), [], ADDS),
    "counts-over": Page("counts", (1,), [("add", 2), ("go", "")], [("start", 5)]),
    "calls": Page("calls", (), [("add", 3), ("add", 13)], [("add", 2), ("go", "")]),
    "doubt-read": Page("calls_one", ("look",), [("slow", True), ("go", "")], [], in_doubt=True),
    "doubt-peek": Page("calls_one", ("peek",), [("slow", True), ("go", "")], [], in_doubt=True),
    "doubt-write": Page("calls_one", ("do",), [("slow", True), ("go", "")], [], in_doubt=True),
    "doubt-once": Page("calls_one", ("pay",), [("slow", True), ("go", "")], [], in_doubt=True),
    "sleeps": Page("sleeps", (), [("pass", 1000.0)], [("pass", 2599.0), ("pass", 1.5)]),
    "hurries": Page("hurries", (), [("pass", 59.0)], [("pass", 1.0), ("go", "x")]),
    "hurries-late": Page("hurries", (), [("pass", 61.0)], [("add", 1)]),
    "forks": Page("forks", (), [("poke", "two")], [("poke", None), ("poke", "two"), ("go", "")]),
    "forks-over": Page("forks", (), [("go", "x"), ("poke", None)], [("poke", "two")]),
    "fibers": Page("fibers", (), [("pass", 1.0), ("pass", 1.0)], [("pass", 1.0), ("go", "")]),
    "draws": Page("draws", (), [("go", ""), ("pass", 0.25)], [("go", ""), ("pass", 1.0)]),
    "gathers": Page("gathers", (), [("add", 3)], [("add", 4), ("add", 4), ("go", "")]),
    "changes-before": Page("changes", (), [("go", "x")], [("go", "y")]),
    "changes-behind": Page("changes", (), [("go", "x")], [("go", "y"), ("go", "z")]),
    "fails": Page("fails", (), [("go", "")], [("start", 1)]),
    "fails-again": Page("fails", (), [("go", "")], [("add", 3)], Restart(delay=0)),
    "fails-waits": Page("fails", (), [("add", 6)], [("pass", 6.0)], Restart(delay=5)),
    "tidies": Page("tidies", (), [], [("cancel", "no more")]),
    "stops": Page("counts", (1,), [("add", 1)], [("stop", "closing")]),
    "stopping": Page("sleeps", (), [("pass", 9.0), ("close", 5.0)], [("pass", 4.0), ("pass", 1.0)]),
    "refuses": Page("sleeps", (), [("go", "too early"), ("poke", None)], [("pass", 3600.0)]),
    "marks": Page("marks", (1, []), MARKS * 6, [("add", 3)] * 2, whole=False),
    "cancelled": Page("tidies", (), [("cancel", "no more")], []),
}


class Golden(msgspec.Struct):
    """What was seen of a page, when its log was kept and as it went on."""

    told: list[str]
    asked: list[str]
    more: list[str]
    calls: list[str]


def _told(page: PageMachine) -> list[str]:
    told: list[str] = []
    with suppress(trio.WouldBlock, trio.EndOfChannel):
        while True:
            source, sent = page.outbox.receive_nowait()
            told.append(_line(source.block, source.instance, sent))
    return told


def _line(block: type[Any], instance: str | None, sent: Any) -> str:
    who = block.__name__ + ("" if instance is None else f" {instance}")
    match sent:
        case Completed(value):
            return f"{who}: completed {value!r}"
        case Errored(error):
            return f"{who}: {type(error).__name__}{error.args!r}"
        case _:
            (said,) = [getattr(sent, each) for each in sent.__struct_fields__[:1]]
            return f"{who}: {type(sent).__name__} {said!r}"


def seen(page: PageMachine) -> tuple[list[str], list[str]]:
    """What it has told since this was asked last, and what it asks."""
    asked = [f"{source.block.__name__} {ask!r}" for source, ask in page.pending()]
    return _told(page), asked


def opened_for(
    store: MemoryStore, works: Working, since: float = 0.0
) -> Any:  # a context manager of a host
    """A host in which little happens by itself."""
    clock = trio.lowlevel.current_clock()
    return open_durable_host(
        store,
        provide={Works: works},
        owner="golden",
        wake=None,
        ttl=1e9,
        grace=0,
        snapshot_every=8,
        wall_clock=lambda: BASE + since + clock.current_time(),
    )


async def ready_to(host: DurableHost, name: str) -> PageMachine:
    """A new page, at its first rest."""
    page, what = await host.create(Office, name), PAGES[name]
    block: type[Spindle[Any]] = Desk
    page.start(block, office.here()[what.function], *what.args, policy=what.policy)
    await wait_all_tasks_blocked()
    return page


async def goes_on(page: PageMachine, works: Working, moves: Sequence[Move]) -> list[str]:
    """Do these things to a page, and tell what it has told."""
    told: list[str] = []
    for what, about in moves:
        doing = _MOVES[what](page, works, about)
        if isinstance(doing, Coroutine):
            await doing
        await wait_all_tasks_blocked()
        told += _told(page)
    return told


def _passes(_: PageMachine, __: Working, seconds: float) -> None:
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    clock.jump(seconds)


def _turns_slow(_: PageMachine, works: Working, slow: bool) -> None:
    works.slow = slow


def _closes(page: PageMachine, _: Working, grace: float) -> None:
    driver_of(page).close(Cancelled("closing", Origin.STOPPED), grace)


def _starts(page: PageMachine, _: Working, number: int) -> None:
    page.start(Desk, office.counts, number)


_MOVES: dict[str, Callable[[PageMachine, Working, Any], object]] = {
    "add": lambda page, _, number: page.resume(Desk.Add(number)),
    "go": lambda page, _, word: page.resume(Desk.Go(word)),
    "poke": lambda page, _, instance: page.resume(Clerk.Poked(), instance=instance),
    "cancel": lambda page, _, reason: page.cancel_nowait(reason),
    "pass": _passes,
    "slow": _turns_slow,
    "stop": lambda page, _, reason: page.stop(reason, grace=5),
    "close": _closes,
    "start": _starts,
}
