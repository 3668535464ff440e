"""D5: what stands where it stood when its log has begun anew, and what puts that off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    ESCALATE,
    DurableHost,
    PageMachine,
    ReplayMismatch,
    Restart,
    When,
    open_durable_host,
)
from spindle._lasting.snapshot import PageStanding
from spindle.durable import Chain, MemoryStore
from tests.lasting import household
from tests.lasting.household import Guest, House, Main, Side
from tests.lasting.prefixes import driver_of, received, standing

Go, Set = Main.Go, Side.Set


async def opened(host: DurableHost, fn: Callable[..., Any], *args: object) -> PageMachine:
    """A page with a main spindle of this function."""
    page = await host.create(House, "page")
    page.start(Main, fn, *args)
    await wait_all_tasks_blocked()
    return page


async def say(page: PageMachine, *events: Any) -> None:
    """One after the other, and rest."""
    for event in events:
        page.resume(event)
        await wait_all_tasks_blocked()


async def covered(store: MemoryStore) -> PageStanding | None:
    """What the snapshot has, if there is one that covers all of the log."""
    kept = await store.look("page")
    if kept.snapshot is None or kept.frames:
        return None
    return PageStanding.decode(Chain("page").open_snapshot(kept.snapshot.blob).body)


def host_of(store: MemoryStore) -> Any:
    """One whose pages begin anew wherever they can, and whose time is trio's."""
    return open_durable_host(
        store, snapshot_every=1, wake=None, ttl=1e9, wall_clock=trio.current_time
    )


async def same_after(store: MemoryStore, page: PageMachine, host: DurableHost) -> PageMachine:
    """The page, put away and taken up again."""
    before = standing(page)
    await host.put_away("page")
    again = await host.take_up("page")
    assert standing(again) == before
    return again


@pytest.mark.parametrize(
    ("fn", "events"),
    [
        (household.races, [Go("a"), Go("b")]),
        (household.limited, [Go("a")]),
        (household.draws, [Go("a"), Go("b")]),
        (household.reads, [Go("a")]),
        (household.changes, [Go("a")]),
    ],
)
async def test_D5_a_spindle_stands_at_its_mark(
    mock_clock: MockClock, fn: Callable[..., Any], events: list[Any]
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with host_of(store) as host:
        page = await opened(host, fn, 0)
        await say(page, *events)
        found = await covered(store)
        assert found is not None
        assert len(found.spindles) == 1
        again = await same_after(store, page, host)
        await say(again, Go("more"))
        assert await covered(store) is not None
        mock_clock.jump(61)
        await wait_all_tasks_blocked()
        again = await same_after(store, again, host)
        await say(again, Go("more"))
        again = await same_after(store, again, host)
        mock_clock.autojump_threshold = 0


async def test_D5_cells_of_others_stand_as_long_as_nobody_has_written_them() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, household.reads, 0)
        page.start(Side, household.levels, 3)
        await wait_all_tasks_blocked()
        assert await covered(store) is None  # what was read has changed
        await say(page, Go("a"))
        found = await covered(store)
        assert found is not None
        assert [each.puts for each in found.cells] == [1]
        page = await same_after(store, page, host)
        await say(page, Set(4), Set(4))
        assert await covered(store) is None
        page = await same_after(store, page, host)
        await say(page, Go("b"))
        assert await covered(store) is not None
        page = await same_after(store, page, host)
        assert page.pending()[0][1] == Main.Ask("4")
        await say(page, Set(-1))
        again = await same_after(store, page, host)
        assert "Completed(value=-1)" in str(received(again))


