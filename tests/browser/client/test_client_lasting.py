"""A durable page whose connection is lost: the way back, and what becomes of what was under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

from .conftest import checksum

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .conftest import Server

pytestmark = pytest.mark.browser

FORM = (
    '<form data-sp-submit="A.Given" data-sp-to="{}"><input name="text" value=""><button>Go</button>'
    "</form>"
)
ANSWER = FORM.format(3)
AT_ANY_TIME = FORM.replace(' data-sp-to="{}"', "")


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """What the console says of a server that is away is no fault."""
    with chromium.new_context() as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(error.stack or error.message))
        yield page
    assert faults == []


@pytest.fixture
def server(server: Server) -> Server:
    server.lasting = True
    return server


@contextmanager
def reconnecting(server: Server) -> Iterator[None]:
    """Wait, behind the block, until the browser has connected once more and said hello."""
    before = server.connections
    yield
    while server.connections == before:
        server.tab.evaluate("0")
    assert server.hello


def lose(server: Server) -> None:
    assert server.socket is not None
    server.socket.close()


def notice(page: Page, text: str) -> None:
    expect(page.locator("body > .spindle-lost[role=alert] p")).to_have_text(text)


def test_it_comes_back_with_the_tokens_of_a_new_document_and_keeps_what_is_typed(
    server: Server,
) -> None:
    page = server.open(f"<p>one</p>{ANSWER}")
    page.fill("input", "half a wo")
    server.text = f"<p>two</p>{ANSWER}"
    server.tokens = "ANOTHER"
    with reconnecting(server):
        lose(server)
    expect(page.locator("p").first).to_have_text("two")
    assert page.input_value("input") == "half a wo"
    assert server.hello == {"t": "hello", "page": "ANOTHER", "hash": checksum(server.text)}
    assert server.births == 2
    expect(page.locator(".spindle-lost")).to_have_count(0)
    server.show(f"<p>three</p>{ANSWER}")
    assert page.context.cookies() == []


def test_an_answer_without_a_settlement_is_sent_once_more(server: Server) -> None:
    page = server.open(ANSWER)
    page.fill("input", "yes")
    page.click("text=Go")
    assert [frame["seq"] for frame in server.sent] == [1]
    with reconnecting(server):
        lose(server)
    server.wait_for(1)
    [again] = server.sent
    assert (again["seq"], again["to"], again["fields"]) == (1, 3, [["text", "yes"]])
    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    with reconnecting(server):
        lose(server)  # who knows: it may be this answer that the server does not survive
    notice(page, "The connection was lost. Please check what was done last.")
    assert server.sent == []
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")
    assert page.input_value("input") == "yes"


def test_what_answers_no_question_is_not_sent_twice_and_the_visitor_is_told(
    server: Server,
) -> None:
    page = server.open(AT_ANY_TIME)
    page.click("text=Go")
    with reconnecting(server):
        lose(server)
    notice(page, "The connection was lost. Please check what was done last.")
    assert server.sent == []
    page.click("text=Close")
    expect(page.locator(".spindle-lost")).to_have_count(0)


def test_what_is_done_meanwhile_is_sent_once_it_is_back(server: Server) -> None:
    page = server.open(AT_ANY_TIME)
    server.status = 503
    lose(server)
    notice(page, "Connection lost. It is being restored.")
    page.click("text=Go")
    with reconnecting(server):
        server.status = 200
    server.wait_for(1)
    assert [(frame["t"], frame["seq"]) for frame in server.sent] == [("form", 1)]


def test_a_page_that_is_gone_is_not_asked_for_again(server: Server) -> None:
    page = server.open("<p>one</p>")
    server.status = 404
    lose(server)
    notice(page, "Connection lost.")


@pytest.mark.parametrize("frame", ["gone", "bye"])
def test_a_server_that_stops_or_has_lost_the_page_is_come_back_to(
    server: Server, frame: str
) -> None:
    page = server.open("<p>one</p>")
    with reconnecting(server):
        server.send({"t": frame})
    server.show("<p>two</p>")
    assert page.url.endswith("/")


def test_a_page_that_is_open_elsewhere_stays_as_it_is_until_the_visitor_wants_it_back(
    server: Server,
) -> None:
    page = server.open(ANSWER)
    page.fill("input", "typed")
    server.send({"t": "elsewhere"})
    notice(page, "This page is open elsewhere.")
    assert server.births == 1
    with reconnecting(server):
        page.click("text=Use it here")
    expect(page.locator(".spindle-lost")).to_have_count(0)
    assert page.input_value("input") == "typed"


def test_a_newer_script_comes_with_a_whole_document(server: Server) -> None:
    page = server.open("<p>one</p>")
    server.script = "/newer/client.js"
    with page.expect_navigation():
        lose(server)
    assert server.births == 3  # one to see that, one to load it
