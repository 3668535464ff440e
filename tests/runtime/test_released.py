"""I18: a page that has ended keeps nothing of its spindles alive, without a garbage collector.

What a coroutine that failed had in variables takes one pass of it. They are kept by the traceback
of its error, that by its outcome, and that by its record: the one of a spindle refers to itself as
its root, and on the way of an error to who joins it are frames that refer to a record.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import trio
import trio.testing

from spindle import (
    Errored,
    NotProvided,
    PageMachine,
    Tracer,
    cleanup,
    fiber,
    fork,
    open_host,
    open_page,
    perform,
    scope,
    timeout,
    use,
)
from spindle._core.operations.handle import Handle
from spindle._runtime.life_log import LIFE
from spindle.opentelemetry import SpanTracer
from tests.drivers import HOSTED, on_trio
from tests.talk import Bell, Desk, Talk


@pytest.fixture(autouse=True)
def without_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of a test run keeps the errors that it is told of."""
    monkeypatch.setattr(LIFE, "disabled", True)


class Local:
    """Something big that a coroutine has in a variable."""


Watch = Callable[[], Local]


async def asks(watch: Watch) -> None:
    local = watch()
    await Desk.Ask()
    del local


async def cleans_up(watch: Watch) -> None:
    local = watch()
    try:
        await Desk.Ask()
    finally:
        async with cleanup(1):
            await Desk.Said("cleaning up")
        del local


async def has_fibers(watch: Watch) -> None:
    local = watch()
    async with scope(), timeout(5):
        for _ in range(3):
            await fiber(asks, watch)
        await Desk.Ask()
    del local


async def has_forked(watch: Watch) -> None:
    local = watch()
    await fork(Bell, waits_for_bell, watch)
    await Desk.Ask()
    del local


async def waits_for_bell(watch: Watch) -> None:
    local = watch()
    await Bell.Wait()
    del local


async def fails(watch: Watch) -> None:
    local = watch()
    await Desk.Ask()
    raise LookupError(str(local))


WAYS: dict[str, Callable[[PageMachine], object]] = {
    "cancelled": lambda page: page.cancel_nowait("x"),
    "answered": lambda page: [
        page.resume(Desk.Told(), yield_id=source.yield_id) for source, _ in page.pending()
    ],
}


async def has_a_fiber_that_fails(watch: Watch) -> None:
    handle = await fiber(fails, watch)
    with suppress(LookupError):
        await handle.result()
    await Desk.Ask()


async def has_a_scope_that_fails(watch: Watch) -> None:
    local = watch()
    try:
        async with scope():
            await fiber(fails, watch)
            await Desk.Ask(2)
    except LookupError:
        del local
    await Desk.Ask()


async def is_refused(watch: Watch) -> None:
    local = watch()
    await Desk.Ask()
    try:
        await use(Local)
    except NotProvided:
        del local


async def asks_within_a_limit(watch: Watch) -> None:
    local = watch()
    async with timeout(60):
        await Desk.Ask()
    del local


async def asks_within_a_scope(watch: Watch) -> None:
    local = watch()
    async with scope():
        await Desk.Ask()
    del local


async def calls(watch: Watch) -> None:
    local = watch()
    await perform(_port, local)
    await Desk.Ask()
    del local


async def _port(local: Local) -> None:
    await trio.lowlevel.checkpoint()


SPINDLES = [
    asks,
    asks_within_a_limit,
    asks_within_a_scope,
    cleans_up,
    has_fibers,
    has_forked,
    is_refused,
]
FAILING = [fails, has_a_fiber_that_fails, has_a_scope_that_fails]


@contextmanager
def without_collector() -> Generator[None, None, None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def play(page: PageMachine, runs: Any, end: Callable[[PageMachine], object]) -> list[Any]:
    """Let the spindle come to its wait, end it, and tell what it had."""
    watched: list[weakref.ref[Local]] = []

    def watch() -> Local:
        local = Local()
        watched.append(weakref.ref(local))
        return local

    page.outbox.close()
    handle: Handle[Any] | None = page.start(Desk, runs, watch)
    await trio.testing.wait_all_tasks_blocked()
    assert all(each() is not None for each in watched)
    assert watched
    end(page)
    await trio.testing.wait_all_tasks_blocked()
    del handle
    return watched


@HOSTED
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("runs", SPINDLES, ids=lambda fn: fn.__name__)
@on_trio(3)
async def test_I18_nothing_of_a_spindle_is_kept_when_its_page_has_ended(
    runs: Any, way: str, hosted: bool
) -> None:
    with without_collector():
        async with open_page(Talk, hosted=hosted) as page:
            watched = await play(page, runs, WAYS[way])
        assert [each() for each in watched] == [None] * len(watched)


@HOSTED
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("runs", [*SPINDLES, calls], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("tracer", [Tracer, SpanTracer])
@on_trio(1)
async def test_I18_nor_by_whoever_has_followed_it(
    tracer: Callable[[], Tracer], runs: Any, way: str, hosted: bool
) -> None:
    follows = tracer()
    with without_collector():
        async with open_page(Talk, hosted=hosted, tracer=follows) as page:
            watched = await play(page, runs, WAYS[way])
        assert [each() for each in watched] == [None] * len(watched)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("runs", SPINDLES, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_I18_nor_by_the_host_of_a_page_that_has_ended(runs: Any, way: str) -> None:
    with without_collector():
        async with open_host() as host:
            page = host.open(Talk)
            watched = await play(page, runs, WAYS[way])
            await page.cancel("over")
            assert [each() for each in watched] == [None] * len(watched)
            assert host.pages == 0


@HOSTED
@on_trio(3)
async def test_I18_nor_when_the_body_of_the_page_has_failed(hosted: bool) -> None:
    watched: list[Any] = []

    async def opens() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            watched.extend(await play(page, has_fibers, lambda _: None))
            raise LookupError

    with without_collector():
        with pytest.raises(LookupError):
            await opens()
        assert [each() for each in watched] == [None] * len(watched)


@HOSTED
@pytest.mark.parametrize("runs", FAILING, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_I18_what_failed_takes_one_pass_of_the_collector(runs: Any, hosted: bool) -> None:
    with without_collector():
        async with open_page(Talk, hosted=hosted) as page:
            watched = await play(page, runs, WAYS["answered"])
        gc.collect()
        assert [each() for each in watched] == [None] * len(watched)


@HOSTED
@on_trio(2)
async def test_I18_a_failure_that_is_kept_keeps_no_frame_of_a_driver(hosted: bool) -> None:
    def watch() -> Local:
        return Local()

    async with open_page(Talk, hosted=hosted) as page:
        page.outbox.close()
        handles = [
            page.start(Desk, fails, watch),
            page.start(Desk, refused_by_an_operation, instance="refused"),
        ]
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Desk.Told())
        await page.wait()
    for handle in handles:
        assert isinstance(handle.outcome, Errored)
        traceback = handle.outcome.error.__traceback__
        assert traceback is not None
        assert traceback.tb_frame.f_code is handle.record.fn.__code__, "the spindle's line is first"
        while traceback is not None:
            module = traceback.tb_frame.f_globals["__name__"]
            assert not module.startswith(("spindle._core.kernel.", "spindle._runtime."))
            traceback = traceback.tb_next


async def refused_by_an_operation() -> None:
    await use(Local)