@pytest.mark.parametrize(
    ("word", "policy", "told"),
    [
        ("end", None, "Completed(value='over')"),
        ("fail", None, "ValueError('asked to')"),
        ("fail", Restart(when=When.PERMANENT, delay=0), "turn 0"),
    ],
)
async def test_D5_ends_and_starts_are_told_again(
    word: str, policy: Restart | None, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await host.create(House, "page")
        page.start(Main, household.races, 0, **({} if policy is None else {"policy": policy}))
        await wait_all_tasks_blocked()
        await say(page, Go("a"), Go(word))
        assert await covered(store) is not None
        page = await same_after(store, page, host)
        assert told in str(received(page))
        if policy is not None:
            await say(page, Go("fail"))
            page = await same_after(store, page, host)
    caplog.clear()


async def test_D5_who_was_cancelled_is_told_again() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await host.create(House, "page")
        handle = page.start(Main, household.races, 0)
        page.start(Side, household.levels, 1)
        await wait_all_tasks_blocked()
        handle.cancel_nowait("enough")
        await wait_all_tasks_blocked()
        page = await same_after(store, page, host)
        assert "Cancelled(reason='enough'" in str(received(page))
        assert await covered(store) is not None


@pytest.mark.parametrize(
    ("fn", "events"),
    [
        (household.never_marks, [Go("a")]),
        (household.has_a_fiber, []),
        (household.cleans_up, []),
        (household.takes, []),
        (household.forks, []),
        (household.forks_a_closure, []),
        (household.keeps_letters, [Main.Later(1)]),
        (household.keeps_letters, [Main.Later(1), Go("a")]),
        (household.races_a_channel, []),
    ],
)
async def test_D5_what_cannot_begin_anew_keeps_its_log(
    fn: Callable[..., Any], events: list[Any]
) -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, fn)
        await say(page, *events)
        assert await covered(store) is None
        page = await same_after(store, page, host)
        received(page)


async def test_D5_a_long_log_says_whose_fault_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("spindle._lasting.stored_log.VERY_LONG", 5)
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, household.never_marks)
        await say(page, *[Go("a")] * 6)
    assert caplog.text.count("frames, and taking it up takes ever longer: House.Main has gone") == 1
    assert "Let each spindle mark() at the head of its loop" in caplog.text
    caplog.clear()


