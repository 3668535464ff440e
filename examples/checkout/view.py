"""What a visitor sees. The spindle says what comes next; the view shows it and decides nothing."""

from __future__ import annotations

from examples.checkout.contract import Checkout, Listing, Offer, Order, SoldOut
from examples.checkout.forms import address_fields, card_field
from examples.checkout.parts import address, euros, frame, steps, summary
from spindle.view import Markup, View, fields, link, on, on_complete, on_error, submit

__all__ = ["CheckoutView", "ListingView"]


class ListingView(View):
    """Everything there is, each with a link to its checkout."""

    offers: tuple[Offer, ...] = ()

    @on(Listing.Shown)
    def shown(self, message: Listing.Shown) -> None:
        """Show what there is."""
        self.offers = message.offers

    def render(self) -> Markup:
        """Render the list."""
        return frame(
            Markup(
                "<h1>Loose leaf tea</h1><p>In bags of 100 grams. Delivery is free.</p>"
                '<ul class="teas">{}</ul>'
            ).format(Markup().join(map(_offer, self.offers)))
        )


def _offer(offer: Offer) -> Markup:
    match offer.left:
        case 0:
            left = "sold out"
        case 1:
            left = "the last one"
        case _:
            left = f"{offer.left} in stock"
    return Markup(
        '<li><a {link}>{p.name}</a><span class="about">{p.about}</span>'
        '<span class="price">{price}</span><span class="left">{left}</span></li>'
    ).format(
        link=link("/buy/{sku}", sku=offer.product.sku),
        p=offer.product,
        price=euros(offer.product.price),
        left=left,
    )


class CheckoutView(View):
    """Where the checkout is: what it asks, or how it ended."""

    title: str = "Checkout"
    step: Checkout.AskShipping | Checkout.AskPayment | Order | SoldOut | Exception | None = None

    @on(Checkout.AskShipping)
    def ask_shipping(self, ask: Checkout.AskShipping) -> None:
        """Show the form for the address."""
        self.step, self.title = ask, "Delivery"

    @on(Checkout.AskPayment)
    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        """Show the form for the card."""
        self.step, self.title = ask, "Payment"

    @on(Checkout.CardRefused)
    def card_refused(self, message: Checkout.CardRefused) -> None:
        """Say why the form for the card comes again."""
        self.flash("error", f"The bank refused this card: {message.reason}. Try another one.")

    @on_complete(Checkout)
    def ended(self, outcome: Order | SoldOut) -> None:
        """Show how it ended."""
        self.step = outcome
        self.title = "Thank you" if isinstance(outcome, Order) else "Sold out"

    @on_error(Checkout)
    def failed(self, error: Exception) -> None:
        """Show that it failed, but not why."""
        self.step, self.title = error, "Something went wrong"

    def render(self) -> Markup:
        """Render the step."""
        match self.step:
            case None:
                return frame(_LOADING)
            case Checkout.AskShipping() as ask:
                return frame(self._shipping_form(ask))
            case Checkout.AskPayment() as ask:
                return frame(self._payment_form(ask))
            case Order() as order:
                return frame(_thanks(order))
            case SoldOut(product):
                return frame(_SOLD_OUT.format(product.name, home=link("/")))
            case Exception():
                return frame(_FAILED.format(home=link("/")))

    def _shipping_form(self, ask: Checkout.AskShipping) -> Markup:
        return Markup(
            '{steps}<h1 tabindex="-1">Where shall we send it?</h1>{summary}'
            "<form {form} novalidate>{fields}<button>Continue to payment</button></form>"
        ).format(
            steps=steps("Delivery"),
            summary=summary(ask.product),
            form=submit(Checkout.ShippingGiven, to=ask),
            fields=address_fields(self, fields(Checkout.ShippingGiven).shipping),
        )

    def _payment_form(self, ask: Checkout.AskPayment) -> Markup:
        return Markup(
            '{steps}<h1 tabindex="-1">How would you like to pay?</h1>{summary}'
            "<form {form} novalidate>{fields}<button>Pay {total}</button></form>"
        ).format(
            steps=steps("Payment"),
            summary=summary(ask.product, ask.shipping),
            form=submit(Checkout.PaymentGiven, to=ask),
            fields=card_field(self, fields(Checkout.PaymentGiven).card),
            total=euros(ask.product.price),
        )


def _thanks(order: Order) -> Markup:
    return Markup(
        '{steps}<h1 tabindex="-1">Thank you. Your tea is on its way.</h1>'
        '<section class="summary" aria-label="Your order"><p class="name">{order.product.name}</p>'
        "<dl><dt>Order</dt><dd>{order.number}</dd><dt>Sent to</dt><dd>{address}</dd>"
        "<dt>Paid</dt><dd>{paid}, card ending in {order.paid_with}</dd></dl></section>"
        "<p><a {home}>Back to the shop</a></p>"
    ).format(
        steps=steps("Done"),
        home=link("/"),
        order=order,
        address=address(order.shipping),
        paid=euros(order.product.price),
    )


_LOADING = Markup(
    '<h1 tabindex="-1">One moment</h1><p>We are taking it from the shelf for you.</p>'
)
_SOLD_OUT = Markup(
    '<h1 tabindex="-1">{} is sold out</h1>'
    "<p>Somebody was faster. Should they leave without buying it, it is back on the shelf.</p>"
    "<p><a {home}>See the other teas</a></p>"
)
_FAILED = Markup(
    '<h1 tabindex="-1">Something went wrong</h1><p>Your order was not placed.</p>'
    "<p><a {home}>Back to the shop</a></p>"
)
