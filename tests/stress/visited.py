"""Pages as users of the command have them, well and ill."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated

import msgspec
import trio

from spindle import ESCALATE, Contract, Event, PageMachine, Spindle, Yield, cleanup, sleep
from spindle.stress import PageLoad, SiteLoad
from spindle.view import Markup, View, click, on, on_complete, on_error, submit
from spindle.web import App, Limits, Request


class Desk(Contract):
    class Talk(Spindle[str]):
        class Said(Event):
            word: Annotated[str, msgspec.Meta(min_length=1)]

        class Left(Event):
            pass

        class Ask(Yield[Said | Left]):
            pass


Talk = Desk.Talk


async def talk() -> str:
    while True:
        match await Talk.Ask():
            case Talk.Said():
                pass
            case _:
                return "bye"


async def fails() -> str:
    await Talk.Ask()
    raise LookupError("no such word")


def ending_the_page() -> PageLoad:
    def start(page: PageMachine) -> None:
        page.start(Talk, talk, significant=True)

    return PageLoad(Desk, start, hosted=True)


def escalating() -> PageLoad:
    def start(page: PageMachine) -> None:
        page.start(Talk, fails, policy=ESCALATE)

    return PageLoad(Desk, start, hosted=True)


def well() -> PageLoad:
    return PageLoad(Desk, lambda page: _start(page, talk), hosted=True)


def failing() -> PageLoad:
    return PageLoad(Desk, lambda page: _start(page, fails))


def failing_on_purpose() -> PageLoad:
    return PageLoad(Desk, lambda page: _start(page, fails), expected=(LookupError,))


def _start(page: PageMachine, fn: object) -> None:
    page.start(Talk, fn)  # type: ignore[arg-type]  # one of the functions above


async def started_late() -> PageLoad:
    async def start(page: PageMachine) -> None:
        await trio.lowlevel.checkpoint()
        page.start(Talk, talk)

    await trio.lowlevel.checkpoint()
    return PageLoad(Desk, start)


def leaving_something() -> PageLoad:
    return PageLoad(Desk, lambda page: _start(page, talk), left=lambda page: ["a unit is reserved"])


def not_started() -> PageLoad:
    def start(page: PageMachine) -> None:
        raise LookupError("no database")

    return PageLoad(Desk, start)


@contextmanager
def not_put_back() -> Generator[PageLoad]:
    yield well()
    raise RuntimeError("a unit is not back on the shelf")


@asynccontextmanager
async def opened_and_closed() -> AsyncGenerator[PageLoad, None]:
    await trio.lowlevel.checkpoint()
    yield well()


# --- what does not end --------------------------------------------------------------------------


async def _never() -> str:
    try:
        await Talk.Ask()
    finally:
        async with cleanup(1000):
            await sleep(1000)
    return ""


def hanging() -> PageLoad:
    return PageLoad(Desk, lambda page: _start(page, _never))


async def _busy() -> str:
    while True:
        pass


def busy() -> PageLoad:
    return PageLoad(Desk, lambda page: _start(page, _busy))


def waiting() -> PageLoad:
    async def start(page: PageMachine) -> None:
        page.start(Talk, talk)
        await trio.sleep_forever()

    return PageLoad(Desk, start)


def leaking() -> PageLoad:
    """Of each page a task is left, which is no task of the page's own."""

    def start(page: PageMachine) -> None:
        page.start(Talk, talk)
        trio.lowlevel.spawn_system_task(trio.sleep_forever)

    return PageLoad(Desk, start)


def beginning_once() -> PageLoad:
    """The first page starts a task for all of them."""
    begun: list[object] = []

    def start(page: PageMachine) -> None:
        page.start(Talk, talk)
        if not begun:
            begun.append(trio.lowlevel.spawn_system_task(trio.sleep_forever))

    return PageLoad(Desk, start)


def sleeping_late() -> PageLoad:
    """The first pages need no clock."""
    pages = itertools.count()

    async def talks_then_sleeps() -> str:
        if next(pages) > 6:
            await sleep(0.001)
        return await talk()

    return PageLoad(Desk, lambda page: _start(page, talks_then_sleeps), hosted=True)


