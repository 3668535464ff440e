"""Spans of pages: nested as what they stand for, each ended, with why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from importlib import import_module

import pytest
import trio
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from spindle import Restart, await_any, fiber, fork, open_page, perform, sleep, timeout
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.watch import Watch
from spindle.opentelemetry import SpanTracer
from tests.drivers import HOSTED, Stage, on_trio, play
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

DRIVERS = pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
ON_TRIO = pytest.mark.parametrize("driver", ["hosted", "task"])


class Spans:
    """A provider of its own, and what it was told of."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.own = provider.get_tracer("shop")
        self.tracer = SpanTracer(provider)

    @property
    def ended(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        (span,) = [each for each in self.ended if each.name == name]
        return span

    def parents(self) -> dict[str, str]:
        """The name of each span's parent, by its own; all names are different."""
        names = {each.context.span_id: each.name for each in self.ended}
        assert len(set(names.values())) == len(self.ended)
        return {
            each.name: names[each.parent.span_id] if each.parent is not None else ""
            for each in self.ended
        }


@pytest.fixture
def spans(caplog: pytest.LogCaptureFixture) -> Iterator[Spans]:
    """Spans that have all ended after the test, and of which nothing complained."""
    made = Spans()
    yield made
    follower = made.tracer
    assert not follower._pages
    assert not follower._spindles
    assert not follower._yields
    assert "Failed to detach context" not in caplog.text
    assert "of a tracer failed" not in caplog.text
    assert not context.get_current()


@DRIVERS
def test_spans_nest_as_what_they_stand_for(driver: str, spans: Spans) -> None:
    async def port() -> str:
        with spans.own.start_as_current_span("query"):
            return "tea"

    async def in_a_fiber() -> None:
        await perform(port_of_a_fiber)

    async def port_of_a_fiber() -> None: ...

    async def works() -> None:
        with spans.own.start_as_current_span("own"):
            await perform(port)
            await Desk.Ask()
        await (await fiber(in_a_fiber)).result()
        await fork(Bell, ring_once, instance="b")
        await sleep(1)

    async def scenario(page: Stage) -> None:
        page.start(Desk, works)
        await page.settle()
        page.resume(Desk.Told("yes"))
        await page.advance(2)
        page.resume(Bell.Rung(), instance="b")
        await page.settle()

    play(driver, scenario, tracer=spans.tracer, name="shop #3")
    assert spans.parents() == {
        "page Talk": "",
        "spindle Talk.Desk": "page Talk",
        "own": "spindle Talk.Desk",
        "call port": "own",
        "query": "call port",
        "yield Talk.Desk.Ask": "spindle Talk.Desk",
        "call port_of_a_fiber": "spindle Talk.Desk",
        "spindle Talk.Bell['b']": "page Talk",
        "yield Talk.Bell.Wait": "spindle Talk.Bell['b']",
    }
    assert spans.named("call port").kind is SpanKind.CLIENT
    (link,) = spans.named("spindle Talk.Bell['b']").links
    assert link.context.span_id == spans.named("spindle Talk.Desk").context.span_id
    asked = spans.named("yield Talk.Desk.Ask").attributes
    assert asked == {
        "spindle.page": "shop #3",
        "spindle.name": "Talk.Desk",
        "spindle.yield_id": 1,
        "spindle.outcome": "answered",
        "spindle.event": "Talk.Desk.Told",
    }
    assert all("yes" not in str(span.attributes) for span in spans.ended)


@DRIVERS
def test_who_was_cancelled_says_why(driver: str, spans: Spans) -> None:
    async def scenario(page: Stage) -> None:
        page.start(Desk, ask_once)
        await page.settle()
        await page.cancel("the tab was closed")

    play(driver, scenario, tracer=spans.tracer)
    reasons = {
        "spindle.cancel.reason": "the tab was closed",
        "spindle.cancel.origin": "requested",
    }
    spindle = spans.named("spindle Talk.Desk").attributes
    assert spindle["spindle.outcome"] == "cancelled"
    assert reasons.items() <= spindle.items()
    assert reasons.items() <= spans.named("page Talk").attributes.items()
    assert spans.named("yield Talk.Desk.Ask").attributes["spindle.outcome"] == "withdrawn"


@DRIVERS
def test_who_replaced_one_is_named(driver: str, spans: Spans) -> None:
    async def replaces() -> None:
        await fork(Desk, ask_once)
        await sleep(1)
        await fork(Desk, sleep, 1, replace=True)

    async def scenario(page: Stage) -> None:
        page.start(Bell, replaces)
        await page.advance(3)

    play(driver, scenario, tracer=spans.tracer)
    first = next(each for each in spans.ended if each.name == "spindle Talk.Desk")
    assert first.attributes["spindle.cancel.by"] == "Talk.Bell"


class Hostile(Exception):
    def __str__(self) -> str:
        raise AssertionError("was asked for its text")


@DRIVERS
def test_a_failure_is_the_status_of_its_span(driver: str, spans: Spans) -> None:
    async def port() -> None:
        raise LookupError("gone")

    async def fails() -> None:
        await perform(port)

    async def fails_badly() -> None:
        raise Hostile

    async def scenario(page: Stage) -> None:
        page.start(Desk, fails, policy=Restart(intensity=1, delay=1, jitter=0))
        page.start(Bell, fails_badly)
        await page.advance(3)

    play(driver, scenario, tracer=spans.tracer)
    failed = [each for each in spans.ended if each.name in ("spindle Talk.Desk", "call port")]
    assert [each.name for each in failed] == ["call port", "spindle Talk.Desk"] * 2
    for each in failed[:3]:
        assert each.status.status_code is StatusCode.ERROR
        assert each.status.description == "LookupError('gone')"
        assert each.attributes["spindle.outcome"] == "failed"
        assert [event.name for event in each.events] == ["exception"]
    assert [each.attributes["spindle.restart"] for each in failed[1::2]] == [0, 1]
    hostile = spans.named("spindle Talk.Bell")
    assert hostile.status.description == "Hostile()"
    assert hostile.events == ()


@ON_TRIO
def test_a_call_that_is_cut_is_cancelled(driver: str, spans: Spans) -> None:
    async def port() -> None:
        with spans.own.start_as_current_span("query"):
            await trio.sleep(9)

    async def calls() -> None:
        await perform(port)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.advance(1)
        await page.cancel("closing time")

    play(driver, scenario, tracer=spans.tracer)
    call = spans.named("call port")
    assert call.attributes["spindle.outcome"] == "cancelled"
    assert call.attributes["spindle.cancel.reason"] == "closing time"
    assert call.status.status_code is StatusCode.UNSET
    assert spans.parents()["query"] == "call port"


@ON_TRIO
def test_a_call_that_a_time_limit_cuts_is_cancelled_by_nobody(driver: str, spans: Spans) -> None:
    async def calls() -> None:
        with suppress(TimeoutError):
            async with timeout(1):
                await perform(trio.sleep, 9)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.advance(2)

    play(driver, scenario, tracer=spans.tracer)
    call = spans.named("call sleep").attributes
    assert call["spindle.outcome"] == "cancelled"
    assert "spindle.cancel.reason" not in call


@HOSTED
@on_trio(seeds=5)
async def test_pages_side_by_side_keep_their_spans_apart(hosted: bool, spans: Spans) -> None:
    """Calls and spans of the program that are open at once, on several pages, in any order."""
    spans.exporter.clear()

    async def port(page: int, number: int) -> None:
        with spans.own.start_as_current_span(f"query {page}.{number}"):
            await trio.sleep(1)

    async def calls(page: int) -> None:
        fibers = [await fiber(perform, port, page, number) for number in range(2)]
        with spans.own.start_as_current_span(f"own {page}"):
            await await_any(Desk.Ask(), sleep(1))
            await perform(port, page, 2)
        for each in fibers:
            await each.result()

    async def visit(page: int) -> None:
        with spans.own.start_as_current_span(f"request {page}"):
            async with open_page(Talk, hosted=hosted, tracer=spans.tracer) as machine:
                machine.start(Desk, calls, page)
                await machine.wait()

    async with trio.open_nursery() as nursery:
        for page in range(3):
            nursery.start_soon(visit, page)
    by_id = {each.context.span_id: each for each in spans.ended}

    def path(name: str) -> list[str]:
        span: ReadableSpan | None = spans.named(name)
        names = []
        while span is not None:
            names.append(span.name)
            span = by_id[span.parent.span_id] if span.parent is not None else None
        return names

    for page in range(3):
        top = ["spindle Talk.Desk", "page Talk", f"request {page}"]
        for number in range(2):
            assert path(f"query {page}.{number}") == [f"query {page}.{number}", "call port", *top]
        assert path(f"query {page}.2") == [f"query {page}.2", "call port", f"own {page}", *top]


@DRIVERS
def test_baggage_of_whoever_starts_a_spindle_reaches_its_calls(driver: str, spans: Spans) -> None:
    seen: list[object] = []

    async def port() -> None:
        seen.append(baggage.get_baggage("tenant"))

    async def calls() -> None:
        await perform(port)

    async def scenario(page: Stage) -> None:
        with attached(baggage.set_baggage("tenant", "acme")):
            page.start(Desk, calls)
        await page.settle()

    play(driver, scenario, tracer=spans.tracer)
    assert seen == ["acme"]


@contextmanager
def attached(around: context.Context) -> Iterator[None]:
    token = context.attach(around)
    yield
    context.detach(token)


def test_without_an_sdk_nothing_is_recorded_and_nothing_fails() -> None:
    async def scenario(page: Stage) -> None:
        page.start(Desk, ask_once)
        await page.settle()

    tracer = SpanTracer(trace.NoOpTracerProvider())
    play("hosted", scenario, tracer=tracer)
    assert not tracer._spindles


def test_without_the_extra_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.delitem(sys.modules, "spindle.opentelemetry")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'trio-spindle\[opentelemetry\]'"):
        import_module("spindle.opentelemetry")


@pytest.mark.mutant
def test_a_call_that_is_not_followed_is_found(spans: Spans, monkeypatch) -> None:
    monkeypatch.setattr(Watch, "around", lambda self, record, called: called)
    with pytest.raises(AssertionError):
        test_spans_nest_as_what_they_stand_for("task", spans)


@pytest.mark.mutant
def test_an_answer_that_is_not_told_is_found(spans: Spans, monkeypatch) -> None:
    monkeypatch.setattr(Watch, "answered", lambda self, source, answer: None)
    with pytest.raises((AssertionError, KeyError)):
        test_spans_nest_as_what_they_stand_for("hosted", spans)
    spans.tracer._yields.clear()


@pytest.mark.mutant
def test_a_call_by_hand_without_the_context_of_its_spindle_is_found(
    spans: Spans, monkeypatch
) -> None:
    begin_call = Hand.begin_call

    def elsewhere(self: Hand, record, call) -> None:
        own, record.context = record.context, copy_context()
        begin_call(self, record, call)
        record.context = own

    monkeypatch.setattr(Hand, "begin_call", elsewhere)
    with pytest.raises(AssertionError):
        test_spans_nest_as_what_they_stand_for("hand", spans)
