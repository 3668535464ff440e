"""The seven on one site, and the page that leads to them."""

from __future__ import annotations

from pathlib import Path

from examples.sevenguis.booker import Booker, BookerView, booker
from examples.sevenguis.cells import Cells, CellsView, cells
from examples.sevenguis.circles import Circles, CirclesView, circles
from examples.sevenguis.counter import Counter, CounterView, counter
from examples.sevenguis.crud import Crud, CrudView, crud
from examples.sevenguis.temperature import Temperature, TemperatureView, temperature
from examples.sevenguis.timer import Timer, TimerView, timer
from spindle import Notify, Spindle
from spindle.view import Markup, View, on
from spindle.web import App

__all__ = ["PAGES", "seven_guis"]

STYLESHEET = Path(__file__).with_name("style.css")
PAGES = {
    "counter": ("Counter", "a local variable remembers"),
    "temperature": ("Temperature Converter", "decoding is the validation"),
    "booker": ("Flight Booker", "what depends on what is plain code"),
    "timer": ("Timer", "time is one more thing to wait for"),
    "crud": ("CRUD", "a form with several buttons, a list with a filter"),
    "circles": ("Circle Drawer", "a dialog is a function that is awaited"),
    "cells": ("Cells", "a large page is cheap"),
}


class Index(Spindle):
    """The page that leads to the others."""

    class Shown(Notify):
        """Where each is, what it is called and what it teaches."""

        pages: tuple[tuple[str, str, str], ...]


async def index() -> None:
    """Show what there is."""
    await Index.Shown(tuple((path, *about) for path, about in PAGES.items()))


class IndexView(View):
    """The way to each."""

    pages: tuple[tuple[str, str, str], ...] = ()

    @on(Index.Shown)
    def shown(self, message: Index.Shown) -> None:
        """Show what there is."""
        self.pages = message.pages

    def render(self) -> Markup:
        """Render a link for each, with what it teaches."""
        links = (
            Markup('<li><a href="/{}">{}</a><span>{}</span></li>').format(*page)
            for page in self.pages
        )
        return Markup("<main><h1>7GUIs</h1><ol>{}</ol></main>").format(Markup().join(links))


def seven_guis() -> App:
    """Make the site."""
    app = App()
    app.coroutine("/", index, Index, IndexView, title="7GUIs", stylesheet=STYLESHEET)
    for path, fn, block, view in (
        ("counter", counter, Counter, CounterView),
        ("temperature", temperature, Temperature, TemperatureView),
        ("booker", booker, Booker, BookerView),
        ("timer", timer, Timer, TimerView),
        ("crud", crud, Crud, CrudView),
        ("circles", circles, Circles, CirclesView),
        ("cells", cells, Cells, CellsView),
    ):
        app.coroutine(f"/{path}", fn, block, view, title=PAGES[path][0], stylesheet=STYLESHEET)
    return app
