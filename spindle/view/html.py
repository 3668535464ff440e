"""HTML as values: what has `__html__` is taken as it is, any other text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Protocol

from markupsafe import Markup, escape

__all__ = ["HTML", "Attributes", "Markup", "attributes", "escape"]

_ATTRIBUTE = re.compile(r"""([^\s=]+)=(["'])(.*?)\2""", re.DOTALL)


class HTML(Protocol):
    """Anything that renders itself: markupsafe's `Markup`, a template's result, an element."""

    def __html__(self) -> str:
        """Return the HTML, escaped where it has to be."""
        ...


class Attributes(Markup):
    """The text of attributes, to be put inside a tag: `name="value" ...`."""

    __slots__ = ()

    @property
    def mapping(self) -> dict[str, str]:
        """The same as values by name, not escaped: for builders that write the tags themselves."""
        return {name: unescape(text) for name, _, text in _ATTRIBUTE.findall(self)}


def attributes(pairs: Iterable[tuple[str, str]]) -> Attributes:
    """Return the text of attributes, to be put inside a tag: `name="value" ...`."""
    return Attributes(" ".join(f"{name}={_quoted(value)}" for name, value in pairs))


def _quoted(value: str) -> str:
    """Escape, Markup too; as browsers write it, so that the page they got is the page they have."""
    escaped = str(escape(str(value))).replace("&#34;", "&quot;").replace("&#39;", "'")
    return f'"{escaped}"'
