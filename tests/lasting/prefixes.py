"""Random pages that live, and what is seen of them wherever they rest."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import PageClosed, Restart, SpindleIsLive, open_durable_host
from spindle._core.kernel.asked import Asked
from spindle._lasting.page import LastingPage
from spindle.durable import MemoryStore
from tests.core.replay.talkative import Doer, Looper, Main, Side, Step, Talk, Work
from tests.runtime.test_logged_prefixes import Office

if TYPE_CHECKING:
    from spindle import DurableHost, PageMachine
    from spindle.durable import Kept

SEEN: list[str] = []
"""What the spindles of this run have seen; a page's functions have no other place for it."""


async def main(turn: int, bodies: list[list[Step]]) -> int:
    """Talk, one list of steps after the other."""
    return await Looper(SEEN).turns(turn, bodies)


async def aside(body: list[Step]) -> object:
    """Wait to be poked, and do something then."""
    SEEN.append(repr(await Main.told.get(-1)))
    return await Doer(SEEN).aside(body)


@dataclass
class Moment:
    """How a page stood, and what was kept of it then."""

    kept: Kept
    standing: list[str]
    seen: list[str]
    told: list[str]
    at: float


def driver_of(page: PageMachine) -> LastingPage:
    """What drives it."""
    driver = page._driver
    assert isinstance(driver, LastingPage)
    return driver


def standing(page: PageMachine) -> list[str]:
    """All that its kernel knows of who is there."""
    kernel = driver_of(page).kernel
    cells = {
        each.name: (state.puts, repr(state.value))
        for each, state in (kernel.cells or {}).items()
        if state.puts
    }
    return [
        repr(page.pending()),
        repr(sorted(cells.items())),
        repr((kernel.stopping, kernel.closing, kernel.timers.next_at(), kernel.asked or Asked())),
        "over"
        if kernel.stopping and not kernel.live
        else repr(
            (
                kernel.ledger.handled,
                kernel.ledger.refused,
                kernel.ledger.dead_lettered,
                kernel.ledger.pending,
                kernel.restarts,
                kernel.coroutines,
            )
        ),
        *(
            repr((each.name, each.state, each.outcome, each.cancel, each.asked, each.mailbox))
            for each in kernel.live.values()
        ),
    ]


def received(page: PageMachine) -> list[str]:
    """What it has told its view and nobody has received yet."""
    told: list[str] = []
    with suppress(trio.WouldBlock, trio.EndOfChannel):
        while True:
            told.append(repr(page.outbox.receive_nowait()))
    return told


def move(page: PageMachine, office: Office, clock: MockClock, what: str, number: int) -> None:
    """One thing that is done to it, whatever it is at."""
    match what:
        case "said":
            pending = [source.yield_id for source, _ in page.pending()]
            to = pending[number % len(pending)] if pending and number > 2 else None
            page.resume(Main.Said("x" * number) if number % 2 else Main.Count(number), yield_id=to)
        case "poke":
            page.resume(Side.Poked())
        case "side":
            with suppress(SpindleIsLive, PageClosed):
                policy = Restart(delay=number / 2)
                page.start(Side, aside, [("do", number), ("cell", 1)], policy=policy)
        case "advance":
            clock.jump(number / 2)
        case "end":
            waiting = [each for each in office.waiting if not each.is_set()]
            if waiting:
                waiting[number % len(waiting)].set()
        case _:
            page.cancel_nowait("over")


async def lived(
    every: int, prompt: bool, bodies: list[list[Step]], does: list[Any]
) -> list[Moment]:
    """Let one live, and tell its moments of rest."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    SEEN.clear()
    store, office, moments, told = MemoryStore(), Office(prompt), list[Moment](), list[str]()
    host: DurableHost
    async with open_durable_host(
        store,
        provide={Work: office},
        wake=None,
        ttl=1e9,
        grace=0,
        snapshot_every=every,
        wall_clock=clock.current_time,
    ) as host:
        page = await host.create(Talk, "page")
        page.start(Main, main, 0, bodies)
        for what, number, rests in [*does, ("advance", 0, True)]:
            move(page, office, clock, what, number)
            if rests:
                await wait_all_tasks_blocked()
                told += received(page)
                kept = await store.look("page")
                at = driver_of(page)._came_at
                moments.append(Moment(kept, standing(page), list(SEEN), list(told), at))
            elif number % 2:
                await trio.lowlevel.checkpoint()
        clock.autojump_threshold = 0
    return moments


def last_of(told: list[str]) -> set[str]:
    """The last notify of each spindle, and how each ended last."""
    last: dict[object, str] = {}
    for each in told:
        match = re.match(r"\(Source\(block=(<[^>]*>), instance=(\S*), .*?\), (\w+)\(", each)
        assert match is not None, each
        if match[3] == "Notified":
            last[match.groups()] = each
        elif match[3] in {"Completed", "Errored", "Cancelled"}:
            last[match.group(1, 2)] = each
    return set(last.values())


async def put_into(store: MemoryStore, kept: Kept) -> None:
    """Let a store have the log that another one had."""
    frames, snapshot = list(kept.frames), kept.snapshot
    gone = [b""] * (0 if snapshot is None else snapshot.seq + 1)
    lease = await store.create("page", kept.meta, gone or frames, owner="a", ttl=1.0)
    if snapshot is not None:
        await store.snapshot(lease, snapshot.seq, snapshot.blob, prune_to=snapshot.seq)
        await store.append(lease, snapshot.seq, frames)
    await store.release(lease)


async def taken_up(moment: Moment) -> None:
    """See that one who is taken up is just there."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    SEEN.clear()
    store, office = MemoryStore(), Office(prompt=False)
    await put_into(store, moment.kept)
    async with open_durable_host(
        store, provide={Work: office}, wake=None, grace=0, wall_clock=lambda: 0.0
    ) as host:
        page = await host.take_up("page")
        assert standing(page) == moment.standing
        before = iter(moment.seen)
        assert all(each in before for each in SEEN)  # in this order
        told = received(page)
        if moment.kept.snapshot is None:
            assert moment.seen == SEEN
            assert told == moment.told
        else:
            assert last_of(told) == last_of(moment.told)
        assert office.calls == []
        assert driver_of(page).clock() >= moment.at
    after = await store.look("page")
    assert list(after.frames)[: len(moment.kept.frames)] == list(moment.kept.frames)


def check(every: int, prompt: bool, bodies: list[list[Step]], does: list[Any]) -> int:
    """Take one up wherever it rests.

    Args:
        every: after how many frames its log begins anew, where it can.
        prompt: whether most calls end at once.
        bodies: what its first spindle does, mark by mark.
        does: what happens to it.

    Returns:
        How many times its log had begun anew.
    """
    moments = trio.run(lived, every, prompt, bodies, does, clock=MockClock())
    for moment in moments:
        trio.run(taken_up, moment, clock=MockClock(autojump_threshold=0))
    return len({each.kept.snapshot.seq for each in moments if each.kept.snapshot})
