"""The store in memory, and how it is told to break."""

from __future__ import annotations

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import UsageError
from spindle.durable import (
    Conflict,
    Durability,
    Fault,
    Fenced,
    MemoryStore,
    NoSuchPage,
    PageStatus,
    StoreClosed,
    StoreFailed,
)


async def test_the_nth_call_goes_wrong() -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [b"0"], owner="ann", ttl=10)
    store.fail(Fault.LOST, nth=2)
    await store.append(lease, 0, [b"1"])
    with pytest.raises(StoreFailed, match="may have been kept or not") as failed:
        await store.append(lease, 1, [b"2"])
    assert failed.value.in_doubt
    assert (await store.restarted().look("p")).frames == (b"0", b"1")


@pytest.mark.parametrize(
    ("fault", "kept"), [(Fault.LOST, 1), (Fault.UNANSWERED, 3), (Fault.TORN, 1), (Fault.FULL, 1)]
)
async def test_what_is_kept_of_an_append_that_goes_wrong(fault: Fault, kept: int) -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [b"0"], owner="ann", ttl=10)
    store.fail(fault)
    with pytest.raises(StoreFailed, match=fault.value):
        await store.append(lease, 0, [b"1", b"2"])
    assert len((await store.restarted().look("p")).frames) == kept


async def test_a_store_that_failed_takes_nothing_more() -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [], owner="ann", ttl=10)
    store.fail(Fault.FULL)
    with pytest.raises(StoreFailed, match="the disk is full; what was asked was not kept") as full:
        await store.append(lease, -1, [b"0"])
    assert not full.value.in_doubt
    for call in (
        store.append(lease, -1, [b"0"]),
        store.read(lease),
        store.create("q", b"", [], owner="ann", ttl=10),
        store.release(lease),
    ):
        with pytest.raises(StoreFailed, match="mend the cause, then open it anew"):
            await call


async def test_somebody_else_has_had_the_page() -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [], owner="ann", ttl=10)
    store.fail(Fault.FENCED)
    with pytest.raises(Fenced, match="from epoch 1 is over: nobody holds it"):
        await store.append(lease, -1, [b"0"])
    again = await store.acquire("p", owner="ann", ttl=10)
    await store.append(again, -1, [b"0"])


@pytest.mark.parametrize(
    "call", ["create", "acquire", "append", "snapshot", "rewind", "renew", "release"]
)
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNANSWERED])
async def test_any_call_goes_wrong(call: str, fault: Fault) -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [b"0"], owner="ann", ttl=10)
    await store.release(await store.create("q", b"", [], owner="ann", ttl=10))
    store.fail(fault, call=call)  # type: ignore[arg-type]
    calls = {
        "create": lambda: store.create("new", b"", [], owner="ann", ttl=10),
        "acquire": lambda: store.acquire("q", owner="ann", ttl=10),
        "append": lambda: store.append(lease, 0, [b"1"]),
        "snapshot": lambda: store.snapshot(lease, 0, b"s", prune_to=0),
        "rewind": lambda: store.rewind(lease, -1),
        "renew": lambda: store.renew([lease]),
        "release": lambda: store.release(lease),
    }
    with pytest.raises(StoreFailed):
        await calls[call]()
    again = store.restarted()
    kept = fault is Fault.UNANSWERED
    new = [each.page for each in await again.pages() if each.page == "new"]
    p, q = await again.look("p"), await again.look("q")
    assert {
        "create": bool(new),
        "acquire": q.record.owner == "ann",
        "append": len(p.frames) == 2,
        "snapshot": p.snapshot is not None,
        "rewind": p.frames == (),
        "renew": kept,
        "release": p.record.owner is None,
    }[call] == kept


async def test_a_call_waits_and_others_behind_it() -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [], owner="ann", ttl=10)
    go_on = store.delay()
    done: list[str] = []

    async def append(expected: int, frame: bytes) -> None:
        await store.append(lease, expected, [frame])
        done.append(frame.decode())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(append, -1, b"0")
        await wait_all_tasks_blocked()
        nursery.start_soon(append, 0, b"1")
        await wait_all_tasks_blocked()
        assert done == []
        go_on.set()
    assert done == ["0", "1"]


async def test_an_append_that_is_cancelled_before_it_is_kept_is_not() -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [], owner="ann", ttl=10)
    store.delay()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.append, lease, -1, [b"0"])
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert await store.read(lease) == []


async def test_an_append_that_is_cancelled_after_it_was_kept_is_kept_all_the_same() -> None:
    store = MemoryStore()
    lease = await store.create("p", b"", [], owner="ann", ttl=10)
    store.delay(kept=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.append, lease, -1, [b"0"])
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    with pytest.raises(Conflict) as conflict:
        await store.append(lease, -1, [b"again"])
    assert conflict.value.head == 0
    assert await store.read(lease) == [b"0"]


async def test_a_restart_ends_the_store_and_its_leases() -> None:
    store = MemoryStore()
    await store.create("p", b"", [b"0"], owner="ann", ttl=1e9)
    again = store.restarted()
    with pytest.raises(StoreClosed):
        await store.look("p")
    assert await again.due(0) == ["p"]
    lease = await again.acquire("p", owner="ben", ttl=10)
    assert (lease.owner, lease.crashes) == ("ben", 1)


async def test_crashes_are_counted_until_the_log_grows() -> None:
    store = MemoryStore()
    await store.create("p", b"", [], owner="ann", ttl=10)
    for crashes in (1, 2, 3):
        store = store.restarted()
        lease = await store.acquire("p", owner="ann", ttl=10)
        assert lease.crashes == crashes
    await store.append(lease, -1, [b"0"])
    store = store.restarted()
    assert (await store.acquire("p", owner="ann", ttl=10)).crashes == 1


async def test_a_page_that_was_purged_comes_back_under_a_new_epoch() -> None:
    store = MemoryStore(clock=lambda: 0.0)
    first = await store.create("p", b"", [], owner="ann", ttl=10)
    await store.release(first)
    assert await store.purge(1.0, status=PageStatus.LIVE) == 1
    with pytest.raises(Fenced, match="it was purged"):
        await store.append(first, -1, [b"0"])
    second = await store.create("p", b"", [], owner="ben", ttl=10)
    assert second.epoch > first.epoch


async def test_slips_are_told() -> None:
    store = MemoryStore()
    assert store.level is Durability.MEMORY
    with pytest.raises(UsageError, match="without blanks"):
        await store.create("a page", b"", [], owner="ann", ttl=10)
    with pytest.raises(UsageError, match="a store keeps bytes: a frame is 'text'"):
        await store.create("p", b"", ["text"], owner="ann", ttl=10)  # type: ignore[list-item]
    with pytest.raises(UsageError, match="counted from 1"):
        store.fail(Fault.LOST, nth=0)
    with pytest.raises(NoSuchPage, match="no page 'p'"):
        store.damage("p", 0)
    lease = await store.create("p", b"", [b"0", b"1"], owner="ann", ttl=10)
    with pytest.raises(UsageError, match="has no frame 2"):
        store.damage("p", 2)
    with pytest.raises(UsageError, match="cannot cover frames up to 2: the log ends with 1"):
        await store.snapshot(lease, 2, b"")
    with pytest.raises(UsageError, match="to a frame from -1 to 1, not to 2"):
        await store.rewind(lease, 2)
    await store.snapshot(lease, 1, b"all", prune_to=0)
    with pytest.raises(UsageError, match="up to 0 of page 'p' were pruned"):
        await store.read(lease)
