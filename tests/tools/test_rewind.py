"""Letting a page forget the end of its log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import DurableHost, open_durable_host, sleep
from spindle._tools.log_rewind import forget
from spindle._tools.page_story import story_of
from spindle._tools.refusal import Refusal
from spindle.durable import Lease, MemoryStore, PageStatus, open_sqlite_store
from tests.lasting.counter import Counter, Counting, Shop, Till, keep_counting
from tests.tools.stores import ann, counted, damaged, served, three

Tool = Callable[..., Any]
GOLDEN = max((Path(__file__).parent.parent / "lasting" / "golden").glob("*.sqlite"))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | BaseException], None]:
    """What is answered when it asks."""

    def answer(with_: str | BaseException) -> None:
        def given(_: str) -> str:
            if isinstance(with_, BaseException):
                raise with_
            return with_

        monkeypatch.setattr("builtins.input", given)

    return answer


@pytest.mark.parametrize("answer", ["n", "", "maybe", EOFError()])
def test_nothing_is_forgotten_unless_that_is_wanted(
    spindle: Tool, path: Path, answers: Any, answer: Any
) -> None:
    served(path, ann)
    before = spindle("log", "show", "ann").out
    answers(answer)
    ran = spindle("log", "rewind", "ann", "--to", "3")
    assert ran.status == 1
    assert ran.out.startswith("page ann would forget 2 inputs:\n    4  ")
    assert "Shop.order returned 'order of 7'" in ran.out
    assert "What these calls have done stays done, and may be done again: Shop.order\n" in ran.out
    assert "(but a `once` that had begun by input 3 raises OutcomeUnknown)\n" in ran.out
    assert ran.out.endswith("nothing was changed\n")
    assert spindle("log", "show", "ann").out == before


def test_ctrl_c_at_the_question_changes_nothing(spindle: Tool, path: Path, answers: Any) -> None:
    served(path, ann)
    before = spindle("log", "show", "ann").out
    answers(KeyboardInterrupt())
    assert spindle("log", "rewind", "ann", "--to", "3").status == 130
    assert spindle("log", "show", "ann").out == before


def test_a_page_goes_on_from_where_it_was_rewound_to(
    spindle: Tool, path: Path, answers: Any
) -> None:
    served(path, ann)
    answers("y")
    ran = spindle("log", "rewind", "ann", "--to", "1")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.endswith(
        "page ann ends with input 1 now, and goes on from there when it is taken up\n"
    )

    async def again(host: DurableHost) -> None:
        page = await host.take_up("ann")
        assert page.pending()[0][1] == Counter.Ask(1)
        await page.resume(Counter.Add(5)).settled()
        assert page.pending()[0][1] == Counter.Ask(16)

    served(path, again)
    assert spindle("check").status == 0


async def orphaned(host: DurableHost) -> None:
    """An event comes, a spindle is started and is answered, another one is started."""
    page = await host.create(Counting, "orphan")
    await page.resume(Counter.Add(1)).settled()
    page.start(Counter, keep_counting, 1)
    await page.resume(Counter.Add(1)).settled()
    page.start(Counting.Clock, rings)
    await wait_all_tasks_blocked()


async def rings() -> None:
    await sleep(1e6)


EMPTY = "nothing was started, so nothing would run on the page, for good"


@pytest.mark.parametrize(("to", "runs"), [(0, False), (1, False), (2, True)])
def test_it_is_said_before_it_asks_that_nothing_would_run(
    spindle: Tool, path: Path, answers: Any, to: int, runs: bool
) -> None:
    served(path, orphaned)
    answers("n")
    ran = spindle("log", "rewind", "orphan", "--to", str(to))
    forgotten = "" if runs else "Counting.Counter (tests.lasting.counter:keep_counting), "
    forgotten += f"Counting.Clock ({__name__}:rings)"
    assert f"Not started again by itself, for a page is mounted once: {forgotten}\n" in ran.out
    assert (f"By input {to} {EMPTY}" in ran.out) is not runs
    assert ran.out.endswith("nothing was changed\n")
    ran = spindle("log", "rewind", "orphan", "--to", str(to), "--yes")
    then = "goes on from there when it is taken up" if runs else "nothing runs on it"
    assert ran.status == 0, "on purpose it can be done"
    assert ran.out.endswith(f"page orphan ends with input {to} now, and {then}\n")

    async def again(host: DurableHost) -> None:
        page = await host.take_up("orphan")
        assert bool(page.statistics().spindles) is runs

    served(path, again)


@pytest.mark.parametrize("started", [True, False])
async def test_behind_a_snapshot_something_runs_if_something_did(started: bool) -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, snapshot_every=2) as host:
        page = await host.create(Counting, "page")
        if started:
            page.start(Counter, keep_counting, 1)
        for _ in range(2):
            await page.resume(Counter.Add(1)).settled()
            await wait_all_tasks_blocked()
    kept = await store.look("page")
    assert kept.snapshot is not None
    assert story_of(kept).is_empty_at(kept.snapshot.seq) is not started


def test_a_page_that_is_over_or_parked_is_taken_up_again(spindle: Tool, path: Path) -> None:
    served(path, three)

    async def parked() -> None:
        async with open_sqlite_store(path) as store:
            lease = await store.acquire("ann", owner="me", ttl=1)
            await store.release(lease, status=PageStatus.PARKED)

    trio.run(parked)
    assert "parked" in spindle("log", "list").out
    assert spindle("log", "rewind", "ann", "--to", "3", "--yes").status == 0
    assert spindle("log", "rewind", "ben", "--to", "1", "--yes").status == 0

    async def due() -> None:
        async with open_sqlite_store(path) as store:
            assert sorted(await store.due(2e9 * 2)) == ["ann", "ben"]

    trio.run(due)


def test_a_damaged_log_is_rewound_to_what_is_intact(spindle: Tool, path: Path) -> None:
    served(path, ann)
    damaged(path, 4)
    ran = spindle("log", "rewind", "ann", "--to", "3", "--yes")
    assert ran.status == 0
    assert "and 2 that cannot be read: the log of page 'ann' is damaged at frame 4" in ran.out
    assert spindle("check").status == 0


def test_what_cannot_be_rewound(spindle: Tool, path: Path) -> None:
    served(path, ann)
    before = spindle("log", "show", "ann").out
    ran = spindle("log", "rewind", "ann", "--to", "6", "--yes")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "spindle: page 'ann' can be rewound to an input from 0 to 5, not to 6: 0 is its "
        "beginning, 5 its end\n"
    )
    assert spindle("log", "rewind", "ann", "--to", "-1", "--yes").status == 2
    same = spindle("log", "rewind", "ann", "--to", "5", "--yes")
    assert same.status == 0
    assert same.out == "page ann ends with input 5: there is nothing to forget\n"
    ran = spindle("log", "rewind", "anm", "--to", "1", "--yes")
    assert ran.err == "spindle: the store has no page 'anm': did you mean ann?\n"
    with pytest.raises(SystemExit):
        spindle("log", "rewind", "ann", "--to", "x")
    assert spindle("log", "show", "ann").out == before


def test_a_page_is_not_rewound_behind_its_snapshot(spindle: Tool, path: Path) -> None:
    shutil.copy(GOLDEN, path)
    ran = spindle("log", "show", "marks")
    covered = int(re.findall(r"frames up to (\d+) are behind a snapshot", ran.out)[0])
    head = int(re.findall(r"live, (\d+) inputs", ran.out)[0])
    assert f"   {head}  20" in ran.out
    assert f"   {covered}  20" not in ran.out
    assert json.loads(spindle("log", "show", "marks", "--json").out)["snapshot"] == covered
    ran = spindle("log", "rewind", "marks", "--to", f"{covered - 1}", "--yes")
    assert ran.err == (
        f"spindle: page 'marks' can be rewound to an input from {covered} to {head}, not to "
        f"{covered - 1}: what was before {covered} is a snapshot, {head} its end\n"
    )
    assert spindle("log", "rewind", "marks", "--to", f"{covered}", "--yes").status == 0
    assert spindle("check", "--page", "marks").status == 0


def test_nothing_is_rewound_while_a_server_has_the_store(spindle: Tool, path: Path) -> None:
    async def serve(host: DurableHost) -> None:
        await counted(host, "ann", 1)
        ran = await trio.to_thread.run_sync(spindle, "log", "rewind", "ann", "--to", "1", "--yes")
        assert ran.status == 2
        assert "is open in this process already" in ran.err

    served(path, serve)


async def test_nothing_is_rewound_while_somebody_holds_the_page() -> None:
    store = MemoryStore()
    await store.create("ann", b"", [b"0", b"1"], owner="a server", ttl=60)
    with pytest.raises(Refusal, match=r"'a server' holds page 'ann' until .* nothing was"):
        await forget(store, "ann", 0, lambda: True, print)
    assert (await store.look("ann")).record.head == 1


class Busy(MemoryStore):
    """Before somebody acquires a page, somebody else goes on with it."""

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        lease = await super().acquire(page, owner="a server", ttl=ttl)
        await self.append(lease, lease.head, [b"more"])
        await self.release(lease)
        return await super().acquire(page, owner=owner, ttl=ttl)


async def test_nothing_is_rewound_that_was_not_shown() -> None:
    store = Busy()
    await store.release(await store.create("ann", b"", [b"0", b"1"], owner="a server", ttl=60))
    with pytest.raises(Refusal, match="has gone on meanwhile: nothing was changed"):
        await forget(store, "ann", 0, lambda: True, print)
    assert (await store.look("ann")).record.head == 2
