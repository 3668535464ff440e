"""Pages that were left behind by versions of Spindle: each is read, taken up, and goes on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import pytest
import trio
from trio.testing import MockClock

from spindle import LogCorrupt
from spindle._tools.command import main
from spindle._tools.page_story import story_of
from spindle.durable import (
    Chain,
    Kept,
    MemoryStore,
    PageLogCorrupt,
    PageLogTooNew,
    PageStatus,
    open_sqlite_store,
    read_log,
)
from spindle.durable.sqlite.looking import looked_into
from tests.lasting.golden_office import Working
from tests.lasting.golden_pages import PAGES, Golden, opened_for
from tests.lasting.make_golden import FOLDER, copied, gone_on, made

FILES = sorted(FOLDER.glob("pages_*.sqlite"))
Damaging = Callable[[list[bytes], int], None]


@cache
def kept_in(path: Path) -> dict[str, Kept]:
    with looked_into(path) as file:
        return {each.page: file.look(each.page) for each in file.pages()}


@cache
def golden_of(path: Path) -> dict[str, Golden]:
    written = path.with_suffix(".json").read_bytes()
    return msgspec.json.decode(written, type=dict[str, Golden])


def with_each(function: Callable[..., None]) -> Callable[..., None]:
    """Test each page of each file."""
    pages = [(path, name) for path in FILES for name in kept_in(path)]
    names = [f"{path.stem}-{name}" for path, name in pages]
    return pytest.mark.parametrize(("path", "name"), pages, ids=names)(function)


def passed(name: str) -> float:
    return sum(about for what, about in PAGES[name].before if what == "pass")


def test_there_are_some() -> None:
    assert FILES
    assert set(kept_in(FILES[0])) == set(PAGES)
    assert any(each.snapshot is not None for each in kept_in(FILES[0]).values())


@with_each
def test_a_golden_page_goes_on(path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """It tells what it had told, asks what it asked, and all that comes of it is as it was."""
    caplog.set_level(logging.CRITICAL)
    store, golden = MemoryStore(), golden_of(path)[name]

    async def again() -> Golden:
        await copied(kept_in(path)[name], store)
        return Golden(*await gone_on(name, store, passed(name)))

    assert trio.run(again, clock=MockClock()) == golden


@with_each
def test_what_is_written_today_is_what_was_written(
    path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A format that changes has a version of its own, and golden pages of its own.

    Of the newest file only. Before the first release its pages may be made anew instead.
    """
    caplog.set_level(logging.CRITICAL)
    if path != FILES[-1]:
        return
    store = MemoryStore()
    made(name, store)
    again, kept = trio.run(store.look, name), kept_in(path)[name]
    assert again.meta == kept.meta
    assert again.frames == tuple(kept.frames)
    if kept.snapshot is not None:
        assert again.snapshot is not None
        assert again.snapshot.blob == kept.snapshot.blob


