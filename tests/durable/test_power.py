"""Power loss: what level `POWER` keeps, and what level `PROCESS` does not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import trio

from spindle.durable import Durability, Lease, StoreFailed, open_sqlite_store
from spindle.durable.sqlite import database
from spindle.durable.sqlite.store import open_database_store
from tests.durable.killed import PAGES, Told, append, check, heads_of
from tests.durable.power import Cut, Disk
from tests.tally import TALLY

pytestmark = pytest.mark.slow  # thousands of moments at which the power goes


def moments_of(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """Where the logs of all pages end with each commit, as it goes on."""
    moments: list[dict[str, int]] = [{}]
    heads: dict[str, int] = {}
    append, commit = database.Database.append, database.Database.commit

    def noted(self: database.Database, lease: Lease, before: int, frames: list[bytes]) -> None:
        append(self, lease, before, frames)
        heads[lease.page] = before + len(frames)

    def kept(self: database.Database) -> None:
        commit(self)
        moments.append(dict(heads))

    monkeypatch.setattr(database.Database, "append", noted)
    monkeypatch.setattr(database.Database, "commit", kept)
    return moments


def cuts_of(path: Path, level: Durability, every: int, rounds: int) -> list[Cut]:
    """Work with a store, and keep what the disk may have had meanwhile."""
    told = Told()
    disk = Disk(f"disk {random.random()}", told, every)

    async def work() -> None:
        opened = open_database_store(path, level, lambda: 0.0, disk.connect)
        async with opened as store, trio.open_nursery() as nursery:
            for page in PAGES:
                nursery.start_soon(append, store, page, rounds, told.heads.__setitem__)

    trio.run(work)
    disk.unregister()
    return disk.cuts


def lost(cut: Cut, folder: Path, chance: random.Random, moments: list[dict[str, int]]) -> bool:
    """Whether something acknowledged is gone; what is left is checked.

    It is whole, and that of one moment: what was written later is gone of all pages.
    """
    folder.mkdir()
    cut.leave(folder, chance)
    heads = heads_of(folder / "pages.db", Told())
    assert heads in moments, f"{heads} was never there together"
    if all(heads.get(page, -1) >= head for page, head in cut.told.heads.items()):
        check(folder / "pages.db", cut.told)
        return False
    return True


def losses(
    tmp_path: Path, level: Durability, monkeypatch: pytest.MonkeyPatch, rounds: int, every: int
) -> tuple[int, int]:
    """In how many of how many cuts something acknowledged was lost."""
    monkeypatch.setattr(database, "LARGE", 60_000)
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with monkeypatch.context() as patched:
        moments = moments_of(patched)
        cuts = cuts_of(tmp_path / "pages.db", level, every, rounds)
    found = [lost(cut, tmp_path / str(at), chance, moments) for at, cut in enumerate(cuts)]
    TALLY[f"power cuts ({level.value})"] += len(cuts)
    return sum(found), len(found)


def test_level_power_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count, cuts = losses(tmp_path, Durability.POWER, monkeypatch, 12, 2)
    assert cuts > 50
    assert count == 0


def test_level_process_loses_the_end_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count, cuts = losses(tmp_path, Durability.PROCESS, monkeypatch, 12, 2)
    assert cuts > 30
    assert count > 5  # or the disk here is no test of the other level


def test_a_flush_that_fails_is_not_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "pages.db"
    disk = Disk(f"disk {random.random()}", Told(), 1000)

    async def work() -> None:
        async with open_database_store(path, Durability.POWER, lambda: 0.0, disk.connect) as store:
            lease = await store.create("p", b"", [b"0"], owner="ann", ttl=10)
            await store.append(lease, 0, [b"1"])
            disk.broken = True
            with pytest.raises(
                StoreFailed, match=r"committing failed: .*does not answer"
            ) as failed:
                await store.append(lease, 1, [b"2"])
            assert failed.value.in_doubt
            disk.broken = False  # and would say that all is well
            disk.syncs.clear()
            for _ in range(3):
                with pytest.raises(StoreFailed, match=r"committing failed: .*does not answer"):
                    await store.append(lease, 1, [b"2"])
            assert disk.syncs == []
        async with open_sqlite_store(path) as store:
            assert list((await store.look("p")).frames)[:2] == [b"0", b"1"]

    trio.run(work)
    disk.unregister()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("level", [Durability.POWER, Durability.PROCESS])
def test_many_power_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: Durability
) -> None:
    count = cuts = 0
    while cuts < 1000:
        folder = tmp_path / f"from {cuts}"
        folder.mkdir()
        lost_here, cut_here = losses(folder, level, monkeypatch, 20, 1)
        count, cuts = count + lost_here, cuts + cut_here
    assert (count > 0) == (level is Durability.PROCESS)
