"""Pages with one of everything that a visitor can use; each shows what it was told last."""

from __future__ import annotations

from typing import ClassVar

import trio

from spindle import Contract, Delivery, Event, PageMachine, Port, Spindle, Yield, read, use
from spindle.view import (
    Markup,
    View,
    click,
    fields,
    link,
    on,
    on_complete,
    pointed,
    pressed,
    submit,
    typed,
)
from spindle.web import App, NotFound, Request


class Queued(Event):
    delivery: ClassVar = Delivery.QUEUE


class Newest(Event):
    delivery: ClassVar = Delivery.LATEST


class Counter(Contract):
    class Desk(Spindle[str]):
        class Filled(Queued):
            name: str = ""
            note: str = ""
            colour: str = ""
            size: str = ""
            wishes: tuple[str, ...] = ()
            extras: tuple[str, ...] = ()
            gift: bool = False
            secret: str = ""
            by: str = ""

        class Named(Newest):
            name: str = ""
            also: str = ""

        class Pressed(Queued):
            what: str

        class Pointed(Queued):
            x: float
            y: float

        class Answered(Event):
            answer: str = ""

        class Left(Queued):
            pass

        class AskMore(Yield[Filled | Named | Pressed | Pointed | Answered | Left]):
            told: tuple[str, ...]


Desk = Counter.Desk


class Clerk(Port):
    @read
    async def note(self, what: str) -> str: ...


class SlowClerk(Clerk):
    """Takes its time; stands before a closed door while `open` is not set."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.open = trio.Event()
        self.open.set()
        self.calls: list[str] = []

    async def note(self, what: str) -> str:
        self.calls.append(what)
        await trio.sleep(self.seconds)
        await self.open.wait()
        return what


async def desk() -> str:
    told: tuple[str, ...] = ()
    clerk = await use(Clerk)
    while True:
        event = await Desk.AskMore(told)
        if isinstance(event, Desk.Left):
            return "closed"
        if isinstance(event, Desk.Pressed) and event.what == "crash":
            raise RuntimeError("it fell down")
        told = (*told, await clerk.note(str(event)))


async def prepared() -> str:
    """Asks somebody before it asks the visitor."""
    await (await use(Clerk)).note("first")
    return await desk()


FORM = """
<form id="all" {form}>
  <label>Name <input {name} value="Ada"></label>
  <label for="note">Note</label><textarea id="note" {note}>a
b</textarea>
  <fieldset><label><input type="radio" {colour} value="red" checked> red</label>
    <label><input type="radio" {colour} value="blue"> blue</label></fieldset>
  <select {size}><option>S</option><option value="m" selected>Middle</option>
    <option value="l" disabled>Large</option></select>
  <select multiple {wishes}><option>a</option><option>b</option><option>c</option></select>
  <input type="checkbox" {extras} value="milk" aria-label="Milk">
  <input type="checkbox" {extras} value="sugar" aria-label="Sugar" checked>
  <label><input type="checkbox" {gift}> A gift</label>
  <input type="hidden" {secret} value="s3">
  <button {by} value="send">Send</button>
  <button {by} value="keep" id="keep">Keep <b>it</b></button>
  <fieldset disabled><input name="off" value="never"><button>In vain</button></fieldset>
  <button type="reset">Undo</button>
  <button type="button">Nothing</button>
</form>
<input form="all" name="note" aria-label="Outside" disabled>
"""

REST = """
<form id="typed" {typed_form}><input {name} aria-label="Typed name"></form>
<input id="alone" {alone} aria-label="Alone">
<div id="keys" tabindex="0" {key}>keys</div>
<button id="plus" {plus}><i>plus</i></button>
<button disabled {plus}>off</button> <button hidden {plus}>unseen</button>
<details><summary>More</summary><button id="inner" {plus}>inside</button></details>
<svg width="100" height="50" viewBox="0 0 10 5" id="plan" {plan}><circle r="1" cx="2" cy="2"/></svg>
<form id="answer" {answer}><input {answer_name} required aria-label="Answer">
  <button>Answer</button></form>
<form id="find" action="/other/found?x=y"><input name="deep" value="1"><button>Find</button></form>
<form id="post" method="post"><button>Post</button></form>
<label id="box"><input type="checkbox" {boxed}> box</label>
<nav><a {elsewhere}>elsewhere</a> <a {same}>same</a> <a href="#plan">down</a>
  <a href="https://example.org/">out</a> <a {nowhere}>nowhere</a>
  <a target="_blank" {same}>tab</a></nav>
<button {leave}>close</button><button {crash}>crash</button><p>words</p>
"""


class DeskView(View):
    told: tuple[str, ...] = ()
    outcome = ""

    @on(Desk.AskMore)
    def more(self, ask: Desk.AskMore) -> None:
        self.told = ask.told
        self.title = f"Told {len(ask.told)}"

    @on_complete(Desk)
    def left(self, outcome: str) -> None:
        self.outcome = outcome

    def render(self) -> Markup:
        if self.outcome:
            return Markup("<h1>{}</h1>").format(self.outcome)
        told = Markup().join(Markup("<li>{}</li>").format(each) for each in self.told)
        return Markup("<ol>{}</ol>{}{}").format(told, self.form(), self.rest())

    def form(self) -> Markup:
        it = fields(Desk.Filled)
        names = {
            each: Markup('name="{}"').format(getattr(it, each))
            for each in (
                "name",
                "note",
                "colour",
                "size",
                "wishes",
                "extras",
                "gift",
                "secret",
                "by",
            )
        }
        return Markup(FORM).format(form=submit(Desk.Filled), **names)

    def rest(self) -> Markup:
        return Markup(REST).format(
            typed_form=typed(Desk.Named),
            name=Markup('name="{}"').format(fields(Desk.Named).name),
            alone=Markup('name="{}" {}').format(fields(Desk.Named).also, typed(Desk.Named)),
            key=pressed("Escape", Desk.Pressed("escape")),
            plus=click(Desk.Pressed("plus")),
            plan=pointed(Desk.Pointed),
            answer=submit(Desk.Answered),
            answer_name=Markup('name="{}"').format(fields(Desk.Answered).answer),
            boxed=click(Desk.Pressed("box")),
            elsewhere=link("/other/{name}", name="b c", deep=True),
            same=link("/"),
            nowhere=link("/nowhere"),
            leave=click(Desk.Left()),
            crash=click(Desk.Pressed("crash")),
        )


def counter(clerk: Clerk | None = None) -> App:
    """An app with the page, another one, and some that come to nothing."""
    app = App(provide={Clerk: clerk or SlowClerk()})
    app.coroutine("/", desk, Desk, DeskView, title="Desk")

    @app.page("/other/{name}", Counter, DeskView, title="Other")
    async def other(page: PageMachine, request: Request, name: str, deep: bool = False) -> None:
        page.start(Desk, desk)

    @app.page("/broken", Counter, DeskView)
    async def broken(page: PageMachine, request: Request) -> None:
        raise LookupError("no such desk")

    @app.page("/missing", Counter, DeskView)
    async def missing(page: PageMachine, request: Request) -> None:
        raise NotFound("That desk was sold.")

    @app.page("/short", Counter, DeskView, title="Short")
    async def short(page: PageMachine, request: Request) -> None:
        page.start(Desk, desk)
        await trio.sleep(60)
        await page.cancel("closing time")

    @app.page("/slow", Counter, DeskView, title="Slow")
    async def slow(page: PageMachine, request: Request) -> None:
        await trio.sleep(1)
        page.start(Desk, prepared)

    return app
