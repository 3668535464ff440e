"""The conversation with the server, as the browser leads it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from .conftest import Server

pytestmark = pytest.mark.browser


def test_hello_names_the_page_and_the_text_it_has(server: Server) -> None:
    text = '<p class="greeting">Grüße 🧵</p>'
    server.open(text)
    assert server.hello == {"t": "hello", "page": "TOKEN", "hash": zlib.crc32(text.encode())}


def test_patch_of_literals_and_stretches_in_utf16_units(server: Server) -> None:
    page = server.open("<p>🧵🧵 one</p><p>two</p>")
    new = "<p>🧵🧵 uno</p><p>two</p><p>three 🧶</p>"
    server.patch([[0, 8], "uno", [11, 4 + 10], "<p>three 🧶</p>"], new)
    assert page.inner_html("#spindle") == new
    assert server.sent == []


def test_full_text_replaces_and_is_the_base_of_the_next_patch(server: Server) -> None:
    page = server.open("<p>one</p>")
    server.full("<p>two</p>")
    server.patch([[0, 3], "three", [6, 4]], "<p>three</p>")
    expect(page.locator("p")).to_have_text("three")


def test_patch_without_a_title_leaves_the_title(server: Server) -> None:
    page = server.open("<p>one</p>")
    server.send({"t": "patch", "ops": ["<p>two</p>"], "hash": zlib.crc32(b"<p>two</p>")})
    expect(page.locator("p")).to_have_text("two")
    assert page.title() == "born"


def test_wrong_hash_asks_for_the_full_text_once_and_waits_for_it(server: Server) -> None:
    page = server.open("<p>one</p>")
    server.send({"t": "patch", "ops": ["<p>wrong</p>"], "hash": 1})
    server.send({"t": "patch", "ops": [[0, 5], "x"], "hash": 2})
    server.full("<p>right</p>")
    expect(page.locator("p")).to_have_text("right")
    assert server.sent == [{"t": "resync"}]
    server.show("<p>and on</p>")
    expect(page.locator("p")).to_have_text("and on")


def test_what_is_done_before_the_socket_stands_is_sent_after_hello(server: Server) -> None:
    # The socket of this page opens a task after the script has run; the click comes before.
    server.tab.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => document.querySelector('a').click())"
    )
    server.open('<a href="/" data-sp-click="Shop.Entered">Enter</a>')
    assert server.hello["t"] == "hello"
    assert [frame["name"] for frame in server.sent] == ["Shop.Entered"]


def test_lost_connection_is_said_outside_the_root_and_can_be_reloaded(server: Server) -> None:
    page = server.open('<form data-sp-submit="A.B"><button>Go</button></form>')
    page.click("text=Go")
    assert server.socket is not None
    server.socket.close()
    notice = page.locator("body > .spindle-lost[role=alert]")
    expect(notice.locator("p")).to_have_text("Connection lost.")
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")
    page.click("text=Go")
    expect(notice).to_have_count(1)
    notice.get_by_role("button", name="Reload").click()
    page.wait_for_function("() => !document.querySelector('.spindle-lost')")
    assert server.births == 2


def test_a_ping_is_sent_back(server: Server) -> None:
    server.open("")
    server.send({"t": "ping"})
    server.show("<p>next</p>")  # frames come in order
    assert server.sent == [{"t": "ping"}]


def test_bye_is_a_lost_connection(server: Server) -> None:
    page = server.open("")
    server.send({"t": "bye"})
    expect(page.locator(".spindle-lost")).to_contain_text("Connection lost.")


def test_gone_reloads_three_times_and_then_says_so(server: Server) -> None:
    page = server.open("")
    for _ in range(3):
        with page.expect_navigation():
            server.send({"t": "gone"})
        assert server.hello
    server.send({"t": "gone"})
    expect(page.locator(".spindle-lost")).to_be_visible()
    assert server.births == 4


def test_gone_reloads_again_when_the_last_times_are_long_ago(server: Server) -> None:
    page = server.open("")
    page.evaluate("sessionStorage.setItem('spindle-reloads', JSON.stringify([1, 2, 3]))")
    with page.expect_navigation():
        server.send({"t": "gone"})
    assert server.births == 2


def test_gone_while_the_visitor_goes_on_does_not_call_that_off(server: Server) -> None:
    page = server.open('<a href="/elsewhere">Go</a>')
    page.clock.install(time=0)
    page.clock.pause_at(60)
    with page.expect_response("**/elsewhere"):  # it is answered 204: the document stays
        page.click("a")
    server.send({"t": "gone"})
    page.evaluate("0")  # comes after it
    page.clock.run_for(2_900)
    expect(page.locator(".spindle-lost")).to_have_count(0)
    page.clock.run_for(200)
    expect(page.locator(".spindle-lost")).to_be_visible()
    assert server.births == 1


def test_leaving_names_the_page_it_replaces(server: Server) -> None:
    page = server.open("")
    page.reload()
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["value"]) == ("spindle-leaving", "LEAVE")
    assert (cookie["sameSite"], cookie["path"]) == ("Strict", "/")


def test_leaving_is_taken_back_when_the_document_stays(server: Server) -> None:
    page = server.open("")
    page.clock.install()
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    assert page.context.cookies() != []
    page.clock.run_for(3_000)
    assert page.context.cookies() == []


def test_document_kept_for_the_back_button_lets_go_and_reloads(server: Server) -> None:
    page = server.open("")
    closed: list[int | None] = []
    assert server.socket is not None
    server.socket.on_close(lambda code, _reason: closed.append(code))
    _transition(page, "pagehide")
    page.evaluate("0")
    assert len(closed) == 1
    expect(page.locator(".spindle-lost")).to_have_count(0)
    with page.expect_navigation():
        _transition(page, "pageshow")
    assert server.births == 2


def _transition(page: Page, kind: str) -> None:
    page.evaluate(
        "kind => { dispatchEvent(new PageTransitionEvent(kind, { persisted: true })) }", kind
    )


def test_scripts_that_come_with_a_patch_do_not_run(server: Server) -> None:
    page = server.open("<p>safe</p>")
    server.show("<p>safe</p><script>var ran = 1</script>")
    expect(page.locator("#spindle script")).to_have_count(1)
    # The policy would forbid it too and say so on the console: it was not even tried.
    assert page.evaluate("typeof ran") == "undefined"
