"""Who gets a page, and what becomes of one that nobody comes for, or that is left."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle.web.memory import Visitor, visit
from spindle.web.site import open_site
from spindle.web.socket.protocol import Gone
from spindle.web.socket.transport import TransportClosed
from tests.web.store import HOME, Checkout, Shelf, store


async def test_P2_the_socket_adopts_the_page_of_the_get(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect()
        await visitor.settle()
        assert visitor.received == [], "the browser has that text already"
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"
        assert "Pay 4" in visitor.html
        assert shelf.count("reserve") == 1


async def test_P2_a_page_is_adopted_once(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect()
        await visitor.settle()
        second = Visitor(site, "/buy/tea", visitor.response)
        await second.connect()
        assert await second.receive() == Gone()
        with pytest.raises(TransportClosed):
            await second.receive()
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"


@pytest.mark.parametrize("token", ["", "x", "☕", "\x00", "a" * 10_000])
async def test_P2_a_token_of_no_page_is_gone(shelf: Shelf, token: str) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        visitor.page_token = token or visitor.leave_token
        await visitor.connect()
        assert await visitor.receive() == Gone()


async def test_P2_a_page_without_a_socket_is_cancelled_after_ten_seconds(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await trio.sleep(9.9)
        assert site.live_pages == 1
        await trio.sleep(0.2)
        assert site.live_pages == 0
        assert shelf.count("release") == 1
        await visitor.connect()
        assert await visitor.receive() == Gone()


async def test_P2_an_adopted_page_stays_however_long(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await trio.sleep(9.9)
        await visitor.connect()
        await trio.sleep(80_000)
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"


async def test_P2_a_thousand_unadopted_gets_leave_nothing(
    autojump_clock: trio.testing.MockClock,
) -> None:
    shelf = Shelf(stock=1000)
    async with open_site(store(shelf)) as site:
        await trio.testing.wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        for _ in range(1000):
            assert (await visit(site, "/buy/tea")).response.status == 200
        assert site.live_pages == 1000
        busy = await visit(site, "/buy/tea")
        assert busy.response.status == 503
        assert busy.response.header("retry-after")
        await trio.sleep(11)
        assert site.live_pages == 0
        assert trio.lowlevel.current_statistics().tasks_living == before
        assert shelf.stock == 1000
        assert (await visit(site, "/buy/tea")).response.status == 200


async def test_P3_a_reload_cancels_the_old_page_first(shelf: Shelf) -> None:
    shelf.stock = 1
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect()
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        await visitor.settled(seq)
        again = await visitor.reload()
        assert "Checkout.ShippingGiven" in again.html, "the unit was back before it was wanted"
        assert shelf.calls == [("reserve", "tea"), ("release", "tea"), ("reserve", "tea")]
        assert site.live_pages == 1
        cleared = again.response.header("set-cookie")
        assert cleared == "spindle-leaving=; Max-Age=0; Path=/; SameSite=Strict"


async def test_P3_five_reloads_leave_one_page(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        for _ in range(5):
            await visitor.connect()
            visitor = await visitor.reload()
        assert site.live_pages == 1
        assert shelf.count("reserve") == 6
        assert shelf.count("release") == 5


async def test_P3_a_page_that_will_not_end_holds_a_reload_up_for_a_bounded_time(
    shelf: Shelf, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def slow(sku: str) -> None:
        await trio.sleep(1.9)

    async def slower(sku: str) -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(60)

    shelf.release = slow  # type: ignore[method-assign]
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        begun = trio.current_time()
        again = await visitor.reload()
        assert trio.current_time() - begun == pytest.approx(1.9)
        assert again.response.status == 200
        assert not caplog.records
        shelf.release = slower  # type: ignore[method-assign]
        begun = trio.current_time()
        assert (await again.reload()).response.status == 200
        assert trio.current_time() - begun == pytest.approx(2)
        assert "has not ended" in caplog.text


async def test_P3_an_unknown_leaving_cookie_does_no_harm(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        first = await visit(site, "/buy/tea")
        cookie = {"cookie": f"a=b; spindle-leaving={first.page_token}; c"}
        second = await visit(site, "/buy/tea", headers=cookie)
        assert second.response.status == 200
        assert site.live_pages == 2
