"""Whose file a store takes, and from whom: one process has it, and nothing else is touched."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest
import trio

from spindle.durable import (
    Lease,
    NotAStore,
    StoreFailed,
    StoreInUse,
    StoreTooNew,
    open_sqlite_store,
)
from spindle.durable.points import watch
from spindle.durable.sqlite import database
from spindle.durable.sqlite.database import unopened


def open_and_close(path: Path) -> None:
    async def main() -> None:
        async with open_sqlite_store(path):
            pass

    trio.run(main)


def acquire(path: Path, page: str) -> Lease:
    async def main() -> Lease:
        async with open_sqlite_store(path) as store:
            return await store.acquire(page, owner="ann", ttl=10)

    return trio.run(main)


def plain(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path, isolation_level=None))


async def test_this_process_opens_a_file_once(path: Path) -> None:
    async with open_sqlite_store(path):
        with pytest.raises(StoreInUse, match=r"pages\.db is open in this process already"):
            async with open_sqlite_store(path.parent / "." / path.name):
                pass
    async with open_sqlite_store(path):
        pass


OTHER = """
    import sys, trio
    from spindle.durable import open_sqlite_store

    async def main():
        async with open_sqlite_store(sys.argv[1]) as store:
            await store.create("p", b"", [b"0"], owner="other", ttl=1e9)
            print("open", flush=True)
            sys.stdin.read()

    trio.run(main)
