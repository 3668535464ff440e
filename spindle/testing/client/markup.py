"""Reading HTML: attributes, the text that can be seen, and how an element is named in an error."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Final

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "attribute",
    "labels_of",
    "named",
    "parse",
    "readable",
    "tags",
    "text_of",
    "top",
    "within",
]

_UNSEEN: Final = {"head", "noscript", "script", "style", "template", "title"}
# fmt: off
_BLOCKS: Final = {
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "dd",
    "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option",
    "output", "p", "pre", "section", "select", "summary", "table", "tbody", "td", "textarea",
    "tfoot", "th", "thead", "tr", "ul",
}
# fmt: on
_SHOWN: Final = 80


def parse(html: str) -> BeautifulSoup:
    """Read a document, or a part of one."""
    return BeautifulSoup(html, "html.parser", multi_valued_attributes=None)


def attribute(tag: Tag, name: str) -> str | None:
    """Return an attribute's text; None if the element has none of that name."""
    value = tag.get(name)
    return None if value is None else str(value)


def tags(within: Tag) -> Iterator[Tag]:
    """List the elements in an element, in document order."""
    return (each for each in within.descendants if isinstance(each, Tag))


def within(tag: Tag) -> Iterator[Tag]:
    """List an element and those around it, from the inside out, without the document itself."""
    at: Tag | None = tag
    while at is not None and not isinstance(at, BeautifulSoup):
        yield at
        at = at.parent


def top(tag: Tag) -> Tag:
    """Return all of the document that an element is in."""
    while tag.parent is not None:
        tag = tag.parent
    return tag


def text_of(tag: Tag) -> str:
    """Return the text that can be seen in an element, with single spaces."""
    return " ".join("".join(_pieces(tag)).split())


def _pieces(tag: Tag) -> Iterator[str]:
    for child in tag.children:
        if isinstance(child, Tag):
            if child.name in _UNSEEN or child.has_attr("hidden"):
                continue
            apart = " " if child.name in _BLOCKS else ""
            yield apart
            yield from _pieces(child)
            yield apart
        elif type(child) is NavigableString or isinstance(child, CData):
            yield str(child)


def labels_of(tag: Tag) -> Iterator[str]:
    """List what a control is called: by labels for it and around it, and by ARIA."""
    document = top(tag)
    if name := attribute(tag, "aria-label"):
        yield name
    for each in (attribute(tag, "aria-labelledby") or "").split():
        yield from map(text_of, document.find_all(id=each))
    if own := attribute(tag, "id"):
        yield from map(text_of, document.find_all("label", attrs={"for": own}))
    yield from (text_of(each) for each in within(tag) if each.name == "label")


def readable(tag: Tag) -> Tag:
    """Copy a part of a page without what only scripts read, for an error."""
    shown = copy(tag)
    for each in (shown, *tags(shown)):
        for name in [name for name in each.attrs if name.startswith("data-")]:
            del each[name]
    flash = shown.find(id="spindle-flash")
    if flash is not None and not text_of(flash):
        flash.extract()
    return shown


def named(tag: Tag) -> str:
    """Spell an element for an error: its tags without what only scripts read, and its text."""
    shown = [
        f" {name}" if value == "" else f' {name}="{value}"'
        for name, value in tag.attrs.items()
        if not name.startswith("data-sp-") and name not in ("class", "style", "method")
    ]
    start, text = f"<{tag.name}{''.join(shown)}>", text_of(tag)
    if not tag.contents:
        return start
    return f"{start}{text if len(text) <= _SHOWN else f'{text[:_SHOWN]}...'}</{tag.name}>"
