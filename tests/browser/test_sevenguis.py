"""The seven tasks in a browser: what a mouse does, and a keyboard, and how it looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from examples.sevenguis.site import PAGES, seven_guis
from tests.browser.frames import Frames
from tests.browser.states import SCREENS, States
from tests.browser.thread import serving

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.thread import ServerThread


@pytest.fixture
def server(quiet_server: None) -> Iterator[ServerThread]:
    with serving(seven_guis()) as server:
        yield server


@pytest.fixture
def at(visitor: Page, server: ServerThread) -> Callable[[str], Page]:
    def go(path: str) -> Page:
        visitor.goto(f"{server.url.rstrip('/')}/{path}")
        expect(visitor.get_by_role("heading", level=1)).to_have_text(PAGES[path][0])
        return visitor

    return go


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_the_index_leads_to_each_and_back(visitor: Page, server: ServerThread) -> None:
    visitor.goto(server.url)
    for name, _ in PAGES.values():
        visitor.get_by_role("link", name=name, exact=True).click()
        expect(visitor.get_by_role("heading", level=1)).to_have_text(name)
        expect(visitor).to_have_title(name)
        visitor.get_by_role("link", name="7GUIs").click()
        expect(visitor.get_by_role("heading", level=1)).to_have_text("7GUIs")


def test_counter_counts_presses_as_fast_as_they_come(at: Callable[[str], Page]) -> None:
    page = at("counter")
    expect(page.locator("output")).to_have_text("0")
    page.get_by_role("button", name="Count").click(click_count=10)
    expect(page.locator("output")).to_have_text("10")
    page.keyboard.press("Enter")
    expect(page.locator("output")).to_have_text("11")


def test_temperature_converts_both_ways_and_leaves_the_other_for_what_is_no_number(
    at: Callable[[str], Page],
) -> None:
    page = at("temperature")
    celsius, fahrenheit = page.get_by_label("Celsius"), page.get_by_label("Fahrenheit")
    expect(celsius).to_have_value("")
    expect(fahrenheit).to_have_value("")
    celsius.press_sequentially("100")
    expect(fahrenheit).to_have_value("212")
    fahrenheit.fill("5")
    expect(celsius).to_have_value("-15")
    fahrenheit.fill("warm")
    expect(fahrenheit).to_have_accessible_description("Enter a number, a million at most.")
    expect(celsius).to_have_value("-15")
    expect(fahrenheit).to_have_value("warm")
    fahrenheit.fill("")
    expect(fahrenheit).not_to_have_attribute("aria-invalid", "true")
    expect(celsius).to_have_value("-15")
    celsius.fill("0")
    expect(fahrenheit).to_have_value("32")


def test_booker_lets_book_what_is_possible(at: Callable[[str], Page]) -> None:
    page = at("booker")
    start, back = page.get_by_label("Departure"), page.get_by_label("Return", exact=True)
    book = page.get_by_role("button", name="Book", exact=True)
    said = page.get_by_role("status")
    expect(page.get_by_label("Flight", exact=True)).to_have_value("one-way flight")
    expect(back).to_be_disabled()
    book.click()
    expect(said).to_contain_text("You have booked a one-way flight on 27.03.2014.")

    page.get_by_label("Flight", exact=True).select_option("return flight")
    expect(back).to_be_enabled()
    expect(said).to_be_empty()
    back.fill("26.03.2014")
    expect(book).to_be_disabled()
    expect(back).not_to_have_attribute("aria-invalid", "true")
    back.fill("26.03.")
    expect(back).to_have_attribute("aria-invalid", "true")
    expect(back).to_have_css("color", "rgb(168, 35, 27)")
    expect(book).to_be_disabled()
    back.fill("01.04.2014")
    expect(book).to_be_enabled()
    start.fill("31.03.2014")
    start.press("Enter")
    expect(said).to_contain_text("a return flight on 31.03.2014 until 01.04.2014.")

    back.fill("nonsense")
    expect(book).to_be_disabled()
    page.get_by_label("Flight", exact=True).select_option("one-way flight")
    expect(book).to_be_enabled()
    expect(back).to_be_disabled()
    expect(back).to_have_value("nonsense")


def test_timer_runs_and_obeys_its_slider_at_once(at: Callable[[str], Page]) -> None:
    page = at("timer")
    gauge, slider = page.get_by_role("progressbar"), page.get_by_label("Duration")
    value = page.evaluate("document.querySelector('progress').value")
    page.wait_for_function("value => document.querySelector('progress').value > value", arg=value)
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("Duration: 0 s")).to_be_visible()
    press(page, "Reset")
    expect(page.get_by_text("Elapsed time: 0.0 s")).to_be_visible()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Elapsed time: 1.0 s")).to_be_visible()
    expect(gauge).to_have_attribute("max", "1.0")
    slider.fill("2")
    expect(page.get_by_text("Elapsed time: 2.0 s")).to_be_visible()


def test_crud_filters_creates_updates_and_deletes(at: Callable[[str], Page]) -> None:
    page = at("crud")
    people, name, surname = (page.get_by_label(each, exact=True) for each in CRUD_FIELDS)
    update, delete = (page.get_by_role("button", name=each) for each in ("Update", "Delete"))
    expect(update).to_be_disabled()
    expect(delete).to_be_disabled()
    page.get_by_label("Filter prefix").press_sequentially("mu")
    expect(people.locator("option")).to_have_text(["Mustermann, Max"])

    people.select_option("Mustermann, Max")
    expect(update).to_be_enabled()
    expect(name).to_have_value("Max")
    surname.fill("Muster")
    update.click()
    expect(people.locator("option")).to_have_text(["Muster, Max"])
    page.get_by_label("Filter prefix").fill("")
    expect(people.locator("option")).to_have_count(3)

    name.fill("Ada")
    surname.fill("King")
    press(page, "Create")
    expect(people.locator("option").last).to_have_text("King, Ada")
    people.select_option("Emil, Hans")
    expect(name).to_have_value("Hans")
    delete.click()
    expect(people.locator("option")).to_have_text(["Muster, Max", "Tisch, Roman", "King, Ada"])
    expect(delete).to_be_disabled()


CRUD_FIELDS = ("People", "Name", "Surname")


def drawn(page: Page) -> Locator:
    return page.locator("svg circle")


def at_place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a place of the drawing is."""
    box = page.locator("svg rect").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"] / 400, box["y"] + y * box["height"] / 300


