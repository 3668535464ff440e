"""The live pages of one server, and the secrets by which they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.web.live.tokens import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle.web.live.page import LivePage

__all__ = ["LivePages"]


class LivePages:
    """A page is here from its birth to its end; its token works once, its leaving token always.

    A durable page may be loaded several times while it is here: each document has a token of its
    own, and it is found by its name as well.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pages: dict[LivePage, None] = {}
        self._by_token: dict[bytes, LivePage] = {}
        self._by_leave: dict[bytes, LivePage] = {}
        self._by_name: dict[str, LivePage] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def __iter__(self) -> Iterator[LivePage]:
        return iter(tuple(self._pages))

    @property
    def full(self) -> bool:
        """Whether no further page may be born."""
        return len(self) >= self._limit

    def add(self, live: LivePage) -> None:
        """Enter a page at its birth."""
        self._pages[live] = None
        self._by_leave[digest(live.leave_token)] = live
        if live.lasting is None:
            self._by_token[digest(live.token)] = live
        else:
            self._by_name[live.name] = live

    def load(self, live: LivePage) -> None:
        """Give a durable page the token of another document that shows it."""
        for forgotten in live.be_loaded():
            self._by_token.pop(digest(forgotten), None)
        self._by_token[digest(live.token)] = live

    def remove(self, live: LivePage) -> None:
        """Forget a page that has ended."""
        self._pages.pop(live, None)
        self._by_leave.pop(digest(live.leave_token), None)
        for token in (live.token, *live.loaded):
            self._by_token.pop(digest(token), None)
        if live.lasting is not None:
            self._by_name.pop(live.name, None)

    def adopt(self, token: str) -> LivePage | None:
        """Give the page to the first who brings its token; None to everybody else."""
        live = self._by_token.pop(digest(token), None)
        if live is not None:
            live.adopt(token)
        return live

    def leaving(self, token: str) -> LivePage | None:
        """Find the page that a visitor is leaving."""
        return self._by_leave.get(digest(token))

    def named(self, name: str) -> LivePage | None:
        """Find a durable page by its name in the store."""
        return self._by_name.get(name)
