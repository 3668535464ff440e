"""What a visitor sent and no spindle got, and the form controls that say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from spindle._core.messages import Event
from spindle.view.html import Attributes, Markup, attributes

if TYPE_CHECKING:
    from spindle.view.paths import Place

__all__ = ["Field", "Refused", "field_at"]


class Refused(msgspec.Struct, frozen=True):
    """An event that could not be made of what the visitor sent; no spindle got it.

    `errors` has a message for the visitor by the dotted name of the field (`shipping.street`); the
    name of the event as a whole is the empty text.
    """

    event: type[Event]
    errors: Mapping[str, str]


class Field(msgspec.Struct, frozen=True):
    """A form control's name and id, and what is wrong with what was typed into it.

    Three pieces of HTML keep label, control and message together for screen readers:

        street = self.field(fields(Checkout.ShippingGiven).shipping.street)
        Markup("<label {f.label}>Street</label><input {f.control}>{f.message}").format(f=street)
    """

    name: str
    id: str
    problem: str
    """The message for the visitor; empty when nothing is wrong."""

    @property
    def label(self) -> Attributes:
        """The attribute of the `<label>`: `for`."""
        return attributes([("for", self.id)])

    @property
    def control(self) -> Attributes:
        """The attributes of the control: `name`, `id`, and what tells of a problem."""
        pairs = [("name", self.name), ("id", self.id)]
        if self.problem:
            pairs += [("aria-invalid", "true"), ("aria-describedby", self._problem_id)]
        return attributes(pairs)

    @property
    def message(self) -> Markup:
        """A paragraph of class `problem` with the message, or nothing."""
        if not self.problem:
            return Markup()
        return Markup('<p class="problem" {}>{}</p>').format(
            attributes([("id", self._problem_id)]), self.problem
        )

    @property
    def _problem_id(self) -> str:
        return f"{self.id}:problem"


def field_at(place: Place, problem: str) -> Field:
    """Return the control for a place; the id is its own and the same in every rendering."""
    # Quoted, a name has no colon, space or quote, so that two places never share an id.
    return Field(place.name, f"{quote(place.event.__wire__)}:{quote(place.name)}", problem)