def test_circles_are_drawn_marked_resized_undone_and_redone(at: Callable[[str], Page]) -> None:
    page = at("circles")
    mouse, undo, redo = page.mouse, *(page.get_by_role("button", name=n) for n in ("Undo", "Redo"))
    expect(undo).to_be_disabled()
    for count, x in enumerate((60, 90), 1):
        mouse.click(*at_place(page, x, 60))
        expect(drawn(page)).to_have_count(count)
    expect(drawn(page).first).to_have_attribute("cx", re.compile(r"^(60|59\.9|60\.0)"))

    mouse.move(*at_place(page, 73, 60))
    expect(drawn(page).nth(0)).to_have_class("near")
    mouse.move(*at_place(page, 77, 60))
    expect(drawn(page).nth(1)).to_have_class("near")
    expect(drawn(page).nth(1)).to_have_css("fill", "rgb(185, 190, 198)")
    mouse.move(*at_place(page, 200, 200))
    expect(page.locator(".near")).to_have_count(0)

    mouse.click(*at_place(page, 77, 60), button="right")
    press(page, "Adjust diameter…")
    slider = page.get_by_role("slider")
    expect(slider).to_be_focused()
    for diameter in ("60", "80"):
        slider.fill(diameter)
        expect(drawn(page).nth(1)).to_have_attribute("r", f"{int(diameter) / 2}")
    press(page, "Close")
    expect(page.get_by_role("dialog")).to_have_count(0)
    undo.click()
    expect(drawn(page).nth(1)).to_have_attribute("r", "20.0")
    undo.click()
    expect(drawn(page)).to_have_count(1)
    redo.click()
    redo.click()
    expect(drawn(page).nth(1)).to_have_attribute("r", "40.0")
    expect(redo).to_be_disabled()


def test_P9_circles_by_keyboard_alone(at: Callable[[str], Page]) -> None:
    page = at("circles")
    keys = page.keyboard
    page.get_by_label("x (0-400)").focus()
    keys.type("100")
    keys.press("Tab")
    keys.type("150")
    keys.press("Enter")
    expect(drawn(page)).to_have_count(1)
    drawn(page).focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Adjust diameter…")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    drawn(page).focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Adjust diameter…")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("slider")).to_be_focused()
    keys.press("ArrowRight")
    expect(drawn(page)).to_have_attribute("r", "20.5")
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, "Undo")
    expect(drawn(page)).to_have_attribute("r", "20.0")


def cell(page: Page, name: str) -> Locator:
    return page.locator(f'td button[value="{name}"]')


def edited(page: Page, name: str) -> Locator:
    """The open cell; a button that is not opened yet has the same name."""
    return page.get_by_role("textbox", name=name, exact=True)


def enter(page: Page, name: str, formula: str) -> None:
    if cell(page, name).count():
        # The mouse would have to scroll it out from under a heading.
        cell(page, name).press("Enter")
    field = edited(page, name)
    expect(field).to_be_focused()
    field.fill(formula)
    field.press("Enter")
    expect(edited(page, f"{name[0]}{int(name[1:]) + 1}")).to_be_focused()


