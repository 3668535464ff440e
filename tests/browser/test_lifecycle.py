"""A page from the GET that starts it to the tab that closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio
from playwright.sync_api import expect

from examples.checkout.app import tea_shop
from spindle import OutcomeUnknown
from spindle.web import Limits
from spindle.web.socket.session import Session
from tests.browser.logs import expected_in_the_log
from tests.browser.network import held_still
from tests.browser.thread import serving
from tests.browser.visits import (
    AT_DELIVERY,
    AT_PAYMENT,
    SOLD_OUT,
    THANKS,
    error_message,
    expect_heading,
    give_address,
    go_to_payment,
    open_checkout,
    pay,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.shop import ObservedShop
    from tests.browser.thread import ServerThread


def test_P1_without_javascript_the_first_response_is_the_form(
    new_visitor: NewVisitor, shop: ObservedShop, quiet_server: None
) -> None:
    visitor = new_visitor(java_script_enabled=False)
    app = tea_shop(shop)
    app.limits = Limits(first_render=10)  # a busy machine shall not make it the loading view
    with serving(app) as server:
        open_checkout(visitor, server.url)
        expect(visitor.get_by_label("Street and number")).to_be_visible()


def test_P1_a_port_held_open_shows_the_loading_view(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    server.call(shop.hold, "reserve")
    visitor.goto(f"{server.url}/buy/sencha")
    expect_heading(visitor, "One moment")
    server.call(shop.let_go, "reserve")
    expect_heading(visitor, AT_DELIVERY)
    expect(visitor).to_have_title("Delivery")


@pytest.mark.parametrize(
    ("method", "headers"), [("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch"})]
)
def test_P1_a_look_ahead_starts_nothing(
    visitor: Page, server: ServerThread, shop: ObservedShop, method: str, headers: dict[str, str]
) -> None:
    visitor.request.fetch(f"{server.url}/buy/sencha", method=method, headers=headers)
    open_checkout(visitor, server.url, "assam")
    assert shop.calls == ["reserve"]


def test_P2_the_socket_adopts_the_page_that_the_get_has_started(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    go_to_payment(visitor, server.url)
    assert shop.calls == ["reserve"]
    assert shop.count("reservation") == 1


def test_P3_a_reload_leaves_one_page_and_the_last_one_is_still_to_be_had(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    go_to_payment(visitor, server.url, "gyokuro")
    for _ in range(3):
        visitor.reload()
        expect_heading(visitor, AT_DELIVERY)
        assert shop.count("reservation") == 1
    assert shop.calls == ["reserve", *["release", "reserve"] * 3]


def test_P3_a_page_is_not_left_before_the_browser_has_noted_which(
    visitor: Page, server: ServerThread
) -> None:
    open_checkout(visitor, server.url)
    with held_still(0.3) as goes_on:
        visitor.evaluate("dispatchEvent(new Event('beforeunload'))")
        assert goes_on.is_set()


def test_P3_going_on_and_back_leaves_one_page(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    open_checkout(visitor, server.url, "gyokuro")
    visitor.get_by_role("link", name="Steep & Co.").click()
    expect_heading(visitor, "Loose leaf tea")
    row = visitor.get_by_role("listitem").filter(has_text="Gyokuro")
    expect(row).to_contain_text("the last one")
    visitor.go_back()
    expect_heading(visitor, AT_DELIVERY)
    assert shop.count("reservation") == 1
    give_address(visitor)
    pay(visitor)
    expect_heading(visitor, THANKS)


def test_P8_two_visitors_never_see_each_other(
    new_visitor: NewVisitor, server: ServerThread, shop: ObservedShop
) -> None:
    ada, bob = new_visitor(), new_visitor()
    open_checkout(ada, server.url)
    open_checkout(bob, server.url)
    give_address(ada, Postcode="Ada's")
    expect(error_message(ada)).not_to_be_empty()
    give_address(bob, Name="Bob Brown")
    expect_heading(bob, AT_PAYMENT)
    expect(error_message(bob)).to_be_empty()
    expect_heading(ada, AT_DELIVERY)
    expect(ada.get_by_label("Postcode")).to_have_value("Ada's")
    assert "Ada" not in bob.content()
    assert "Bob" not in ada.content()
    pay(bob)
    expect_heading(bob, THANKS)
    expect_heading(ada, AT_DELIVERY)
    assert shop.count("reservation") == 1


def test_E8_closing_the_tab_at_payment_puts_the_unit_back(
    new_visitor: NewVisitor, server: ServerThread, shop: ObservedShop
) -> None:
    first, second = new_visitor(), new_visitor()
    go_to_payment(first, server.url, "gyokuro")
    second.goto(f"{server.url}/buy/gyokuro")
    expect_heading(second, SOLD_OUT)
    first.close()
    server.wait(shop.called, "release")
    second.reload()
    expect_heading(second, AT_DELIVERY)
    give_address(second)
    pay(second)
    expect_heading(second, THANKS)


def test_E8_closing_the_tab_while_the_bank_is_asked_sells_or_puts_back(
    new_visitor: NewVisitor, server: ServerThread, shop: ObservedShop
) -> None:
    visitor = new_visitor()
    go_to_payment(visitor, server.url, "gyokuro")
    server.call(shop.hold, "place")
    pay(visitor)
    server.wait(shop.asked, "place")
    with expected_in_the_log(OutcomeUnknown):
        visitor.close()
        server.wait(shop.called, "release")
    assert shop.count("orders") == shop.count("reservation") == 0


class LateSockets:
    """Keeps the server from hearing any socket until `let_in`; notes when the first has ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = Session.run
        self._door = trio.Event()
        self._ended = trio.Event()

        async def run_late(session: Session) -> None:
            await self._door.wait()
            await run(session)
            self._ended.set()

        monkeypatch.setattr(Session, "run", run_late)

    async def let_in(self) -> None:
        self._door.set()
        await self._ended.wait()


def test_P3_a_click_that_the_server_hears_of_before_the_socket_is_not_called_off(
    visitor: Page, shop: ObservedShop, quiet_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sockets = LateSockets(monkeypatch)
    app = tea_shop(shop)
    app.limits = Limits(first_render=10)  # the next page comes when the shop lets it
    with serving(app) as server:
        visitor.goto(server.url)
        server.call(shop.hold, "reserve")
        visitor.get_by_role("link", name="Sencha").click(no_wait_after=True)
        server.wait(shop.asked, "reserve")  # the page that the visitor leaves has ended
        server.wait(sockets.let_in)  # its socket comes, and hears that it is gone
        server.call(shop.let_go, "reserve")
        expect_heading(visitor, AT_DELIVERY)
