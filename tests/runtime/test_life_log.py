"""What the log says of pages and spindles: at sensible levels, with both in the record."""

from __future__ import annotations

import logging

import pytest
import trio

from spindle import (
    ESCALATE,
    Restart,
    TooSlow,
    When,
    open_coroutine,
    open_host,
    open_page,
    perform,
    timeout,
)
from spindle._runtime.life_log import LIFE
from tests.drivers import HOSTED, Stage, on_trio, play
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

DRIVERS = pytest.mark.parametrize("driver", ["hand", "hosted", "task"])

Line = tuple[str, str, str, str]


def said(caplog: pytest.LogCaptureFixture) -> list[Line]:
    """Level, page, spindle and text of each record about pages and spindles."""
    return [
        (each.levelname, vars(each)["page"], vars(each)["spindle"], each.getMessage())
        for each in caplog.records
        if each.name == LIFE.name
    ]


async def conversation(page: Stage) -> None:
    page.start(Desk, ask_once)
    page.start(Bell, ring_once, instance="b")
    await page.settle()
    page.resume(Desk.Told("yes"))
    await page.settle()
    await page.cancel("the tab was closed")


@DRIVERS
def test_all_that_is_cancelled_when_a_tab_closes_is_seen(
    driver: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "spindle")
    play(driver, conversation, name="shop #3")
    why = "the tab was closed (requested)"
    assert said(caplog) == [
        ("DEBUG", "shop #3", "-", "shop #3 was opened"),
        ("DEBUG", "shop #3", "Talk.Desk", "Talk.Desk started as ask_once"),
        ("DEBUG", "shop #3", "Talk.Bell['b']", "Talk.Bell['b'] started as ring_once"),
        ("DEBUG", "shop #3", "Talk.Desk", "Talk.Desk returned"),
        ("INFO", "shop #3", "Talk.Bell['b']", f"Talk.Bell['b'] was cancelled: {why}"),
        ("INFO", "shop #3", "-", f"shop #3 has ended: {why}"),
    ]


@DRIVERS
def test_a_failure_is_not_told_twice(driver: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "spindle")

    async def fails() -> None:
        raise LookupError("gone")

    async def scenario(page: Stage) -> None:
        page.start(Desk, fails)
        await page.settle()

    play(driver, scenario)
    levels = [level for level, *_ in said(caplog)]
    assert levels == (["INFO"] if driver == "hand" else ["ERROR", "INFO"])


@DRIVERS
def test_a_page_says_nothing_of_what_nobody_logs(
    driver: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "spindle")
    page = play(driver, conversation)
    assert said(caplog) == []
    assert page.kernel.watch is None, "and has nothing that would"


@HOSTED
@on_trio(seeds=1)
async def test_a_failure_is_an_error_and_one_that_starts_again_a_warning(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    runs = iter((LookupError("gone"), LookupError("again")))

    async def fails() -> None:
        raise next(runs)

    again = Restart(when=When.TRANSIENT, delay=2, jitter=0, intensity=1)
    async with open_page(Talk, hosted=hosted, name="shop") as page:
        page.start(Desk, fails, policy=again)
        await trio.sleep(5)
    warning, error = said(caplog)
    assert warning[0] == "WARNING"
    assert warning[3] == "Talk.Desk failed: LookupError('gone'); it starts again in 2 s"
    assert error[:3] == ("ERROR", "shop", "Talk.Desk")
    assert error[3].startswith("Talk.Desk failed: RestartsSpent(")
    (_, spent) = [each.exc_info for each in caplog.records]
    assert isinstance(spent[1].__cause__, LookupError)


class Mute(Exception):
    """Says what it is in code of its own."""

    def __str__(self) -> str:
        raise AssertionError("was asked for its text")


@HOSTED
@on_trio(seeds=1)
async def test_an_error_with_code_of_its_own_is_not_asked_for_its_text(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()

    async def fails() -> None:
        raise Mute from LookupError("gone")

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, fails)
        await page.wait()
    ((level, _, _, text),) = said(caplog)
    assert level == "ERROR"
    assert text.splitlines()[0] == "Talk.Desk failed: Mute()"
    assert text.endswith('raise Mute from LookupError("gone")')
    assert caplog.records[-1].exc_info is None


@HOSTED
@on_trio(seeds=1)
async def test_an_error_in_the_wake_of_a_cut_is_handed_to_the_log(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()

    async def too_slow() -> None:
        async with timeout(1):
            await Desk.Ask()

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, too_slow)
        await page.wait()
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], TooSlow)


@HOSTED
@on_trio(seeds=1)
async def test_an_error_that_is_raised_elsewhere_is_not_logged_too(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()

    async def fails() -> None:
        raise LookupError("gone")

    async def escalates() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, fails, policy=ESCALATE)
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup):
        await escalates()
    async with open_coroutine(fails, hosted=hosted) as runner:
        await runner.run()
    assert said(caplog) == []


@on_trio(seeds=1)
async def test_a_handler_that_raises_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "spindle")

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise LookupError("of the handler")

    broken = Broken()
    LIFE.addHandler(broken)
    try:
        async with open_host() as host:
            page = host.open(Talk)
            handle = page.start(Desk, ask_once)
            page.resume(Desk.Told("yes"))
            await page.wait()
    finally:
        LIFE.removeHandler(broken)
    assert handle.outcome is not None


@pytest.mark.mutant
def test_a_page_that_is_followed_whatever_is_logged_is_found(caplog, monkeypatch) -> None:
    monkeypatch.setattr(type(LIFE), "isEnabledFor", lambda self, level: True)
    with pytest.raises(AssertionError):
        test_a_page_says_nothing_of_what_nobody_logs("hosted", caplog)


@HOSTED
@on_trio(seeds=1)
async def test_a_failure_from_far_below_is_written_down_where_it_was_raised(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Each of many that join the next one fails with the frames of all below it."""

    def falls(deep: int) -> None:
        if deep:
            falls(deep - 1)
        raise LookupError("at the bottom")

    async def fails() -> None:
        falls(150)

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, fails)
        await page.wait()
    [record] = [each for each in caplog.records if each.name == LIFE.name]
    assert record.exc_info is None
    head, *frames = record.getMessage().splitlines()
    assert head == "Talk.Desk failed: LookupError('at the bottom')"
    assert len(frames) < 3 * 20
    assert 'raise LookupError("at the bottom")' in frames[-1]


@DRIVERS
def test_calls_are_not_told(driver: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "spindle")

    async def nothing() -> None: ...

    async def calls() -> None:
        await perform(nothing)

    async def conversation(page: Stage) -> None:
        page.start(Desk, calls)
        assert await page.hears() == ["Desk returned None"]

    play(driver, conversation)
    assert [text for *_, text in said(caplog) if "has ended" not in text] == []
