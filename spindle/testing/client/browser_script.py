"""What the browser, and Spindle's script in it, do with a page: no socket, clock or window.

The counterpart of client/src: clicks and keys find the element that carries an event, forms are
collected, what is typed is paced, and a new rendering is put around what the visitor has done. What
is to be sent waits in `outgoing`, and where the visitor goes in `leads_to`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import msgspec

from spindle.testing.client.controls import (
    activated,
    carrier_of,
    control_of_label,
    link_by,
    pointed_by,
    prevents,
    sender_of_click,
)
from spindle.testing.client.forms import (
    buttons_of,
    entries,
    form_of,
    is_disabled,
    is_submitter,
    owned,
    radio_group,
    submitted_by_key,
)
from spindle.testing.client.inputs import (
    Held,
    is_checkable,
    is_control,
    type_of,
)
from spindle.testing.client.markup import attribute, parse, tags, within
from spindle.testing.client.owned import morph
from spindle.testing.client.pace import Pace
from spindle.testing.client.pairs import Address
from spindle.testing.client.pending import Pending, Sent, Taken
from spindle.web.socket.protocol import ClientMessage, Dismissed, EventSent, FormSent

if TYPE_CHECKING:
    from bs4.element import Tag

    from spindle.testing.client.document import Document

__all__ = ["BrowserScript"]

# What a browser takes for a click.
_BY_KEY: Final = {"Enter": ("a", "button", "summary"), " ": ("button", "summary")}

_LOST: Final = (
    '<div class="spindle-lost" role="alert"><p>Connection lost.</p>'
    '<button type="button">Reload</button></div>'
)


class BrowserScript:
    """The script of one document, and the visitor's hands.

    Args:
        document: as it was loaded.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.pace = Pace()
        self.pending = Pending()
        self.outgoing: list[ClientMessage] = []
        self.leads_to: str | None = None
        """Where a link that was followed leads; empty to load the page anew."""
        self._inputs = document.inputs
        self._deferred = False
        self._html = ""
        self._faulty: Tag | None = None
        self._typing: tuple[Tag, ...] = ()
        focus = (tag for tag in tags(document.body) if tag.has_attr("autofocus"))
        self._inputs.focused = next(focus, None)

    # --- the visitor ----------------------------------------------------------------------------

    def click(self, tag: Tag) -> None:
        """Press and release on an element."""
        step = activated(tag)
        self._focus(step)
        self._faulty = None
        if step is not None and is_checkable(step):
            self.tick(step, type_of(step) == "radio" or not self._inputs.of(step).checked)
            self._send_click(tag)
            self._typed(step)
        elif not self._send_click(tag) and step is not None:
            self._activate(step)

    def put(self, control: Tag, text: str) -> None:
        """Replace what stands in a control by a text, as pasting it does."""
        self._focus(control)
        self._inputs.of(control).value = text
        self._typed(control)

    def pick(self, select: Tag, positions: tuple[int, ...]) -> None:
        """Pick options of a `<select>`."""
        self._focus(select)
        self._inputs.of(select).picked = positions
        self._typed(select)

    def tick(self, box: Tag, on: bool) -> None:
        """Tick a box, or a radio button in the place of the others of its group."""
        if on and type_of(box) == "radio":
            for other in radio_group(box):
                self._inputs.of(other).checked = False
        self._inputs.of(box).checked = on

    def key(self, tag: Tag, key: str) -> None:
        """Press a key in an element."""
        self._focus(tag)
        self._faulty = None
        root = self.document.root
        carrier = carrier_of(tag, root, lambda each: attribute(each, "data-sp-key") == key)
        if carrier is not None:
            self._send(carrier, "pressed")
        form = submitted_by_key(tag, key)
        if form is not None and not is_submitter(tag):
            self._submit_by_first(form)
        elif tag.name in _BY_KEY.get(key, ()) or (key == " " and is_checkable(tag)):
            self.click(tag)

    def point(self, tag: Tag, x: float, y: float, by: str) -> None:
        """Point at a place of an element, which the pointer first moves to."""
        if by != "pointermove":
            self.point(tag, x, y, "pointermove")
        carrier = pointed_by(tag, self.document.root, by)
        if carrier is None:
            return
        place = [(axis, repr(float(at)).removesuffix(".0")) for axis, at in (("x", x), ("y", y))]
        address = Address.of(carrier, "pointed")
        self.pace.run(carrier, lambda: self._send_form(carrier, address, place))
        if by != "pointermove":
            self.pace.flush()

    def submit(self, form: Tag, button: Tag | None = None) -> None:
        """Submit a form by one of its buttons, or by the Enter key in a field."""
        if form.has_attr("data-sp-submit"):
            self.pace.flush()
            pairs = entries(form, self._inputs, button)
            self._send_form(form, Address.of(form, "submit"), pairs)
        else:
            self._leave_by(form, entries(form, self._inputs, button))

    # --- the server -----------------------------------------------------------------------------

    def show(self, html: str) -> None:
        """Show a new rendering."""
        self._html = html
        root = self.document.root
        if root is None:
            return
        pairs, self._deferred = morph(root, parse(html), self._inputs, self.pending.answered)
        self.pending.follow(pairs)
        self.pace.follow(pairs)
        self._typing = tuple(pairs.of(each) or each for each in self._typing)
        if self._faulty is not None:
            self._faulty = pairs.of(self._faulty) or self._faulty
            if self._lead():
                self._faulty = None

    def settled(self, seq: int, settlement: str) -> None:
        """Take note of what became of an event."""
        sent = self.pending.settle(seq, handled=settlement == "handled")
        if sent is None:
            return
        self._heard(sent, handled=settlement == "handled")
        self.catch_up()
        if settlement == "refused" and sent.carrier.name == "form":
            self._faulty = sent.carrier
            self._lead()

    def catch_up(self) -> None:
        """Show what the server said of fields that were the visitor's until now.

        To be called after what the visitor did, which may have left a field.
        """
        if self._deferred:
            self.show(self._html)

    def lost(self) -> None:
        """Say that the connection is lost, and give back what was under way."""
        for sent in self.pending.abandon():
            self._heard(sent, handled=False)
        if not self.document.all(".spindle-lost"):
            self.document.body.append(parse(_LOST))

    # --- events ---------------------------------------------------------------------------------

    def _send_click(self, tag: Tag) -> bool:
        """Send what a click sends; whether the browser is to do nothing of its own."""
        carrier = sender_of_click(tag, self.document.root)
        if carrier is None:
            return False
        flash = attribute(carrier, "data-sp-dismiss")
        if flash is None:
            self._send(carrier, "click")
        else:
            self.outgoing.append(Dismissed(int(flash)))
        return prevents(carrier)

    def _send(self, carrier: Tag, verb: str) -> None:
        self.pace.flush()
        address = Address.of(carrier, verb)
        data = msgspec.Raw((attribute(carrier, "data-sp-value") or "{}").encode())
        seq = self._begin(carrier, address, tells=is_control(carrier))
        self.outgoing.append(EventSent(seq, address.name, data, address.to, address.instance))

    def _send_form(self, carrier: Tag, address: Address, pairs: list[tuple[str, str]]) -> None:
        seq = self._begin(carrier, address, tells=True)
        self.outgoing.append(FormSent(seq, address.name, pairs, address.to, address.instance))

    def _begin(self, carrier: Tag, address: Address, *, tells: bool) -> int:
        sent = Sent(address.name, carrier, address.ask)
        if tells:
            told = [carrier] if is_control(carrier) else []
            if carrier.name == "form":
                told = [each for each in owned(carrier) if is_control(each)]
            sent.told = [(each, self._inputs.values(each)) for each in told]
        if carrier.has_attr("data-sp-reset"):
            sent.taken = [self._take(each) for each, _ in sent.told]
        return self.pending.begin(sent)

    def _take(self, control: Tag) -> Taken:
        before = self._inputs.of(control)
        self._inputs.reset(control)
        return Taken(control, before, self._inputs.values(control))

    def _typed(self, control: Tag) -> None:
        if not is_control(control):
            return
        self._faulty = None
        self._inputs.of(control).unheard = True
        carrier = carrier_of(
            control, self.document.root, lambda each: each.has_attr("data-sp-typed")
        )
        if carrier is None:
            return
        self.pace.turn_to(carrier)
        self._typing = carrier, control
        address = Address.of(carrier, "typed")
        self.pace.run(carrier, lambda: self._send_typed(address))

    def _send_typed(self, address: Address) -> None:
        carrier, control = self._typing
        if carrier.name == "form":
            self._send_form(carrier, address, entries(carrier, self._inputs))
        else:
            name = attribute(control, "name") or ""
            pairs = [(name, value) for value in self._inputs.values(control)]
            self._send_form(control, address, pairs)

    # --- what the browser does by itself --------------------------------------------------------

    def _activate(self, step: Tag) -> None:
        if step.name == "label":
            control = control_of_label(step)
            if control is not None and not is_disabled(control):
                self.click(control)
        elif step.name == "a":
            if link_by(step, self.document.root) is not None:
                self.leads_to = attribute(step, "href") or ""
        elif step.name == "summary":
            if step.parent is not None and step.parent.name == "details":
                self._inputs.turn(step.parent)
        elif any("spindle-lost" in (attribute(each, "class") or "") for each in within(step)):
            self.leads_to = ""
        elif (form := form_of(step)) is not None:
            self._press(step, form)

    def _press(self, button: Tag, form: Tag) -> None:
        if is_submitter(button):
            self.submit(form, button)
        elif attribute(button, "type") == "reset":
            for control in owned(form):
                if is_control(control):
                    self._inputs.reset(control)

    def _leave_by(self, form: Tag, pairs: list[tuple[str, str]]) -> None:
        address = (attribute(form, "action") or "").partition("?")[0]
        self.leads_to = f"{address}?{urlencode(pairs)}"

    def _submit_by_first(self, form: Tag) -> None:
        buttons = buttons_of(form)
        if buttons:
            self.click(buttons[0])
        else:
            self.submit(form)

    # --- what is the visitor's ------------------------------------------------------------------

    def _focus(self, tag: Tag | None) -> None:
        self._inputs.focused = tag

    def _lead(self) -> bool:
        """Lead the visitor to the first field that a refused form marks as wrong."""
        within = () if self._faulty is None else tags(self._faulty)
        field = next((tag for tag in within if attribute(tag, "aria-invalid") == "true"), None)
        if field is not None:
            self._inputs.focused = field
        return field is not None

    def _heard(self, sent: Sent, *, handled: bool) -> None:
        for control, state in sent.told:
            if self._inputs.values(control) == state:
                self._inputs.of(control).unheard = False
        if is_checkable(sent.carrier):
            self._show_boxes()
        for each in sent.taken:
            self._give_back(each, handled=handled)

    def _show_boxes(self) -> None:
        """A box that sends a click shows what the server says, whatever became of the click."""
        for box in tags(self.document.body):
            if box.has_attr("data-sp-click") and is_checkable(box) and not self.pending.holds(box):
                self._inputs.of(box).checked = box.has_attr("checked")

    def _give_back(self, taken: Taken, *, handled: bool) -> None:
        held: Held = self._inputs.of(taken.control)
        untouched = self._inputs.values(taken.control) == taken.empty
        if untouched:
            held.unheard = False
        if handled:
            return
        if is_checkable(taken.control):
            held.checked = held.checked or taken.before.checked
        elif untouched:
            held.value, held.picked = taken.before.value, taken.before.picked
        elif taken.control.name != "select":
            held.value = taken.before.value + held.value
