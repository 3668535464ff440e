"""A document as it stands in a tab: its elements, their state, and how they are found."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from spindle._core.errors import hides_frames
from spindle.testing.client.errors import ElementError
from spindle.testing.client.inputs import Inputs
from spindle.testing.client.markup import named, parse, readable, tags, within
from spindle.testing.client.selectors import names_text, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bs4 import BeautifulSoup
    from bs4.element import Tag

__all__ = ["Document"]

__tracebackhide__ = hides_frames

_LISTED: Final = 12
_EXCERPT: Final = 600


class Document:
    """One document.

    Args:
        html: the whole of it, or its `<body>`.
    """

    def __init__(self, html: str) -> None:
        self.soup: BeautifulSoup = parse(html)
        self.inputs = Inputs()
        for unseen in self.soup.find_all("noscript"):
            unseen.decompose()

    @property
    def body(self) -> Tag:
        """What is in the window."""
        return self.soup.body or self.soup

    @property
    def root(self) -> Tag | None:
        """The element whose content is the page; None if the document has no page."""
        return self.soup.find(id="spindle")

    def all(self, selector: str, within: Tag | None = None) -> list[Tag]:
        """List the elements that a selector names.

        Raises:
            ElementError: it is no selector.
        """
        states: dict[str, Callable[[Tag], bool]] = {
            "checked": self.inputs.is_checked,
            "focus": self.inputs.is_focused,
        }
        return select(within or self.body, selector, states)

    def one(
        self, selector: str, wanted: str = "", could: Callable[[Tag], bool] | None = None
    ) -> Tag:
        """Find the one element that a selector names.

        Where it goes by text, an element that shows the text counts and those around it do not.

        Args:
            selector: names it.
            wanted: what it is looked for, such as "to click".
            could: tells which elements could have been meant.

        Raises:
            ElementError: it names none or several, or is no selector.
        """
        found = self.all(selector)
        if names_text(selector):
            found = _innermost(found)
        if len(found) == 1:
            return found[0]
        if found:
            raise ElementError(
                f"{selector!r} names {len(found)} elements, and one is wanted{_gap(wanted)}:\n"
                f"{_listed(map(named, found))}\nSay more of the one that you mean."
            )
        raise ElementError(self._missing(selector, wanted, could))

    def excerpt(self, around: Tag | None = None) -> str:
        """Show the page, or the part of it around an element, for an error."""
        part = around if around is not None else self.root or self.body
        shown = readable(part)
        text = str(shown) if around is not None else shown.decode_contents()
        return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}..."

    def _missing(self, selector: str, wanted: str, could: Callable[[Tag], bool] | None) -> str:
        said = f"nothing on the page matches {selector!r}{_gap(wanted)}."
        if could is not None:
            names = [named(tag) for tag in tags(self.body) if could(tag)]
            names.sort(key=lambda name: -SequenceMatcher(None, selector, name).ratio())
            said += (
                f" What could be meant:\n{_listed(names)}" if names else " There is none at all."
            )
        return f"{said}\nThe page shows: {self.excerpt()}"


def _innermost(found: list[Tag]) -> list[Tag]:
    around = {id(outer) for tag in found for outer in within(tag) if outer is not tag}
    return [tag for tag in found if id(tag) not in around]


def _gap(text: str) -> str:
    return f" {text}" if text else ""


def _listed(names: Iterable[str]) -> str:
    lines = [f"  {name}" for name in names]
    more = len(lines) - _LISTED
    return "\n".join([*lines[:_LISTED], *([f"  and {more} more"] if more > 0 else [])])
