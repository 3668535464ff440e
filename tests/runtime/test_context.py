"""Context variables: each spindle has its own, as it was where it was started."""

from __future__ import annotations

from contextvars import ContextVar

import trio
import trio.testing

from spindle import fiber, fork, perform
from tests.drivers import Stage, under
from tests.talk import Bell, Desk

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


@under("hand", "hosted", "task")
async def test_K5_view_and_spindle_do_not_leak_into_each_other(page: Stage) -> None:
    seen: list[str] = []

    async def looks() -> None:
        seen.append(WHO.get())
        WHO.set("spindle")
        await Desk.Ask()
        seen.append(WHO.get())

    WHO.set("opener")
    page.start(Desk, looks)
    await page.settle()
    assert WHO.get() == "opener"
    WHO.set("view")
    page.resume(Desk.Told())
    await page.settle()
    assert seen == ["opener", "spindle"]
    assert WHO.get() == "view"
    WHO.set("nobody")


@under("hand", "hosted", "task")
async def test_K5_spindles_do_not_leak_into_each_other(page: Stage) -> None:
    seen: list[str] = []

    async def looks(name: str) -> None:
        WHO.set(name)
        await Desk.Ask()
        seen.append(f"{name} sees {WHO.get()}")

    for name in "ab":
        page.start(Desk, looks, name, instance=name)
    await page.settle()
    for name in "ab":
        page.resume(Desk.Told(), instance=name)
    await page.settle()
    assert seen == ["a sees a", "b sees b"]


@under("hosted", "task")
async def test_K5_a_call_sees_the_context_of_its_spindle(page: Stage) -> None:
    async def call() -> str:
        await trio.lowlevel.checkpoint()
        return WHO.get()

    async def looks() -> str:
        WHO.set("spindle")
        return await perform(call)

    page.start(Desk, looks)
    assert await page.hears() == ["Desk returned 'spindle'"]


@under("hand", "hosted", "task")
async def test_K5_forks_and_fibers_begin_with_the_context_of_the_moment(page: Stage) -> None:
    seen: list[str] = []

    async def looks(name: str) -> None:
        seen.append(f"{name} sees {WHO.get()}")
        WHO.set(name)

    async def forks() -> None:
        await Desk.Ask()
        WHO.set("forker")
        await fork(Bell, looks, "fork")
        await (await fiber(looks, "fiber")).result()
        await looks("forker")
        await (await fiber(looks, "second fiber")).result()

    page.start(Desk, forks)
    await page.settle()
    page.resume(Desk.Told())
    await page.settle()
    assert seen == [
        "fork sees forker",
        "fiber sees forker",
        "forker sees forker",
        "second fiber sees forker",
    ]
