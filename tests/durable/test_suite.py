"""The conformance suite itself: what it calls by which name, and what benches may leave out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import settings

from spindle.durable import (
    Chain,
    Fault,
    Kept,
    Lease,
    MemoryStore,
    NotAStore,
    PageRecord,
    PageStatus,
    Snapshot,
    Store,
)
from spindle.testing.stores import Bench, MemoryBench, conformance
from spindle.testing.stores.model import Page
from spindle.testing.stores.settling import settled

few = settings(max_examples=15, database=None, derandomize=True)

test_a_short_search = conformance(MemoryBench, settings=few)


class BareBench(Bench):
    """Can do nothing but open its store."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(clock=self.clock)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Store]:
        yield self.store
        self.store = self.store.restarted()


test_a_bench_that_only_opens_is_enough = conformance(BareBench, settings=few)


class OnlyAppendsFail(BareBench):
    """A bench as they were before other calls could go wrong."""

    failed = 0

    def fail(self, fault: Fault) -> bool:
        self.store.fail(fault)
        type(self).failed += 1
        return True


def test_a_bench_that_lets_only_appends_fail_is_enough() -> None:
    conformance(OnlyAppendsFail, settings=few)()
    assert OnlyAppendsFail.failed


def test_what_is_not_brought_about_is_not_there() -> None:
    bare = BareBench()
    for call in (bare.crash, bare.open_again, lambda: bare.damage("p", 0)):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(NotImplementedError):
        BareBench().fail(Fault.LOST)
    assert not BareBench().fail_at("snapshot", Fault.LOST)


class RefusesOtherwise(BareBench):
    @asynccontextmanager
    async def open_again(self) -> AsyncGenerator[Store]:
        raise NotAStore("what is it?")
        yield self.store


def test_a_second_opening_has_to_be_refused_as_what_it_is() -> None:
    with pytest.raises(AssertionError, match="G3: a second opening: expected StoreInUse, got NotA"):
        conformance(RefusesOtherwise, settings=few)()


def frames(*bodies: bytes) -> list[bytes]:
    chain = Chain("p")
    return [chain.seal(0.0, body) for body in bodies]


FRAMES = frames(b"0", b"1", b"2", b"3", b"4")


def kept(found: Sequence[bytes], snapshot: Snapshot | None = None) -> Kept:
    record = PageRecord("p", PageStatus.LIVE, len(found) - 1, -1, None, None, None, 0.0)
    return Kept(record, b"meta", snapshot, found)


THREE = Page("p", b"meta", FRAMES[:3])
FIVE = Page("p", b"meta", FRAMES)


@pytest.mark.parametrize(
    ("found", "guarantee"),
    [
        (FRAMES[:4], "G1: of a call only frames up to 3 of page p are there"),
        ([FRAMES[0], FRAMES[2]], "G2: there is a gap in the frames of page p: \\[0, 2\\]"),
        ([*FRAMES[:3], FRAMES[2]], "G5: frames of page p are there twice: \\[0, 1, 2, 2\\]"),
        ([*FRAMES[:2], b"?"], "G6: frame 2 of page p is not what was appended"),
        (FRAMES[:2], "G7: frames 2 to 2 of page p were acknowledged and are gone"),
        (None, "G7: page p was acknowledged and is gone"),
    ],
)
def test_what_is_found_is_called_by_its_guarantee(
    found: list[bytes] | None, guarantee: str
) -> None:
    """Three frames are kept, and two more perhaps."""
    with pytest.raises(AssertionError, match=guarantee):
        settled("p", [THREE, FIVE], None if found is None else kept(found))


@pytest.mark.parametrize("page", [THREE, FIVE])
def test_what_was_in_doubt_is_settled_by_what_is_there(page: Page) -> None:
    assert settled("p", [THREE, FIVE], kept(page.frames)) is page
    assert settled("p", [None, page], kept(page.frames)) is page
    assert settled("p", [None, page], None) is None


def test_a_page_that_was_created_by_half_is_told() -> None:
    with pytest.raises(AssertionError, match="G1: of a call only frames up to -1 of page p"):
        settled("p", [None, THREE], kept([]))


def test_the_rest_of_a_page_is_compared_too() -> None:
    covered = replace(THREE, snapshot=Snapshot(0, b"all"))
    with pytest.raises(AssertionError, match="G7: page p has the snapshot None, not Snapshot"):
        settled("p", [covered], kept(FRAMES[:3]))
    with pytest.raises(AssertionError, match="G1: what was asked has to be kept as a whole or"):
        settled("p", [THREE, covered], kept(FRAMES[:3], Snapshot(2, b"all")))


def test_other_bytes_are_called_by_their_guarantee_too() -> None:
    covered = replace(THREE, snapshot=Snapshot(0, b"a\0b"))
    said = "G6: page p has the snapshot's bytes b'a', not b'a.x00b'"
    with pytest.raises(AssertionError, match=said):
        settled("p", [covered], kept(FRAMES[:3], Snapshot(0, b"a")))


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (FRAMES[:3], "G6: frame 1 is damaged, and nothing told the reader"),
        ([FRAMES[0][:-1] + b"?", *FRAMES[1:3]], "G6: damaged is frame 1; the reader found"),
        ([FRAMES[0]], "G6: frame 1 is damaged, and nothing told the reader"),
    ],
)
def test_damage_has_to_be_where_it_is(damaged: list[bytes], said: str) -> None:
    judged = THREE
    judged.judge_damage(kept([FRAMES[0], FRAMES[1][:-1] + b"?", FRAMES[2]]), 1)
    with pytest.raises(AssertionError, match=said):
        judged.judge_damage(kept(damaged), 1)


def story_of(kind: Callable[[], Bench]) -> str:
    quickly = settings(max_examples=200, database=None, derandomize=True)
    with pytest.raises(AssertionError) as found:
        conformance(kind, settings=quickly)()
    return "\n".join([str(found.value), *found.value.__notes__])


class Careless(MemoryStore):
    async def renew(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        await super().renew(leases)
        return [Lease("p", "ann", 1, 1.0, -1, b"")]


@pytest.mark.search
@pytest.mark.timeout(400)  # what is found is made smaller for up to 300 seconds, then shown
def test_a_failure_tells_the_shortest_way_to_it() -> None:
    story = story_of(lambda: MemoryBench(Careless))
    assert story.startswith("G3: of [] the store says these are over")
    # In continuous integration Hypothesis adds how to have it again.
    assert [line for line in story.splitlines() if line and "reproduce" not in line][
        -1
    ] == "renew []"
