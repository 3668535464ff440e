"""Cleanups that fail: the first error is kept, the second attached, nothing is masked."""

from __future__ import annotations

import traceback
from contextlib import suppress

import pytest

from spindle import (
    Cancelled,
    Channel,
    ChannelClosed,
    Coroutine,
    Errored,
    Origin,
    cleanup,
    fiber,
    scope,
    sleep,
    timeout,
)
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ask_once, ring_once


class First(Exception): ...


class Second(Exception): ...


class Third(Exception): ...


async def fails_twice() -> None:
    try:
        await Desk.Ask()
        raise First("body")
    finally:
        async with cleanup(5):
            await sleep(1)
            raise Second("cleanup")


async def fails_in_its_cleanup() -> None:
    try:
        await Desk.Ask()
    finally:
        async with cleanup(5):
            await sleep(1)
            raise Second("cleanup")


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


@under("hand", "hosted", "task")
async def test_E9_the_first_error_is_kept_and_the_second_attached(page: Stage) -> None:
    handle = page.start(Desk, fails_twice)
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Desk.Told())
    await page.advance(1)
    assert page.said()[-1] == "Desk failed: First"
    assert notes(handle.outcome.error) == ["its cleanup failed, too: Second('cleanup')"]
    # Where the second came from is in the traceback as well.
    shown = "".join(traceback.format_exception(handle.outcome.error))
    assert "Second: cleanup" in shown
    # The neighbour has not noticed.
    page.resume(Bell.Rung(2))
    assert await page.hears() == ["Bell returned 2"]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (Second(None, True, 2.5, 7, "x"), "Second(None, True, 2.5, 7, 'x')"),
        (Second("x", ["a value of its own"]), "Second"),
    ],
)
def test_E9_the_second_is_told_of_by_its_arguments_if_they_are_plain(
    second: Second, told: str
) -> None:
    async def fails() -> None:
        try:
            raise First
        finally:
            async with cleanup(5):
                raise second

    ended = Coroutine(fails).run()
    assert isinstance(ended, Errored)
    assert notes(ended.error) == [f"its cleanup failed, too: {told}"]


@under("hand", "hosted", "task")
async def test_E9_a_cleanup_that_fails_makes_a_cancelled_spindle_errored(page: Stage) -> None:
    handle = page.start(Desk, fails_in_its_cleanup)
    other = page.start(Bell, ring_once)
    await page.settle()
    await page.cancel("closing time")
    assert page.said()[-2:] == [
        "Bell was cancelled: closing time (requested)",
        "Desk failed: Second",
    ]
    assert isinstance(handle.outcome.error, Second)
    assert other.outcome == Cancelled("closing time", Origin.REQUESTED)


@under("hand", "hosted", "task")
async def test_E9_one_after_the_other_fails(page: Stage) -> None:
    async def fails_three_times() -> None:
        try:
            try:
                await Desk.Ask()
                raise First
            finally:
                async with cleanup(5):
                    raise Second
        finally:
            async with cleanup(5):
                raise Third

    handle = page.start(Desk, fails_three_times)
    await page.settle()
    page.resume(Desk.Told())
    await page.settle()
    assert isinstance(handle.outcome.error, First)
    assert notes(handle.outcome.error) == [
        "its cleanup failed, too: Second()",
        "its cleanup failed, too: Third()",
    ]


@under("hand", "hosted", "task")
async def test_E9_of_two_cleanups_of_a_cancelled_one_the_first_error_counts(page: Stage) -> None:
    async def fails_twice_when_cancelled() -> None:
        try:
            try:
                await Desk.Ask()
            finally:
                async with cleanup(5):
                    raise Second
        finally:
            async with cleanup(5):
                raise Third

    handle = page.start(Desk, fails_twice_when_cancelled)
    await page.settle()
    await page.cancel("closing time")
    assert isinstance(handle.outcome.error, Second)
    assert notes(handle.outcome.error) == ["its cleanup failed, too: Third()"]


@under("hand", "hosted", "task")
async def test_E9_a_cleanup_over_its_budget_masks_nothing(page: Stage) -> None:
    async def overruns() -> None:
        try:
            await Desk.Ask()
            raise First
        finally:
            async with cleanup(2):
                await sleep(100)

    handle = page.start(Desk, overruns)
    await page.settle()
    page.resume(Desk.Told())
    await page.advance(2)
    assert isinstance(handle.outcome.error, First)
    assert notes(handle.outcome.error) == []


