"""The list of things to do: what a form, boxes and rows keep and give up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from examples.todo.app import todo_site
from examples.todo.storage import SqliteTodos, open_todos
from tests.browser.states import States
from tests.browser.thread import ServerThread, serving

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import NewVisitor


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "todos.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteTodos]:
    with open_todos(path) as todos:
        yield todos


@pytest.fixture
def server(store: SqliteTodos, quiet_server: None) -> Iterator[ServerThread]:
    with serving(todo_site(store)) as server:
        yield server


def add(page: Page, *todos: str) -> None:
    """Type one after the other, without a look at the mouse."""
    for todo in todos:
        page.get_by_label("What next?").press_sequentially(todo)
        page.keyboard.press("Enter")
        expect(box(page, todo)).to_be_visible()


def box(page: Page, todo: str) -> Locator:
    return page.get_by_role("checkbox", name=todo)


def show(page: Page, which: str) -> None:
    button = page.get_by_role("button", name=which, exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_what_is_added_stays_and_the_field_is_empty_for_the_next(
    visitor: Page, server: ServerThread
) -> None:
    visitor.goto(server.url)
    add(visitor, "Milk", "Bread", "Tea")
    expect(visitor.get_by_label("What next?")).to_be_focused()
    expect(visitor.get_by_label("What next?")).to_have_value("")
    box(visitor, "Bread").check()
    expect(visitor.get_by_role("status").last).to_have_text("2 left")
    visitor.reload()
    expect(box(visitor, "Bread")).to_be_checked()
    expect(box(visitor, "Tea")).not_to_be_checked()


def test_what_is_typed_in_one_go_becomes_a_row_a_line(visitor: Page, server: ServerThread) -> None:
    visitor.goto(server.url)
    visitor.get_by_label("What next?").press_sequentially("Milk\nBread\nTea\n")
    for todo in ("Milk", "Bread", "Tea"):
        expect(visitor.get_by_role("checkbox", name=todo, exact=True)).to_have_count(1)
    expect(visitor.get_by_role("checkbox")).to_have_count(3)


def test_ticks_stay_with_their_rows(visitor: Page, server: ServerThread) -> None:
    visitor.goto(server.url)
    add(visitor, "Milk", "Bread", "Tea")
    box(visitor, "Bread").check()
    show(visitor, "open")
    expect(visitor.get_by_role("checkbox")).to_have_count(2)
    expect(box(visitor, "Tea")).not_to_be_checked()
    show(visitor, "done")
    expect(visitor.get_by_role("checkbox")).to_have_count(1)
    expect(box(visitor, "Bread")).to_be_checked()
    visitor.get_by_role("button", name="Delete Bread").press("Enter")
    expect(visitor.get_by_role("checkbox")).to_have_count(0)
    expect(visitor.get_by_role("heading", name="To do")).to_be_focused()


def test_what_is_not_saved_is_told_and_shown_as_it_was(
    visitor: Page, server: ServerThread, path: Path
) -> None:
    visitor.goto(server.url)
    add(visitor, "Milk")
    other = sqlite3.connect(path)
    other.execute("ALTER TABLE todo RENAME TO elsewhere")
    box(visitor, "Milk").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Not saved: no such table: todo.")
    expect(box(visitor, "Milk")).not_to_be_checked()
    other.execute("ALTER TABLE elsewhere RENAME TO todo")
    other.close()
    box(visitor, "Milk").check()
    expect(visitor.get_by_role("status").last).to_have_text("0 left")
    expect(box(visitor, "Milk")).to_be_checked()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_P9_it_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor, server: ServerThread, colours: Literal["light", "dark"]
) -> None:
    page = new_visitor(viewport={"width": 360, "height": 800}, color_scheme=colours)
    states = States(page, f"360-{colours}")
    page.goto(server.url)
    states.check("todo-empty", "To do")
    add(page, "Milk", "Bread for tomorrow, and something that is very long indeed to go with it")
    box(page, "Milk").check()
    page.get_by_role("button", name="Add").click()
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    states.check("todo-list", "To do")
