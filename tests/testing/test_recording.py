"""The conversation of a page, printed."""

from __future__ import annotations

from textwrap import dedent

from spindle import Coroutine, cleanup, perform
from spindle.testing import HandPage, Recording
from tests.drivers import Stage, under
from tests.talk import Desk, Talk, ask_once


class Unspeakable(Exception):
    def __repr__(self) -> str:
        raise ValueError("no repr")


async def fails() -> None:
    raise Unspeakable


async def every_line(word: str) -> None:
    await Desk.Said(word)
    try:
        await perform(fails)
    except Unspeakable:
        await perform(succeeds, "x" * 200)
    await Desk.Ask()
    try:
        await Desk.Ask(2)
    finally:
        async with cleanup(1):
            await Desk.Ask(3)


async def succeeds(word: str) -> str:
    return word


def test_every_kind_of_line() -> None:
    recording = Recording()
    page = HandPage(Talk, journal=recording)
    page.start(Desk, every_line, "hi", instance="left")
    page.resume(Desk.Told("a"), instance="left", yield_id=1)
    page.resume(Desk.Told("b"), instance="left", yield_id=1)
    page.start(Desk, fails)
    page.cancel("closing time")
    assert str(recording) == "\n".join(recording.lines())
    long = "x" * 98
    assert str(recording) == dedent(
        f"""\
        Desk[left]               started as every_line('hi')
        Desk[left]               -> Said(word='hi')
        Desk[left]               -> fails()
        Desk[left]               <- fails raised <Unspeakable, whose repr fails>
        Desk[left]               -> succeeds('{long}…)
        Desk[left]               <- succeeds returned '{long}…
        Desk[left]               -> Ask(number=1)   (yield 1)
        view                     <- Told(word='a')   (for yield 1)
        view                     .. Told handled
        Desk[left]               -> Ask(number=2)   (yield 2)
        view                     <- Told(word='b')   (for yield 1)
        view                     .. Told refused: stale: yield 1 of Talk.Desk['left'] does not wait\
 any more for Talk.Desk.Told
        Desk                     started as fails()
        Desk                     -> failed: <Unspeakable, whose repr fails>
        page                     <- cancelled: closing time
        Desk[left]               -> withdrawn: Ask(number=2)   (yield 2)
        Desk[left]               -> Ask(number=3)   (yield 3)
        clock                    <- a deadline passed
        Desk[left]               -> withdrawn: Ask(number=3)   (yield 3)
        Desk[left]               -> cancelled: closing time"""
    )


def test_a_coroutine_by_hand_tells_it_too() -> None:
    recording = Recording()
    fiber = Coroutine(ask_once, journal=recording)
    fiber.run()
    fiber.run(Desk.Told("a"))
    assert recording.lines() == [
        "spindle                  started as ask_once()",
        "Desk                     -> Ask(number=1)   (yield 1)",
        "view                     <- Told(word='a')   (for yield 1)",
        "Desk                     -> completed: 'a'",
    ]


@under("hand", "hosted", "task")
async def test_a_page_records_under_every_driver(page: Stage) -> None:
    page.start(Desk, ask_once)
    await page.settle()
    page.resume(Desk.Told("a"))
    await page.settle()
    assert page.recording.lines() == [
        "Desk                     started as ask_once()",
        "Desk                     -> Ask(number=1)   (yield 1)",
        "view                     <- Told(word='a')",
        "view                     .. Told handled",
        "Desk                     -> completed: 'a'",
    ]


def test_a_page_that_is_being_stopped() -> None:
    recording = Recording()
    page = HandPage(Talk, journal=recording)
    page.start(Desk, ask_once)
    page.stop("new version", grace=1)
    assert recording.lines()[2:] == [
        "page                     <- being stopped: new version",
        "Desk                     -> withdrawn: Ask(number=1)   (yield 1)",
        "Desk                     -> cancelled: new version",
        "page                     <- cancelled: new version",
    ]
