"""A page that lives: from the GET that starts it to the end of its last cleanup.

    waiting ──adopt──▶ adopted          stop (by whoever comes first, with a reason)
       └──────────┬──────┘──────────────────▶ stopping ──cleanups done──▶ ended
                  └ nobody came in time ──────▶

One task holds the open page and is all there is of it; its two children are the pump, which hands
the outbox to the view, and the mount function. Nothing else reads the outbox.

A durable page lives like that as long as somebody has it open, but stopping it puts it away.
Several documents may be loaded of it; the socket that came last has it, and the one before is told
so. When that goes, the page waits for the socket of a document that was loaded meanwhile, if there
is one; and it stays for as long as a call is under way that changes something, for whoever comes
back by then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final, TypeAlias

import trio

from spindle._core.errors import PageClosed, UsageError
from spindle._core.tags import TAGS, Tag
from spindle._runtime.page import PageMachine
from spindle.durable.errors import Busy, NoSuchPage
from spindle.web.errors import NotFound
from spindle.web.live.intake import Intake, Refusal, unheard
from spindle.web.live.screen import NOT_TAKEN, OVER, TOO_MUCH, Screen
from spindle.web.live.tokens import new_token
from spindle.web.log import log_error, logger
from spindle.web.socket.conversation import CloseCode
from spindle.web.socket.protocol import Elsewhere, Gone

if TYPE_CHECKING:
    from spindle._core.settlement import Receipt, Settlement
    from spindle._core.source import Source
    from spindle.web.limits import Limits
    from spindle.web.live.lasting import Lasting
    from spindle.web.page import Page
    from spindle.web.socket.protocol import EventSent, FormSent, ServerMessage

__all__ = ["BoundMount", "LivePage", "Opens"]

BoundMount: TypeAlias = Callable[[PageMachine], Awaitable[None]]
"""A mount function that knows its request and parameters already."""

Opens: TypeAlias = Callable[[], AbstractAsyncContextManager[PageMachine]]
"""Opens the page for the length of a block."""

# How many documents of a durable page may wait for their sockets.
_DOCUMENTS: Final = 4

# How many messages the view takes before other tasks get their turn.
_BATCH: Final = 256


class LivePage:
    """One visitor's page.

    Args:
        page: its declaration.
        name: for the log: its path pattern and number, never its token.
        limits: of the server.
        prefix: where the app is mounted, percent-encoded.
        lasting: what a durable page has of its host; None for any other.
    """

    def __init__(
        self,
        page: Page,
        name: str,
        limits: Limits,
        prefix: str = "",
        lasting: Lasting | None = None,
    ) -> None:
        self.page = page
        self.name = name
        self.lasting = lasting
        self.token = new_token()
        self.leave_token = new_token()
        self.screen = Screen(page.view(), name, prefix)
        self.something_to_show = trio.Event()
        self.ended = trio.Event()
        self.failure: BaseException | None = None
        """What kept the page from starting: its mount function's error, or that of opening it."""
        self.made = trio.Event()
        """Of a durable page: its mount function is done and that is kept, or it is as it was when
        it was put away; or it is known that this will not be so."""
        self.loaded: dict[str, float] = {}
        """The tokens of its documents whose sockets have not come, and when they were made."""
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
        self._adoption = limits.adoption
        self._patience = trio.CancelScope(deadline=trio.current_time() + limits.adoption)
        self._forsaken = False
        """Whether it stays for its calls alone."""
        self._decided = trio.Event()
        """Set when it has ended, or stays after all."""
        self._part: Callable[[ServerMessage, int, str], None] | None = None
        """Tells the socket that has a durable page that it has it no longer."""

    @property
    def machine(self) -> PageMachine | None:
        """The page itself; None until it is open."""
        return self._machine

    @property
    def begins(self) -> bool:
        """Whether its mount function is still at work, and there is nothing to show yet."""
        return not (self._mounted or self.something_to_show.is_set())

    @property
    def leaves(self) -> bool:
        """Whether it is being stopped, and nobody can get hold of it any more."""
        return self._stopped.is_set() or self._patience.cancel_called or self.ended.is_set()

    async def left(self) -> None:
        """Wait until one that leaves has ended, or stays after all; always a checkpoint."""
        await self._decided.wait()

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

    def be_loaded(self) -> list[str]:
        """Get a token for another document of a durable page; it waits for that one's socket, too.

        Returns:
            Tokens that are good no more, for there are too many.
        """
        self.token = new_token()
        self.loaded[self.token] = trio.current_time()
        if self._part is None:
            self._forsaken = False
            self._patience.deadline = trio.current_time() + self._adoption
        forgotten = list(self.loaded)[:-_DOCUMENTS]
        for token in forgotten:
            del self.loaded[token]
        return forgotten

    def adopt(self, token: str) -> None:
        """Keep the page for its socket: it is no longer cancelled for want of one."""
        self.loaded.pop(token, None)
        self._forsaken = False
        self._patience.deadline = float("inf")

    def attach(
        self, on_change: Callable[[], None], part: Callable[[ServerMessage, int, str], None]
    ) -> None:
        """Show the page by one socket, and by no other.

        Args:
            on_change: called when there may be something new to show.
            part: called with what to say, code and reason, when a durable page is shown by another
                socket, or is lost.
        """
        former = self._part
        self.on_change = on_change
        if self.lasting is not None:
            self._part = part
            if former is not None:
                former(Elsewhere(), CloseCode.ELSEWHERE, "this page is open elsewhere")

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

    def release(self, reason: str, on_change: Callable[[], None]) -> None:
        """Stop the page: its socket has gone, and nobody is told any more what it shows.

        A durable page stays if another socket has it, or may be about to come for it.

        Args:
            reason: told to its spindles.
            on_change: what the socket was attached with.
        """
        if self.lasting is None:
            self.on_change = _ignore
            self.stop(reason)
        elif self.on_change == on_change:
            self.on_change, self._part = _ignore, None
            latest = max(self.loaded.values(), default=-self._adoption)
            self._patience.deadline = max(trio.current_time(), latest + self._adoption)

    def take(self, sent: EventSent | FormSent) -> Receipt:
        """Hand the page an event.

        Raises:
            Refusal: it cannot be decoded, or the page is not there.
        """
        if self._machine is None:
            raise Refusal("the page has not started, or has ended")
        try:
            return self._intake.take(sent, self._machine, self.screen)
        except UsageError as error:
            if self.lasting is None:
                raise
            log_error(error, "%s: %.80r could not be kept", self.name, sent.name)
            self.screen.say_wrong()
            raise Refusal("the event could not be kept") from None
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
            goes_on = self.lasting is not None or self._runs(source)
            self.screen.say(NOT_TAKEN if goes_on else OVER)
            self.on_change()

    def _runs(self, addressee: Source | None) -> bool:
        """Whether the spindle is there that an event is for."""
        if addressee is None or self._machine is None:
            return False
        key = addressee.block, addressee.instance
        spindles = self._machine.tree().spindles
        return any((each.source.block, each.source.instance) == key for each in spindles)

    async def run(  # noqa: ASYNC910 - the edge of a page
        self, opens: Opens, mount: BoundMount | None
    ) -> None:
        """Live; returns when nothing of the page is left here. Its errors are logged, not raised.

        Args:
            opens: opens the page.
            mount: starts its spindles; None if it has them already.
        """
        try:
            await trio.lowlevel.checkpoint()
            if TAGS.wanted:
                TAGS.put(Tag(self.name, "-"))
            async with opens() as machine:
                self._machine = machine
                if mount is None:
                    self._take_up(machine)
                await self._live(machine, mount)
        except (NoSuchPage, Busy) as error:
            logger.info("%s was not taken up: %s", self.name, error, extra={"page": self.name})
            self.failure = error
        except Exception as error:
            log_error(error, "%s failed", self.name)
            self.failure = error
        finally:
            self._show_the_end()
            self.made.set()
            self.ended.set()
            self._decided.set()

    def _take_up(self, machine: PageMachine) -> None:
        """Show all that the view of a durable page was told before."""
        waiting = machine.outbox.statistics().waiting
        self.screen.receive_again([machine.outbox.receive_nowait() for _ in range(waiting)])
        self._mounted = True
        self._changed()
        self.made.set()

    async def _live(self, machine: PageMachine, mount: BoundMount | None) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pump, machine)
            if mount is not None:
                nursery.start_soon(self._mount, machine, mount)
            with self._patience:
                await self._stopped.wait()
            while self._stays(machine):
                self._patience, self._forsaken = trio.CancelScope(), True
                self._decided.set()
                self._decided = trio.Event()
                nursery.start_soon(self._until_calm, machine)
                with self._patience:
                    await self._stopped.wait()
            self.stop("its socket did not come in time")
            self._mounting.cancel()
            if self.lasting is not None and self._mounted and self.failure is None:
                nursery.cancel_scope.cancel()  # it is put away as it is
            elif self._grace > 0:
                await machine.stop(self._reason, grace=self._grace)
            else:
                await machine.cancel(self._reason)

    def _stays(self, machine: PageMachine) -> bool:
        """Whether something that nobody may cut is under way on a durable page."""
        ends = self._stopped.is_set() or self.failure is not None or not self._mounted
        return self.lasting is not None and not ends and self.lasting.changes(machine)

    async def _until_calm(self, machine: PageMachine) -> None:
        assert self.lasting is not None
        await self.lasting.calm(machine)
        if self._forsaken:
            self._patience.cancel()

    async def _mount(  # noqa: ASYNC910 - the edge of the app's code
        self, machine: PageMachine, mount: BoundMount
    ) -> None:
        with self._mounting:
            try:
                await mount(machine)
                if self.lasting is not None:
                    await self.lasting.kept(machine)
                    self.made.set()
                if not machine.tree().spindles:
                    self._changed()  # nothing more will come by itself
            except NotFound as error:
                self.screen.say(str(error))
                self._fail(error, "there is no such page")
            except (trio.Cancelled, KeyboardInterrupt):
                raise
            except BaseException as error:
                # Whatever it is, SystemExit included: it ends this page and no other.
                if not (self.leaves and isinstance(error, PageClosed)):  # it came too late
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
        if self.lasting is not None and (why := self.lasting.lost(machine)):
            if self._part is not None:
                self._part(Gone(), CloseCode.LOST, "the page has left this process")
            self._fail(PageClosed(why), why)

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
