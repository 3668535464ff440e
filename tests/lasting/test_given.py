"""D1: what no log could read back is refused where it is given, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import PageMachine, Restart, Settlement, UsageError, open_durable_host
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting, Shop, Till, count

HALF = "caf\udce9"


class Patient(Restart, frozen=True):
    """A policy of a class of its own."""


def not_async(total: int = 0) -> Any:
    """Ask nothing."""
    return total


async def yields(total: int = 0) -> Any:
    """Hold a `yield`, by mistake."""
    yield total


def watched(fn: Callable[[int], Coroutine[Any, Any, int]]) -> Callable[[int], Any]:
    @wraps(fn)
    def around(total: int) -> Any:
        return fn(total)

    return around


@watched
async def counts(total: int) -> int:
    """Count, as a function that is wrapped."""
    return await count(total)


WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "yield_id text": (lambda page: page.resume(Counter.Add(1), yield_id="1"), "yield_id= takes"),
    "yield_id float": (lambda page: page.resume(Counter.Add(1), yield_id=1.0), "yield_id= takes"),
    "yield_id bool": (lambda page: page.resume(Counter.Add(1), yield_id=True), "yield_id= takes"),
    "for instance": (lambda page: page.resume(Counter.Add(1), instance=5), "instance= takes"),
    "for half": (lambda page: page.resume(Counter.Add(1), instance=HALF), "instance= takes"),
    "instance": (lambda page: page.start(Counter, count, instance=5), "instance= takes"),
    "half": (lambda page: page.start(Counter, count, instance=HALF), "instance= takes"),
    "significant": (
        lambda page: page.start(Counter, count, instance="x", significant=1),
        "significant= takes",
    ),
    "policy": (lambda page: page.start(Counter, count, instance="x", policy=1), "policy= takes"),
    "own policy": (
        lambda page: page.start(Counter, count, instance="x", policy=Patient()),
        "a policy of a class of its own, Patient, .* a plain Restart",
    ),
    "not async": (
        lambda page: page.start(Counter, not_async, instance="x"),
        "not_async is to run as a spindle .* write `async def`",
    ),
    "yields": (
        lambda page: page.start(Counter, yields, instance="x"),
        "yields is to run as a spindle .*`await` where a `yield` stands",
    ),
    "cancel": (lambda page: page.cancel_nowait(HALF), "reason takes a text"),
}


@pytest.mark.parametrize("how", WRONG)
async def test_D1_what_no_log_reads_back_is_refused_and_not_kept(how: str) -> None:
    does, told = WRONG[how]
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, snapshot_every=1) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 0)
        await wait_all_tasks_blocked()
        head = (await store.look("one")).frames
        with pytest.raises(UsageError, match=told):
            does(page)
        await wait_all_tasks_blocked()
        assert (await store.look("one")).frames == head
        assert len(page.tree().spindles) == 1
    await goes_on(store)


async def test_D1_a_handles_reason_can_be_written() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "one")
        handle = page.start(Counter, count, 0)
        await wait_all_tasks_blocked()
        with pytest.raises(UsageError, match="reason takes a text"):
            handle.cancel_nowait(HALF)
        with pytest.raises(UsageError, match="reason takes a text"):
            await page.stop(HALF, grace=1)
        await wait_all_tasks_blocked()
        assert handle.outcome is None
    await goes_on(store)


async def test_D1_a_number_that_no_log_writes_is_stale() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, snapshot_every=1) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 0)
        receipt = page.resume(Counter.Add(1), yield_id=2**70)
        assert await receipt.settled() is Settlement.REFUSED
        assert receipt.reason.startswith("stale")
    await goes_on(store)


async def test_D1_a_wrapped_function_and_whole_numbers_are_kept() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, snapshot_every=1) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, counts, 0, policy=Restart(delay=2**70, longest=1))
        await wait_all_tasks_blocked()
    await goes_on(store)


async def goes_on(store: MemoryStore) -> None:
    """Another process finds the page, and it is where it was."""
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page: PageMachine = await host.take_up("one")
        page.resume(Counter.Add(2))
        await wait_all_tasks_blocked()
        assert [ask for _, ask in page.pending()] == [Counter.Ask(6)]
