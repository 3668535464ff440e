"""What the visitor does before all of the document is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from .conftest import ORIGIN

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from .conftest import Server

pytestmark = pytest.mark.browser


@contextmanager
def half_a_document(server: Server, text: str) -> Iterator[Page]:
    """Open a document whose end comes when the block does."""
    held: list[Route] = []
    server.tab.route("**/rest.js", lambda route: held.append(route))
    server.text = f'{text}<script src="/rest.js"></script>'
    with server.tab.expect_request("**/rest.js"):
        server.tab.goto(f"{ORIGIN}/", wait_until="commit")
    yield server.tab
    for route in held:
        route.fulfill(content_type="text/javascript", body="")
    assert server.hello


def test_early_clicks_are_sent_in_their_order(server: Server) -> None:
    text = (
        """<button data-sp-click="A.Bought" data-sp-value='{"sku":"tea"}'><b>Buy</b></button>"""
        '<a href="/elsewhere" data-sp-click="A.Followed">Go</a>'
        '<button data-sp-dismiss="4">x</button>'
    )
    with half_a_document(server, text) as page:
        page.click("b")
        page.click("a")
        page.click("[data-sp-dismiss]")
    assert server.sent == [
        {"t": "event", "seq": 1, "name": "A.Bought", "data": {"sku": "tea"}},
        {"t": "event", "seq": 2, "name": "A.Followed", "data": {}},
        {"t": "dismiss", "flash": 4},
    ]
    assert page.url == f"{ORIGIN}/"


def test_early_submit_is_sent_with_its_button_and_not_posted(server: Server) -> None:
    text = (
        '<form method="post" data-sp-submit="A.Given"><input name="q">'
        '<button name="way" value="post">Post</button></form>'
    )
    with half_a_document(server, text) as page:
        page.fill("input", "tea")
        page.click("button")
    fields = [["q", "tea"], ["way", "post"]]
    assert server.sent == [{"t": "form", "seq": 1, "name": "A.Given", "fields": fields}]
    assert server.births == 1


def test_early_keys_are_typed_and_sent(server: Server) -> None:
    text = '<input name="q" data-sp-typed="A.Typed" data-sp-pressed="A.Left" data-sp-key="Escape">'
    with half_a_document(server, text) as page:
        page.focus("input")
        page.keyboard.press("t")
        page.keyboard.press("Escape")
    assert page.input_value("input") == "t"
    assert server.sent == [
        {"t": "form", "seq": 1, "name": "A.Typed", "fields": [["q", "t"]]},
        {"t": "event", "seq": 2, "name": "A.Left", "data": {}},
    ]


def test_early_clicks_on_what_sends_nothing_are_left_to_the_browser(server: Server) -> None:
    text = '<input type="checkbox"><a href="#there">Go</a>'
    with half_a_document(server, text) as page:
        page.check("input")
        page.click("a")
        assert page.url.endswith("#there")
    assert page.is_checked("input")
    assert server.sent == []


def test_early_click_is_heard_once_by_a_script_of_the_page(server: Server) -> None:
    with half_a_document(server, '<button data-sp-click="A.Bought">Buy</button>') as page:
        page.evaluate("heard = 0; addEventListener('click', () => { heard++ })")
        page.click("button")
    assert len(server.sent) == 1
    assert page.evaluate("heard") == 1
