"""A visit to a page whose store fails somewhere, its recovery, and what has to hold then.

The invariants: I1 what was acknowledged is in the log, once, in the visitor's order. I2 no event is
applied twice. I3 calls with one key are the same call; what must be done once is begun once; a
service that knows its keys has done everything exactly once. I4 `OutcomeUnknown` is raised for what
was begun and has no end, and for nothing else. I5 in the end all is as in a visit without a fault.
I6 the log has no gaps. I7 nobody was told, and no call that changes something was begun, of which
the log does not know. I8 nothing is done while the log is told. I9 one recovery is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import DurableHost, PageClosed, PageMachine, Settlement, open_durable_host
from spindle._core.replay.inputs import Ended
from spindle._core.replay.log import Frame
from spindle.durable import Chain, Fault, Kept, MemoryStore, PageLogCorrupt, StoreError, read_log
from tests.lasting.booking import SCRIPT, Backend, Book, Booking, Office, book

__all__ = ["Plan", "Visit", "visited"]

WALL = 1_800_000_000.0


@dataclass(frozen=True)
class Plan:
    """What goes wrong, if anything does.

    Attributes:
        call: with which call of the store.
        nth: with which of these.
        fault: what; None for a delay, during which the process is killed.
        kept: whether the delayed call was carried out.
        function: what the page does.
        again: with which append of the recovery the same goes wrong once more; 0 for none.
        eager: whether the visitor waits for no answer before the next event.
    """

    call: Any = "append"
    nth: int = 0
    fault: Fault | None = None
    kept: bool = False
    function: Callable[..., Any] = book
    eager: bool = False
    again: int = 0

    def __str__(self) -> str:
        killed = f"killed {'behind' if self.kept else 'before'}"
        what = killed if self.fault is None else self.fault.name
        return f"{what} {self.call} {self.nth}"


@dataclass
class Life:
    """What was seen of a page in one process."""

    told: list[str] = field(default_factory=list)
    """What the view was told, with what it was told anew."""
    acked: list[int] = field(default_factory=list)
    applied: tuple[int, ...] = ()
    total: int = 0


@dataclass
class Visit:
    """All that was seen."""

    backend: Backend = field(default_factory=Backend)
    lives: list[Life] = field(default_factory=list)
    appends: int = 0
    snapshots: int = 0

    @property
    def last(self) -> Life:
        return self.lives[-1]


class Counting(MemoryStore):
    """Counts the calls that may fail."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.made: dict[str, int] = {}

    async def append(self, *args: Any) -> None:
        self.made["append"] = self.made.get("append", 0) + 1
        await super().append(*args)

    async def snapshot(self, *args: Any, **keywords: Any) -> None:
        self.made["snapshot"] = self.made.get("snapshot", 0) + 1
        await super().snapshot(*args, **keywords)


def opened(store: MemoryStore, backend: Backend) -> Any:  # a context manager of a host
    return open_durable_host(
        store,
        provide={Office: backend},
        wake=None,
        ttl=1e9,
        grace=0,
        snapshot_every=6,
        wall_clock=lambda: WALL + trio.current_time(),
    )


async def visited(plan: Plan) -> Visit:
    """Send all of the script, whatever happens."""
    visit = Visit()
    store = Counting()
    over: trio.Event | None = None
    if plan.nth and plan.fault is not None:
        store.fail(plan.fault, nth=plan.nth, call=plan.call)
    elif plan.nth:
        over = store.delay(nth=plan.nth, call=plan.call, kept=plan.kept)
    async with trio.open_nursery() as nursery:
        first = trio.Event()
        nursery.start_soon(_first_life, store, plan, visit, first)
        with trio.move_on_after(1000):
            await first.wait()
        try:
            if not first.is_set() or len(visit.last.acked) < len(SCRIPT):
                await _recover(store, plan, visit, over)
        finally:
            if over is not None:
                over.set()
            nursery.cancel_scope.cancel()
    visit.appends, visit.snapshots = store.made.get("append", 0), store.made.get("snapshot", 0)
    _check_lives(visit.lives)
    return visit


def _check_lives(lives: list[Life]) -> None:
    """What a process has said that was slow, and not dead, counts too."""
    assert lives[-1].applied == tuple(range(len(SCRIPT))), f"I2: {lives[-1].applied}"
    for life in lives:
        assert set(life.acked) <= set(lives[-1].applied), "I1"
        assert life.acked == sorted(life.acked), "I1"


async def _first_life(store: MemoryStore, plan: Plan, visit: Visit, over: trio.Event) -> None:
    life = Life()
    visit.lives.append(life)
    async with opened(store, visit.backend) as host:
        with suppress(PageClosed, StoreError, trio.EndOfChannel):
            page = await host.create(Booking, "page")
            page.start(Book, plan.function, (), 0)
            await _talk(page, life, plan)
        over.set()
        await trio.sleep_forever()


async def _recover(store: MemoryStore, plan: Plan, visit: Visit, late: trio.Event | None) -> None:
    for again in (plan.again, 0):
        store = store if plan.fault is Fault.FENCED else store.restarted()
        if again:
            assert plan.fault is not None
            store.fail(plan.fault, nth=again)
        with trio.move_on_after(1000) as in_time:
            await _next_life(store, plan, visit, late)
        assert not in_time.cancelled_caught, "I9: it does not go on"
        if len(visit.last.applied) == len(SCRIPT):
            break


