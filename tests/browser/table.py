"""A page of its own: 200 rows, of which the server changes one when the test says so."""

from __future__ import annotations

import math
from itertools import starmap

import trio

from spindle import Notify, PageMachine, Port, Spindle, read, use
from spindle.view import Markup, View, on
from spindle.web import App, Request


class Table(Spindle):
    class Counted(Notify):
        row: int


class Ticks(Port):
    @read
    async def next(self) -> int:
        """Wait for the number of a row that counts one more."""


class Clock(Ticks):
    """Ticks when a test says so."""

    def __init__(self) -> None:
        self.tick, self._ticks = trio.open_memory_channel[int](math.inf)

    async def next(self) -> int:
        return await self._ticks.receive()


async def count() -> None:
    ticks = await use(Ticks)
    while True:
        await Table.Counted(await ticks.next())


class TableView(View):
    counts: tuple[int, ...] = (0,) * 200

    @on(Table.Counted)
    def counted(self, message: Table.Counted) -> None:
        before, after = self.counts[: message.row], self.counts[message.row + 1 :]
        self.counts = (*before, self.counts[message.row] + 1, *after)

    def render(self) -> Markup:
        return Markup(
            "<h1>Rows</h1><details><summary>More</summary>Details</details>"
            '<form><label>Note <input name="note"></label>'
            "<label>Essay <textarea></textarea></label></form><ul>{}</ul>"
        ).format(Markup().join(starmap(_row, enumerate(self.counts))))


def _row(number: int, times: int) -> Markup:
    return Markup('<li id="row-{}">Row {}, counted {} times</li>').format(number, number, times)


def table(clock: Clock) -> App:
    app = App(provide={Ticks: clock})

    @app.page("/", Table, TableView, title="Rows")
    async def rows(page: PageMachine, request: Request) -> None:
        page.start(Table, count)

    return app
