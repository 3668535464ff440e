"""What visitors do, and how it is settled."""

from __future__ import annotations

from typing import ClassVar

import pytest
import trio
import trio.testing
from msgspec import Raw

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Delivery, Event, Yield
from spindle._runtime.page import PageMachine
from spindle.view import NOT_SENT, Markup, View, fields, on, on_complete, pointed, typed
from spindle.web.app import App
from spindle.web.http.request import Request
from spindle.web.live.screen import NOT_TAKEN, OVER
from spindle.web.memory import NotOnPage, visit
from spindle.web.site import open_site
from spindle.web.socket.protocol import EventSent, FormSent, Settled
from tests.web.store import HOME, PATIENT, PAYMENT, Checkout, Shelf, store
from tests.web.visitors import at_payment, connected


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
        assert OVER in visitor.html
        await visitor.send(EventSent(9, "Checkout.PaymentGiven", Raw(b'{"card":"x"}'), to=2))
        assert (await visitor.settled(9)).settlement == "refused"
        assert shelf.count("charge") == 1


async def test_Y5_after_a_spindle_died_each_click_says_what_helps(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        await visitor.send(EventSent(7, "Checkout.Crashed", to=1))
        assert (await visitor.settled(7)).settlement != "refused"
        for seq in 8, 9:
            await visitor.send(EventSent(seq, "Checkout.Crashed", to=0))
            assert (await visitor.settled(seq)).settlement == "refused"
            assert OVER in visitor.html


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


async def test_E1_a_spindle_that_raises_ends_alone(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(store(shelf)) as site:
        other, visitor = await connected(site), await connected(site)
        settled = await visitor.settled(await visitor.click(Checkout.Crashed()))
        assert settled.settlement in ("handled", "dead-lettered")
        await visitor.shows("The checkout failed.")
        assert "secret" not in visitor.html
        assert "RuntimeError: secret of Crashed" in caplog.text
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


async def test_a_click_finds_its_button_by_what_it_sends(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        with pytest.raises(NotOnPage, match=r"nothing on the page sends .*Waved .*2"):
            await visitor.click(Checkout.Waved(2))
        with pytest.raises(NotOnPage, match="by submit"):
            await visitor.submit(Checkout.PaymentGiven, PAYMENT)
        settled = await visitor.settled(await visitor.click(Checkout.Waved(1)))
        assert settled.settlement in ("handled", "dead-lettered")


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


async def test_a_place_that_is_pointed_at() -> None:
    class Board(Spindle):
        class Placed(Event):
            delivery: ClassVar = Delivery.QUEUE
            x: float
            y: float

        class Shown(Yield[Placed]):
            places: tuple[tuple[float, float], ...]

    class BoardView(View):
        places: tuple[tuple[float, float], ...] = ()

        @on(Board.Shown)
        def shown(self, ask: Board.Shown) -> None:
            self.places = ask.places

        def render(self) -> Markup:
            return Markup("<div {}>{}</div>").format(pointed(Board.Placed), self.places)

    async def board() -> None:
        places: tuple[tuple[float, float], ...] = ()
        while True:
            placed = await Board.Shown(places)
            places = (*places, (placed.x, placed.y))

    app = App(limits=PATIENT)
    app.coroutine("/", board, Board, BoardView)

    async with open_site(app) as site:
        visitor = await connected(site, "/")
        await visitor.point(Board.Placed, 3, 4.5)
        await visitor.point(Board.Placed, 1e-9, -2)
        await visitor.shows("((3.0, 4.5), (1e-09, -2.0))")
        for x in ("", "NaN", "1e999", "left"):
            fields = [("x", x), ("y", "1")]
            await visitor.send(FormSent(100, "Board.Placed", fields))
            assert (await visitor.settled(100)).settlement == "refused"
        with pytest.raises(NotOnPage, match="by pointed"):
            await visitor.point(Checkout.ShippingGiven, 1, 2)


async def test_a_visitor_without_a_socket_says_so(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await visit(site, "/buy/tea")
        with pytest.raises(NotOnPage, match="connect"):
            await visitor.submit(Checkout.ShippingGiven, HOME)
