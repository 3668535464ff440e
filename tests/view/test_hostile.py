from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spindle._core.source import Source
from spindle._core.states import Cancelled, Completed, Errored, Notified, Yielded
from spindle.view import Refused, render_root
from tests.view.markup import Reader
from tests.view.shop import Checkout, Order, Product, Search, ShopView, SoldOut

TRICKS = [
    "<script>alert(1)</script>",
    "</p></ul></div>",
    "\" onclick=alert(1) x=\"",
    "' onclick=alert(1) x='",
    "<!--", "-->", "]]>", "&#34;", "&lt;b&gt;", "\\u003c", "\0", "\r\n", "\u2028",
    "javascript:alert(1)", "{}", "{0.__class__}", "%s", "`", "<a href=", "😀",
]  # fmt: skip

hostile = st.lists(st.sampled_from(TRICKS) | st.text(max_size=5), max_size=4).map("".join)


def shown(text: str) -> list[str]:
    """Return the structures of all pages on which a view shows `text` wherever it can."""
    return [each for view in views(text) for each in Reader(render_root(*view)).structure]


def views(text: str) -> list[tuple[ShopView, list[tuple[Source, Checkout.AskShipping]]]]:
    source, ask = Source(Checkout, text, 1), Checkout.AskShipping(text)
    form, order, payment = ShopView(), ShopView(), ShopView()
    form.query = text
    form.receive(source, Yielded(ask))
    form.refuse(Refused(Checkout.ShippingGiven, {"shipping.street": f"x{text}"}))
    form.receive(source, Notified(Search.Results((Product(text, text), Product("tea", text)))))
    form.receive(source, Completed(SoldOut(text)))
    form.flash("info", text)
    order.receive(source, Completed(Order(text)))
    order.receive(source, Errored(RuntimeError(text)))
    payment.receive(source, Yielded(Checkout.AskPayment(4)))
    payment.receive(source, Cancelled(text))
    return [(form, [(source, ask)]), (order, []), (payment, [])]


HARMLESS = shown("harmless")


@given(hostile)
def test_N8_hostile_text_in_any_assign_or_message_leaves_the_structure_alone(text: str) -> None:
    assert shown(text) == HARMLESS


@given(hostile)
def test_N8_hostile_text_is_shown_as_it_is(text: str) -> None:
    view = ShopView()
    view.receive(Source(Checkout), Completed(Order(f"[{text}]")))
    assert f"[{text}]" in Reader(render_root(view)).text
