"""What a file has of a page beside its frames, and what becomes of it if that is damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import trio

from spindle import open_durable_host
from spindle.durable import Chain, PageLogCorrupt, PageStatus, SqliteStore, open_sqlite_store
from tests.lasting import household
from tests.lasting.household import House, Main

BESIDE = {
    "status = 'odd'": "expected a status out of live, parked, ended, found 'odd', and nothing",
    "head = 'far'": "expected the head of a page, found 'far'",
    "changed = 'now'": "expected the changed of a page, found 'now'",
    "meta = 7": "expected the meta of a page, found 7",
    "page = x'70'": "expected the page of a page, found b'p'",
    "covered = -1": "expected a snapshot of frames up to 2, which were pruned, found none",
    "covered = 1": "expected a snapshot of frames up to 2, which were pruned, found one up to 1",
}


def change(path: Path, what: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"UPDATE pages SET {what} WHERE page = 'p'")


async def filled(path: Path) -> None:
    """Two pages that are due: the first has a snapshot, and frames behind it."""
    async with open_sqlite_store(path) as store:
        chain = Chain("p")
        frames = [chain.seal(0.0, b"%d" % number) for number in range(3)]
        lease = await store.create("p", b"", frames, owner="ann", ttl=10)
        await store.snapshot(lease, 2, chain.seal_snapshot(0.0, b"two"), prune_to=2)
        await store.append(lease, 2, [chain.seal(0.0, b"3")])
        await store.release(lease, wake_at=1.0)
        await store.release(await store.create("q", b"", [], owner="ann", ttl=10), wake_at=2.0)


async def goes_on(store: SqliteStore) -> None:
    """All of the store but the page that is damaged."""
    assert [each.page for each in await store.pages()] == ["q"]
    assert await store.due(5.0) == ["q"]
    lease = await store.acquire("q", owner="ann", ttl=10)
    await store.append(lease, -1, [b"0"])
    await store.release(lease, status=PageStatus.ENDED)
    assert await store.purge(float("inf")) == 1


@pytest.mark.parametrize("what", BESIDE)
async def test_a_row_that_is_damaged_is_its_pages_affair(path: Path, what: str) -> None:
    await filled(path)
    change(path, what)
    async with open_sqlite_store(path) as store:
        if "page" not in what:
            for call in (
                lambda: store.acquire("p", owner="ann", ttl=10),
                lambda: store.look("p"),
                lambda: store.create("p", b"", [], owner="ann", ttl=10),
            ):
                with pytest.raises(PageLogCorrupt) as damage:
                    await call()
                assert "is damaged in what stands beside its frames: " in str(damage.value)
                assert BESIDE[what] in str(damage.value)
                assert str(damage.value).endswith(
                    "a backup: nothing is intact that the log could be rewound to"
                )
        await goes_on(store)


async def test_a_lease_of_a_row_that_is_damaged_is_over(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        lease = await store.create("p", b"", [], owner="ann", ttl=10)
        other = await store.create("q", b"", [], owner="ann", ttl=10)
        await store.release(lease)
        change(path, "status = 'odd'")
        assert await store.renew([lease, other]) == [lease]


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("snapshot = NULL", "expected a snapshot, whole, found 0 bytes"),
        ("snapshot = x''", "expected a snapshot, whole, found 0 bytes"),
        ("snapshot = 'text'", "expected a snapshot, whole, found 0 bytes"),
        ("snapshot = x'010203'", "expected a snapshot, whole, found 3 bytes"),
        ("covered = covered + 1", "expected a snapshot of frames up to 3, found one of frames up"),
    ],
)
async def test_D4_a_page_whose_snapshot_is_damaged_is_parked(
    path: Path, what: str, found: str
) -> None:
    """It is told as that, whatever is left of it, and that no rewinding helps."""
    async with (
        open_sqlite_store(path) as store,
        open_durable_host(store, wake=None, snapshot_every=1) as host,
    ):
        page = await host.create(House, "p")
        page.start(Main, household.races, 0)
        await page.resume(Main.Go("on")).settled()
        await host.put_away("p")
        covered = (await store.look("p")).snapshot
        assert covered is not None
        change(path, what)
        with pytest.raises(PageLogCorrupt) as damage:
            await host.take_up("p")
        assert f"damaged at frame {covered.seq + ('+' in what)}: {found}" in str(damage.value)
        assert "then put back a backup: nothing is intact that" in str(damage.value)
        assert [each.page for each in await store.pages(PageStatus.PARKED)] == ["p"]
        await trio.lowlevel.checkpoint()
