"""Spindles that swallow their cancellation: named, closed where that is safe, never in the way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Errored,
    UsageError,
    cleanup,
    fiber,
    open_page,
    perform,
    scope,
    sleep,
    timeout,
)
from spindle._core.kernel.unwinding import Unwinding
from spindle._runtime.tasks import FOREIGN_BOUND
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.runtime.stubborn import SAID, neighbour
from tests.talk import Bell, Desk, Talk


def obeys(log: list[str], operation: Callable[[], Any]) -> Callable[[], Coroutine[Any, Any, None]]:
    """A spindle that swallows every cancellation, but lets itself be closed."""

    async def swallows() -> None:
        try:
            while True:
                try:
                    await operation()
                except GeneratorExit:
                    raise
                except BaseException:
                    log.append("swallowed")
        finally:
            log.append("closed")

    return swallows


OPERATIONS: dict[str, Callable[[], Any]] = {
    "yield": Desk.Ask,
    "notify": lambda: Desk.Said("x"),
    "sleep": lambda: sleep(1),
    "call": lambda: perform(nothing),
}


async def nothing() -> None:
    await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("operation", ["yield", "sleep"])
@under("hand", "hosted", "task")
async def test_E6_it_is_closed_and_named_and_the_others_end(page: Stage, operation: str) -> None:
    log: list[str] = []
    handle = page.start(Desk, obeys(log, OPERATIONS[operation]))
    page.start(Bell, neighbour, log)
    await page.settle()
    await page.cancel("closing time")
    assert isinstance(handle.outcome, Errored)
    assert isinstance(handle.outcome.error, UsageError)
    assert str(handle.outcome.error).startswith(SAID)
    assert log == ["swallowed"] * 20 + ["closed", "neighbour cleaned"]
    assert page.said()[-2:] == [
        "Desk failed: UsageError",
        "Bell was cancelled: closing time (requested)",
    ]
    assert page.kernel.now == 1


@pytest.mark.parametrize("operation", OPERATIONS)
@HOSTED
@on_trio()
async def test_E6_whatever_it_awaits(hosted: bool, operation: str) -> None:
    log: list[str] = []
    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, obeys(log, OPERATIONS[operation]))
        await trio.lowlevel.checkpoint()
        await trio.lowlevel.checkpoint()
        await page.cancel("closing time")
    assert str(handle.outcome.error).startswith(SAID)
    assert log[-1] == "closed"
    assert log.count("swallowed") == 20


FOREIGN: dict[str, Callable[[], Any]] = {
    "sleep": trio.sleep_forever,
    "checkpoint": trio.lowlevel.checkpoint,
    "event": lambda: EVENTS[-1].wait(),
}
EVENTS: list[trio.Event] = []


@pytest.mark.parametrize("kind", FOREIGN)
@on_trio(3)
async def test_E6_in_trios_own_awaits_it_is_closed_later(kind: str) -> None:
    """They are let go more often: a cleanup of many streams sees a cancellation at each."""
    log: list[str] = []
    EVENTS.append(trio.Event())
    async with open_page(Talk) as page:
        handle = page.start(Desk, obeys(log, FOREIGN[kind]))
        page.start(Bell, neighbour, log)
        for _ in range(5):
            await trio.lowlevel.checkpoint()
        began = trio.current_time()
        await page.cancel("closing time")
        assert trio.current_time() - began == pytest.approx(1, abs=0.1)
    assert str(handle.outcome.error).startswith(SAID)
    assert log.count("swallowed") == FOREIGN_BOUND - 1
    assert log.count("closed") == 1
    # Nobody wakes the task that has gone.
    assert EVENTS[-1].statistics().tasks_waiting == 0


@on_trio()
async def test_E6_a_cleanup_of_many_streams_is_let_do_its_work() -> None:
    closed: list[int] = []

    async def closes() -> None:
        try:
            await Desk.Ask()
        finally:
            for number in range(300):
                send, receive = trio.testing.memory_stream_pair()
                with contextlib.suppress(trio.Cancelled):
                    await trio.aclose_forcefully(send)
                with contextlib.suppress(trio.Cancelled):
                    await receive.aclose()
                closed.append(number)

    async with open_page(Talk) as page:
        handle = page.start(Desk, closes)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    assert len(closed) == 300
    assert handle.outcome == Cancelled("closing time")


@under("hand", "hosted", "task")
async def test_E6_its_fibers_end_and_what_it_held_is_settled(page: Stage) -> None:
    log: list[str] = []

    async def swallows() -> None:
        await fiber(obeys(log, OPERATIONS["sleep"]))
        await fiber(neighbour_of_desk, log)
        await Desk.Ask()
        await obeys(log, OPERATIONS["sleep"])()

    page.start(Desk, swallows)
    await page.settle()
    receipt = page.resume(Desk.Told())
    await page.settle()
    await page.cancel("closing time")
    assert log.count("swallowed") == 40
    assert log.count("closed") == 2
    assert receipt.reason == "Talk.Desk failed with UsageError while it handled the event"
    assert page.kernel.live == {}


async def neighbour_of_desk(log: list[str]) -> None:
    try:
        await Desk.Take()
    finally:
        log.append("fiber unwinds")


@under("hand", "hosted", "task")
async def test_E6_scopes_of_ours_that_are_open_are_left(page: Stage) -> None:
    log: list[str] = []

    async def nests() -> None:
        async with timeout(500), cleanup(2):
            await sleep(100)
        log.append("behind the cleanup")
        async with timeout(500), scope():
            await obeys(log, OPERATIONS["sleep"])()

    handle = page.start(Desk, nests)
    await page.settle()
    await page.cancel("closing time")
    assert log == ["swallowed"] * 20 + ["closed"] or log[-1] == "closed"
    assert "swallowed its cancellation" in str(handle.outcome.error)
    assert page.kernel.timers.next_at() is None


@under("hand", "hosted", "task")
async def test_E6_the_end_of_a_timeout_is_not_swallowed_for_ever_either(page: Stage) -> None:
    """Nobody has cancelled the spindle: it must not stop the program all the same."""
    log: list[str] = []

    async def limits() -> None:
        async with timeout(3):
            await obeys(log, OPERATIONS["sleep"])()

    handle = page.start(Desk, limits)
    await page.advance(10)
    assert log == ["swallowed"] * 20 + ["closed"]
    assert str(handle.outcome.error).startswith(
        "Talk.Desk swallowed the end of its timeout() again and again and was closed"
    )


@under("hand", "hosted", "task")
async def test_E6_twenty_one_limits_that_pass_one_after_the_other_are_no_swallowing(
    page: Stage,
) -> None:
    async def limits() -> int:
        late = 0
        for _ in range(50):
            try:
                async with timeout(1):
                    await Desk.Ask()
            except TimeoutError:
                late += 1
        return late

    page.start(Desk, limits)
    await page.advance(51)
    assert page.said()[-1] == "Desk returned 50"


@under("hand", "hosted", "task")
async def test_E6_what_it_raises_while_it_is_closed_is_its_error(page: Stage) -> None:
    async def swallows() -> None:
        try:
            while True:
                with contextlib.suppress(Exception, trio.Cancelled, Unwinding):
                    await sleep(1)
        finally:
            raise LookupError("while it was closed")

    handle = page.start(Desk, swallows)
    await page.settle()
    await page.cancel("closing time")
    assert isinstance(handle.outcome.error, LookupError)


@under("hand", "hosted", "task")
async def test_E6_its_cleanup_runs(page: Stage) -> None:
    log: list[str] = []

    async def swallows() -> None:
        try:
            await obeys(log, OPERATIONS["sleep"])()
        finally:
            async with cleanup(5):
                await sleep(2)
                await Desk.Said("cleaned")
            await Desk.Said("never")

    page.start(Desk, swallows)
    await page.settle()
    await page.cancel("closing time")
    assert page.said() == ["Desk says Said(word='cleaned')", "Desk failed: UsageError"]


@on_trio()
async def test_E6_and_so_does_a_cleanup_of_trios() -> None:
    log: list[str] = []

    async def swallows() -> None:
        with trio.move_on_after(1000):
            try:
                await obeys(log, OPERATIONS["sleep"])()
            finally:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(trio.sleep, 1)
                    with trio.CancelScope(shield=True):
                        await trio.sleep(2)
                        log.append("cleaned")

    async with open_page(Talk) as page:
        handle = page.start(Desk, swallows)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    assert str(handle.outcome.error).startswith(SAID)
    assert log[-2:] == ["closed", "cleaned"]
