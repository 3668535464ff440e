"""Why a spindle is cancelled: who wanted it, and what for, where its own code can see it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import trio.testing

from spindle import (
    ESCALATE,
    Cancelled,
    Origin,
    Source,
    cancel_reason,
    cleanup,
    fiber,
    fork,
    open_host,
    open_page,
    perform,
    scope,
    sleep,
    timeout,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

ANNA = Source(Desk, "anna")
BELL = Source(Bell)


class Witness:
    """Spindles and fibers that write down why they are cancelled, in `finally` and in a cleanup."""

    def __init__(self) -> None:
        self.seen: dict[str, list[Cancelled | None]] = {}

    async def asks(self, name: str = "asks") -> None:
        seen = self.seen.setdefault(name, [])
        try:
            await Desk.Take()
        finally:
            seen.append(await cancel_reason())
            async with cleanup(5):
                seen.append(await cancel_reason())
                await sleep(1)

    async def owns(self) -> None:
        await fiber(self.middle)
        await self.asks("owner")

    async def middle(self) -> None:
        await fiber(self.asks, "leaf")
        await self.asks("middle")

    @property
    def reasons(self) -> dict[str, Cancelled | None]:
        """By name; the same in both places."""
        assert all(len(seen) == 2 and seen[0] == seen[1] for seen in self.seen.values())
        return {name: seen[0] for name, seen in self.seen.items()}


@under("hand", "hosted", "task")
async def test_E4_a_spindle_and_its_fibers_see_the_same_reason(page: Stage) -> None:
    witness = Witness()
    page.start(Desk, witness.owns)
    await page.settle()
    await page.cancel("closing time")
    reason = Cancelled("closing time", Origin.REQUESTED, None)
    assert witness.reasons == dict.fromkeys(["leaf", "middle", "owner"], reason)


@under("hand", "hosted", "task")
async def test_E4_stopped(page: Stage) -> None:
    witness = Witness()

    async def lasts() -> None:
        try:
            await sleep(100)
        finally:
            witness.seen["lasts"] = [await cancel_reason()] * 2

    page.start(Desk, lasts)
    await page.settle()
    await page.stop("update", 5)
    assert witness.reasons == {"lasts": Cancelled("update", Origin.STOPPED)}


@under("hand", "hosted", "task")
async def test_E4_by_a_handle_from_outside_and_from_a_spindle(page: Stage) -> None:
    witness = Witness()
    first = page.start(Desk, witness.asks, "first", instance="first")
    second = page.start(Desk, witness.asks, "second", instance="second")

    async def cancels() -> None:
        await second.cancel("by a neighbour")

    await page.settle()
    first.cancel_nowait("from outside")
    page.start(Desk, cancels, instance="anna")
    await page.settle()
    await page.advance(1)
    assert witness.reasons == {
        "first": Cancelled("from outside", Origin.HANDLE, None),
        "second": Cancelled("by a neighbour", Origin.HANDLE, ANNA),
    }
    assert first.outcome == witness.reasons["first"]
    assert second.outcome == witness.reasons["second"]


@under("hand", "hosted", "task")
async def test_E4_replaced(page: Stage) -> None:
    witness = Witness()

    async def replaces() -> None:
        await fork(Desk, ask_once, replace=True)

    page.start(Desk, witness.asks)
    await page.settle()
    page.start(Desk, replaces, instance="anna")
    await page.advance(1)
    reason = Cancelled("replaced by another one", Origin.REPLACED, ANNA)
    assert witness.reasons == {"asks": reason}


@under("hand", "hosted", "task")
async def test_E4_its_owner_has_ended(page: Stage) -> None:
    witness = Witness()

    async def returns() -> str:
        await fiber(witness.middle)
        return (await Desk.Ask()).word

    page.start(Desk, returns, instance="anna")
    await page.settle()
    page.resume(Desk.Told("bye"), instance="anna")
    await page.advance(1)
    reason = Cancelled("Talk.Desk['anna'] has ended", Origin.OWNER_ENDED, ANNA)
    assert witness.reasons == dict.fromkeys(["leaf", "middle"], reason)


@under("hand", "hosted", "task")
async def test_E4_its_scope_is_left(page: Stage) -> None:
    """Because a sibling fails, an exception leaves the body, or a limit around it has passed."""
    witness = Witness()

    async def fails() -> None:
        raise LookupError

    async def sibling() -> None:
        async with scope():
            await fiber(witness.asks, "sibling")
            await sleep(1)
            await fiber(fails)

    async def body() -> None:
        async with scope():
            await fiber(witness.asks, "body")
            await sleep(1)
            raise LookupError

    async def limit() -> None:
        async with timeout(1), scope():
            await fiber(witness.asks, "limit")

    for fn in (sibling, body, limit):
        page.start(Desk, fn, instance=fn.__name__)
    await page.advance(3)
    assert {name: reason.origin for name, reason in witness.reasons.items()} == dict.fromkeys(
        ["sibling", "body", "limit"], Origin.SCOPE_LEFT
    )
    assert {name: reason.by for name, reason in witness.reasons.items()} == {
        name: Source(Desk, name) for name in ("sibling", "body", "limit")
    }
    assert {name: reason.reason for name, reason in witness.reasons.items()} == {
        "sibling": "fails of Talk.Desk['sibling'] failed",
        "body": "its scope() was left by LookupError()",
        "limit": "its scope() is being cut",
    }


@under("hand", "hosted", "task")
async def test_E4_the_first_reason_stands(page: Stage) -> None:
    witness = Witness()
    handle = page.start(Desk, witness.owns)
    await page.settle()
    handle.cancel_nowait("first")
    handle.cancel_nowait("second")
    await page.cancel("third")
    reason = Cancelled("first", Origin.HANDLE)
    assert witness.reasons == dict.fromkeys(["leaf", "middle", "owner"], reason)
    assert handle.outcome == reason


@under("hand", "hosted", "task")
async def test_E4_who_is_not_cancelled_has_no_reason(page: Stage) -> None:
    seen: list[Cancelled | None] = []

    async def limits() -> None:
        seen.append(await cancel_reason())
        try:
            async with timeout(1):
                await sleep(5)
        except TimeoutError:
            pass
        finally:
            seen.append(await cancel_reason())

    page.start(Desk, limits)
    await page.advance(2)
    assert seen == [None, None]


End = Callable[..., Coroutine[Any, Any, None]]


async def cancels(page: Any) -> None:
    await page.cancel("closing time")


async def leaves(page: Any) -> None:
    pass


async def raises(page: Any) -> None:
    raise LookupError


async def waits(page: Any) -> None:
    await page.wait()


async def escalates(page: Any) -> None:
    async def fails() -> None:
        raise KeyError

    page.start(Bell, fails, policy=ESCALATE)
    await trio.sleep_forever()


async def ends_for_good(page: Any) -> None:
    page.start(Bell, ring_once, significant=True)
    await trio.testing.wait_all_tasks_blocked()
    page.resume(Bell.Rung())
    await page.wait()


ENDS: dict[End, Cancelled] = {
    cancels: Cancelled("closing time", Origin.REQUESTED),
    leaves: Cancelled("the page was left", Origin.BODY_LEFT),
    raises: Cancelled("LookupError in the body of the page", Origin.BODY_FAILED),
    waits: Cancelled("the program around the page was cancelled", Origin.HOST_CANCELLED),
    escalates: Cancelled("Talk.Bell failed", Origin.ESCALATED, BELL),
    ends_for_good: Cancelled("Talk.Bell has ended", Origin.SIGNIFICANT, BELL),
}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
@HOSTED
@on_trio()
async def test_E4_however_a_page_ends_all_end_once_and_know_why(hosted: bool, end: End) -> None:
    witness = Witness()
    living = trio.lowlevel.current_statistics().tasks_living
    handles: list[Any] = []
    try:
        with trio.move_on_after(20):
            async with open_page(Talk, hosted=hosted) as page:
                handles.append(page.start(Desk, witness.owns))
                handles.append(page.start(Desk, lingers_in_a_call, witness, instance="call"))
                await trio.testing.wait_all_tasks_blocked()
                await end(page)
    except* (LookupError, KeyError):
        assert end in (raises, escalates)
    assert page.ended
    assert trio.lowlevel.current_statistics().tasks_living == living
    assert witness.reasons == dict.fromkeys(["leaf", "middle", "owner", "call"], ENDS[end])
    assert {handle.outcome for handle in handles} == {ENDS[end]}


async def lingers_in_a_call(witness: Witness) -> None:
    seen = witness.seen.setdefault("call", [])
    try:
        await perform(trio.sleep_forever)
    finally:
        seen.append(await cancel_reason())
        async with cleanup(5):
            await perform(trio.sleep, 2)
            seen.append(await cancel_reason())


@pytest.mark.parametrize("around", ["left", "cancelled"])
@on_trio()
async def test_E4_a_host_is_left_with_all_its_pages(around: str) -> None:
    witness = Witness()
    living = trio.lowlevel.current_statistics().tasks_living
    with trio.CancelScope() as outer:
        async with open_host() as host:
            pages = [host.open(Talk) for _ in range(3)]
            for number, page in enumerate(pages):
                page.start(Desk, witness.asks, str(number))
            await trio.testing.wait_all_tasks_blocked()
            if around == "cancelled":
                outer.cancel()
                await trio.sleep_forever()
    assert all(page.ended for page in pages)
    assert trio.lowlevel.current_statistics().tasks_living == living
    reason = Cancelled("the host was left", Origin.BODY_LEFT)
    if around == "cancelled":
        reason = Cancelled("the program around the host was cancelled", Origin.HOST_CANCELLED)
    assert witness.reasons == dict.fromkeys("012", reason)