def test_cells_are_edited_and_what_depends_on_them_follows(at: Callable[[str], Page]) -> None:
    page = at("cells")
    enter(page, "A0", "4")
    enter(page, "A1", "=A0*2")
    enter(page, "C7", "=A1+1")
    expect(cell(page, "C7")).to_have_text("9")
    cell(page, "A0").click()
    expect(edited(page, "A0")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("0")
    cell(page, "B2").click()
    expect(cell(page, "A0")).to_have_text("40")
    expect(cell(page, "C7")).to_have_text("81")
    cell(page, "A1").click()
    expect(edited(page, "A1")).to_have_value("=A0*2")


def test_cells_that_read_each_other_say_so(at: Callable[[str], Page]) -> None:
    page = at("cells")
    enter(page, "A0", "=B0")
    enter(page, "B0", "=A0")
    for name in ("A0", "B0"):
        expect(cell(page, name)).to_have_text("#CIRCLE")
    enter(page, "B0", "3")
    expect(cell(page, "A0")).to_have_text("3")


def test_P9_cells_by_keyboard_alone(at: Callable[[str], Page]) -> None:
    page = at("cells")
    keys = page.keyboard
    edited(page, "A0").focus()
    keys.type("1")
    keys.press("Tab")
    keys.press("Enter")
    expect(edited(page, "B0")).to_be_focused()
    keys.type("=A0+1")
    keys.press("Enter")
    expect(edited(page, "B1")).to_be_focused()
    expect(cell(page, "B0")).to_have_text("2")
    for row in range(1, 25):
        expect(edited(page, f"B{row}")).to_be_focused()
        keys.press("Enter")
    expect(edited(page, "B25")).to_be_in_viewport()


def test_cells_a_change_is_a_small_patch(visitor: Page, server: ServerThread) -> None:
    frames = Frames(visitor)
    visitor.goto(f"{server.url.rstrip('/')}/cells")
    enter(visitor, "A0", "4")
    enter(visitor, "Z1", "=A0")
    enter(visitor, "A0", "5")
    expect(cell(visitor, "Z1")).to_have_text("5")
    assert frames.of("full") == []
    assert max(map(len, frames.texts)) < 20_000, "of more than 180,000"


@SCREENS
def test_P9_each_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor,
    server: ServerThread,
    width: int,
    colours: Literal["light", "dark"],
) -> None:
    page = new_visitor(
        viewport={"width": width, "height": 800}, color_scheme=colours, reduced_motion="reduce"
    )
    states, url = States(page, f"{width}-{colours}"), server.url.rstrip("/")
    page.goto(url)
    states.check("gui-0-index", "7GUIs")

    page.goto(f"{url}/counter")
    states.check("gui-1-counter", "Counter")

    page.goto(f"{url}/temperature")
    page.get_by_label("Celsius").fill("20")
    expect(page.get_by_label("Fahrenheit")).to_have_value("68")
    page.get_by_label("Fahrenheit").fill("warm")
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    states.check("gui-2-temperature", "Temperature Converter")

    page.goto(f"{url}/booker")
    press(page, "Book")
    expect(page.get_by_role("status")).not_to_be_empty()
    states.check("gui-3-booked", "Flight Booker")
    page.get_by_label("Departure").fill("27.3.")
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    states.check("gui-3-wrong", "Flight Booker")

    page.goto(f"{url}/timer")
    page.get_by_label("Duration").fill("0")
    expect(page.get_by_text("Duration: 0 s")).to_be_visible()
    states.check("gui-4-timer", "Timer")

    page.goto(f"{url}/crud")
    states.check("gui-5-crud", "CRUD")
    page.get_by_label("People").select_option("Mustermann, Max")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Max")
    states.check("gui-5-selected", "CRUD")

    page.goto(f"{url}/circles")
    for count, (x, y) in enumerate(((60, 60), (150, 100), (340, 260)), 1):
        page.mouse.click(*at_place(page, x, y))
        expect(drawn(page)).to_have_count(count)
    page.mouse.click(*at_place(page, 345, 255), button="right")
    expect(page.get_by_role("dialog")).to_be_visible()
    states.check("gui-6-menu", "Circle Drawer")
    press(page, "Adjust diameter…")
    page.get_by_role("slider").fill("70")
    expect(drawn(page).last).to_have_attribute("r", "35.0")
    states.check("gui-6-slider", "Circle Drawer")

    page.goto(f"{url}/cells")
    for name, formula in SHEET.items():
        enter(page, name, formula)
    states.check("gui-7-cells", "Cells")


SHEET = {
    "A0": "Green tea, 100 grams",
    "A1": "Cups",
    "A2": "Price of a cup",
    "B0": "12.5",
    "B1": "40",
    "B2": "=B0/B1",
    "C1": "=C2",
    "C2": "=C1",
}