"""


def test_a_second_process_is_refused_until_the_first_is_killed(path: Path) -> None:
    command = [sys.executable, "-c", dedent(OTHER), str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreInUse) as refused:
            open_and_close(path)
        assert f"{path} is open in process {other.pid}, since " in str(refused.value)
        assert "a store belongs to one process at a time" in str(refused.value)
        other.kill()
    lease = acquire(path, "p")
    assert (lease.head, lease.crashes) == (0, 1)


def test_a_file_of_another_kind_is_left_as_it_is(path: Path) -> None:
    path.write_text("not a database at all, but somebody's notes")
    with pytest.raises(NotAStore, match="it begins with b'not a database a'"):
        open_and_close(path)
    assert path.read_text().endswith("notes")


def test_a_file_that_was_being_made_when_the_power_went_is_made_anew(path: Path) -> None:
    path.write_bytes(bytes(4096))
    journal = path.with_name(path.name + "-journal")
    before = bytes.fromhex("d9d505f920a163d7") + bytes(4) + bytes(8) + (512).to_bytes(4, "big")
    journal.write_bytes(before + (4096).to_bytes(4, "big") + bytes(484))  # it was empty before
    open_and_close(path)
    assert path.read_bytes().startswith(b"SQLite format 3")
    assert not journal.exists()


def test_a_file_that_cannot_be_opened_is_named(path: Path) -> None:
    path.write_bytes(bytes(4096))
    with pytest.raises(StoreFailed, match=r"pages\.db cannot be opened: .*not a database"):
        open_and_close(path)
    path.unlink()
    open_and_close(path)


def test_a_database_of_another_program_is_left_as_it_is(path: Path) -> None:
    with plain(path) as other:
        other.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(NotAStore, match=r"database of another program .*0x00000000"):
        open_and_close(path)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_left_as_it_is(path: Path) -> None:
    open_and_close(path)
    with plain(path) as file:
        file.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=r"version 2 of a store's tables, .* knows up to 1"):
        open_and_close(path)
    assert path.read_bytes() == before


def test_a_file_in_the_place_of_its_folder_is_said(path: Path) -> None:
    path.write_text("notes")
    with pytest.raises(StoreFailed, match=r"pages\.db is a file, and no folder: name another"):
        open_and_close(path / "pages.db")


def test_a_file_that_nobody_could_make_is_said(path: Path) -> None:
    with pytest.raises(
        StoreFailed, match=r"pages\.db cannot be opened: there is no folder .*where: "
    ):
        open_and_close(path.parent / "nowhere" / "pages.db")
    with pytest.raises(StoreFailed, match="cannot be opened: that is a folder, and a store is a f"):
        open_and_close(path.parent)
    assert not path.parent.with_name(f"{path.parent.name}.lock").exists()
    (path.parent / "pages.db.lock").mkdir()
    with pytest.raises(StoreFailed, match=r"pages\.db cannot be opened: IsADirectoryError"):
        open_and_close(path)
    assert not path.exists()


def test_a_file_that_may_not_be_opened_is_said(path: Path) -> None:
    """Whatever the user who runs the tests may do."""
    for error in (PermissionError(13, "no"), sqlite3.OperationalError("... a readonly database")):
        said = str(unopened(path, error))
        assert "pages.db cannot be opened: this process may not do that: let it read" in said
        assert said.endswith("for a store has files beside it")
        assert "let it read the file, and those" in str(unopened(path, error, looking=True))


def test_a_folder_that_may_not_be_entered_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the user who runs the tests may do: that of another may not even be asked for."""

    def barred(self: object, *_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("spindle.durable.sqlite.database.FileLock", barred)
    monkeypatch.setattr(Path, "stat", barred)
    with pytest.raises(StoreFailed, match="this process may not do that"):
        open_and_close(path.parent / "theirs" / "pages.db")


def test_damage_is_told_with_what_helps(path: Path) -> None:
    open_and_close(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + b"\xff" * (len(whole) - 200))
    with pytest.raises(StoreFailed) as caught:
        open_and_close(path)
    said = str(caught.value)
    assert "pages.db cannot be opened: " in said
    assert said.endswith("It is damaged: copy it away, then put back a copy that is whole")


GOLDEN = Path(__file__).parent / "golden" / "store_1.sqlite"


async def test_every_version_of_a_file_is_read(path: Path) -> None:
    shutil.copy(GOLDEN, path)
    async with open_sqlite_store(path) as store:
        assert [each.page for each in await store.pages()] == ["cart-7f3", "ended"]
        kept = await store.look("cart-7f3")
        assert (kept.meta, kept.frames) == (b"meta", [b"1", b"2"])
        assert kept.snapshot is not None
        assert (kept.snapshot.seq, kept.snapshot.blob, kept.record.pruned) == (0, b"snapshot", 0)
        lease = await store.acquire("cart-7f3", owner="ann", ttl=10)
        await store.append(lease, 2, [b"3"])


def test_a_program_that_ends_with_its_store_open_ends(path: Path) -> None:
    program = """
        import sys, trio
        from spindle.durable import open_sqlite_store

        async def main():
            await open_sqlite_store(sys.argv[1]).__aenter__()

        trio.run(main)
    """
    command = [sys.executable, "-c", dedent(program), str(path)]
    subprocess.run(command, check=True, timeout=30)


async def test_what_a_killed_process_has_left_in_the_log_is_brought_into_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or processes that are killed, one after the other, would let it grow without end."""
    left = path.with_name("left.db")
    async with open_sqlite_store(path) as store:
        lease = await store.create("p", b"", [b"x" * 300_000], owner="killed", ttl=1e9)
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{left}{end}")
    path.with_name("link.db").symlink_to(left)
    monkeypatch.setattr(database, "LARGE", 200_000)
    monkeypatch.setattr(database, "LARGEST", 200_000)
    for file, brought in (("new.db", False), ("link.db", True)):
        labels: set[str] = set()
        watch(labels.add)
        try:
            async with open_sqlite_store(path.with_name(file)) as store:
                if brought:
                    lease = await store.acquire("p", owner="ann", ttl=1e9)
                else:
                    lease = await store.create("p", b"", [b"0"], owner="ann", ttl=1e9)
                await store.append(lease, 0, [b"1"])
        finally:
            watch(None)
        assert ("checkpoint:after" in labels) is brought
