"""A session: frames in order, slow clients, limits, the end."""

from __future__ import annotations

import pytest
import trio
import trio.testing
from msgspec import Raw

from spindle.view import checksum
from spindle.web.live.screen import TOO_MUCH
from spindle.web.memory import visit
from spindle.web.site import open_site
from spindle.web.socket.protocol import Bye, EventSent, Full, Hello, Patched, Resync, Settled
from spindle.web.socket.transport import TransportClosed, memory_transports
from tests.web.store import HOME, PAYMENT, Checkout, Shelf, store
from tests.web.visitors import closed_with, connected


async def test_another_text_in_the_browser_is_replaced_whole(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        rendered = visitor.html
        visitor.html += "<!-- an extension was here -->"
        await visitor.connect()
        message = await visitor.receive()
        assert message == Full(rendered, checksum(rendered))


async def test_what_an_event_brings_about_is_one_frame_and_comes_before_its_settlement(
    shelf: Shelf,
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        await visitor.settle()
        await visitor.settled(await visitor.submit(Checkout.ShippingGiven, HOME))
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, PAYMENT))
        kinds = [type(message) for message in visitor.received]
        assert kinds == [Patched, Settled, Patched, Settled]


async def test_a_resync_brings_the_whole_text(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        await visitor.send(Resync())
        assert isinstance(await visitor.receive(), Full)
        await visitor.submit(Checkout.ShippingGiven, HOME)
        await visitor.shows("Pay 4")


async def test_a_title_is_sent_when_it_changes(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    shelf.open = trio.Event()
    async with open_site(store(shelf, first_render=0.1)) as site:
        visitor = await connected(site)
        shelf.open.set()
        await visitor.shows("ShippingGiven")
        await visitor.submit(Checkout.ShippingGiven, HOME)
        await visitor.shows("Pay 4")
        updates = [m for m in visitor.received if isinstance(m, Full | Patched)]
        assert [update.title for update in updates if update.title] == ["Shipping for tea"]
        assert len(updates) > 1


async def test_a_slow_client_costs_one_unsent_frame(shelf: Shelf) -> None:
    async with open_site(store(shelf, burst=500, frames_per_second=500)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect(buffer=1)
        for round_ in range(40):
            await visitor.send(Resync())
            await trio.testing.wait_all_tasks_blocked()
            assert site.live_pages == 1, round_
        frames = 0
        while (await_one := visitor.transport) and await_one.receive_nowait() is not None:
            frames += 1
            await trio.testing.wait_all_tasks_blocked()
        assert frames == 3, "one in each buffer, and one that jumps to the newest state"


async def test_a_client_that_never_reads_is_dropped(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect(buffer=1)
        for _ in range(3):
            await visitor.send(Resync())
            await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(29)
        assert site.live_pages == 1
        await trio.sleep(2)
        assert site.live_pages == 0
        assert shelf.count("release") == 1


async def test_a_client_that_reads_no_answers_is_closed(shelf: Shelf) -> None:
    limits = {"burst": 500, "frames_per_second": 500, "unsettled": 4}
    async with open_site(store(shelf, **limits)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect(buffer=1)
        with pytest.raises(TransportClosed):  # noqa: PT012 - sooner or later
            for seq in range(100):
                await visitor.send(EventSent(seq, "Checkout.Nothing"))
                await trio.testing.wait_all_tasks_blocked()
        assert (await closed_with(visitor))[0] in (4429, 1006)
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0


async def test_events_beyond_the_bound_of_unsettled_ones_are_refused(shelf: Shelf) -> None:
    async with open_site(store(shelf, unsettled=2)) as site:
        visitor = await connected(site)
        for seq in range(3):
            await visitor.send(EventSent(seq, "Checkout.Waved"))
        # The spindle takes one and fails of it; the second waited in its mailbox.
        assert (await visitor.settled(2)).reason == "too many events wait to be settled"
        assert TOO_MUCH in visitor.html


async def test_hello_must_come_in_time(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        server, client = memory_transports()
        site.spawn(lambda: site.converse(server))
        visitor.transport = client
        begun = trio.current_time()
        assert await closed_with(visitor) == (4401, "no hello within 5 s")
        assert trio.current_time() - begun == pytest.approx(5)


@pytest.mark.parametrize("frame", [b"\x00", "{", '{"t":"hello"}', '{"t":"resync"}', "x" * 70_000])
async def test_P6_a_hostile_first_frame_adopts_nothing(shelf: Shelf, frame: str | bytes) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        server, client = memory_transports()
        site.spawn(lambda: site.converse(server))
        await client.send(frame)
        with pytest.raises(TransportClosed) as caught:
            await client.receive()
        assert caught.value.code in (1003, 1007, 1008, 1009)
        await visitor.connect()
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"


async def test_P6_a_second_hello_ends_the_page(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        await visitor.send(Hello(visitor.page_token, 1))
        assert await closed_with(visitor) == (1008, "expected no second hello")
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0


async def test_P6_ten_thousand_frames_at_once_end_one_page_only(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        other, visitor = await connected(site), await connected(site)
        with pytest.raises(TransportClosed):  # noqa: PT012 - sooner or later
            for seq in range(10_000):
                await visitor.send(EventSent(seq, "Checkout.PaymentGiven", Raw(b'{"card":"x"}'), 9))
        assert await closed_with(visitor) == (4429, "too many frames; slow down")
        assert shelf.count("charge") == 0
        seq = await other.submit(Checkout.ShippingGiven, HOME)
        assert (await other.settled(seq)).settlement == "handled"


async def test_a_stopping_server_says_bye(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
    assert await closed_with(visitor) == (1001, "the server is stopping")
    assert visitor.received == [Bye()]
    assert shelf.count("release") == 1


async def test_a_stopping_server_does_not_wait_for_a_client_that_does_not_read(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect(buffer=0)
        await visitor.send(Resync())
        await trio.testing.wait_all_tasks_blocked()
        begun = trio.current_time()
    assert trio.current_time() - begun < 2
    assert shelf.count("release") == 1
