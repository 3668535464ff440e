"""The application for a passport in a browser: forms, choices, the way back, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from examples.passport.app import passport_site
from examples.passport.office import SqliteOffice, open_office
from spindle.durable import MemoryStore
from tests.browser.states import States
from tests.browser.thread import ServerThread, serving
from tests.browser.visits import expect_heading

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor

NAME, BORN = "What is your name?", "When were you born?"
HEIGHT, BEFORE = "How tall are you?", "Have you had a passport before?"
OLD, SPEED = "What is the number of your passport?", "How soon do you need it?"
REVIEW, THANKS = "Is this right?", "Thank you. Your application is with us."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SqliteOffice]:
    with open_office(tmp_path / "office.db", lambda: date(2025, 3, 1)) as office:
        yield office


@pytest.fixture
def server(office: SqliteOffice, quiet_server: None) -> Iterator[ServerThread]:
    with serving(passport_site(office, MemoryStore())) as server:
        yield server


def begin(page: Page, server: ServerThread) -> None:
    page.goto(f"{server.url}/passport")
    expect_heading(page, NAME)


def answer(page: Page, question: str, given: str) -> None:
    """Fill in the field that the question labels."""
    expect_heading(page, question)
    page.get_by_label(question).fill(given)
    go_on(page)


def choose(page: Page, question: str, option: str) -> None:
    expect_heading(page, question)
    page.get_by_role("group", name=question).get_by_label(option).check()
    go_on(page)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()


def back(page: Page) -> None:
    page.get_by_role("button", name="Back").click()


def up_to_old(page: Page) -> None:
    answer(page, NAME, "Ada Lovelace")
    answer(page, BORN, "1990-12-10")
    answer(page, HEIGHT, "168")
    choose(page, BEFORE, "Yes, and I have it")
    expect_heading(page, OLD)


def test_an_application_from_the_first_question_to_the_receipt(
    visitor: Page, server: ServerThread
) -> None:
    begin(visitor, server)
    up_to_old(visitor)
    answer(visitor, OLD, "k12345678")
    choose(visitor, SPEED, "Express")
    expect_heading(visitor, REVIEW)
    visitor.get_by_role("button", name="Send it for €84.00").click()
    expect_heading(visitor, THANKS)
    expect(visitor.get_by_text("4 March 2025")).to_be_visible()


def test_what_is_wrong_stands_at_its_question_and_can_be_mended(
    visitor: Page, server: ServerThread
) -> None:
    begin(visitor, server)
    up_to_old(visitor)
    number = visitor.get_by_label(OLD)
    answer(visitor, OLD, "12")
    expect(number).to_have_accessible_description(
        "Enter a letter and eight digits, such as K12345678."
    )
    expect(number).to_have_value("12")
    answer(visitor, OLD, "K00000000")
    expect(number).to_have_accessible_description("There is no passport K00000000.")
    expect(number).to_have_value("K00000000")
    expect(number).to_be_focused()
    answer(visitor, OLD, "K12345678")
    expect_heading(visitor, SPEED)


def test_the_way_back_finds_the_answers_that_were_given(
    visitor: Page, server: ServerThread
) -> None:
    begin(visitor, server)
    up_to_old(visitor)
    back(visitor)
    expect_heading(visitor, BEFORE)
    expect(visitor.get_by_label("Yes, and I have it")).to_be_checked()
    back(visitor)
    expect(visitor.get_by_label(HEIGHT)).to_have_value("168")
    back(visitor)
    expect(visitor.get_by_label(BORN)).to_have_value("1990-12-10")
    answer(visitor, BORN, "1991-12-10")
    go_on(visitor)  # as tall as before
    choose(visitor, BEFORE, "Yes, but it is lost")
    choose(visitor, SPEED, "Normal")
    expect_heading(visitor, REVIEW)
    visitor.get_by_role("button", name="Change: Name").click()
    expect(visitor.get_by_label(NAME)).to_have_value("Ada Lovelace")
    answer(visitor, NAME, "Ada King")
    expect_heading(visitor, REVIEW)
    for said in "Ada King", "10 December 1991", "168 cm", "Lost", "Normal":
        expect(visitor.get_by_role("definition").filter(has_text=said)).to_be_visible()


def test_P9_an_application_by_keyboard_alone(visitor: Page, server: ServerThread) -> None:
    keys = visitor.keyboard
    begin(visitor, server)
    for question, typed in (NAME, "Ada"), (BORN, "12101990"), (HEIGHT, "168"):
        expect_heading(visitor, question)
        expect(visitor.get_by_label(question)).to_be_focused()
        keys.type(typed)
        keys.press("Enter")
    expect_heading(visitor, BEFORE)
    expect(visitor.get_by_role("heading", level=1)).to_be_focused()
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    expect_heading(visitor, SPEED)
    keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect_heading(visitor, REVIEW)
    visitor.get_by_role("button", name="Send it").focus()
    keys.press("Enter")
    expect_heading(visitor, THANKS)


@pytest.mark.parametrize(("width", "colours"), [(390, "dark"), (390, "light"), (1280, "light")])
def test_P9_every_question_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor,
    server: ServerThread,
    width: int,
    colours: Literal["light", "dark"],
) -> None:
    page = new_visitor(
        viewport={"width": width, "height": 844}, color_scheme=colours, reduced_motion="reduce"
    )
    states = States(page, f"{width}-{colours}")
    begin(page, server)
    states.check("passport-1-name", NAME)
    answer(page, NAME, "Ada Lovelace")
    answer(page, BORN, "2190-12-10")
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    states.check("passport-2-born-wrong", BORN)
    answer(page, BORN, "1990-12-10")
    answer(page, HEIGHT, "168")
    go_on(page)
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    states.check("passport-4-choose", BEFORE)
    choose(page, BEFORE, "Yes, and I have it")
    answer(page, OLD, "K00000000")
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    states.check("passport-5-old-unknown", OLD)
    answer(page, OLD, "K12345678")
    states.check("passport-6-speed", SPEED)
    choose(page, SPEED, "Express")
    states.check("passport-7-review", REVIEW)
    page.get_by_role("button", name="Send it").click()
    states.check("passport-8-thanks", THANKS)
