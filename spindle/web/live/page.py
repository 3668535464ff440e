"""A page that lives: from the GET that starts it to the end of its last cleanup.

    waiting ──adopt──▶ adopted          stop (by whoever comes first, with a reason)
       └──────────┬──────┘──────────────────▶ stopping ──cleanups done──▶ ended
                  └ nobody came in time ──────▶

One task holds `open_page` and is all there is of a page; its two children are the pump, which hands
the outbox to the view, and the mount function. Nothing else reads the outbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import trio

from spindle._core.tags import TAGS, Tag
from spindle._runtime.page import PageMachine, open_page
from spindle.web.errors import NotFound
from spindle.web.live.intake import Intake, Refusal, unheard
from spindle.web.live.screen import NOT_TAKEN, OVER, TOO_MUCH, Screen
from spindle.web.live.tokens import new_token
from spindle.web.log import log_error

if TYPE_CHECKING:
    from spindle._core.settlement import Receipt, Settlement
    from spindle._core.source import Source
    from spindle._core.tracer import Tracer
    from spindle.web.limits import Limits
    from spindle.web.page import Page
    from spindle.web.socket.protocol import EventSent, FormSent

__all__ = ["BoundMount", "LivePage"]

BoundMount: TypeAlias = Callable[[PageMachine], Awaitable[None]]
"""A mount function that knows its request and parameters already."""

# How many messages the view takes before other tasks get their turn.
_BATCH: Final = 256


class LivePage:
    """One visitor's page.

    Args:
        page: its declaration.
        name: for the log: its path pattern and number, never its token.
        limits: of the server.
        prefix: where the app is mounted, percent-encoded.
    """

    def __init__(self, page: Page, name: str, limits: Limits, prefix: str = "") -> None:
        self.page = page
        self.name = name
        self.token = new_token()
        self.leave_token = new_token()
        self.screen = Screen(page.view(), name, prefix)
        self.something_to_show = trio.Event()
        self.ended = trio.Event()
        self.failure: BaseException | None = None
        """What kept the page from starting: its mount function's error, or that of opening it."""
        self.born_text = ""
        self.born_title = ""
        self.on_change: Callable[[], None] = _ignore
        self._intake = Intake(page.contract, name)
        self._machine: PageMachine | None = None
        self._mounting = trio.CancelScope()
        self._mounted = False
        self._stopped = trio.Event()
        self._reason = ""
        self._grace = 0.0
        self._patience = trio.CancelScope(deadline=trio.current_time() + limits.adoption)

    @property
    def machine(self) -> PageMachine | None:
        """The page itself; None until it is open."""
        return self._machine

    @property
    def begins(self) -> bool:
        """Whether its mount function is still at work, and there is nothing to show yet."""
        return not (self._mounted or self.something_to_show.is_set())

    @property
    def title(self) -> str:
        """What the document is called: by the view, else by the declaration."""
        return self.screen.title or self.page.title

    def be_born(self) -> str:
        """Render the first time: for the document that the browser starts from."""
        self.born_text, self.born_title = self.render(), self.title
        return self.born_text

    def render(self) -> str:
        """Render what is there now."""
        return self.screen.render(self._machine.pending() if self._machine else ())

    def adopt(self) -> None:
        """Keep the page for its socket: it is no longer cancelled for want of one."""
        self._patience.deadline = float("inf")

    def stop(self, reason: str, *, grace: float = 0.0) -> None:
        """Stop the page, unless that is being done already; `ended` tells when it is done.

        Args:
            reason: told to its spindles.
            grace: how many seconds they have to come to an end of their own; then, or at once,
                they are cancelled.
        """
        if not self._stopped.is_set():
            self._reason, self._grace = reason, grace
            self._stopped.set()

    def release(self, reason: str) -> None:
        """Stop the page: nobody is told any more what it shows."""
        self.on_change = _ignore
        self.stop(reason)

    def take(self, sent: EventSent | FormSent) -> Receipt:
        """Hand the page an event.

        Raises:
            Refusal: it cannot be decoded, or the page is not there.
        """
        if self._machine is None:
            raise Refusal("the page has not started, or has ended")
        try:
            return self._intake.take(sent, self._machine, self.screen)
        finally:
            # Not always: what the event brings about comes by the outbox, often at once.
            if self.screen.changed:
                self.on_change()

    def turn_away(self) -> None:
        """Tell the visitor that what they did was not taken, for too much else is under way."""
        self.screen.say(TOO_MUCH)
        self.on_change()

    def dismiss(self, flash: int) -> None:
        """Drop a message the visitor has closed."""
        self.screen.dismiss(flash)
        self.on_change()

    def heard(self, sent: EventSent | FormSent, settlement: Settlement, *, alone: bool) -> None:
        """Tell the visitor, where the page does not show it, that what they did had no effect.

        Args:
            sent: what they did.
            settlement: what became of it.
            alone: whether nothing else they did is still under way.
        """
        source = self._intake.addressee(sent)
        withdrawn = source is not None and self.screen.has_withdrawn(source)
        if unheard(sent, settlement, withdrawn=withdrawn, alone=alone):
            self.screen.say(NOT_TAKEN if self._runs(source) else OVER)
            self.on_change()

    def _runs(self, addressee: Source | None) -> bool:
        """Whether the spindle is there that an event is for."""
        if addressee is None or self._machine is None:
            return False
        key = addressee.block, addressee.instance
        spindles = self._machine.tree().spindles
        return any((each.source.block, each.source.instance) == key for each in spindles)

    async def run(  # noqa: ASYNC910 - the edge of a page
        self, mount: BoundMount, provide: Mapping[type, object], tracer: Tracer | None = None
    ) -> None:
        """Live; returns when nothing of the page is left. Its errors are logged, not raised."""
        try:
            await trio.lowlevel.checkpoint()
            if TAGS.wanted:
                TAGS.put(Tag(self.name, "-"))
            async with open_page(
                self.page.contract,
                provide=provide,
                hosted=self.page.hosted,
                tracer=tracer,
                name=self.name,
            ) as machine:
                self._machine = machine
                await self._live(machine, mount)
        except Exception as error:
            log_error(error, "%s failed", self.name)
            self.failure = error
        finally:
            self._show_the_end()
            self.ended.set()

    async def _live(self, machine: PageMachine, mount: BoundMount) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pump, machine)
            nursery.start_soon(self._mount, machine, mount)
            with self._patience:
                await self._stopped.wait()
            self.stop("its socket did not come in time")
            self._mounting.cancel()
            if self._grace > 0:
                await machine.stop(self._reason, grace=self._grace)
            else:
                await machine.cancel(self._reason)

    async def _mount(  # noqa: ASYNC910 - the edge of the app's code
        self, machine: PageMachine, mount: BoundMount
    ) -> None:
        with self._mounting:
            try:
                await mount(machine)
                if not machine.tree().spindles:
                    self._changed()  # nothing more will come by itself
            except NotFound as error:
                self.screen.say(str(error))
                self._fail(error, "there is no such page")
            except (trio.Cancelled, KeyboardInterrupt):
                raise
            except BaseException as error:
                # Whatever it is, SystemExit included: it ends this page and no other.
                log_error(error, "%s: its mount function failed", self.name)
                self.screen.say_wrong()
                self._fail(error, "its mount function failed")
            finally:
                self._mounted = True

    def _fail(self, error: BaseException, reason: str) -> None:
        self.failure = error
        self.stop(reason)
        self._changed()

    async def _pump(self, machine: PageMachine) -> None:
        async for source, message in machine.outbox:
            self.screen.receive(source, message)
            self._drain(machine)
            self._changed()

    def _show_the_end(self) -> None:
        """A page that ended from inside has cancelled the pump, which may have been busy."""
        if self._machine is not None:
            self._drain(self._machine, self._machine.outbox.statistics().waiting)
        self._changed()

    def _drain(self, machine: PageMachine, most: int = _BATCH) -> None:
        for _ in range(most):
            try:
                source, message = machine.outbox.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                return
            self.screen.receive(source, message)

    def _changed(self) -> None:
        self.something_to_show.set()
        self.on_change()


def _ignore() -> None:
    pass
