"""A visitor with a socket: events, settlements, messages, and what happens when things fail."""

from __future__ import annotations

from typing import ClassVar

import pytest
import trio
import trio.testing
from msgspec import Raw

from spindle._core.contract import Spindle
from spindle._core.messages import Delivery, Event, Yield
from spindle._runtime.page import PageMachine
from spindle.view import (
    NOT_SENT,
    WENT_WRONG,
    Markup,
    View,
    checksum,
    fields,
    on,
    on_complete,
    typed,
)
from spindle.web.app import App
from spindle.web.memory import NotOnPage, Visitor, visit
from spindle.web.protocol import Bye, EventSent, FormSent, Full, Hello, Patched, Resync, Settled
from spindle.web.request import Request
from spindle.web.screen import NOT_TAKEN
from spindle.web.session import Session
from spindle.web.site import Site, open_site
from spindle.web.transport import TransportClosed, memory_transports
from tests.web.store import (
    HOME,
    PATIENT,
    PAYMENT,
    Checkout,
    Shelf,
    Store,
    StoreView,
    checkout,
    store,
)


async def connected(site: Site, target: str = "/buy/tea") -> Visitor:
    visitor = await visit(site, target)
    await visitor.connect()
    return visitor


async def at_payment(site: Site) -> Visitor:
    visitor = await connected(site)
    await visitor.settled(await visitor.submit(Checkout.ShippingGiven, HOME))
    assert "Pay 4" in visitor.html
    return visitor


async def closed_with(visitor: Visitor) -> tuple[int, str]:
    with pytest.raises(TransportClosed) as caught:  # noqa: PT012 - sooner or later
        while True:
            await visitor.receive()
    return caught.value.code, caught.value.reason


