"""The sign-up in a browser: one runner a tab, none after it was left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Literal

import pytest
import trio
from playwright.sync_api import expect

from examples.wizard.page import sign_up_page
from examples.wizard.signup import Account, Book
from tests.browser.states import SCREENS, States
from tests.browser.thread import serving
from tests.browser.visits import expect_heading

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.thread import ServerThread

REPOSITORY = Path(__file__).parents[2]
NOBODY_GETS = {"admin", "root"}
ADA = Account("Ada", "ada@example.org")


class ObservedBook(Book):
    """Notes each call when it has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self._changed = trio.Event()

    async def reserve(self, name: str) -> bool:
        free = await super().reserve(name)
        self._note("reserve")
        return free

    async def release(self, name: str) -> None:
        await super().release(name)
        self._note("release")

    async def called(self, call: str, times: int = 1) -> None:
        """Wait until a call has been made so many times."""
        while self.calls.count(call) < times:
            await self._changed.wait()

    def _note(self, call: str) -> None:
        self.calls.append(call)
        self._changed.set()
        self._changed = trio.Event()


@pytest.fixture
def book() -> ObservedBook:
    return ObservedBook()


@pytest.fixture
def server(book: ObservedBook, quiet_server: None) -> Iterator[ServerThread]:
    with serving(sign_up_page(book)) as server:
        yield server


def go_to_address(page: Page, url: str, name: str = "Ada") -> None:
    page.goto(url)
    give_name(page, name)
    expect_heading(page, f"Hello, {name}")


def give_name(page: Page, name: str) -> None:
    expect_heading(page, "Who are you?")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Continue").click()


def give_address(page: Page, address: str = ADA.email) -> None:
    page.get_by_label("Your address").fill(address)
    page.get_by_role("button", name="Continue").click()


def test_W3_a_visitor_signs_up(visitor: Page, server: ServerThread, book: ObservedBook) -> None:
    go_to_address(visitor, server.url)
    expect(visitor).to_have_title("Sign up")
    give_address(visitor)
    expect_heading(visitor, "Is this right?")
    visitor.get_by_role("button", name="Sign up").click()
    expect_heading(visitor, "Welcome, Ada.")
    assert book.accounts == [ADA]
    visitor.get_by_role("link", name="Sign up somebody else").click()
    give_name(visitor, "Ada")
    expect(visitor.get_by_label("Your name")).to_have_accessible_description("Ada is taken.")


def test_W3_what_was_wrong_can_be_mended(visitor: Page, server: ServerThread) -> None:
    visitor.goto(server.url)
    give_name(visitor, "admin")
    name = visitor.get_by_label("Your name")
    expect(name).to_have_accessible_description("admin is taken.")
    expect(name).to_have_value("admin")
    expect(name).to_be_focused()
    give_name(visitor, "Ada")
    expect_heading(visitor, "Hello, Ada")
    give_address(visitor, "somewhere")
    address = visitor.get_by_label("Your address")
    expect(address).to_have_accessible_description("An address has an @ in it.")
    expect(address).to_have_value("somewhere")


def test_W3_five_reloads_leave_one_runner(
    visitor: Page, server: ServerThread, book: ObservedBook
) -> None:
    go_to_address(visitor, server.url)
    for _ in range(5):
        visitor.reload()
        assert book.names == NOBODY_GETS, "the runner before had ended when the document came"
        give_name(visitor, "Ada")
        expect_heading(visitor, "Hello, Ada")
        assert book.names == {*NOBODY_GETS, "Ada"}
    assert book.calls == ["reserve", *["release", "reserve"] * 5]
    give_address(visitor)
    visitor.get_by_role("button", name="Sign up").click()
    expect_heading(visitor, "Welcome, Ada.")


def test_W3_going_on_and_back_leaves_one_runner(
    visitor: Page, server: ServerThread, book: ObservedBook
) -> None:
    go_to_address(visitor, server.url)
    visitor.goto("about:blank")
    server.wait(book.called, "release")
    visitor.go_back()
    give_name(visitor, "Ada")
    expect_heading(visitor, "Hello, Ada")
    assert book.calls == ["reserve", "release", "reserve"]


def test_W3_a_second_tab_has_a_runner_of_its_own(
    visitor: Page, server: ServerThread, book: ObservedBook
) -> None:
    go_to_address(visitor, server.url)
    second = visitor.context.new_page()
    second.goto(server.url)
    give_name(second, "Ada")
    taken = second.get_by_label("Your name")
    expect(taken).to_have_accessible_description("Ada is taken.")
    expect_heading(visitor, "Hello, Ada")
    visitor.close()
    server.wait(book.called, "release")
    give_name(second, "Ada")
    expect_heading(second, "Hello, Ada")


def test_P9_a_sign_up_by_keyboard_alone(
    visitor: Page, server: ServerThread, book: ObservedBook
) -> None:
    keys = visitor.keyboard
    visitor.goto(server.url)
    expect(visitor.get_by_label("Your name")).to_be_focused()
    keys.type("Ada")
    keys.press("Enter")
    expect(visitor.get_by_label("Your address")).to_be_focused()
    keys.type(ADA.email)
    keys.press("Enter")
    expect_heading(visitor, "Is this right?")
    expect(visitor.get_by_role("heading", level=1)).to_be_focused()
    keys.press("Tab")
    expect(visitor.get_by_role("button", name="Sign up")).to_be_focused()
    keys.press("Space")
    expect_heading(visitor, "Welcome, Ada.")
    assert book.accounts == [ADA]


@SCREENS
def test_P9_every_question_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor,
    server: ServerThread,
    width: int,
    colours: Literal["light", "dark"],
) -> None:
    visitor = new_visitor(
        viewport={"width": width, "height": 800}, color_scheme=colours, reduced_motion="reduce"
    )

    states = States(visitor, f"{width}-{colours}")

    visitor.goto(server.url)
    give_name(visitor, "admin")
    expect(visitor.locator("[aria-invalid]")).to_have_count(1)
    states.check("sign-up-1-name-taken", "Who are you?")
    give_name(visitor, "Ada")
    states.check("sign-up-2-address", "Hello, Ada")
    give_address(visitor)
    states.check("sign-up-3-confirm", "Is this right?")
    visitor.get_by_role("button", name="Sign up").click()
    states.check("sign-up-4-welcome", "Welcome, Ada.")


def test_E11_ctrl_c_ends_the_program_and_its_runners(new_visitor: NewVisitor) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.wizard", "--page"],
        cwd=REPOSITORY,
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            visitor = new_visitor()
            go_to_address(visitor, process.stdout.readline().strip())
            began = monotonic()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=10)
            took = monotonic() - began
        finally:
            process.kill()
    assert (process.returncode, output, errors) == (0, "", "")
    assert took < 2
    expect(visitor.get_by_role("alert").filter(has_text="Connection lost.")).to_be_visible()
