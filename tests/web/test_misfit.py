"""A form whose controls are named wrongly, and events that come too late: the log says why."""

from __future__ import annotations

import logging
from typing import Annotated, Literal

import msgspec
import pytest

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Event, Yield
from spindle._runtime.page import PageMachine
from spindle.view import NOT_SENT, Markup, View, click, on, submit
from spindle.web.app import App
from spindle.web.http.request import Request
from spindle.web.live.misfit import misfit
from spindle.web.memory import Visitor
from spindle.web.site import open_site
from spindle.web.socket.protocol import EventSent
from tests.web.store import PATIENT
from tests.web.visitors import connected


class Place(msgspec.Struct, frozen=True):
    street: str


class Todo(Spindle[None]):
    class Added(Event):
        text: Annotated[str, msgspec.Meta(min_length=1)]
        due: str = ""

    class Chosen(Event):
        color: Literal["red", "blue"]
        sizes: list[str]
        gift: bool
        place: Place

    class Left(Event): ...

    class Asked(Yield[Added | Chosen | Left]): ...


class TodoView(View):
    @on(Todo.Asked)
    def asked(self, ask: Todo.Asked) -> None: ...

    def render(self) -> Markup:
        return Markup("<form {}></form><form {}></form><button {}>x</button>").format(
            submit(Todo.Added), submit(Todo.Chosen), click(Todo.Left())
        )


def todos() -> App:
    app = App(limits=PATIENT)

    @app.page("/", Todo, TodoView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Todo, asks)

    async def asks() -> None:
        while True:
            await Todo.Asked()

    return app


def said(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [
        each.getMessage()
        for each in caplog.records
        if (each.name, each.levelno) == ("spindle.web", level)
    ]


async def refused(visitor: Visitor, event: type[Event], fields: dict[str, str]) -> None:
    settled = await visitor.settled(await visitor.submit(event, fields))
    assert settled.settlement == "refused"
    await visitor.shows(NOT_SENT)


async def test_the_names_that_were_sent_and_those_there_are_stand_in_the_log_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_site(todos()) as site:
        visitor = await connected(site, "/")
        for text in "tea", "milk":
            await refused(visitor, Todo.Added, {"txt": text, "due": "today"})
        assert said(caplog, logging.WARNING) == [
            "/ #1: Todo.Added has the fields 'text', 'due'; its form sent 'txt', 'due': "
            "take the names of controls from fields(Todo.Added)"
        ]
        await refused(visitor, Todo.Chosen, {"colour": "red"})
        assert said(caplog, logging.WARNING)[1:] == [
            "/ #1: Todo.Chosen has the fields 'color', 'sizes', 'gift', 'place.street'; its form "
            "sent 'colour': take the names of controls from fields(Todo.Chosen)"
        ]
        other = await connected(site, "/")
        await refused(other, Todo.Added, {})
        assert said(caplog, logging.WARNING)[2:] == [
            "/ #2: Todo.Added has the fields 'text', 'due'; its form sent nothing: "
            "take the names of controls from fields(Todo.Added)"
        ]


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (Todo.Added, {"text": "", "due": ""}),
        (Todo.Added, {"text": "", "_charset_": "utf-8", "x": "3", "y": "4"}),
        (Todo.Chosen, {"place.street": "Main St"}),  # no color was chosen, and no size
    ],
)
async def test_nothing_is_said_of_what_the_visitor_left_out(
    caplog: pytest.LogCaptureFixture, event: type[Event], fields: dict[str, str]
) -> None:
    async with open_site(todos()) as site:
        await refused(await connected(site, "/"), event, fields)
        assert said(caplog, logging.WARNING) == []


def test_what_was_sent_is_quoted_and_not_too_much_of_it() -> None:
    sent = [(f"{number}\n" + "x" * 100, "") for number in range(30)]
    text = misfit(Todo.Added, sent, {"text": "Fill in this field."})
    assert text is not None
    assert "\n" not in text
    assert "and 10 more: take the names" in text
    assert len(text) < 3_000


def test_of_a_record_one_field_that_came_is_enough() -> None:
    faults = {"place.street": "Fill in this field."}
    assert misfit(Todo.Chosen, [("place.street", "")], faults) is None
    assert misfit(Todo.Chosen, [("gift", "on")], faults) is not None


async def test_an_event_that_comes_too_late_is_in_the_log_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="spindle.web")
    async with open_site(todos()) as site:
        visitor = await connected(site, "/")
        for seq in 1, 2:
            await visitor.send(EventSent(seq, "Todo.Left", to=1))
            await visitor.settled(seq)
        assert said(caplog, logging.INFO) == [
            "/ #1: 'Todo.Left' was refused: stale: yield 1 of Todo does not wait any more for "
            "Todo.Left"
        ]