async def test_Y1_from_the_first_question_to_the_order(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        settled = await visitor.settled(await visitor.submit(Checkout.PaymentGiven, PAYMENT))
        assert settled == Settled(2, "handled")
        assert "Order order-visa, paid 4" in visitor.html
        await visitor.settle()
        assert site.live_pages == 1, "what was ordered stays on show"
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0
        assert shelf.calls == [("reserve", "tea"), ("charge", "visa")]


async def test_Y1_sold_out(shelf: Shelf) -> None:
    shelf.stock = 0
    async with open_site(store(shelf)) as site:
        assert "Sold out" in (await visit(site, "/buy/tea")).html


async def test_Y3_the_second_click_on_pay_is_stale_and_charges_nothing(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        first = await visitor.submit(Checkout.PaymentGiven, {"card": "refused"})
        second = await visitor.submit(Checkout.PaymentGiven, {"card": "refused"})
        assert (await visitor.settled(first)).settlement == "handled"
        settled = await visitor.settled(second)
        assert settled.settlement == "refused"
        assert settled.reason.startswith("stale")
        await visitor.settle()
        assert "refused was refused" in visitor.html, "the bank's word was not swept away"
        assert NOT_TAKEN not in visitor.html
        assert shelf.count("charge") == 1
        third = await visitor.submit(Checkout.PaymentGiven, PAYMENT)
        assert (await visitor.settled(third)).settlement == "handled"
        assert shelf.count("charge") == 2


async def test_Y5_an_event_for_a_spindle_that_has_ended_is_refused_and_said(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, PAYMENT))
        await visitor.send(EventSent(8, "Checkout.Waved"))
        settled = await visitor.settled(8)
        assert settled.settlement == "refused"
        assert "not running" in settled.reason
        assert NOT_TAKEN in visitor.html
        await visitor.send(EventSent(9, "Checkout.PaymentGiven", Raw(b'{"card":"x"}'), to=2))
        assert (await visitor.settled(9)).settlement == "refused"
        assert shelf.count("charge") == 1


async def test_Y11_a_forged_price_cannot_be_expressed(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        for seq, data in enumerate(
            [b'{"card":"visa","total":0}', b'{"card":"visa","price":0}'], 10
        ):
            await visitor.send(EventSent(seq, "Checkout.PaymentGiven", Raw(data), to=2))
            assert (await visitor.settled(seq)).settlement == "refused"
        await visitor.send(
            FormSent(20, "Checkout.PaymentGiven", [("card", "visa"), ("total", "0")], to=2)
        )
        assert (await visitor.settled(20)).settlement == "refused"
        assert shelf.count("charge") == 0
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, PAYMENT))
        assert "paid 4" in visitor.html


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("Checkout.ShippingGiven", b'{"shipping":{"street":1,"city":"Ulm"}}', "street"),
        ("Checkout.ShippingGiven", b'{"shipping":{"street":"x"}}', "city"),
        ("Checkout.ShippingGiven", b'{"shipping":{"street":"x","city":"y","zip":"1"}}', "zip"),
        ("Checkout.ShippingGiven", b"[]", ""),
        ("Checkout.Nothing", b"{}", "Checkout.Nothing"),
        ("Checkout.AskShipping", b'{"sku":"tea"}', "Checkout.AskShipping"),
        ("__class__", b"{}", "__class__"),
    ],
)
async def test_C2_a_payload_that_does_not_fit_changes_nothing(
    shelf: Shelf, name: str, data: bytes, said: str
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        before = visitor.html
        await visitor.send(EventSent(100, name, Raw(data), to=1))
        settled = await visitor.settled(100)
        assert settled.settlement == "refused"
        assert said in settled.reason
        await visitor.settle()
        assert visitor.html == before
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"


async def test_C2_every_fault_of_a_form_reaches_its_field_and_no_event_the_spindle(
    shelf: Shelf,
) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        wrong = {"shipping.street": "", "shipping.city": ""}
        settled = await visitor.settled(await visitor.submit(Checkout.ShippingGiven, wrong))
        assert settled.settlement == "refused"
        assert visitor.html.count('aria-invalid="true"') == 2
        assert visitor.html.count('class="problem"') == 2
        assert NOT_SENT in visitor.html
        assert 'data-sp-to="1"' in visitor.html, "the same question still waits"
        await visitor.settled(await visitor.submit(Checkout.ShippingGiven, HOME))
        assert "Pay 4" in visitor.html
        assert NOT_SENT not in visitor.html


async def test_C3_a_form_post_becomes_the_typed_event(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        pairs = [
            *HOME.items(),
            ("shipping.lines", "second floor"),
            ("shipping.lines", "ring twice"),
            ("shipping.gift", "on"),
            ("shipping.floor", "2"),
        ]
        seq = await visitor.submit(Checkout.ShippingGiven, pairs)
        assert (await visitor.settled(seq)).settlement == "handled"
        (address,) = shelf.given
        assert address.lines == ("second floor", "ring twice")
        assert address.gift is True
        assert address.floor == 2


async def test_E1_a_spindle_that_raises_ends_alone(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        other, visitor = await connected(site), await connected(site)
        settled = await visitor.settled(await visitor.click(Checkout.Crashed()))
        assert settled.settlement in ("handled", "dead-lettered")
        await visitor.shows("The checkout failed.")
        assert "secret" not in visitor.html
        assert site.live_pages == 2
        assert shelf.count("release") == 1
        seq = await other.submit(Checkout.ShippingGiven, HOME)
        assert (await other.settled(seq)).settlement == "handled"


async def test_E8_closing_the_tab_at_payment_puts_the_unit_back(shelf: Shelf) -> None:
    shelf.stock = 1
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        assert "Sold out" in (await visit(site, "/buy/tea")).html
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
        second = await at_payment(site)
        await second.settled(await second.submit(Checkout.PaymentGiven, PAYMENT))
        assert "Order" in second.html


async def test_N7_a_message_stays_until_the_visitor_acts(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, {"card": "refused"}))
        assert "<p>refused was refused</p>" in visitor.html
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, PAYMENT))
        assert "<p>refused was refused</p>" not in visitor.html


async def test_N7_a_message_goes_when_it_is_dismissed(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, {"card": "refused"}))
        await visitor.dismiss(99)
        await visitor.settle()
        assert 'data-sp-dismiss="1"' in visitor.html
        await visitor.dismiss(1)
        await visitor.settle()
        assert "<p>refused was refused</p>" not in visitor.html
        assert "<em>refused was refused</em>" in visitor.html


class Fragile(StoreView):
    """Raises where it is told to."""

    breaks: str = ""

    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        if self.breaks == "handler":
            raise RuntimeError("secret")
        super().ask_payment(ask)

    def render(self) -> Markup:
        if self.breaks == "render" and isinstance(self.panel, Checkout.AskPayment):
            raise RuntimeError("secret")
        if self.breaks == "always":
            raise RuntimeError("secret")
        return super().render()


def fragile(shelf: Shelf, what: str) -> App:
    class Broken(Fragile):
        breaks: str = what

    app = App(provide=store(shelf).provide, limits=PATIENT)

    @app.page("/buy/{sku}", Store, Broken)
    async def mount(page: PageMachine, request: Request, sku: str) -> None:
        page.start(Checkout, checkout, sku)

    return app


