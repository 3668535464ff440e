"""What a tracer is told: of all that begins that it ends, the same under every driver."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from spindle import (
    Restart,
    TracedCall,
    TracedSpindle,
    Tracer,
    When,
    await_any,
    cleanup,
    fork,
    open_coroutine,
    open_host,
    perform,
    sleep,
    use,
)
from spindle._core.kernel.watch import Watch
from spindle.testing import HandPage, Recording
from tests.drivers import HOSTED, Stage, play
from tests.runtime.followed import DRIVERS, ON_TRIO, Lines, follow
from tests.talk import Bell, Clerk, Desk, Echo, Talk, ask_once, ring_once


@DRIVERS
def test_a_conversation_is_told_from_its_beginning_to_its_end(driver: str) -> None:
    async def works() -> str:
        clerk = await use(Clerk)
        seen = await clerk.look("tea")
        return f"{seen}, {(await Desk.Ask()).word}"

    async def scenario(page: Stage) -> None:
        page.start(Desk, works, provide={Clerk: Echo()})
        await page.settle()
        page.start(Bell, ring_once, instance="b")
        await page.settle()
        page.resume(Desk.Told("yes"), yield_id=1)
        await page.settle()

    assert follow(driver, scenario) == [
        "Talk.Desk as works",
        "Talk.Desk calls Clerk.look (read)",
        "Clerk.look done",
        "Talk.Desk asks Ask(number=1) #1",
        "Talk.Bell['b'] as ring_once",
        "Talk.Bell['b'] asks Wait() #1",
        "#1 answered Told(word='yes')",
        "Talk.Desk returned 'seen tea, yes'",
        "#1 withdrawn",
        "Talk.Bell['b'] cancelled: the page was left (body left)",
    ]


@DRIVERS
def test_who_loses_a_race_is_withdrawn_and_what_lay_in_the_mailbox_answers(driver: str) -> None:
    async def races() -> None:
        await await_any(Desk.Ask(), Desk.Take())
        await sleep(1)
        await Desk.Take()
        await await_any(sleep(9), Desk.Take())

    async def scenario(page: Stage) -> None:
        page.start(Desk, races)
        await page.settle()
        for number in (1, 2, 3):
            page.resume(Desk.Queued(number))
        await page.advance(2)

    assert follow(driver, scenario) == [
        "Talk.Desk as races",
        "Talk.Desk asks Ask(number=1) #1",
        "Talk.Desk asks Take() #2",
        "#2 answered Queued(number=1)",
        "#1 withdrawn",
        "Talk.Desk asks Take() #3",
        "#3 answered Queued(number=2)",
        "Talk.Desk asks Take() #4",
        "#4 answered Queued(number=3)",
        "Talk.Desk returned None",
    ]


@DRIVERS
def test_a_new_run_is_another_spindle_and_says_which_it_is(driver: str) -> None:
    runs = iter((LookupError("gone"), None))

    async def fails_once() -> str:
        error = next(runs)
        if error is not None:
            raise error
        return "done"

    async def scenario(page: Stage) -> None:
        page.start(Desk, fails_once, policy=Restart(when=When.TRANSIENT, delay=1, jitter=0))
        await page.advance(2)

    assert follow(driver, scenario) == [
        "Talk.Desk as fails_once",
        "Talk.Desk failed with LookupError('gone')",
        "Talk.Desk as fails_once again 1",
        "Talk.Desk returned 'done'",
    ]


@DRIVERS
def test_one_that_never_starts_is_not_told(driver: str) -> None:
    """Of those that are to follow a spindle which takes its time, only the last begins."""

    async def takes_its_time() -> None:
        try:
            await Desk.Ask(7)
        finally:
            async with cleanup(5):
                await sleep(1)

    async def replaces() -> None:
        for _ in range(3):
            await fork(Desk, ask_once, replace=True)

    async def scenario(page: Stage) -> None:
        page.start(Desk, takes_its_time)
        await page.settle()
        page.start(Bell, replaces)
        await page.advance(2)
        said = page.said()
        assert said.count("Desk was cancelled: replaced by another one (replaced)") == 3

    told = follow(driver, scenario)
    assert [line for line in told if line.startswith("Talk.Desk ")] == [
        "Talk.Desk as takes_its_time",
        "Talk.Desk asks Ask(number=7) #1",
        "Talk.Desk cancelled: replaced by another one (replaced)",
        "Talk.Desk as ask_once",
        "Talk.Desk asks Ask(number=1) #2",
        "Talk.Desk cancelled: the page was left (body left)",
    ]


@DRIVERS
def test_a_start_that_is_cancelled_in_the_queue_is_not_told(driver: str) -> None:
    async def starts_and_cancels() -> None:
        handle = await fork(Desk, ask_once)
        await handle.cancel("no need")

    async def scenario(page: Stage) -> None:
        page.start(Bell, starts_and_cancels)
        await page.settle()

    told = follow(driver, scenario)
    assert [line for line in told if line.startswith("Talk.Desk")] == [
        "Talk.Desk as ask_once",
        "Talk.Desk cancelled: no need (handle)",
    ]


@ON_TRIO
def test_a_start_that_a_cancel_of_the_page_overtakes_is_not_told(driver: str) -> None:
    async def scenario(page: Stage) -> None:
        async def cancels_then_starts() -> None:
            page.page.cancel_nowait("enough")
            page.start(Desk, ask_once)
            await sleep(1)

        page.start(Bell, cancels_then_starts)
        await page.settle()
        assert "Desk was cancelled: enough (requested)" in page.said()

    told = follow(driver, scenario)
    assert [line for line in told if "Desk" in line] == []


@DRIVERS
def test_a_tracer_that_raises_harms_nobody(driver: str, caplog: pytest.LogCaptureFixture) -> None:
    class Raises(Tracer):
        def spindle_started(self, spindle: TracedSpindle) -> None:
            raise LookupError("of the tracer")

        def spindle_ended(self, spindle: TracedSpindle, outcome: object) -> None:
            raise LookupError("of the tracer")

        @contextmanager
        def call(self, call: TracedCall) -> Generator[None]:
            if call.name == "begins":
                raise LookupError("of the tracer")
            yield
            raise LookupError("of the tracer")

    async def begins() -> int:
        return 1

    async def ends() -> int:
        return 2

    async def calls() -> int:
        return await perform(begins) + await perform(ends)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        assert await page.hears() == ["Desk returned 3"]

    play(driver, scenario, tracer=Raises())
    said = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert [line.rpartition(".")[2] for line in said] == [
        "spindle_started() of a tracer failed",
        "call() of a tracer failed",
        "__exit__() of a tracer failed",
        "spindle_ended() of a tracer failed",
    ]


@DRIVERS
def test_the_journal_is_told_all_the_same(driver: str) -> None:
    async def scenario(page: Stage) -> None:
        page.start(Desk, ask_once)
        await page.settle()
        page.resume(Desk.Told("yes"))
        await page.settle()

    alone, beside = Recording(), Recording()
    play(driver, scenario, recording=alone)
    play(driver, scenario, recording=beside, tracer=Lines())
    assert beside.lines() == alone.lines()


@HOSTED
async def test_a_coroutine_without_a_page_is_told(hosted: bool) -> None:
    told = Lines()
    async with open_coroutine(ask_once, tag="wizard", tracer=told, hosted=hosted) as runner:
        state = await runner.run()
        await runner.resume(state.ask, Desk.Told("yes"))
    assert told.lines == [
        "wizard of ask_once",
        "ask_once as ask_once",
        "ask_once asks Ask(number=1) #1",
        "#1 answered Told(word='yes')",
        "ask_once returned 'yes'",
        "wizard ended: the runner was left (body left)",
    ]
    assert told.open == []


async def test_a_page_of_a_host_is_told_and_has_a_name_of_its_own() -> None:
    told = Lines()
    async with open_host() as host:
        first, second = host.open(Talk, tracer=told), host.open(Talk, tracer=told)
        assert first.name != second.name
        assert first.name.startswith("Talk #")
        await first.cancel("closed")
        assert told.lines[-1] == f"{first.name} ended: closed (requested)"
        first.resume(Desk.Told())
        await first.cancel("again")
    assert len(told.lines) == 4
    assert told.open == []


def test_a_use_at_the_edge_of_a_page_is_no_spindle() -> None:
    from spindle import Channel

    told = Lines()
    channel = Channel[int](1)
    with HandPage(Talk, tracer=told, name="x") as page:
        page.put(channel, 1)
    assert told.lines == ["x of Talk", "x ended: the page was left (body left)"]


def test_a_tracer_need_not_override_anything() -> None:
    async def calls() -> str:
        await perform(trivial)
        await await_any(Desk.Take(), Desk.Ask())
        return "done"

    async def trivial() -> None: ...

    with HandPage(Talk, tracer=Tracer()) as page:
        handle = page.start(Desk, calls)
        page.resume(Desk.Told())
        assert page.result(handle) == "done"


# --- sown faults ---------------------------------------------------------------------------------


@pytest.mark.mutant
def test_a_watch_that_keeps_entries_from_the_journal_is_found(monkeypatch) -> None:
    record = Watch.record

    def keeps(self: Watch, at: float, entry: object) -> None:
        monkeypatch.setattr(self._journal, "record", lambda at, entry: None)
        record(self, at, entry)

    monkeypatch.setattr(Watch, "record", keeps)
    with pytest.raises(AssertionError):
        test_the_journal_is_told_all_the_same("hosted")


@pytest.mark.mutant
def test_a_watch_that_lets_a_tracer_raise_is_found(caplog, monkeypatch) -> None:
    def lets_it(self: Watch, who: object, what: str, error: Exception) -> None:
        raise error

    monkeypatch.setattr(Watch, "_raised", lets_it)
    with pytest.raises((AssertionError, LookupError, ExceptionGroup)):
        test_a_tracer_that_raises_harms_nobody("hosted", caplog)


@pytest.mark.mutant
@pytest.mark.parametrize("what", ["started", "ended", "answered", "page_ended"])
def test_what_is_not_told_is_found(what: str, monkeypatch) -> None:
    monkeypatch.setattr(Watch, what, lambda self, *told: None)
    with pytest.raises((AssertionError, KeyError, ExceptionGroup)):
        test_a_conversation_is_told_from_its_beginning_to_its_end("hosted")


@pytest.mark.mutant
def test_an_end_without_a_beginning_is_found(monkeypatch) -> None:
    ended = Watch.ended

    def tells(self: Watch, record, outcome) -> None:
        if record not in self._spindles:
            self._spindles[record] = TracedSpindle(
                self._page, record.source, record.name, "", 0, record.context
            )
        ended(self, record, outcome)

    monkeypatch.setattr(Watch, "ended", tells)
    with pytest.raises((AssertionError, ValueError)):
        test_a_start_that_a_cancel_of_the_page_overtakes_is_not_told("task")
