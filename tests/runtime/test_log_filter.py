"""Records of the program's own logger say which page and spindle they come from."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import trio

from spindle import Coroutine, Restart, SpindleFilter, fiber, fork, open_page, perform, sleep
from spindle._core.tags import TAGS
from tests.drivers import HOSTED, Stage, play
from tests.talk import Bell, Desk, Talk

DRIVERS = pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
SHOP = logging.getLogger("shop")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the shop logs, each with its page and spindle."""
    monkeypatch.setattr(TAGS, "wanted", False)
    written: list[str] = []

    class Writes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Writes()
    handler.setFormatter(logging.Formatter("%(page)s | %(spindle)s | %(message)s"))
    handler.addFilter(SpindleFilter())
    SHOP.addHandler(handler)
    SHOP.setLevel(logging.INFO)
    yield written
    SHOP.removeHandler(handler)
    SHOP.setLevel(logging.NOTSET)


async def port(what: str) -> None:
    SHOP.info("%s", what)


async def logs() -> None:
    SHOP.info("in the spindle")
    handle = await fiber(port, "in a fiber")
    await handle.result()
    await perform(port, "in a port")
    await sleep(1)
    SHOP.info("after a wait")


@DRIVERS
def test_in_a_spindle_a_fiber_and_a_port(driver: str, lines: list[str]) -> None:
    async def forks() -> None:
        await fork(Bell, logs, instance="b")
        SHOP.info("behind the fork")

    async def scenario(page: Stage) -> None:
        SHOP.info("outside")
        page.start(Desk, logs)
        await page.advance(1)
        page.start(Desk, forks)
        await page.advance(1)
        SHOP.info("outside")

    play(driver, scenario, name="shop #3")
    whats = ["in the spindle", "in a fiber", "in a port", "after a wait"]
    assert lines[0] == lines[-1] == "- | - | outside"
    assert lines[1:5] == [f"shop #3 | Talk.Desk | {what}" for what in whats]
    assert lines[5] == "shop #3 | Talk.Desk | behind the fork"
    assert lines[6:10] == [f"shop #3 | Talk.Bell['b'] | {what}" for what in whats]


@HOSTED
async def test_in_threads_and_tasks_of_a_port(hosted: bool, lines: list[str]) -> None:
    async def starts_both() -> None:
        await trio.to_thread.run_sync(SHOP.info, "in a thread")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port, "in a task")

    async def calls() -> None:
        await perform(starts_both)

    async with open_page(Talk, hosted=hosted, name="shop") as page:
        page.start(Desk, calls)
        await page.wait()
    assert lines == ["shop | Talk.Desk | in a thread", "shop | Talk.Desk | in a task"]


@DRIVERS
def test_a_new_run_is_marked_too(driver: str, lines: list[str]) -> None:
    runs = iter((LookupError("gone"), None))

    async def fails_once() -> None:
        SHOP.info("runs")
        error = next(runs)
        if error is not None:
            raise error
        await sleep(1)

    async def scenario(page: Stage) -> None:
        page.start(Desk, fails_once, policy=Restart(delay=1, jitter=0))
        await page.advance(1)

    play(driver, scenario, name="shop")
    assert lines == ["shop | Talk.Desk | runs"] * 2


def test_by_hand_a_coroutine_is_named_by_its_function(lines: list[str]) -> None:
    coroutine = Coroutine(logs)
    coroutine.run()
    page, spindle, _ = lines[0].split(" | ")
    assert page.startswith("logs #")
    assert spindle == "logs"


@DRIVERS
def test_without_a_filter_nothing_is_kept(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TAGS, "wanted", False)
    tags: list[object] = []

    async def looks() -> None:
        tags.append(TAGS.current())

    async def scenario(page: Stage) -> None:
        page.start(Desk, looks)
        await page.settle()

    play(driver, scenario)
    assert tags == [None]


def test_a_record_that_knows_its_page_keeps_it(lines: list[str]) -> None:
    SHOP.info("here", extra={"page": "another", "spindle": "one"})
    assert lines == ["another | one | here"]


@pytest.mark.mutant
@DRIVERS
def test_a_spindle_that_is_not_marked_is_found(driver: str, lines: list[str], monkeypatch) -> None:
    monkeypatch.setattr(type(TAGS), "put_into", lambda self, context, tag: None)
    with pytest.raises(AssertionError):
        test_in_a_spindle_a_fiber_and_a_port(driver, lines)
