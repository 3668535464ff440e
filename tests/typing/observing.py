"""What the checkers infer of pages that are observed; each line is checked by both."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import assert_type

from spindle import (
    Ask,
    AsyncCoroutine,
    Branch,
    Cancelled,
    Completed,
    Errored,
    PageMachine,
    PageStatistics,
    Snapshot,
    Source,
    SpindleFilter,
    TracedCall,
    TracedPage,
    TracedSpindle,
    TracedYield,
    Tracer,
    Tree,
    open_coroutine,
    open_host,
    open_page,
)
from spindle.opentelemetry import SpanTracer
from spindle.testing import HandPage
from spindle.web import App
from tests.typing.store import Store
from tests.typing.wizard import User, wizard


class Follows(Tracer):
    def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
        assert_type(page.name, str)

    def spindle_ended(
        self, spindle: TracedSpindle, outcome: Completed[object] | Errored | Cancelled
    ) -> None:
        assert_type(spindle.page, TracedPage)
        assert_type(spindle.source, Source)

    def yield_announced(self, asked: TracedYield) -> None:
        assert_type(asked.ask, Ask)
        assert_type(asked.yield_id, int)

    def call(self, call: TracedCall) -> AbstractContextManager[None]:
        return self._around(call)

    @contextmanager
    def _around(self, call: TracedCall) -> Generator[None]:
        assert_type(call.cancelled, Cancelled | None)
        yield


async def pages(machine: PageMachine, runner: AsyncCoroutine[User]) -> None:
    assert_type(machine.tree(), Tree)
    assert_type(machine.tree().spindles, tuple[Branch, ...])
    assert_type(machine.tree().spindles[0].since, float | None)
    assert_type(machine.statistics(), PageStatistics)
    assert_type(machine.snapshot(), Snapshot)
    assert_type(machine.snapshot().statistics.pending, int)
    assert_type(machine.name, str)
    assert_type(runner.tree(), Tree)


async def followed() -> None:
    async with open_page(Store, tracer=Follows(), name="shop") as page:
        assert_type(page, PageMachine)
    async with open_host() as host:
        assert_type(host.open(Store, tracer=SpanTracer()), PageMachine)
    async with open_coroutine(wizard, tracer=SpanTracer()) as runner:
        assert_type(runner.tree(), Tree)


def by_hand() -> None:
    with HandPage(Store, tracer=Follows(), name="shop") as page:
        assert_type(page.tree(), Tree)
        assert_type(page.statistics(), PageStatistics)


def served(handler: logging.Handler) -> App:
    handler.addFilter(SpindleFilter())
    return App(tracer=SpanTracer())
