"""E7: a call in flight when its spindle is cancelled or out of time, and its process is killed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from spindle import (
    Cancelled,
    Completed,
    Contract,
    Errored,
    Notified,
    Notify,
    OutcomeUnknown,
    PageMachine,
    Port,
    Spindle,
    TooSlow,
    call_key,
    cleanup,
    once,
    open_durable_host,
    read,
    timeout,
    use,
    write,
)
from spindle._lasting.looks import until_kept
from spindle.durable import MemoryStore
from tests.lasting.make_golden import copied
from tests.lasting.test_pages import received

LASTS = 3
"""So many seconds each call takes."""


class Desk(Contract):
    class Till(Spindle[str]):
        class Said(Notify):
            text: str


class Clerk(Port):
    @read
    async def look(self) -> str: ...
    @write
    async def note(self) -> str: ...
    @once
    async def pay(self) -> str: ...


@dataclass
class Slow(Clerk):
    log: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    async def _work(self, what: str) -> str:
        began = trio.current_time()
        try:
            await trio.sleep(LASTS)
        finally:
            self.log.append(f"{what} for {trio.current_time() - began:g}")
        return f"{what} is done"

    async def look(self) -> str:
        return await self._work("look")

    async def note(self) -> str:
        self.keys.add(call_key())
        return await self._work("note")

    async def pay(self) -> str:
        return await self._work("pay")


Till = Desk.Till


async def is_cancelled(kind: str) -> str:
    got = "nothing"
    try:
        got = await getattr(await use(Clerk), kind)()
        await Till.Said("never")
    except OutcomeUnknown:
        got = "unknown"
        raise
    finally:
        async with cleanup(seconds=60):
            await Till.Said(got)
    return got


async def has_little_time(kind: str) -> str:
    return await within(2, kind)


async def has_time(kind: str) -> str:
    return await within(30, kind)


async def within(seconds: float, kind: str) -> str:
    try:
        async with timeout(seconds):
            return await getattr(await use(Clerk), kind)()
    except TooSlow:
        return "too slow"
    except OutcomeUnknown:
        return "unknown"


def came(page: PageMachine) -> str:
    """What a spindle has said last, and how it ended."""
    told = received(page)
    said = [each.notify.text for each in told if isinstance(each, Notified)]
    match told[-1]:
        case Completed(value):
            return str(value)
        case Cancelled(reason):
            return f"{said[-1]}, {reason}"
        case Errored(error):
            return f"{said[-1]}, {error}"
        case other:
            return str(other)


IN_DOUBT = "Clerk.pay had begun: nobody knows whether it was done"


@pytest.mark.parametrize(
    ("fn", "kind", "down", "log", "outcome"),
    [
        # Cancelled at 1, killed at 1.5.
        (is_cancelled, "look", 1, ["look for 1"], "nothing, closing"),
        (is_cancelled, "look", 20, ["look for 1"], "nothing, closing"),
        (is_cancelled, "note", 1, ["note for 1.5", "note for 3"], "note is done, closing"),
        (is_cancelled, "note", 20, ["note for 1.5"], "nothing, closing"),
        (is_cancelled, "pay", 1, ["pay for 1.5"], f"unknown, {IN_DOUBT}"),
        (is_cancelled, "pay", 20, ["pay for 1.5"], f"unknown, {IN_DOUBT}"),
        # Its time is up at 2, and `PageLimits.call_seconds` later.
        (has_little_time, "look", 0.25, ["look for 1.5", "look for 0.25"], "too slow"),
        (has_little_time, "look", 1, ["look for 1.5", "look for 0"], "too slow"),
        (has_little_time, "note", 1, ["note for 1.5", "note for 3"], "note is done"),
        (has_little_time, "note", 20, ["note for 1.5"], "too slow"),
        (has_little_time, "pay", 1, ["pay for 1.5"], "unknown"),
        (has_little_time, "pay", 20, ["pay for 1.5"], "unknown"),
        # Its time is up at 30.
        (has_time, "look", 1, ["look for 1.5", "look for 3"], "look is done"),
        (has_time, "look", 40, ["look for 1.5", "look for 0"], "too slow"),
        (has_time, "note", 1, ["note for 1.5", "note for 3"], "note is done"),
        (has_time, "note", 40, ["note for 1.5"], "too slow"),
        (has_time, "pay", 1, ["pay for 1.5"], "unknown"),
        (has_time, "pay", 40, ["pay for 1.5"], "unknown"),
    ],
)
async def test_E7_a_call_in_flight_when_its_process_is_killed(
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
    fn: Any,
    kind: str,
    down: float,
    log: list[str],
    outcome: str,
) -> None:
    """As in a process that lives; but a `once` that had begun is in doubt, however long ago."""
    store, left = (MemoryStore(clock=trio.current_time) for _ in range(2))
    slow = Slow()
    hosts = {"provide": {Clerk: slow}, "wake": None, "wall_clock": trio.current_time, "grace": 0}
    async with open_durable_host(store, **hosts) as host:
        page = await host.create(Desk, "page")
        page.start(Till, fn, kind)
        await trio.sleep(1)
        if fn is is_cancelled:
            page.cancel_nowait("closing")
        await trio.sleep(0.5)
        await until_kept(page)
        await copied(await store.look("page"), left)
    await trio.sleep(down)
    async with open_durable_host(left, **hosts) as host:
        page = await host.take_up("page")
        await trio.sleep(9)
        assert slow.log == log
        assert came(page) == outcome
    assert len(slow.keys) == (kind == "note")
    caplog.clear()