@pytest.mark.parametrize("what", ["handler", "render"])
async def test_N5_a_view_that_fails_says_so_and_the_page_lives(
    shelf: Shelf, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(fragile(shelf, what)) as site:
        visitor = await connected(site)
        seq = await visitor.submit(Checkout.ShippingGiven, HOME)
        assert (await visitor.settled(seq)).settlement == "handled"
        await visitor.shows(WENT_WRONG)
        assert "secret" not in visitor.html
        assert "Checkout.ShippingGiven" in visitor.html, "the last rendering that worked"
        assert "RuntimeError: secret" in caplog.text
        await visitor.send(EventSent(5, "Checkout.PaymentGiven", Raw(b'{"card":"visa"}'), to=2))
        assert (await visitor.settled(5)).settlement == "handled"
        await visitor.shows("Order order-visa")


async def test_N5_a_rendering_that_fails_on_the_get_gives_nothing_away(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(fragile(shelf, "always")) as site:
        visitor = await visit(site, "/buy/tea")
        assert visitor.response.status == 500
        assert WENT_WRONG in visitor.html
        assert b"secret" not in visitor.response.body
        assert "RuntimeError: secret" in caplog.text
        assert site.live_pages == 1


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
        for seq in range(4):
            await visitor.send(EventSent(seq, "Checkout.Waved"))
        # The spindle takes one and fails of it; the second waited in its mailbox.
        assert (await visitor.settled(2)).reason == "too many events wait to be settled"


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


async def test_P7_a_fault_of_one_session_ends_that_session_only(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(store(shelf)) as site:
        other, visitor = await connected(site), await connected(site)
        await other.settle()
        await visitor.settle()
        monkeypatch.setattr(Session, "_rendered", fault)
        await visitor.send(Resync())
        assert await closed_with(visitor) == (1011, "internal error")
        monkeypatch.undo()
        await trio.testing.wait_all_tasks_blocked()
        assert "ZeroDivisionError" in caplog.text
        seq = await other.submit(Checkout.ShippingGiven, HOME)
        assert (await other.settled(seq)).settlement == "handled"
        assert site.live_pages == 1


def fault(session: Session) -> None:
    raise ZeroDivisionError


async def test_a_click_finds_its_button_by_what_it_sends(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        with pytest.raises(NotOnPage, match=r"nothing on the page sends .*Waved .*2"):
            await visitor.click(Checkout.Waved(2))
        with pytest.raises(NotOnPage, match="by submit"):
            await visitor.submit(Checkout.PaymentGiven, PAYMENT)
        settled = await visitor.settled(await visitor.click(Checkout.Waved(1)))
        assert settled.settlement in ("handled", "dead-lettered")


class Touchy(Spindle[None]):
    class Sent(Event):
        number: int

        def __post_init__(self) -> None:
            {1: "one"}[self.number]

    class Asked(Yield[Sent]): ...


class TouchyView(View):
    @on(Touchy.Asked)
    def asked(self, ask: Touchy.Asked) -> None: ...

    def render(self) -> Markup:
        return Markup("<p>Touchy</p>")


@pytest.mark.parametrize("kind", ["event", "form"])
async def test_N5_an_event_whose_own_check_fails_is_refused_and_the_page_lives(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(limits=PATIENT)

    @app.page("/", Touchy, TouchyView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Touchy, ask_once)

    async def ask_once() -> None:
        await Touchy.Asked()

    async with open_site(app) as site:
        visitor = await connected(site, "/")
        if kind == "event":
            await visitor.send(EventSent(1, "Touchy.Sent", Raw(b'{"number":2}'), to=1))
        else:
            await visitor.send(FormSent(1, "Touchy.Sent", [("number", "2")], to=1))
        assert (await visitor.settled(1)).settlement == "refused"
        await visitor.shows(WENT_WRONG)
        assert "KeyError: 2" in caplog.text
        await visitor.send(EventSent(2, "Touchy.Sent", Raw(b'{"number":1}'), to=1))
        assert (await visitor.settled(2)).settlement == "handled"


async def test_what_is_typed_is_sent_as_it_is_typed() -> None:
    class Finder(Spindle[None]):
        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            text: str

        class Asked(Yield[Typed]): ...

    class FinderView(View):
        found: str = ""

        @on(Finder.Asked)
        def asked(self, ask: Finder.Asked) -> None: ...

        @on_complete(Finder)
        def finished(self, outcome: None) -> None:
            self.found = "Found"

        def render(self) -> Markup:
            name = fields(Finder.Typed).text
            return Markup('<input name="{}" {}>{}').format(name, typed(Finder.Typed), self.found)

    app = App(limits=PATIENT)

    async def find() -> None:
        while (await Finder.Asked()).text != "tea":
            pass

    @app.page("/", Finder, FinderView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Finder, find)

    async with open_site(app) as site:
        visitor = await connected(site, "/")
        for text in ("t", "te", "tea"):
            seq = await visitor.enter(Finder.Typed, "text", text)
            assert (await visitor.settled(seq)).settlement == "handled"
        await visitor.shows("Found")


async def test_a_visitor_without_a_socket_says_so(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        with pytest.raises(NotOnPage, match="connect"):
            await visitor.submit(Checkout.ShippingGiven, HOME)