@pytest.mark.parametrize(
    ("fn", "says"),
    [
        (household.marks_late, "has asked, called or started something before its first mark"),
        (household.marks_in_a_fiber, "wants to mark: only a spindle begins anew"),
    ],
)
async def test_D5_a_mark_in_the_wrong_place_is_refused(
    fn: Callable[..., Any], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with host_of(MemoryStore()) as host:
        page = await opened(host, fn)
        await say(page, Go("a"))
        assert says in str(received(page))
    caplog.clear()


async def test_D1_a_foreign_await_is_refused_at_its_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with host_of(MemoryStore()) as host:
        page = await opened(host, household.awaits_trio)
        told = str(received(page))
        assert "awaited something that is not an operation" in told
        assert "hosted=False" not in told
    assert "household.py" in caplog.text
    assert "in awaits_trio" in caplog.text
    caplog.clear()


async def saved(store: MemoryStore) -> None:
    """A page with a cell, news and two spindles at their marks."""
    async with host_of(store) as host:
        page = await opened(host, household.races, 0)
        page.start(Side, household.levels, 3)
        await say(page, Go("a"), Set(4))


@pytest.mark.parametrize(
    ("where", "name", "now", "says"),
    [
        (household, "races", None, "the function of House.Main is not where it was"),
        (household, "races", household.other, "does something else now from its last mark on"),
        (household, "races", lambda: None, "has marked what .* does not take|something else"),
        (Side, "__cells__", (Side.odd,), "no cell level any more, and House.Side.odd, which may"),
    ],
)
async def test_D3_code_that_has_changed_behind_a_mark_parks_the_page(
    where: Any, name: str, now: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    await saved(store)
    before = await store.look("page")
    with monkeypatch.context() as patch:
        if now is None:
            patch.delattr(where, name)
        else:
            patch.setattr(where, name, now)
        async with host_of(store) as host:
            with pytest.raises(ReplayMismatch, match=says) as caught:
                await host.take_up("page")
            assert "likely cause: " in str(caught.value)
            assert "to mend it: " in str(caught.value)
    after = await store.look("page")
    assert (after.frames, after.snapshot) == (before.frames, before.snapshot)
    async with host_of(store) as host:
        await host.take_up("page")


async def test_D5_a_cell_that_nobody_declares_any_more_is_let_go_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    await saved(store)
    monkeypatch.setattr(Side, "__cells__", ())
    async with host_of(store) as host:
        page = await host.take_up("page")
        await say(page, Set(5))
        assert "Seen(level=5)" in str(received(page))


async def test_D5_an_escalating_spindle_ends_its_page_for_good(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await host.create(House, "page")
        page.start(Main, household.races, 0, policy=ESCALATE)
        await wait_all_tasks_blocked()
        page.resume(Go("fail"))
        with pytest.raises(ExceptionGroup):
            await page.wait()
        assert driver_of(page).gone
    caplog.clear()


async def test_D5_what_is_marked_is_kept_as_it_was_then() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, household.changes_its_argument, [])
        await say(page, Go("a"), Go("b"))
        assert await covered(store) is not None
        again = await same_after(store, page, host)
        assert again.pending()[0][1] == Main.Ask("more a more b more")


async def test_D5_a_mark_within_a_time_limit_does_not_begin_anew() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, household.marks_in_a_limit, 0)
        await say(page, Go("a"))
        assert await covered(store) is None
        await same_after(store, page, host)


async def test_D5_chance_before_the_first_mark_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with host_of(MemoryStore()) as host:
        page = await opened(host, household.draws_before_its_mark, 0)
        assert "or used time, chance or a cell" in str(received(page))
    caplog.clear()


async def test_D5_one_that_is_started_anew_begins_with_what_it_was_started_with(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await host.create(House, "page")
        page.start(Main, household.fails_anew, 0, policy=Restart(delay=0))
        await wait_all_tasks_blocked()
        await say(page, Go("a"), Go("b"))
        assert await covered(store) is not None
        page = await same_after(store, page, host)
        await say(page, Go("fail"))
        assert page.pending()[0][1] == Main.Ask("0")
        await same_after(store, page, host)
    caplog.clear()


async def test_D5_names_that_come_once_do_not_make_it_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("_core.kernel.asked", "_lasting.news"):
        monkeypatch.setattr(f"spindle.{module}.ENDED_KEPT", 3)
    store, sizes = MemoryStore(), []
    async with host_of(store) as host:
        page = await opened(host, household.races, 0)
        page.start(Guest, household.visits, 1, instance="stays")
        for number in range(10, 30):
            page.start(Guest, household.visits, number, instance=str(number))
            await wait_all_tasks_blocked()
            page.resume(Guest.Leave(), instance=str(number))
            await say(page, Go(str(number)))
            found = await covered(store)
            assert found is not None
            sizes.append(len(found.encode()))
            if number % 7 == 0:
                page = await same_after(store, page, host)
        assert [each.instance for each in found.said] == ["27", "27", "28", "28", "29", "29"]
        assert sizes[5] == sizes[-1]
        told = str(received(await same_after(store, page, host)))
        assert "Came(number=1)" in told
        assert "Came(number=27)" in told
        assert "Came(number=26)" not in told


async def test_D5_who_lives_or_has_no_name_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("spindle._lasting.news.ENDED_KEPT", 1)
    store = MemoryStore()
    async with host_of(store) as host:
        page = await host.create(House, "page")
        again = Restart(delay=0)
        page.start(Guest, household.calls_once, 1, instance="again", policy=again)
        for _ in range(2):
            page.resume(Guest.Leave(), instance="again")
            await wait_all_tasks_blocked()
        page.start(Guest, household.visits, 2)
        page.resume(Guest.Leave())
        await wait_all_tasks_blocked()
        for number in range(5, 10):
            page.start(Guest, household.visits, number, instance=str(number))
            page.resume(Guest.Leave(), instance=str(number))
            await wait_all_tasks_blocked()
            assert await covered(store) is not None
            page = await same_after(store, page, host)
            told = str(received(page))
            assert "Came(number=1)" in told, "it lives"
            assert "Came(number=2)" in told, "it has no name"
            assert f"Came(number={number})" in told
            assert f"Came(number={number - 1})" not in told
    caplog.clear()