@pytest.mark.parametrize("golden", FILES, ids=[each.stem for each in FILES])
def test_a_golden_file_is_a_store(
    golden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pages.db"
    shutil.copy(golden, path)
    assert main(["check", "--store", str(path)]) == 0, capsys.readouterr().out
    for name in kept_in(golden):
        assert main(["log", "show", name, "--store", str(path)]) == 0
        assert main(["log", "show", name, "--json", "--store", str(path)]) == 0

    async def serve() -> None:
        async with open_sqlite_store(path) as store:
            by_status = {status: len(await store.pages(status)) for status in PageStatus}
            assert by_status[PageStatus.PARKED] >= 1
            assert by_status[PageStatus.ENDED] >= 1
            async with opened_for(store, Working()) as host:
                for name in kept_in(golden):
                    await host.take_up(name)

    trio.run(serve)


# --- damaged ------------------------------------------------------------------------------------


def flipped(frames: list[bytes], at: int) -> None:
    frame = bytearray(frames[at])
    frame[len(frame) // 2] ^= 1
    frames[at] = bytes(frame)


def cut(frames: list[bytes], at: int) -> None:
    frames[at] = frames[at][:-1]


def emptied(frames: list[bytes], at: int) -> None:
    frames[at] = b""


def missing(frames: list[bytes], at: int) -> None:
    del frames[at]


def doubled(frames: list[bytes], at: int) -> None:
    frames.insert(at, b"" if at == 0 else frames[at - 1])


def exchanged(frames: list[bytes], at: int) -> None:
    """With what another page has there."""
    chain = Chain("another")
    frames[at] = [chain.seal(1.0, each) for each in frames][at]


DAMAGES: list[Damaging] = [flipped, cut, emptied, missing, doubled, exchanged]


async def refused(kept: Kept, damaged: Sequence[bytes], head: int) -> Exception:
    """What is raised where a page with these frames is taken up; nothing may have changed."""
    record = replace(kept.record, head=head)
    store, works = MemoryStore(), Working()
    await copied(replace(kept, frames=damaged, record=record), store)
    if len(damaged) < head - kept.record.pruned:
        store._logs[record.page].row.head = head
    before = await store.look(record.page)
    async with opened_for(store, works) as host:
        with pytest.raises((PageLogCorrupt, PageLogTooNew, LogCorrupt)) as raised:
            await host.take_up(record.page)
        assert host.pages == ()
    after = await store.look(record.page)
    assert (after.frames, after.snapshot, after.meta) == (
        before.frames,
        before.snapshot,
        before.meta,
    )
    newer = isinstance(raised.value, PageLogTooNew)
    assert after.record.status is (PageStatus.LIVE if newer else PageStatus.PARKED)
    assert works.calls == []
    return raised.value


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__)
@with_each
def test_a_damaged_log_is_told_and_nothing_before_is_lost(
    path: Path, name: str, damage: Damaging, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever it is: the error names the place, what is before can be read, and goes on."""
    caplog.set_level(logging.CRITICAL)
    kept = kept_in(path)[name]
    first, head = kept.record.pruned + 1, kept.record.head
    for at in range(len(kept.frames)):
        frames = list(kept.frames)
        damage(frames, at)
        error = trio.run(refused, kept, frames, head)
        assert isinstance(error, PageLogCorrupt), error
        assert (error.page, error.seq, error.intact) == (name, first + at, range(first, first + at))
        assert f"damaged at frame {first + at}" in str(error)
        story = story_of(replace(kept, frames=frames))
        assert isinstance(story.damage, PageLogCorrupt)
        assert [each.seq for each, _ in story.inputs] == list(range(max(1, first), first + at))
        if at:
            trio.run(rewound, kept, frames, first + at - 1)


async def rewound(kept: Kept, frames: list[bytes], to: int) -> None:
    """What is intact goes on."""
    store = MemoryStore()
    await copied(replace(kept, frames=frames[: to - kept.record.pruned]), store)
    async with opened_for(store, Working()) as host:
        await host.take_up(kept.record.page)


def test_a_damaged_snapshot_is_told() -> None:
    kept = kept_in(FILES[0])["marks"]
    assert kept.snapshot is not None
    blob = [kept.snapshot.blob]
    flipped(blob, 0)
    broken = replace(kept, snapshot=replace(kept.snapshot, blob=blob[0]))
    error = trio.run(refused, broken, kept.frames, kept.record.head)
    assert isinstance(error, PageLogCorrupt)
    other = Chain("another").seal_snapshot(0.0, b"")
    broken = replace(kept, snapshot=replace(kept.snapshot, blob=other))
    assert "another page's" in str(trio.run(refused, broken, kept.frames, kept.record.head))


def test_a_frame_of_a_newer_spindle_is_no_damage() -> None:
    from spindle.durable import frames as today

    kept = kept_in(FILES[0])["counts"]
    chain = Chain("counts")
    bodies = [each.body for each in read_log(chain, kept.frames, kept.record.head)]
    newer = Chain("counts")
    frames = [newer.seal(1.0, body) for body in bodies]
    payload = frames[2][today._PREFIX.size :]
    checksum = today._checksum(today.VERSION + 1, today.FRAME, payload)
    frames[2] = today._PREFIX.pack(today.VERSION + 1, today.FRAME, checksum) + payload
    error = trio.run(refused, kept, frames, kept.record.head)
    assert isinstance(error, PageLogTooNew)
    assert error.seq == 2


@pytest.mark.parametrize("at", [0, 1, 3])
def test_sound_frames_that_are_none_of_a_page(at: int) -> None:
    kept = kept_in(FILES[0])["counts"]
    bodies = [each.body for each in read_log(Chain("counts"), kept.frames, kept.record.head)]
    bodies[at] = msgspec.msgpack.encode(["nothing", "of the kind"])
    chain = Chain("counts")
    error = trio.run(refused, kept, [chain.seal(1.0, body) for body in bodies], kept.record.head)
    assert isinstance(error, LogCorrupt)
