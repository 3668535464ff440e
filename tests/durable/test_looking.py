"""A store's file, looked into while a server has it, and after."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from spindle.durable import NoSuchPage, NotAStore, PageStatus, StoreFailed, open_sqlite_store
from spindle.durable.errors import StoreTooNew
from spindle.durable.sqlite import database, looking
from spindle.durable.sqlite.lock import is_held
from spindle.durable.sqlite.looking import looked_into

READER = """
import sys
from pathlib import Path
from spindle.durable.sqlite.looking import looked_into

heads = []
sys.stdout.write("ready\\n")
sys.stdout.flush()
while True:
    with looked_into(Path(sys.argv[1])) as file:
        for _ in range(20):
            kept = file.look("ann")
            assert len(kept.frames) == kept.record.head + 1, kept.record
            assert [int(each) for each in kept.frames] == list(range(kept.record.head + 1))
            heads.append(kept.record.head)
    if kept.record.status.value == "ended":
        break
assert heads == sorted(heads), heads
print(len(heads), len(set(heads)))
"""


def files(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in path.parent.iterdir()}


def filled(path: Path, frames: int = 3) -> None:
    async def fill() -> None:
        async with open_sqlite_store(path) as store:
            some = [b"%d" % number for number in range(frames)]
            lease = await store.create("ann", b"meta", some, owner="me", ttl=10)
            await store.release(lease, wake_at=7.0)
            await store.create("ben", b"", [], owner="a server", ttl=10)

    trio.run(fill)


def test_a_file_at_rest_is_left_as_it_is(path: Path) -> None:
    filled(path)
    before = files(path)
    with looked_into(path) as file:
        kept = file.look("ann")
        assert (kept.meta, list(kept.frames)) == (b"meta", [b"0", b"1", b"2"])
        assert (kept.record.head, kept.record.wake_at, kept.record.owner) == (2, 7.0, None)
        assert [each.page for each in file.pages()] == ["ann", "ben"]
        assert [each.page for each in file.pages(after="ann")] == ["ben"]
        assert file.pages(PageStatus.ENDED) == []
        with pytest.raises(NoSuchPage):
            file.look("cleo")
    assert files(path) == before


def test_a_file_that_a_kill_has_left_is_read_whole_and_left_as_it_is(path: Path) -> None:
    """What is in the write-ahead log only is seen; it stays there."""
    filled(path)
    left = path.parent / "left" / path.name
    left.parent.mkdir()

    async def killed() -> None:
        async with open_sqlite_store(path) as store:
            lease = await store.acquire("ann", owner="me", ttl=10)
            await store.append(lease, 2, [b"3"])
            for each in path.parent.glob("pages.db*"):
                shutil.copy(each, left.parent)

    trio.run(killed)
    before = {name: data for name, data in files(left).items() if not name.endswith("-shm")}
    with looked_into(left) as file:
        assert list(file.look("ann").frames) == [b"0", b"1", b"2", b"3"]
    after = {name: data for name, data in files(left).items() if not name.endswith("-shm")}
    assert after == before


def test_a_server_that_comes_meanwhile_is_seen(path: Path) -> None:
    filled(path)

    async def serve() -> None:
        with looked_into(path) as file:
            assert file.look("ann").record.head == 2
            async with open_sqlite_store(path) as store:
                lease = await store.acquire("ann", owner="me", ttl=10)
                for number in range(3, 6):
                    await store.append(lease, number - 1, [b"%d" % number])
                    kept = file.look("ann")
                    assert (kept.record.head, len(kept.frames)) == (number, number + 1)
                    assert kept.record.owner == "me"
            assert file.look("ann").record.head == 5

    trio.run(serve)


def test_a_file_that_changes_while_it_is_read_is_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has come and gone between two looks at the clock of the file."""
    filled(path)
    stamps: Iterator[tuple[int, int]] = iter([(1, 1), (2, 1), (2, 1), (2, 1), (2, 1)])
    monkeypatch.setattr(looking.StoreFile, "_now", lambda _: next(stamps))
    with looked_into(path) as file:
        assert file.look("ann").record.head == 2
    assert list(stamps) == []


def test_leases_of_servers_that_are_gone_are_told_from_others(path: Path) -> None:
    filled(path)

    async def serve() -> None:
        async with open_sqlite_store(path) as store:
            await store.acquire("ann", owner="me", ttl=10)
            with looked_into(path) as file:
                ann, ben = file.pages()
                assert (ann.owner, ann.until) == ("me", float("inf"))
                assert ben.owner == "a server"
                assert ben.until != float("inf")

    trio.run(serve)


