"""What a browser has of a page: its tokens, and the text that frames change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

from spindle.view.patch import Full as WholeText
from spindle.view.patch import Patch, apply, checksum
from spindle.web.socket.protocol import Full, Hello, Patched

if TYPE_CHECKING:
    from spindle.web.socket.protocol import ServerMessage

__all__ = ["Tab"]

_ROOT = re.compile(
    r'<div id="spindle" data-page="([^"]*)" data-leave="([^"]*)" data-socket="[^"]*"'
    r"(?: data-lasting)?>(.*)</div>\n<noscript>",
    re.DOTALL,
)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_TAG = re.compile(r"<[a-z][^<>]*>")
_ATTRIBUTE = re.compile(r"""([a-z-]+)=(["'])(.*?)\2""", re.DOTALL)


class Tab:
    """One document that was loaded, as it stands now. No I/O.

    Args:
        document: the HTML that the page was answered with. One without a page has empty tokens.
    """

    def __init__(self, document: str) -> None:
        self.html = ""
        self.title = ""
        self.page_token = ""
        self.leave_token = ""
        if root := _ROOT.search(document):
            self.page_token, self.leave_token, self.html = root.groups()
        if title := _TITLE.search(document):
            self.title = unescape(title[1])

    def hello(self) -> Hello:
        """Make the first frame of its socket."""
        return Hello(self.page_token, checksum(self.html))

    def apply(self, message: ServerMessage) -> bool:
        """Do what a frame says; False if the text is not the one that the server has now."""
        match message:
            case Full(html, hash_, title):
                return self._show(WholeText(html, hash_), title)
            case Patched(ops, hash_, title):
                return self._show(Patch(ops, hash_), title)
            case _:
                return True

    def elements(self) -> Iterator[dict[str, str]]:
        """List the attributes of each element on show."""
        for tag in _TAG.finditer(self.html):
            yield {name: unescape(text) for name, _, text in _ATTRIBUTE.findall(tag[0])}

    def _show(self, change: WholeText | Patch, title: str | None) -> bool:
        self.html = apply(self.html, change)
        if title is not None:
            self.title = title
        return checksum(self.html) == change.hash
