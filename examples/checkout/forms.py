"""The fields of the forms: what an address and a card consist of."""

from __future__ import annotations

from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import Address, Card
from spindle.view import Field, Markup, View

__all__ = ["address_fields", "card_field"]


def address_fields(view: View, to: Address) -> Markup:
    """Ask for an address.

    Args:
        view: it knows what is wrong with what was typed.
        to: the path of the address, from `fields`.
    """
    return Markup('{name}{street}<div class="row">{postcode}{city}</div>').format(
        name=_text_field("Name", view.field(to.name), "name"),
        street=_text_field("Street and number", view.field(to.street), "address-line1"),
        postcode=_text_field("Postcode", view.field(to.postcode), "postal-code", "numeric"),
        city=_text_field("City", view.field(to.city), "address-level2"),
    )


def card_field(view: View, card: Card) -> Markup:
    """Ask for a card.

    Args:
        view: it knows what is wrong with what was typed.
        card: the path of the card, from `fields`.
    """
    return Markup(
        '{number}<p class="hint">No money moves in this demo. The bank takes '
        "<code>{taken}</code> and refuses <code>{refused}</code>.</p>"
    ).format(
        number=_text_field("Card number", view.field(card.number), "cc-number", "numeric"),
        taken=TAKEN,
        refused=REFUSED,
    )


def _text_field(label: str, field: Field, autocomplete: str, inputmode: str = "text") -> Markup:
    """Show a field with its label and, beside that, what is wrong with it.

    Args:
        label: what the visitor is to type.
        field: from the view.
        autocomplete: what the browser may fill in.
        inputmode: which keyboard a phone shows.
    """
    return Markup(
        '<div class="field"><div class="caption"><label {field.label}>{label}</label>'
        '{field.message}</div><input {field.control} autocomplete="{autocomplete}" '
        'inputmode="{inputmode}" required></div>'
    ).format(label=label, field=field, autocomplete=autocomplete, inputmode=inputmode)
