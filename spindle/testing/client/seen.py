"""What is seen of a page: whoever shows it, and without doing anything in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from spindle._core.errors import hides_frames
from spindle.testing.client.errors import ElementError
from spindle.testing.client.inputs import is_checkable, is_control
from spindle.testing.client.markup import attribute, named, text_of

if TYPE_CHECKING:
    from spindle._core.messages import Ask
    from spindle.testing.client.document import Document
    from spindle.web.live.page import LivePage

__all__ = ["Outcome", "Seen"]

__tracebackhide__ = hides_frames


class Outcome(NamedTuple):
    """What became of an event that a tab has sent."""

    settlement: str
    """`handled`, `refused` or `dead-lettered`."""
    reason: str
    """Empty if it was handled."""


class Seen(ABC):
    """What can be read of a `Tab`; nothing here waits for anything."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Path and query of the page."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the document is called now."""

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Whether the page still has its connection to the server."""

    @property
    @abstractmethod
    def outcomes(self) -> list[Outcome]:
        """What became of the events that this page has sent, in the order of the answers."""

    def yields(self) -> list[Ask]:
        """List what the page asks now: of each spindle the oldest first.

        Asked of the page itself, on the server, whoever shows it. Empty once it has ended.
        """
        machine = live.machine if (live := self._live()) is not None else None
        return [ask for _, ask in machine.pending()] if machine is not None else []

    def html(self, selector: str | None = None) -> str:
        """Return the page's HTML, or that of one element of it, without what is around the page.

        Raises:
            ElementError: the selector names no element or several.
        """
        if selector is not None:
            return str(self._document().one(selector))
        root = self._document().root
        return "" if root is None else root.decode_contents()

    def text(self, selector: str = "body") -> str:
        """Return the visible text of an element, or of all there is, with single spaces.

        Raises:
            ElementError: the selector names no element or several.
        """
        document = self._document()
        return text_of(document.body if selector == "body" else document.one(selector))

    def texts(self, selector: str) -> list[str]:
        """Return the visible text of each element that a selector names."""
        return [text_of(tag) for tag in self._document().all(selector)]

    def count(self, selector: str) -> int:
        """Return how many elements a selector names."""
        return len(self._document().all(selector))

    def attribute(self, selector: str, name: str) -> str | None:
        """Return an attribute of an element; None if it does not have it.

        Raises:
            ElementError: the selector names no element or several.
        """
        return attribute(self._document().one(selector), name)

    def value(self, selector: str) -> str:
        """Return what stands in a control now: of a `<select>`, the value that is picked.

        Raises:
            ElementError: the selector names no control, or several elements.
        """
        document = self._document()
        control = document.one(selector, "with a value", is_control)
        if not is_control(control):
            raise ElementError(f"{named(control)} is no control: use text()")
        values = document.inputs.values(control)
        return document.inputs.of(control).value if is_checkable(control) else "".join(values[:1])

    def checked(self, selector: str) -> bool:
        """Whether a box or a radio button is ticked now.

        Raises:
            ElementError: the selector names neither, or several elements.
        """
        box = self._document().one(selector, "that is ticked or not", is_checkable)
        if not is_checkable(box):
            raise ElementError(f"{named(box)} is nothing to tick")
        return self._document().inputs.of(box).checked

    @abstractmethod
    def _document(self) -> Document:
        """The document as it was looked at last."""

    @abstractmethod
    def _live(self) -> LivePage | None:
        """The page on the server; None once it has ended."""