# --- what is heard elsewhere --------------------------------------------------------------------


class Stubborn:
    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        raise OSError("cannot be freed")


def unraisable() -> PageLoad:
    def start(page: PageMachine) -> None:
        page.start(Talk, talk)
        Stubborn()

    return PageLoad(Desk, start)


def unawaited() -> PageLoad:
    def start(page: PageMachine) -> None:
        page.start(Talk, talk)
        trio.sleep(1)  # type: ignore[unused-coroutine]  # noqa: ASYNC105

    return PageLoad(Desk, start)


def overrunning() -> PageLoad:
    """One that would be named: said here as the page says it, for it takes seconds there."""

    def start(page: PageMachine) -> None:
        page.start(Talk, talk)
        logging.getLogger("spindle").error("%s", "Desk.Talk is still there 5 s after it was ...")

    return PageLoad(Desk, start)


def interrupted() -> PageLoad:
    def start(page: PageMachine) -> None:
        raise KeyboardInterrupt

    return PageLoad(Desk, start)


# --- what cannot be played ----------------------------------------------------------------------


class Strict(Contract):
    class Odd(Spindle):
        class Given(Event):
            word: Annotated[str, msgspec.Meta(pattern="^(?=x)x")]

        class Ask(Yield[Given]):
            pass


def unmakeable() -> PageLoad:
    return PageLoad(Strict, lambda page: None)


def made_by_hand() -> PageLoad:
    async def odd() -> None:
        assert (await Strict.Odd.Ask()).word == "x"

    given = Strict.Odd.Given
    return PageLoad(
        Strict, lambda page: _start_odd(page, odd), values={given: lambda draw: given("x")}
    )


def _start_odd(page: PageMachine, fn: object) -> None:
    page.start(Strict.Odd, fn)  # type: ignore[arg-type]


def made_wrongly() -> PageLoad:
    return PageLoad(Strict, lambda page: None, values={Strict.Odd.Given: lambda draw: Talk.Left()})


# --- sites --------------------------------------------------------------------------------------


class DeskView(View):
    asked: Talk.Ask | None = None

    @on(Talk.Ask)
    def ask(self, ask: Talk.Ask) -> None:
        self.asked = ask

    @on_complete(Talk)
    def done(self, outcome: str) -> None:
        self.asked = None

    @on_error(Talk)
    def failed(self, error: Exception) -> None:
        self.asked = None

    def render(self) -> Markup:
        if self.asked is None:
            return Markup("<p>Bye</p>")
        return Markup("<form {}><input name='word'></form><button {}>Leave</button>").format(
            submit(Talk.Said, to=self.asked), click(Talk.Left(), to=self.asked)
        )


def site(fn: object = talk, **limits: float) -> App:
    app = App(limits=Limits(**limits))  # type: ignore[arg-type]

    @app.page("/desk/{number}", Desk, DeskView)
    async def mount(page: PageMachine, request: Request, number: int) -> None:
        _start(page, fn)

    @app.page("/broken", Desk, DeskView)
    async def broken(page: PageMachine, request: Request) -> None:
        raise LookupError("no such desk")

    return app


app = site()


def failing_site() -> SiteLoad:
    return SiteLoad(site(fails), ("/desk/1",))


def hasty_site() -> SiteLoad:
    return SiteLoad(site(frames_per_second=0.001, burst=1), ("/desk/1",))


def crowded_site() -> SiteLoad:
    """Of three visitors at a time, two find no room."""
    return SiteLoad(site(pages=1), ("/desk/1",))


def nothing() -> None:
    """Makes none."""


only = App()


@only.page("/desk/{number}", Desk, DeskView)
async def mount(page: PageMachine, request: Request, number: int) -> None:
    _start(page, talk)


def wrong_paths() -> SiteLoad:
    return SiteLoad(app, "/desk/1")  # type: ignore[arg-type]


def wrong_values() -> PageLoad:
    return PageLoad(Desk, lambda page: None, values={Strict.Odd.Given: lambda draw: Talk.Left()})
