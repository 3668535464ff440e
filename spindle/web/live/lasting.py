"""Durable pages: their secret, the name under which the store has them, and how they are opened."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from spindle._core.errors import ReplayMismatch
from spindle._core.names import name_of
from spindle._lasting.looks import changes, is_of, until_calm, until_kept, why_left
from spindle.web.live.tokens import digest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from spindle._lasting.host import DurableHost
    from spindle._runtime.page import PageMachine
    from spindle.web.page import Page

__all__ = ["Lasting", "is_page_id", "name_in_store", "new_page_id"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST: Final = 120


def new_page_id() -> str:
    """Make the secret that a page's link carries: 256 bits."""
    return secrets.token_urlsafe(32)


def is_page_id(text: str) -> bool:
    """Whether a text can be such a secret."""
    return _ID.fullmatch(text) is not None


def name_in_store(page: Page, page_id: str) -> str:
    """Name a page without giving its secret away: by its route, and a digest.

    Who has the store, or the log of the server, does not have the links by that. An id is good for
    the route only that it was made for.
    """
    literals = ("*" if each is None else quote(each, safe="") for each in page.route.shape)
    route = "/" + "/".join(literals)
    number = urlsafe_b64encode(digest(page_id)).decode()[:22]
    return f"{route[:_LONGEST]}:{number}"


class Lasting:
    """What a live page that is durable has of its host.

    Args:
        host: holds it.
        page: its declaration.
        name: of it, in the store.
        new: whether it is to be made, or to be taken up.
    """

    def __init__(self, host: DurableHost, page: Page, name: str, *, new: bool) -> None:
        self.name = name
        self.new = new
        self._host = host
        self._contract = page.contract

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[PageMachine]:
        """Hold the page here for the length of the block; then it is put away, in any case.

        Raises:
            ReplayMismatch: it cannot be taken up by this code.
            SpindleError: it cannot be taken up, or made, for another reason; see the host.
        """
        if self.new:
            machine = await self._host.create(self._contract, self.name)
        else:
            machine = await self._host.take_up(self.name)
        try:
            self._check_contract(machine)
            yield machine
        finally:
            await self._host.put_away(self.name)  # noqa: ASYNC102 - shielded, within its grace

    async def kept(self, machine: PageMachine) -> None:
        """Wait until all that the page has done by now is kept.

        Raises:
            PageClosed: its store has failed.
        """
        await until_kept(machine)

    def changes(self, machine: PageMachine) -> bool:
        """Whether a call is under way that changes something."""
        return changes(machine)

    async def calm(self, machine: PageMachine) -> None:
        """Wait until none is, or the page has left this process; always a checkpoint."""
        await until_calm(machine)

    def lost(self, machine: PageMachine) -> str:
        """Why the page has left this process, though nobody has put it away; else empty."""
        return why_left(machine)

    def _check_contract(self, machine: PageMachine) -> None:
        if not is_of(machine, self._contract):
            raise ReplayMismatch(
                f"page {self.name} was made with another contract than its address has now, "
                f"{name_of(self._contract)}. Let the route have the contract it had, and give the "
                f"new one a route of its own"
            )
