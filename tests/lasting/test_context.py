"""D1, D5: context variables, which no log keeps."""

from __future__ import annotations

from contextvars import ContextVar
from decimal import Decimal, localcontext
from typing import Any

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Contract,
    DurableHost,
    Event,
    PageMachine,
    Spindle,
    TracedSpindle,
    Tracer,
    Yield,
    fork,
    mark,
    open_durable_host,
)
from spindle.durable import MemoryStore
from tests.lasting.prefixes import standing

TENANT = ContextVar("tenant", default="nobody")
SPAN = ContextVar[str]("span")


class Office(Contract):
    class Clerk(Spindle[None]):
        class Go(Event): ...

        class Ask(Yield[Go]):
            tenant: str

    class Aide(Spindle[None]):
        class Go(Event): ...

        class Ask(Yield[Go]):
            tenant: str


Clerk, Aide = Office.Clerk, Office.Aide


async def asks() -> None:
    while True:
        await mark()
        await Clerk.Ask(TENANT.get())


async def aids() -> None:
    while True:
        await mark()
        await Aide.Ask(TENANT.get())


async def has_an_aide(turn: int) -> None:
    TENANT.set("Ada")
    while True:
        await mark(turn)
        if turn == 0:
            await fork(Aide, aids)
        await Clerk.Ask("")
        turn += 1


async def resets() -> None:
    while True:
        await mark()
        token = TENANT.set("Ada")
        word = TENANT.get()
        TENANT.reset(token)
        await Clerk.Ask(word)


async def computes() -> None:
    while True:
        await mark()
        with localcontext() as context:
            context.prec = 3
            await Clerk.Ask(str(Decimal(1) / 3))


class Spans(Tracer):
    def spindle_started(self, spindle: TracedSpindle) -> None:
        spindle.context.run(SPAN.set, spindle.name)


async def opened(host: DurableHost, fn: Any, *args: object) -> PageMachine:
    page = await host.create(Office, "page")
    page.start(Clerk, fn, *args)
    await wait_all_tasks_blocked()
    return page


async def shortened(store: MemoryStore, host: DurableHost, page: PageMachine) -> bool:
    """Whether its log has begun anew by the end of a turn; it stands as it did."""
    page.resume(Clerk.Go())
    await wait_all_tasks_blocked()
    before = standing(page)
    await host.put_away("page")
    page = await host.take_up("page")
    assert standing(page) == before
    kept = await store.look("page")
    return kept.snapshot is not None


async def test_K5_spindles_of_a_lasting_page_begin_without_context_variables() -> None:
    """What the program has set where they are started, another that goes on with them has not."""
    store = MemoryStore()
    token = TENANT.set("of the request")
    try:
        async with open_durable_host(store, wake=None, snapshot_every=1) as host:
            page = await opened(host, asks)
            assert page.pending()[0][1] == Clerk.Ask("nobody")
            assert await shortened(store, host, page)
    finally:
        TENANT.reset(token)


async def test_D5_a_context_variable_that_is_set_puts_it_off(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("spindle._lasting.stored_log.VERY_LONG", 3)
    store = MemoryStore()
    async with open_durable_host(store, wake=None, snapshot_every=1) as host:
        page = await opened(host, has_an_aide, 0)
        assert {ask.tenant for _, ask in page.pending()} == {"", "Ada"}  # type: ignore[attr-defined]
        for _ in range(3):
            page.resume(Clerk.Go())
            await wait_all_tasks_blocked()
        assert not await shortened(store, host, page)
        assert "has the context variable 'tenant', which no mark keeps" in caplog.text
    caplog.clear()


@pytest.mark.parametrize("fn", [resets, computes])
async def test_D5_one_that_was_reset_and_that_of_decimals_do_not(fn: Any) -> None:
    store = MemoryStore()
    async with open_durable_host(store, wake=None, snapshot_every=1) as host:
        assert await shortened(store, host, await opened(host, fn))


async def test_D5_those_that_a_tracer_sets_do_not() -> None:
    store = MemoryStore()
    async with open_durable_host(store, wake=None, snapshot_every=1, tracer=Spans()) as host:
        page = await opened(host, asks)
        assert await shortened(store, host, page)
