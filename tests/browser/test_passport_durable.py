"""An application that outlives its browser and its server, as a visitor sees it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FLAGS
from tests.browser.test_passport import (
    BEFORE,
    BORN,
    HEIGHT,
    NAME,
    OLD,
    REVIEW,
    SPEED,
    THANKS,
    answer,
    back,
    choose,
    up_to_old,
)  # fmt: skip
from tests.browser.visits import expect_heading

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).parents[2]
AS_IT_IS = "-m examples.passport"

# An office that has written an application down and never answers: the server is killed there.
SILENT = """
import os, sys
from pathlib import Path
import trio
from examples.passport.app import passport_site
from examples.passport.office import SqliteOffice, open_office

class Silent(SqliteOffice):
    async def submit(self, application):
        if {arrives}:
            await super().submit(application)
        print("asked", flush=True)
        await trio.sleep_forever()

with open_office(Path(os.environ["OFFICE"])) as office:
    office.__class__ = Silent
    passport_site(office, Path(os.environ["PAGES"])).run()
"""


class Server:
    """The program in a process of its own, which is really killed; it keeps its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.url = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self, *program: str) -> None:
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "OFFICE": str(self.folder / "office.db"),
            "PAGES": str(self.folder / "pages.db"),
            "DEMO": str(self.folder / "demo"),
        }
        self.process = subprocess.Popen(
            [sys.executable, *(program or AS_IT_IS.split())],
            cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url = self.line()
        self.port = int(self.url.split(":")[2].split("/")[0])

    def line(self) -> str:
        """The next line it prints."""
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """End it without a word; nothing of it runs any more when this returns."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(10) == -signal.SIGKILL
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    @property
    def applications(self) -> int:
        with closing(sqlite3.connect(self.folder / "office.db")) as db:
            return int(db.execute("SELECT count(*) FROM application").fetchone()[0])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    yield server
    if server.process is not None:
        server.kill()


@contextmanager
def browser_of_its_own(chromium: Browser) -> Iterator[Page]:
    """A Chromium that nobody had open before: no cookies, no memory, another process."""
    browser = chromium.browser_type.launch(executable_path="/usr/bin/chromium", args=[*FLAGS])
    try:
        page = browser.new_page()
        page.set_default_timeout(10_000)
        yield page
    finally:
        browser.close()


@pytest.fixture
def new_tab(chromium: Browser) -> Iterator[Page]:
    """What the console says of a server that is away is no fault."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(error.stack or error.message))
    yield page
    context.close()
    assert faults == []


def link_of(page: Page) -> str:
    """The link that leads back to this page."""
    return page.url


def answers_so_far(page: Page) -> list[str]:
    return page.locator("aside dd").all_inner_texts()


def test_D1_the_same_question_after_kill_9_in_another_browser(
    chromium: Browser, server: Server
) -> None:
    with browser_of_its_own(chromium) as page:
        page.goto(server.url)
        up_to_old(page)
        link, answers = link_of(page), answers_so_far(page)
        assert len(answers) == 4
    server.kill()
    server.start()
    with browser_of_its_own(chromium) as page:
        page.goto(link)
        expect_heading(page, OLD)
        assert answers_so_far(page) == answers
        answer(page, OLD, "K12345678")
        choose(page, SPEED, "Express")
        page.get_by_role("button", name="Send it").click()
        expect_heading(page, THANKS)
    assert server.applications == 1


def test_D1_what_was_wrong_is_still_said(chromium: Browser, server: Server) -> None:
    with browser_of_its_own(chromium) as page:
        page.goto(server.url)
        up_to_old(page)
        answer(page, OLD, "K00000000")
        expect(page.get_by_text("There is no passport K00000000.")).to_be_visible()
        link = link_of(page)
    server.kill()
    server.start()
    with browser_of_its_own(chromium) as page:
        page.goto(link)
        expect(page.get_by_label(OLD)).to_have_accessible_description(
            "There is no passport K00000000."
        )
        expect(page.get_by_label(OLD)).to_have_value("K00000000")


def test_D2_killed_at_each_question(chromium: Browser, server: Server) -> None:
    """Each question in a browser and a server of its own: the last as right as the first."""
    link = server.url
    for question, given in (
        (NAME, "Ada Lovelace"), (BORN, "1990-12-10"), (HEIGHT, "168"),
        (BEFORE, "Yes, and I have it"), (OLD, "K12345678"), (SPEED, "Express"),
    ):  # fmt: skip
        with browser_of_its_own(chromium) as page:
            page.goto(link)
            ask = choose if question in (BEFORE, SPEED) else answer
            ask(page, question, given)
            expect(page.get_by_role("heading", level=1)).not_to_have_text(question)
            link = link_of(page)
        server.kill()
        server.start()
    with browser_of_its_own(chromium) as page:
        page.goto(link)
        expect_heading(page, REVIEW)
        back(page)
        expect(page.get_by_label("Express")).to_be_checked()


def test_D2_killed_again_and_again_at_one_question_in_an_open_tab(
    new_tab: Page, server: Server
) -> None:
    """Nobody does anything in the tab: it comes back by itself, with what was only typed."""
    new_tab.goto(server.url)
    up_to_old(new_tab)
    new_tab.get_by_label(OLD).fill("K1234")
    for _ in range(3):
        with new_tab.expect_websocket():  # the page has been taken up by then
            server.kill()
            server.start()
    expect_heading(new_tab, OLD)
    expect(new_tab.get_by_label(OLD)).to_have_value("K1234")
    answer(new_tab, OLD, "K12345678")
    expect_heading(new_tab, SPEED)


def test_D1_an_answer_that_is_given_while_the_server_is_away_is_taken_once_it_is_back(
    new_tab: Page, server: Server
) -> None:
    new_tab.goto(server.url)
    answer(new_tab, NAME, "Ada Lovelace")
    expect_heading(new_tab, BORN)
    server.kill()
    expect(new_tab.get_by_text("Connection lost. It is being restored.")).to_be_visible()
    answer(new_tab, BORN, "1990-12-10")
    server.start()
    expect_heading(new_tab, HEIGHT)
    expect(new_tab.locator(".spindle-lost")).to_have_count(0)
    assert answers_so_far(new_tab) == ["Ada Lovelace", "10 December 1990"]


def test_D1_the_demo_is_killed_and_an_open_tab_of_it_goes_on(new_tab: Page, server: Server) -> None:
    server.kill()
    server.start("-m", "examples.demo")
    new_tab.goto(server.url)
    expect(new_tab.get_by_role("searchbox")).to_be_visible()
    new_tab.goto(f"{server.url}passport")
    answer(new_tab, NAME, "Ada Lovelace")
    expect_heading(new_tab, BORN)
    server.kill()
    server.start("-m", "examples.demo")
    answer(new_tab, BORN, "1990-12-10")
    expect_heading(new_tab, HEIGHT)
    assert answers_so_far(new_tab) == ["Ada Lovelace", "10 December 1990"]
    assert (server.folder / "demo" / "pages.db").exists()


@pytest.mark.parametrize("arrives", [True, False])
def test_D1_the_tab_in_which_it_is_sent_learns_whether_it_has_arrived(
    new_tab: Page, server: Server, arrives: bool
) -> None:
    """The server is killed while the form is being submitted, and the tab stays open."""
    server.kill()
    server.start("-c", SILENT.format(arrives=arrives))
    new_tab.goto(server.url)
    up_to_old(new_tab)
    answer(new_tab, OLD, "K12345678")
    choose(new_tab, SPEED, "Express")
    new_tab.get_by_role("button", name="Send it").click()
    assert server.line() == "asked"
    server.kill()
    server.start()
    if not arrives:
        expect(new_tab.locator("main").get_by_role("alert")).to_contain_text("did not arrive")
        new_tab.get_by_role("button", name="Send it").click()
    expect_heading(new_tab, THANKS)
    assert server.applications == 1


def test_D1_a_second_tab_takes_the_page_over_and_the_first_may_take_it_back(
    new_tab: Page, server: Server
) -> None:
    new_tab.goto(server.url)
    answer(new_tab, NAME, "Ada Lovelace")
    new_tab.get_by_label(BORN).fill("1990-12-10")
    second = new_tab.context.new_page()
    second.goto(link_of(new_tab))
    expect_heading(second, BORN)
    expect(new_tab.get_by_text("This page is open elsewhere.")).to_be_visible()
    answer(second, BORN, "1991-12-10")
    expect_heading(second, HEIGHT)
    expect_heading(new_tab, BORN)
    new_tab.get_by_role("button", name="Use it here").click()
    expect_heading(new_tab, HEIGHT)
    expect(second.get_by_text("This page is open elsewhere.")).to_be_visible()
    answer(new_tab, HEIGHT, "168")
    expect_heading(new_tab, BEFORE)


@pytest.mark.parametrize("arrives", [True, False])
def test_D1_an_application_on_its_way_is_not_sent_twice(
    chromium: Browser, server: Server, arrives: bool
) -> None:
    server.kill()
    server.start("-c", SILENT.format(arrives=arrives))
    with browser_of_its_own(chromium) as page:
        page.goto(server.url)
        up_to_old(page)
        answer(page, OLD, "K12345678")
        choose(page, SPEED, "Express")
        link = link_of(page)
        page.get_by_role("button", name="Send it").click()
        assert server.line() == "asked"
    server.kill()
    server.start()
    with browser_of_its_own(chromium) as page:
        page.goto(link)
        if arrives:
            expect_heading(page, THANKS)
        else:
            expect_heading(page, REVIEW)
            expect(page.locator("main").get_by_role("alert")).to_contain_text("did not arrive")
            page.get_by_role("button", name="Send it").click()
            expect_heading(page, THANKS)
    assert server.applications == 1