@under("hand", "hosted", "task")
async def test_E9_the_cleanups_of_its_fibers_run_and_their_errors_are_attached(
    page: Stage,
) -> None:
    log: list[str] = []

    async def cleans(name: str) -> None:
        try:
            await sleep(100)
        finally:
            async with cleanup(5):
                await sleep(1)
                log.append(name)
                raise Second(name)

    async def fails() -> None:
        await fiber(cleans, "a")
        await fiber(cleans, "b")
        await Desk.Ask()
        raise First

    async def fails_in_a_scope() -> None:
        async with scope():
            await fiber(cleans, "c")
            await Desk.Ask()
            raise First

    first = page.start(Desk, fails)
    second = page.start(Desk, fails_in_a_scope, instance="scope")
    await page.settle()
    page.resume(Desk.Told())
    page.resume(Desk.Told(), instance="scope")
    await page.advance(1)
    assert sorted(log) == ["a", "b", "c"]
    for handle in (first, second):
        assert isinstance(handle.outcome.error, First)
    # The newest ends first.
    assert notes(first.outcome.error) == [
        "cleans of Talk.Desk failed, too: Second('b')",
        "cleans of Talk.Desk failed, too: Second('a')",
    ]
    assert notes(second.outcome.error) == ["cleans of Talk.Desk['scope'] failed, too: Second('c')"]


@under("hand", "hosted", "task")
async def test_E9_a_limit_that_passes_is_the_first_error(page: Stage) -> None:
    async def limited() -> None:
        async with timeout(1):
            try:
                await Desk.Ask()
            finally:
                async with cleanup(5):
                    raise Second

    handle = page.start(Desk, limited)
    await page.advance(1)
    # Nothing but the end of the limit was on its way: that the cleanup failed is the news.
    assert isinstance(handle.outcome.error, Second)


@under("hand", "hosted", "task")
async def test_E9_what_the_view_is_handling_is_not_the_spindles_error(page: Stage) -> None:
    """A hosted spindle runs where it is resumed, which may be in somebody's `except` block."""

    async def cleans() -> None:
        await Desk.Ask()
        async with cleanup(5):
            raise Second("cleanup")

    async def fails_first() -> None:
        try:
            await Desk.Ask()
            raise First
        finally:
            async with cleanup(5):
                raise Second("cleanup")

    handles = [page.start(Desk, fn, instance=fn.__name__) for fn in (cleans, fails_first)]
    await page.settle()
    own = LookupError("the view's own")
    try:
        raise own
    except LookupError:
        page.resume(Desk.Told(), instance="cleans")
        page.resume(Desk.Told(), instance="fails_first")
        await page.settle()
    assert notes(own) == []
    assert isinstance(handles[0].outcome.error, Second)
    assert isinstance(handles[1].outcome.error, First)


class NoNotes(Exception):
    """Cannot be told of a second one."""

    def __init__(self) -> None:
        self.__notes__ = 3

    def __repr__(self) -> str:
        raise ValueError("no repr")


@under("hand", "hosted", "task")
async def test_E9_errors_that_take_no_note_are_kept_all_the_same(page: Stage) -> None:
    async def fails() -> None:
        try:
            await Desk.Ask()
            raise NoNotes
        finally:
            async with cleanup(5):
                raise NoNotes

    async def fails_in_a_scope() -> None:
        async def cleans() -> None:
            try:
                await sleep(100)
            finally:
                raise NoNotes

        async with scope():
            await fiber(cleans)
            await Desk.Ask()
            raise NoNotes

    for fn in (fails, fails_in_a_scope):
        handle = page.start(Desk, fn)
        await page.settle()
        page.resume(Desk.Told())
        await page.settle()
        assert isinstance(handle.outcome.error, NoNotes), fn


def test_E9_what_was_raised_from_what_is_not_changed() -> None:
    cause = KeyError("cause")

    async def fails() -> None:
        try:
            raise First from cause
        finally:
            async with cleanup(5):
                raise Second

    ended = Coroutine(fails).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, First)
    assert ended.error.__cause__ is cause


@pytest.mark.parametrize("handled", [True, False])
@under("hand", "hosted", "task")
async def test_E9_an_error_that_was_handled_before_is_out_of_it(page: Stage, handled: bool) -> None:
    async def fails() -> None:
        if handled:
            try:
                raise First
            except First:
                pass
        async with cleanup(5):
            raise Second

    handle = page.start(Desk, fails)
    page.start(Bell, ask_once)
    await page.settle()
    assert isinstance(handle.outcome.error, Second)
    page.said()


@under("hand", "hosted", "task")
async def test_E9_the_first_error_is_kept_by_a_coroutine_that_was_resumed_by_another(
    page: Stage,
) -> None:
    """Python hides from it, right then, what those that await it handle."""
    channel = Channel[int]()

    async def tidies() -> None:
        with suppress(ChannelClosed):
            await channel.take()
        async with cleanup(5):
            raise Second

    async def fails() -> None:
        try:
            raise First
        finally:
            await tidies()

    async def closes() -> None:
        await channel.close()

    handle = page.start(Desk, fails)
    page.start(Bell, closes)
    await page.settle()
    assert isinstance(handle.outcome.error, First)
    assert notes(handle.outcome.error) == ["its cleanup failed, too: Second()"]
