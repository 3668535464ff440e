"""A tab: what a visitor sees and does, whoever shows the page."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit

import trio

from spindle._core.errors import hides_frames
from spindle.testing.client.controls import (
    activated,
    can_be_clicked,
    link_by,
    pointed_by,
    sender_of_click,
    submitter_by,
    takes_keys,
    unusable,
)
from spindle.testing.client.errors import ElementError, PageEnded
from spindle.testing.client.filling import (
    Choice,
    FieldValue,
    Ticked,
    Typed,
    choices,
    is_typed_in,
    positions,
)
from spindle.testing.client.forms import (
    buttons_of,
    fault_of,
    form_of,
    is_submitter,
    submitted_by_key,
)
from spindle.testing.client.inputs import is_checkable
from spindle.testing.client.markup import attribute, named, readable
from spindle.testing.client.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bs4.element import Tag


__all__ = ["CLOSED", "By", "Tab"]

__tracebackhide__ = hides_frames

By: TypeAlias = Literal["click", "contextmenu", "pointermove"]


CLOSED: Final = "this tab is closed: visit() by the client opens another one"


class Tab(Seen):
    """One tab of a visitor. `Client.visit` makes it.

    What is done in it settles it afterwards, unless `settle=False` says otherwise; so what is read
    of it is the page at rest. A selector is CSS, with `:text('Buy')`, `:text-is('Buy')` and
    `:label('Street')` for what an element shows or is labelled with.
    """

    # --- what is done ---------------------------------------------------------------------------

    async def click(self, selector: str, *, settle: bool = True) -> None:
        """Click on a button, a link, a box, a label, or what else takes a click.

        Args:
            selector: names it.
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no element or several, or one that cannot be clicked: because it
                is no control, hidden or disabled, or because the browser keeps the form back.
            PageEnded: the page is there no more.
            VisitFailed: a link leads to no page.
            NotSettled: see `settle`.
        """
        tag = await self._find(selector, "to click", can_be_clicked)
        step, sender = activated(tag), sender_of_click(tag, self._document().root)
        if sender is not None and sender.has_attr("data-sp-by"):
            raise ElementError(f"{named(sender)} takes the place, too: say where, with point()")
        if tag.name == "option":
            raise ElementError(f"{named(tag)} is picked by choose(), given its <select>")
        if step is None and sender is None:
            raise ElementError(
                f"{named(tag)} takes no click: it is no button, link or box, and nothing around it "
                f"sends an event.\nAround it: {self._document().excerpt(tag.parent)}"
            )
        if (link := link_by(tag, self._document().root)) is not None:
            _check_link(link, self.url)
        button = submitter_by(tag, self._document().root)
        if button is not None:
            self._check_form(button)
        if sender is not None or button is not None:
            self._check_there()
        await self._click(tag)
        await self._done(settle)

    async def type(self, selector: str, text: str, *, settle: bool = True) -> None:
        """Replace what stands in a field by a text, at once, as pasting it does.

        Args:
            selector: names the field.
            text: what stands in it then.
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no element or several, or one that cannot be typed in.
            PageEnded: the page is there no more.
            NotSettled: see `settle`.
        """
        control = await self._find(selector, "to type in", is_typed_in)
        await self._put(Typed.checked(control, text))
        await self._done(settle)

    async def choose(self, selector: str, *options: str, settle: bool = True) -> None:
        """Pick options of a `<select>`, by value or by what they show.

        Args:
            selector: names the `<select>`.
            options: the one, or all of a `multiple` one; none to pick nothing.
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no element or several, or no such `<select>` or option.
            PageEnded: the page is there no more.
            NotSettled: see `settle`.
        """
        select = await self._find(selector, "to choose from", lambda tag: tag.name == "select")
        await self._put(Choice(select, positions(select, options)))
        await self._done(settle)

    async def check(self, selector: str, on: bool = True, *, settle: bool = True) -> None:
        """Tick a box or a radio button, or take the tick away; nothing if it is like that already.

        Args:
            selector: names it.
            on: whether it is to be ticked.
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no element or several, or nothing that can be ticked.
            PageEnded: the page is there no more.
            NotSettled: see `settle`.
        """
        box = await self._find(selector, "to tick", is_checkable)
        await self._put(Ticked.checked(box, on))
        await self._done(settle)

    async def submit(
        self,
        selector: str,
        fields: Mapping[str, FieldValue] | None = None,
        *,
        button: str = "",
        settle: bool = True,
    ) -> None:
        """Fill in a form and press its button.

        Args:
            selector: names the form.
            fields: what to put into controls, by their names: a text; True or False for a box; the
                value of a radio button or an option; several for boxes, options or fields of the
                same name. What is not named stays as it is.
            button: names the button; by default the form's first that can be used. A form without
                one is submitted as by the Enter key.
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no form, or several; a field or the button is not in it; a value
                does not fit; or the browser keeps the form back, for a field that is required.
            PageEnded: the page is there no more.
            NotSettled: see `settle`.
        """
        for name, value in (fields or {}).items():
            form = await self._form(selector)
            for choice in choices(form, name, value):
                await self._put(choice)
        form = await self._form(selector)
        await self._submit(form, self._button_of(form, button))
        await self._done(settle)

    async def press(self, selector: str, key: str, *, settle: bool = True) -> None:
        """Press a key in an element.

        Args:
            selector: names the element.
            key: as browsers name it: "Enter", "Escape", "ArrowDown", "a".
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no element or several, or one that is disabled or hidden; or the
                key submits a form that the browser keeps back.
            PageEnded: the page is there no more.
            NotSettled: see `settle`.
        """
        tag = await self._find(selector, "to press a key in", takes_keys)
        if not takes_keys(tag):
            raise ElementError(f"{named(tag)} cannot have the focus, so no key is pressed in it")
        if (form := submitted_by_key(tag, key)) is not None:
            self._check_form(tag if is_submitter(tag) else None, form)
        self._check_there()
        await self._key(tag, key)
        await self._done(settle)

    async def point(
        self, selector: str, x: float, y: float, *, by: By = "click", settle: bool = True
    ) -> None:
        """Point at a place of an element that sends an event with it.

        The pointer moves there first. In a browser the place is that of the nearest pixel.

        Args:
            selector: names the element.
            x: of the place, as the event is to get it: in an SVG in its own units, else in CSS
                pixels from the element's left side.
            y: of the place, likewise.
            by: how.
            settle: wait for what comes of it.

        Raises:
            ElementError: it names no element or several, or one that takes no place.
            PageEnded: the page is there no more.
            NotSettled: see `settle`.
        """
        tag = await self._find(selector, "to point at", lambda tag: tag.has_attr("data-sp-by"))
        if pointed_by(tag, self._document().root, by) is None:
            raise ElementError(f"{named(tag)} takes no place by {by}, nor does what is around it")
        self._check_there()
        await self._point(tag, x, y, by)
        await self._done(settle)

    # --- the tab itself -------------------------------------------------------------------------

    @abstractmethod
    async def visit(self, target: str) -> None:
        """Go to another page in this tab, which ends the one it shows; settle.

        Raises:
            VisitFailed: the address was answered with something else than a live page.
        """

    @abstractmethod
    async def reload(self) -> None:
        """Load the page anew, which ends the one it shows; settle.

        Raises:
            VisitFailed: the address was answered with something else than a live page.
        """

    @abstractmethod
    async def disconnect(self) -> None:
        """Cut the connection: the page ends on the server, and says that it is lost in the tab."""

    async def reconnect(self) -> None:
        """Do what a page whose connection is lost offers: load it anew.

        Raises:
            ElementError: the connection is not lost.
            VisitFailed: the address was answered with something else than a live page.
        """
        if self.connected:
            raise ElementError("the connection is not lost: disconnect() first, or reload()")
        await self.click(".spindle-lost button")

    @abstractmethod
    async def close(self) -> None:
        """Close the tab, which ends its page."""

    @abstractmethod
    async def settle(self) -> None:
        """Wait until nothing is left to do, without sleeping.

        That is: every event of this tab is settled, no call of a port is under way on its page, nor
        its mount function with nothing to show yet; every task waits for something; and the tab
        shows what there is to show. A call that waits
        for something the test has yet to do keeps a page from settling: `wait_for` then. On a clock
        that jumps, what waits for time to be settled makes it jump; time that is only waited out,
        as by a `timeout`, passes when the test waits.

        Raises:
            NotSettled: it took longer than the client's patience.
        """

    @abstractmethod
    async def wait_for(self, selector: str) -> None:
        """Wait until the tab shows an element, whatever is under way.

        Raises:
            NotSettled: it took longer than the client's patience.
            ElementError: it is no selector.
        """

    # --- what those that show a page bring ------------------------------------------------------

    @abstractmethod
    async def _look(self) -> None:
        """See to it that `_document` is what the tab shows."""

    @abstractmethod
    async def _click(self, tag: Tag) -> None: ...

    @abstractmethod
    async def _put(self, choice: Typed | Ticked | Choice) -> None: ...

    @abstractmethod
    async def _submit(self, form: Tag, button: Tag | None) -> None: ...

    @abstractmethod
    async def _key(self, tag: Tag, key: str) -> None: ...

    @abstractmethod
    async def _point(self, tag: Tag, x: float, y: float, by: By) -> None: ...

    async def _find(self, selector: str, wanted: str, could: Callable[[Tag], bool]) -> Tag:
        await self._look()
        tag = self._document().one(selector, wanted, could)
        if why := unusable(tag):
            raise ElementError(f"{named(tag)} {why}: no visitor can use it")
        return tag

    async def _form(self, selector: str) -> Tag:
        form = await self._find(selector, "to submit", lambda tag: tag.name == "form")
        if form.name != "form":
            raise ElementError(f"{named(form)} is no form: submit() takes the selector of one")
        return form

    def _button_of(self, form: Tag, selector: str) -> Tag | None:
        buttons = buttons_of(form)
        listed = ", ".join(map(named, buttons)) or "none"
        usable = [each for each in buttons if not unusable(each)]
        button = next(iter(usable or buttons), None)
        if selector:
            button = self._document().one(selector, "to submit the form by")
            if not any(button is each for each in buttons):
                raise ElementError(
                    f"{named(button)} does not submit this form; what does: {listed}"
                )
        if button is not None and (why := unusable(button)):
            raise ElementError(f"{named(button)} {why}, so {named(form)} cannot be submitted by it")
        self._check_form(button, form)
        self._check_there()
        return button

    def _check_form(self, button: Tag | None, form: Tag | None = None) -> None:
        form = form or (form_of(button) if button is not None else None)
        if form is None:
            return
        if not form.has_attr("data-sp-submit") and (attribute(form, "method") or "get") != "get":
            raise ElementError(f"the form sends no event: it lacks submit(...)\n{readable(form)}")
        if fault := fault_of(form, self._document().inputs, button):
            raise ElementError(f"a browser does not send this form: {fault}\n{readable(form)}")

    def _check_there(self) -> None:
        live = self._live()
        machine = None if live is None else live.machine
        if self.connected and machine is not None and not machine.ended:
            return
        raise PageEnded(f"{self.url} {self._why_gone()}. It shows: {self._document().excerpt()}")

    @abstractmethod
    def _why_gone(self) -> str:
        """Why the page is there no more, as the end of a sentence."""

    async def _done(self, settle: bool) -> None:
        if settle:
            await self.settle()
        else:
            await trio.lowlevel.checkpoint()


def _check_link(link: Tag, url: str) -> None:
    address = urlsplit(urljoin(f"http://app{url}", attribute(link, "href") or ""))
    if address.netloc != "app" or address.scheme != "http":
        raise ElementError(f"{named(link)} leads out of the app, where a client does not go")
    if attribute(link, "target") not in (None, "", "_self"):
        raise ElementError(f"{named(link)} opens another tab: visit() its address by the client")
    if link.has_attr("download"):
        raise ElementError(f"{named(link)} is a download, which a client does not keep")
