"""The conformance suite itself: what it calls by which name, and what benches may leave out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import settings

from spindle.durable import (
    Chain,
    Fault,
    Kept,
    MemoryStore,
    PageRecord,
    PageStatus,
    Snapshot,
    Store,
)
from spindle.testing.stores import Bench, MemoryBench, conformance
from spindle.testing.stores.model import Page

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


def test_what_is_not_brought_about_is_not_there() -> None:
    for call in (BareBench().crash, lambda: BareBench().damage("p", 0)):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(NotImplementedError):
        BareBench().fail(Fault.LOST)


def frames(*bodies: bytes) -> list[bytes]:
    chain = Chain("p")
    return [chain.seal(0.0, body) for body in bodies]


FRAMES = frames(b"0", b"1", b"2", b"3", b"4")


def kept(found: Sequence[bytes]) -> Kept:
    record = PageRecord("p", PageStatus.LIVE, len(found) - 1, -1, None, None, None, 0.0)
    return Kept(record, b"meta", None, found)


def page() -> Page:
    """Three frames are kept, and two more perhaps."""
    return Page("p", b"meta", FRAMES[:3], [FRAMES[3:]])


@pytest.mark.parametrize(
    ("found", "guarantee"),
    [
        (FRAMES[:4], "G1: of an append only frames up to 3 are there"),
        ([FRAMES[0], FRAMES[2]], "G2: there is a gap: \\[0, 2\\]"),
        ([*FRAMES[:3], FRAMES[2]], "G5: frames are there twice: \\[0, 1, 2, 2\\]"),
        ([*FRAMES[:2], b"?"], "G6: frame 2 is not what was appended"),
        (FRAMES[:2], "G7: frames 2 to 2 were acknowledged and are gone"),
    ],
)
def test_what_is_found_is_called_by_its_guarantee(found: list[bytes], guarantee: str) -> None:
    with pytest.raises(AssertionError, match=guarantee):
        page().judge(kept(found))


@pytest.mark.parametrize("count", [3, 5])
def test_what_was_in_doubt_is_settled_by_what_is_there(count: int) -> None:
    judged = page()
    judged.judge(kept(FRAMES[:count]))
    assert (judged.head, judged.doubtful) == (count - 1, [])


def test_the_rest_of_a_page_is_compared_too() -> None:
    judged = page()
    judged.snapshot = Snapshot(0, b"all")
    with pytest.raises(AssertionError, match="G7: page p has the snapshot None, not Snapshot"):
        judged.judge(kept(FRAMES[:3]))


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (FRAMES[:3], "G6: frame 1 is damaged, and nothing told the reader"),
        ([FRAMES[0][:-1] + b"?", *FRAMES[1:3]], "G6: damaged is frame 1; the reader found"),
        ([FRAMES[0]], "G6: frame 1 is damaged, and nothing told the reader"),
    ],
)
def test_damage_has_to_be_where_it_is(damaged: list[bytes], said: str) -> None:
    judged = page()
    judged.judge_damage(kept([FRAMES[0], FRAMES[1][:-1] + b"?", FRAMES[2]]), 1)
    with pytest.raises(AssertionError, match=said):
        judged.judge_damage(kept(damaged), 1)


def story_of(kind: Callable[[], Bench]) -> str:
    quickly = settings(max_examples=200, database=None, derandomize=True)
    with pytest.raises(AssertionError) as found:
        conformance(kind, settings=quickly)()
    return "\n".join([str(found.value), *found.value.__notes__])


class Careless(MemoryStore):
    async def renew(self, leases: Sequence[object]) -> Sequence[object]:  # type: ignore[override]
        return [object()]


@pytest.mark.search
def test_a_failure_tells_the_shortest_way_to_it() -> None:
    story = story_of(lambda: MemoryBench(Careless))
    assert story.startswith("G3: of [] the store says these are over")
    # In continuous integration Hypothesis adds how to have it again.
    assert [line for line in story.splitlines() if line and "reproduce" not in line][
        -1
    ] == "renew []"