async def _next_life(store: MemoryStore, plan: Plan, visit: Visit, late: trio.Event | None) -> None:
    first, life = visit.last, Life()
    visit.lives.append(life)
    async with opened(store, visit.backend) as host:
        is_whole = False
        with suppress(*((PageClosed, StoreError, trio.EndOfChannel) if plan.again else ())):
            page, is_whole = await _recovered(host, store, plan, visit, first)
            if late is not None:
                late.set()  # the call of a process that was only slow
                await wait_all_tasks_blocked()
            await _talk(page, life, plan)
        if is_whole:
            assert life.told[: len(first.told)] == first.told, f"I7: {first.told}, {life.told}"
    with suppress(*((StoreError,) if plan.again else ())):
        _check_log(await store.look("page"))


async def _recovered(
    host: DurableHost, store: MemoryStore, plan: Plan, visit: Visit, first: Life
) -> tuple[PageMachine, bool]:
    """The page, and whether it tells all anew."""
    life, backend = visit.last, visit.backend
    before = len(backend.calls)
    try:
        kept = await store.look("page")
    except StoreError:  # that it was made is not kept
        assert not first.told, "I7"
        page = await host.create(Booking, "page")
        page.start(Book, plan.function, (), 0)
        return page, True
    frames, is_whole = _check_log(kept), kept.snapshot is None
    began, ended = _calls(frames)
    if is_whole:
        _check_begun(backend, began)
    page = await host.take_up("page")
    assert len(backend.calls) == before, "I8: a call was made while the log was told"
    life.told = retold = _told(page)
    if is_whole:
        assert retold[: len(first.told)] == first.told, f"I7: {first.told} was told, now {retold}"
    if is_whole and not frames:
        page.start(Book, plan.function, (), 0)
    retold = list(retold)
    await _asked(page, life)
    assert set(first.acked) <= set(life.applied), f"I1: {first.acked} of {life.applied}"
    in_doubt = [each for each in began if each not in ended]
    again = {what for what, _ in backend.calls[before:]}
    assert not again & set(ended), f"I8: {again} was made again, {ended} have ended"
    unknown = any(each.startswith("pay") for each in in_doubt)
    said = [each for each in life.told[len(retold) :] if "unknown" in each]
    assert len(said) == unknown, f"I4: {in_doubt}, {said}"
    return page, is_whole


def _check_log(kept: Kept) -> list[Frame]:
    chain = Chain("page")
    frames = list(kept.frames)
    if kept.snapshot is not None:
        chain.open_snapshot(kept.snapshot.blob)
        frames = frames[kept.snapshot.seq - kept.record.pruned :]
    try:
        bodies = [each.body for each in read_log(chain, frames, kept.record.head)]
    except PageLogCorrupt as damage:
        raise AssertionError(f"I6: {damage}") from damage
    behind = bodies if kept.snapshot is not None else bodies[1:]
    return [msgspec.msgpack.decode(each, type=Frame) for each in behind]


def _calls(frames: Sequence[Frame]) -> tuple[list[str], list[str]]:
    """The calls by the log: those that began, and those that ended."""
    began: list[str] = []
    ended: list[str] = []
    for frame in frames:
        said = frame.input
        if isinstance(said, Ended) and said.error is not None:
            name = said.call.rpartition(".")[2]
            ended.append(
                next(each for each in began if each.startswith(name) and each not in ended)
            )
        elif isinstance(said, Ended):
            value = msgspec.msgpack.decode(said.value)
            ended.append(value if isinstance(value, str) else f"price {value}")
        calls = (each for each in frame.commands if each.kind == "calls")
        began += [f"{each.what.rpartition('.')[2]} {each.said[1:-1]}" for each in calls]
    return began, ended


def _check_begun(backend: Backend, began: Sequence[str]) -> None:
    for what, key in backend.calls:
        assert not key or what in began, f"I7: {what} was begun, and is not in the log"


async def _talk(page: PageMachine, life: Life, plan: Plan) -> None:
    """Go on with the script from where the page is."""
    await _asked(page, life)
    rest = [each for each in enumerate(SCRIPT) if each[0] not in life.applied]
    while rest:
        some, rest = (rest, []) if plan.eager else (rest[:1], rest[1:])
        sent = [(number, page.resume(Book.Sent(number, what))) for number, what in some]
        for number, receipt in sent:
            settled = await receipt.settled()
            if settled is Settlement.REFUSED:
                raise PageClosed("it has left this process")
            assert settled is Settlement.HANDLED
            life.acked.append(number)
        await _asked(page, life)


async def _asked(page: PageMachine, life: Life) -> None:
    """Listen until it asks."""
    life.told += _told(page)
    while not page.pending():
        _, sent = await page.outbox.receive()
        life.told.append(_line(sent))
    life.told += _told(page)
    ask: Any = page.pending()[0][1]
    assert list(ask.applied) == list(range(len(ask.applied))), f"I2: {ask.applied}"
    assert set(life.acked) <= set(ask.applied), f"I1: {life.acked} of {ask.applied}"
    life.applied, life.total = ask.applied, ask.total


def _told(page: PageMachine) -> list[str]:
    told: list[str] = []
    with suppress(trio.WouldBlock, trio.EndOfChannel):
        while True:
            told.append(_line(page.outbox.receive_nowait()[1]))
    return told


def _line(sent: Any) -> str:
    return f"{type(sent).__name__} {getattr(sent, sent.__struct_fields__[0])!r}"
