"""What a tracer is told: of all that begins that it ends, the same under every driver."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
import trio

from spindle import (
    Cancelled,
    Completed,
    Errored,
    Restart,
    TracedCall,
    TracedPage,
    TracedSpindle,
    TracedYield,
    Tracer,
    UsageError,
    When,
    await_any,
    cleanup,
    fiber,
    fork,
    open_coroutine,
    open_host,
    perform,
    sleep,
    timeout,
    use,
)
from spindle._core.kernel.watch import Watch
from spindle.testing import HandPage, Recording
from tests.drivers import HOSTED, Stage, play
from tests.library import Books, Library, ask_all
from tests.talk import Bell, Clerk, Desk, Echo, Talk, ask_once, ring_once

DRIVERS = pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
ON_TRIO = pytest.mark.parametrize("driver", ["hosted", "task"])

Scenario = Callable[[Stage], Coroutine[Any, Any, None]]


class Lines(Tracer):
    """Writes a line each, and holds what has begun and not ended."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.open: list[object] = []

    def page_opened(self, page: TracedPage) -> None:
        self._begins(page, f"{page.name} of {page.contract}")

    def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
        self._ends(page, f"{page.name} ended: {cancelled.reason} ({cancelled.origin.value})")

    def spindle_started(self, spindle: TracedSpindle) -> None:
        again = f" again {spindle.restart}" if spindle.restart else ""
        self._begins(spindle, f"{spindle.name} as {spindle.function}{again}")

    def spindle_ended(self, spindle: TracedSpindle, outcome: object) -> None:
        match outcome:
            case Completed(value):
                how = f"returned {value!r}"
            case Errored(error):
                how = f"failed with {error!r}"
            case Cancelled(reason, origin):
                how = f"cancelled: {reason} ({origin.value})"
        self._ends(spindle, f"{spindle.name} {how}")

    def yield_announced(self, asked: TracedYield) -> None:
        self._begins(asked, f"{asked.spindle.name} asks {asked.ask} #{asked.yield_id}")

    def yield_answered(self, asked: TracedYield, answer: object) -> None:
        self._ends(asked, f"#{asked.yield_id} answered {answer}")

    def yield_withdrawn(self, asked: TracedYield) -> None:
        self._ends(asked, f"#{asked.yield_id} withdrawn")

    @contextmanager
    def call(self, call: TracedCall) -> Generator[None]:
        self._begins(call, f"{call.spindle.name} calls {call.name} ({call.repeat})")
        try:
            yield
        except BaseException as error:
            why = "" if call.cancelled is None else f": {call.cancelled.reason}"
            kind = "cancelled" if not isinstance(error, Exception) else repr(error)
            self._ends(call, f"{call.name} {kind}{why}")
            raise
        else:
            self._ends(call, f"{call.name} done")

    def _begins(self, what: object, line: str) -> None:
        self.open.append(what)
        self.lines.append(line)

    def _ends(self, what: object, line: str) -> None:
        self.lines.append(line)
        self.open.remove(what)


def follow(driver: str, scenario: Scenario, **options: Any) -> list[str]:
    """What a tracer was told of the scenario; it was told the end of all that began."""
    told = Lines()
    play(driver, scenario, tracer=told, name="the page", **options)
    assert told.open == []
    assert told.lines[0] == "the page of Talk"
    assert told.lines[-1].startswith("the page ended: ")
    return told.lines[1:-1]


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


class Waits(Clerk):
    """Waits as long as it is told to."""

    async def look(self, what: str) -> str:
        await trio.sleep(float(what))
        return what

    async def note(self, what: str) -> None: ...
    async def pay(self, amount: int, *, currency: str = "EUR") -> str: ...


@ON_TRIO
def test_two_calls_of_one_name_are_told_apart(driver: str) -> None:
    ended: list[object] = []

    class Ends(Lines):
        @contextmanager
        def call(self, call: TracedCall) -> Generator[None]:
            began = trio.current_time()
            yield
            ended.append(trio.current_time() - began)

    async def looks(seconds: str) -> None:
        await (await use(Clerk)).look(seconds)

    async def both() -> None:
        first = await fiber(looks, "3")
        await fiber(looks, "2")
        await first.result()

    async def scenario(page: Stage) -> None:
        page.start(Desk, both)
        await page.advance(5)

    play(driver, scenario, tracer=Ends(), provide={Clerk: Waits()})
    assert ended == [2, 3]


@ON_TRIO
def test_a_call_that_is_cut_says_who_did_it(driver: str) -> None:
    async def looks() -> None:
        clerk = await use(Clerk)
        try:
            async with timeout(1):
                await clerk.look("9")
        except TimeoutError:
            await clerk.look("9")

    async def scenario(page: Stage) -> None:
        page.start(Desk, looks)
        await page.advance(2)
        await page.cancel("closing time")

    told = follow(driver, scenario, provide={Clerk: Waits()})
    assert [line for line in told if line.startswith("Clerk")] == [
        "Clerk.look cancelled",
        "Clerk.look cancelled: closing time",
    ]


@DRIVERS
def test_a_call_that_fails_and_one_that_is_none(driver: str) -> None:
    async def fails() -> None:
        raise LookupError("gone")

    def is_none() -> None: ...

    async def calls() -> None:
        for fn in (fails, is_none):
            with pytest.raises((LookupError, UsageError)):
                await perform(fn)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.settle()

    told = follow(driver, scenario)
    assert "fails LookupError('gone')" in told
    assert "Talk.Desk returned None" in told


VARIABLE: ContextVar[str] = ContextVar("variable", default="nothing")


@DRIVERS
def test_a_batch_is_called_for_a_spindle_that_asked(driver: str) -> None:
    async def scenario(page: Stage) -> None:
        page.start(Desk, ask_all, 1, 2, provide={Library: Books()})
        await page.settle()

    assert [each for each in follow(driver, scenario) if "Library" in each] == [
        "Talk.Desk calls Library.books (read)",
        "Library.books done",
    ]


@DRIVERS
def test_a_call_runs_with_what_the_tracer_sets_and_nobody_else_does(driver: str) -> None:
    seen: list[str] = []

    class Sets(Tracer):
        def spindle_started(self, spindle: TracedSpindle) -> None:
            spindle.context.run(VARIABLE.set, "of the spindle")

        @contextmanager
        def call(self, call: TracedCall) -> Generator[None]:
            seen.append(VARIABLE.get())
            token = VARIABLE.set("of the call")
            yield
            VARIABLE.reset(token)

    async def port() -> None:
        seen.append(VARIABLE.get())

    async def calls() -> None:
        await perform(port)
        seen.append(VARIABLE.get())
        VARIABLE.set("of its code")
        await perform(port)
        seen.append(VARIABLE.get())

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.settle()

    play(driver, scenario, tracer=Sets())
    assert seen == [
        "of the spindle",
        "of the call",
        "of the spindle",
        "of its code",
        "of the call",
        "of its code",
    ]
    assert VARIABLE.get() == "nothing"


@DRIVERS
def test_a_port_finds_the_context_variables_of_its_spindle(driver: str) -> None:
    seen: list[str] = []

    async def port() -> None:
        seen.append(VARIABLE.get())

    async def calls() -> None:
        VARIABLE.set("of its code")
        await perform(port)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.settle()

    play(driver, scenario)
    assert seen == ["of its code"]


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
