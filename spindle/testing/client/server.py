"""The server's side of a client's pages, and how long the client waits for it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import trio

from spindle._core.errors import hides_frames
from spindle.testing.client.errors import NotSettled

if TYPE_CHECKING:
    from spindle.testing.client.document import Document
    from spindle.web.app import App
    from spindle.web.live.page import LivePage
    from spindle.web.site import Site

__all__ = ["Server", "tireless"]

__tracebackhide__ = hides_frames


def tireless(app: App) -> App:
    """Copy an app for tests, between whose events no time passes: it takes any number at once."""
    limits = msgspec.structs.replace(app.limits, frames_per_second=1e9, burst=10**9)
    copied = copy(app)
    copied.limits = limits
    return copied


class Server(NamedTuple):
    """A site in this program, and the terms on which its pages are waited for."""

    site: Site
    patience: float
    waits_for_calls: bool

    def busy(self, live: LivePage | None) -> str:
        """Say what a page does by itself, as far as it is waited for; empty for nothing."""
        if live is not None and live.begins:
            return "its mount function is at work"
        calls = self._calls(live)
        return f"{calls} call{'' if calls == 1 else 's'} of ports under way" if calls else ""

    def _calls(self, live: LivePage | None) -> int:
        if not self.waits_for_calls or live is None or live.machine is None:
            return 0
        return 0 if live.machine.ended else live.machine.statistics().calls

    async def ended(self, live: LivePage | None) -> None:
        """Wait for the end of a page that was left.

        Raises:
            NotSettled: it took longer than the client's patience.
        """
        await trio.lowlevel.checkpoint()
        if live is None:
            return
        with trio.move_on_after(self.patience) as waiting:
            await live.ended.wait()
        if waiting.cancelled_caught:
            raise NotSettled(
                f"{live.name} was left and has not ended {self.patience:g} s later:\n{_tree(live)}"
            )

    def unsettled(
        self, url: str, why: str, live: LivePage | None, document: Document
    ) -> NotSettled:
        """Say what kept a page from settling."""
        return NotSettled(
            f"{url} has not settled within {self.patience:g} s: {why}. If that waits for what the "
            f"test has yet to do, act with settle=False and use wait_for().\n{_tree(live)}\n"
            f"The page shows: {document.excerpt()}"
        )

    def not_shown(self, url: str, selector: str, document: Document) -> NotSettled:
        """Say that an element did not come."""
        return NotSettled(
            f"nothing that matches {selector!r} came to {url} within {self.patience:g} s. "
            f"The page shows: {document.excerpt()}"
        )


def _tree(live: LivePage | None) -> str:
    machine = None if live is None else live.machine
    return "Its page has ended." if machine is None else f"On the server:\n{machine.tree()}"