def test_looking_ends_no_lock(path: Path) -> None:
    """In the process of the server itself, too: systems end a lock when any handle is closed."""
    filled(path)
    second = (
        "import sys, trio\n"
        "from spindle.durable import StoreInUse, open_sqlite_store\n"
        "async def main():\n"
        "    async with open_sqlite_store(sys.argv[1]): pass\n"
        "try: trio.run(main)\n"
        "except StoreInUse: sys.exit(7)\n"
    )

    async def serve() -> None:
        async with open_sqlite_store(path):
            with looked_into(path) as file:
                file.look("ann")
                assert [each.owner for each in file.pages()] == [None, "a server"]
            assert is_held(path)
            ran = await trio.run_process([sys.executable, "-c", second, str(path)], check=False)
            assert ran.returncode == 7

    trio.run(serve)


def test_whether_somebody_has_a_file_is_asked_without_taking_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_held(path) is False  # nobody ever had it
    filled(path)
    assert is_held(path) is False

    def barred(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("os.open", barred)
    assert is_held(path) is None
    monkeypatch.undo()
    monkeypatch.setattr("fcntl.fcntl", barred)
    assert is_held(path) is None


@pytest.mark.slow
def test_a_server_goes_on_beside_one_who_looks_all_the_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Takes two seconds: a thousand commits and some hundred checkpoints beside another process.

    None of them is refused or lost, and who looks sees whole beginnings of the log only.
    """
    monkeypatch.setattr(database, "LARGE", 1 << 14)
    monkeypatch.setattr(database, "LARGEST", 1 << 14)

    async def serve(reader: subprocess.Popen[str]) -> None:
        async with open_sqlite_store(path) as store:
            lease = await store.acquire("ann", owner="me", ttl=10)
            for number in range(3, 1000):
                await store.append(lease, number - 1, [b"%d" % number])
            await store.release(lease, status=PageStatus.ENDED)
            assert await trio.to_thread.run_sync(reader.wait) == 0

    filled(path)
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(path)], stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        trio.run(serve, reader)
        looks, heads = map(int, reader.stdout.read().split())
    assert looks > heads > 10
    with looked_into(path) as file:
        assert [int(each) for each in file.look("ann").frames] == list(range(1000))


def test_what_is_no_store_is_refused_and_left_as_it_is(path: Path) -> None:
    def refusal(kind: type[Exception]) -> str:
        before = files(path)
        with pytest.raises(kind) as refused, looked_into(path):
            pass
        assert files(path) == before
        return str(refused.value)

    refusal(FileNotFoundError)
    path.write_bytes(b"nothing of the kind " * 100)
    assert "is no store" in refusal(NotAStore)
    path.write_bytes(b"")
    assert "is an empty database" in refusal(NotAStore)
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE shop (name)")
    assert "is a database of another program" in refusal(NotAStore)
    other.execute("DROP TABLE shop")
    other.close()
    path.unlink()
    filled(path)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "has version 99" in refusal(StoreTooNew)


def test_a_file_that_cannot_be_read_is_told(path: Path) -> None:
    filled(path, frames=3000)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    with (
        pytest.raises(StoreFailed, match=r"reading it failed: .* It is damaged: copy"),
        looked_into(path) as file,
    ):
        file.look("ann")


def test_a_folder_is_told_as_that(tmp_path: Path) -> None:
    for path in (tmp_path, Path()):
        with pytest.raises(StoreFailed, match="that is a folder, and a"), looked_into(path):
            pass


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreFailed, match=r"file is a file, and no folder: name another"),
        looked_into(tmp_path / "file" / "pages.db"),
    ):
        pass


def test_what_may_not_be_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the user who runs the tests may do."""
    filled(path)
    path.with_name(f"{path.name}-wal").mkdir()
    with pytest.raises(StoreFailed, match="unable to open"), looked_into(path):
        pass

    def barred(*_: object) -> bool:
        return False

    monkeypatch.setattr("os.access", barred)
    with pytest.raises(StoreFailed, match="that: let it read the file, "), looked_into(path):
        pass


def test_a_path_may_have_any_characters(tmp_path: Path) -> None:
    path = tmp_path / "a ?#%41 ü.db"
    filled(path)
    with looked_into(path) as file:
        assert file.look("ann").record.head == 2
