"""D1: a fault of Spindle's own ends the page that it befalls, as a crash would; no other."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import DurableHost, PageClosed, PageMachine, open_durable_host
from spindle._core.kernel.kernel import Kernel
from spindle._core.replay.stretches import Stretches
from spindle._lasting.page import LastingPage
from spindle._lasting.stored_log import StoredLog
from spindle.durable import MemoryStore, PageStatus
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.prefixes import driver_of, received


class Fault(Exception):
    """None that anybody expects."""


async def opened(host: DurableHost, name: str) -> PageMachine:
    page = await host.create(Counting, name)
    page.start(Counter, count, 1)
    await wait_all_tasks_blocked()
    assert len(received(page)) == 1
    return page


@pytest.mark.parametrize(
    ("where", "what", "event"),
    [
        (StoredLog, "keep", Counter.Done()),
        (StoredLog, "is_long", Counter.Done()),
        (LastingPage, "resume", Counter.Add(1)),
        (Kernel, "fire_due", Counter.Wait(1)),
        (Stretches, "done", Counter.Add(1)),
        (Kernel, "call_ended", Counter.Add(1)),
    ],
)
async def test_D1_a_fault_of_its_own_ends_a_page_alone(
    where: type,
    what: str,
    event: Any,
    caplog: pytest.LogCaptureFixture,
    autojump_clock: MockClock,
) -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}, wake=None) as host:
        page, other = await opened(host, "one"), await opened(host, "two")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(where, what, _fails_on(driver_of(page), getattr(where, what)))
            receipt = page.resume(event)
            with pytest.raises(PageClosed, match=r"it has failed: Fault\("):
                await page.wait()
        assert host.pages == ("two",)
        assert "a page has failed in Spindle itself" in caplog.text
        caplog.clear()
        assert received(page) == []
        if what in ("keep", "resume", "done"):
            with pytest.raises(PageClosed, match=r"it has failed: Fault\("):
                await receipt.settled()
        await host.put_away("one")
        (parked,) = await store.pages(PageStatus.PARKED)
        assert parked.page == "one"
        assert parked.wake_at is not None  # the next host tries it
        again = await host.take_up("one")
        assert "Ask(total=1)" in received(again)[0]
        await trio.sleep(1)
        for each in (other, again):
            each.resume(Counter.Done())
            await each.wait()


def _fails_on(page: LastingPage, sound: Any) -> Any:
    if isinstance(sound, property):
        return property(_fails_on(page, sound.fget))

    def failing(self: Any, *args: Any) -> object:
        if self in (page, page.log, page.kernel, page.stretches):
            raise Fault
        return sound(self, *args)

    return failing


async def test_D1_a_fault_beside_its_turns_ends_a_page_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In what was held back until it is kept."""
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        page, other = await opened(host, "one"), await opened(host, "two")
        monkeypatch.setattr(LastingPage, "_show", _fails_on(driver_of(page), LastingPage._show))
        for each in (page, other):
            each.resume(Counter.Add(1))
        await wait_all_tasks_blocked()
        assert host.pages == ("two",)
        assert "a page has failed in Spindle itself" in caplog.text
        assert "total=4" in str(received(other))
    caplog.clear()


async def test_D1_a_fault_after_a_crash_ends_a_page_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is noted that it has come to rest."""
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        await opened(host, "one")
        store = store.restarted()
    monkeypatch.setattr(LastingPage, "note_rest", _raises)
    async with open_durable_host(store, provide={Shop: Till()}, wake=None) as host:
        await host.take_up("one")
        await wait_all_tasks_blocked()
        assert host.pages == ()
        assert "a page has failed in Spindle itself" in caplog.text
    caplog.clear()


async def test_D1_a_start_that_breaks_its_page_is_refused(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_durable_host(MemoryStore(), provide={Shop: Till()}, wake=None) as host:
        page = await host.create(Counting, "one")
        monkeypatch.setattr(LastingPage, "resume", _raises)
        with pytest.raises(PageClosed, match="was not started: it has failed"):
            page.start(Counter, count, 1)
    caplog.clear()


def _raises(*_: object) -> None:
    raise Fault
