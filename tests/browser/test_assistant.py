"""The train desk in a browser: an answer is read while it is written, and stopped in its middle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest
import trio
from playwright.sync_api import expect
from trio.testing import wait_all_tasks_blocked

from examples.assistant.app import train_desk
from examples.assistant.script import ScriptedModel
from examples.assistant.talk import Piece, Turn, Words
from examples.assistant.timetable import TRAINS, Timetable
from tests.browser.states import SCREENS, States
from tests.browser.thread import serving

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.thread import ServerThread

TITLE = "Train desk"


class ModelWithDoor(ScriptedModel):
    """Says nothing after the word it is held at, until it may."""

    def __init__(self) -> None:
        super().__init__(TRAINS)
        self._held_at = ""
        self._door = trio.Event()

    async def next(self, talk: tuple[Turn, ...]) -> Piece:
        if self._held_at and talk[-1] == Words(f"{self._held_at} "):
            await self._door.wait()
        return await super().next(talk)

    def hold_at(self, word: str) -> None:
        self._held_at = word

    def let_go(self) -> None:
        self._held_at = ""
        self._door.set()
        self._door = trio.Event()


@pytest.fixture
def model() -> ModelWithDoor:
    return ModelWithDoor()


@pytest.fixture
def trains() -> Timetable:
    return Timetable()


@pytest.fixture
def server(model: ModelWithDoor, trains: Timetable, quiet_server: None) -> Iterator[ServerThread]:
    with serving(train_desk(model, trains)) as server:
        yield server
    assert trains.held == set()


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def talk(page: Page) -> Locator:
    return page.get_by_role("log", name="Conversation")


def question(page: Page, heading: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("region", name=heading)


def up_to_approval(page: Page, url: str) -> Locator:
    page.goto(url)
    say(page, "To Ulm, please")
    question(page, "Which one?").get_by_role("button", name="8:04").click()
    approval = question(page, "Buy this ticket for €49.00?")
    expect(approval).to_be_visible()
    return approval


def test_a_visitor_buys_a_ticket(visitor: Page, server: ServerThread, trains: Timetable) -> None:
    approval = up_to_approval(visitor, server.url)
    expect(visitor).to_have_title(TITLE)
    assert len(trains.held) == 1
    approval.get_by_role("button", name="Yes, buy it").click()
    expect(talk(visitor)).to_contain_text("Have a good journey!")
    expect(talk(visitor)).to_contain_text("ICE 512 to Ulm, tomorrow at 8:04, seat 1.")
    expect(visitor.get_by_role("button", name="Stop")).to_have_count(0)
    expect(visitor.get_by_label("Your message")).to_have_value("")
    assert len(trains.sold) == 1


def test_an_answer_is_seen_while_it_is_written_and_can_be_stopped(
    visitor: Page, server: ServerThread, model: ModelWithDoor
) -> None:
    visitor.goto(server.url)
    server.call(model.hold_at, "There")
    say(visitor, "To Ulm")
    expect(talk(visitor)).to_contain_text("Let me see. There")
    expect(talk(visitor)).to_have_attribute("aria-busy", "true")
    visitor.get_by_label("Your message").fill("half a sen")
    visitor.get_by_role("button", name="Stop").click()
    expect(talk(visitor)).to_contain_text("Stopped.")
    expect(talk(visitor)).not_to_contain_text("There are")
    expect(visitor.get_by_label("Your message")).to_have_value("half a sen")
    expect(visitor.get_by_role("button", name="Stop")).to_have_count(0)


def test_what_is_typed_while_an_answer_is_written_stays_and_takes_its_place(
    visitor: Page, server: ServerThread, model: ModelWithDoor
) -> None:
    visitor.goto(server.url)
    server.call(model.hold_at, "There")
    say(visitor, "To Ulm")
    expect(talk(visitor)).to_contain_text("There")
    visitor.get_by_label("Your message").press_sequentially("No, to ")
    server.call(model.let_go)
    expect(question(visitor, "Which one?")).to_be_visible()
    expect(visitor.get_by_label("Your message")).to_be_focused()
    visitor.get_by_label("Your message").press_sequentially("Jena")
    expect(visitor.get_by_label("Your message")).to_have_value("No, to Jena")
    visitor.keyboard.press("Enter")
    expect(talk(visitor)).to_contain_text("trains to Jena")
    expect(question(visitor, "Which one?").get_by_role("button")).to_have_count(2)
    expect(visitor.get_by_label("Your message")).to_have_value("")


def test_what_is_said_in_quick_succession_is_all_heard(visitor: Page, server: ServerThread) -> None:
    visitor.goto(server.url)
    visitor.get_by_label("Your message").press_sequentially("Good morning\nTo Ulm\nNo, to Bremen\n")
    said = ["You: Good morning", "You: To Ulm", "You: No, to Bremen"]
    expect(talk(visitor).locator(".by-visitor")).to_have_text(said)
    expect(visitor.get_by_label("Your message")).to_have_value("")


def test_closing_the_tab_gives_the_seat_back(
    visitor: Page, server: ServerThread, trains: Timetable
) -> None:
    up_to_approval(visitor, server.url)
    visitor.goto("about:blank")

    async def given_back() -> None:
        while trains.held:
            await wait_all_tasks_blocked()

    server.wait(given_back)
    assert sum(trains.free.values()) == 40 * len(TRAINS)


def test_P9_a_ticket_by_keyboard_alone(
    visitor: Page, server: ServerThread, model: ModelWithDoor, trains: Timetable
) -> None:
    keys = visitor.keyboard
    visitor.goto(server.url)
    expect(visitor.get_by_label("Your message")).to_be_focused()
    server.call(model.hold_at, "are")
    keys.type("to ulm")
    keys.press("Enter")
    expect(talk(visitor)).to_contain_text("There are")
    expect(visitor.get_by_label("Your message")).to_be_focused()
    server.call(model.let_go)
    expect(question(visitor, "Which one?")).to_be_visible()
    expect(visitor.get_by_label("Your message")).to_be_focused()
    for _ in ("Stop", "9:31", "8:04"):
        keys.press("Shift+Tab")
    expect(visitor.get_by_role("button", name="8:04")).to_be_focused()
    keys.press("Enter")
    expect(visitor.get_by_role("heading", name="Buy this ticket")).to_be_focused()
    keys.press("Tab")
    expect(visitor.get_by_role("button", name="Yes, buy it")).to_be_focused()
    keys.press("Space")
    expect(talk(visitor)).to_contain_text("Have a good journey!")
    assert len(trains.sold) == 1


def test_P9_escape_in_the_field_stops_the_answer(
    visitor: Page, server: ServerThread, model: ModelWithDoor
) -> None:
    visitor.goto(server.url)
    server.call(model.hold_at, "There")
    say(visitor, "To Ulm")
    expect(talk(visitor)).to_contain_text("There")
    visitor.get_by_label("Your message").press("Escape")
    expect(talk(visitor)).to_contain_text("Stopped.")


@SCREENS
def test_P9_every_state_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor,
    server: ServerThread,
    model: ModelWithDoor,
    width: int,
    colours: Literal["light", "dark"],
) -> None:
    visitor = new_visitor(
        viewport={"width": width, "height": 800}, color_scheme=colours, reduced_motion="reduce"
    )
    states = States(visitor, f"{width}-{colours}")

    visitor.goto(server.url)
    states.check("assistant-1-welcome", TITLE)
    say(visitor, " ")
    expect(visitor.locator("[aria-invalid]")).to_have_count(1)
    states.check("assistant-2-nothing-said", TITLE)
    server.call(model.hold_at, "are")
    say(visitor, "I need to be in Ulm before ten")
    expect(talk(visitor)).to_contain_text("There are")
    states.check("assistant-3-writing", TITLE)
    server.call(model.let_go)
    expect(question(visitor, "Which one?")).to_be_visible()
    states.check("assistant-4-which", TITLE)
    visitor.get_by_role("button", name="8:04").click()
    approval = question(visitor, re.compile("^Buy this ticket"))
    expect(approval).to_be_visible()
    states.check("assistant-5-approval", TITLE)
    approval.get_by_role("button", name="Yes").click()
    expect(talk(visitor)).to_contain_text("Have a good journey!")
    states.check("assistant-6-ticket", TITLE)
    server.call(model.hold_at, "are")
    say(visitor, "And on to Jena?")
    expect(visitor.get_by_role("button", name="Stop")).to_be_visible()
    visitor.get_by_role("button", name="Stop").click()
    expect(talk(visitor)).to_contain_text("Stopped.")
    states.check("assistant-7-stopped", TITLE)
