"""The approval of a purchase outlives the server: the visitor comes back, and decides."""

from __future__ import annotations

import pytest
from trio.testing import MockClock

from examples.assistant.app import train_desk
from examples.assistant.script import ScriptedModel
from examples.assistant.talk import Seat, Ticket, Train
from examples.assistant.timetable import TRAINS, Timetable
from spindle.durable import MemoryStore
from spindle.testing.client import Tab, open_client
from spindle.web import App

QUESTION = "Buy this ticket for €49.00?"


class Railway(Timetable):
    """Notes what it was asked for; it outlives the servers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def hold(self, train: Train) -> Seat | None:
        self.asked.append("hold")
        return await super().hold(train)

    async def buy(self, seat: Seat) -> Ticket:
        self.asked.append("buy")
        return await super().buy(seat)


def desk(railway: Railway, store: MemoryStore) -> App:
    return train_desk(ScriptedModel(TRAINS), railway, store)


async def up_to_approval(tab: Tab) -> None:
    await tab.submit("form", {"text": "A train to Ulm, please"})
    await tab.click("button:text('8:04')")
    assert QUESTION in tab.text()


@pytest.mark.parametrize(("button", "end"), [("Yes", "Number 1, €49.00 paid."), ("No", "nothing")])
async def test_D1_an_approval_outlives_the_server(
    autojump_clock: MockClock, button: str, end: str
) -> None:
    railway, store = Railway(), MemoryStore()
    async with open_client(desk(railway, store)) as client:
        tab = await client.visit("/")
        await up_to_approval(tab)
        link, conversation = tab.url, tab.text("[role=log]")
        store = store.restarted()  # killed: what its end may do is kept nowhere
    async with open_client(desk(railway, store)) as client:
        tab = await client.visit(link)
        assert tab.text("[role=log]") == conversation
        await tab.click(f"button:text('{button}')")
        assert end in tab.text("[role=log]")
    async with open_client(desk(railway, store)) as client:
        tab = await client.visit(link)
        assert end in tab.text("[role=log]")
        await tab.submit("form", {"text": "A train to Jena, please"})
        assert "Which one?" in tab.text()
    assert railway.asked == (["hold", "buy"] if button == "Yes" else ["hold"])
    assert railway.held == set()
