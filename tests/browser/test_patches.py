"""What a patch from the server leaves alone, and how much of it there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.frames import Frames
from tests.browser.table import Clock, table
from tests.browser.thread import ServerThread, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock, quiet_server: None) -> Iterator[ServerThread]:
    with serving(table(clock)) as server:
        yield server


def tick(page: Page, server: ServerThread, clock: Clock, row: int) -> None:
    """Let the server change a row, and wait until the visitor sees it."""
    server.call(clock.tick.send_nowait, row)
    expect(page.locator(f"#row-{row}")).to_have_text(f"Row {row}, counted 1 times")


def test_P5_focus_caret_and_typed_text_survive_a_patch(
    visitor: Page, server: ServerThread, clock: Clock
) -> None:
    visitor.goto(server.url)
    visitor.get_by_label("Essay").fill("two\nlines")
    note = visitor.get_by_label("Note")
    note.press_sequentially("half a wrd")
    for _ in "rd":
        note.press("ArrowLeft")
    note.press("Shift+ArrowLeft")
    tick(visitor, server, clock, 3)
    expect(note).to_be_focused()
    assert note.evaluate("it => [it.selectionStart, it.selectionEnd]") == [7, 8]
    visitor.keyboard.type("wo")
    tick(visitor, server, clock, 150)
    expect(note).to_have_value("half a word")
    expect(visitor.get_by_label("Essay")).to_have_value("two\nlines")


def test_P5_open_details_and_the_scroll_position_survive_a_patch(
    visitor: Page, server: ServerThread, clock: Clock
) -> None:
    visitor.goto(server.url)
    visitor.get_by_text("More").click()
    visitor.locator("#row-180").scroll_into_view_if_needed()
    scrolled = visitor.evaluate("scrollY")
    assert scrolled > 0
    tick(visitor, server, clock, 0)
    expect(visitor.locator("details")).to_have_attribute("open", "")
    assert visitor.evaluate("scrollY") == scrolled


@pytest.mark.parametrize("row", [0, 99, 199])
def test_P5_a_change_in_one_of_200_rows_sends_under_200_bytes(
    visitor: Page, server: ServerThread, clock: Clock, row: int
) -> None:
    frames = Frames(visitor)
    visitor.goto(server.url)
    tick(visitor, server, clock, row)
    (patch,) = frames.wait_for("patch", 1)
    assert len(frames.texts) == 1
    assert len(frames.texts[0].encode()) < 200, patch
