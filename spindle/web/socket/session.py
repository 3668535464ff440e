"""One socket and the page it belongs to, from hello to close.

Its roles, each a task: the reader always drains the socket and hands events to the page; the
writer alone sends, one whole frame at a time, and renders only when it may send, so that a slow
client costs one unsent frame and the next one jumps to the newest state; and one short task waits
for the receipt of each unsettled event. Over a transport that cannot notice by itself that nobody
is there any more, another one asks the browser. All of it is bounded by `Limits`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import trio

from spindle._core.errors import PageClosed
from spindle._core.settlement import Receipt, Settlement
from spindle.web.live.intake import Refusal
from spindle.web.log import logger
from spindle.web.socket.conversation import CloseCode, Conversation, Violation
from spindle.web.socket.protocol import (
    Bye,
    ClientMessage,
    Dismissed,
    EventSent,
    FormSent,
    Gone,
    Hello,
    Ping,
    Pong,
    Resync,
    ServerMessage,
    Settled,
    encode,
)
from spindle.web.socket.shown import Shown
from spindle.web.socket.transport import Closing, Transport, TransportClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle.web.limits import Limits
    from spindle.web.live.page import LivePage

__all__ = ["Session"]


class Session:
    """Speaks with one browser.

    Args:
        transport: to the browser.
        limits: of the server.
        adopt: gives the page that a token names, once; None for any other token.
        ping: whether to ask the browser, at each heartbeat, if it is there.
    """

    def __init__(
        self,
        transport: Transport,
        limits: Limits,
        adopt: Callable[[str], LivePage | None],
        *,
        ping: bool = False,
    ) -> None:
        self.ended = trio.Event()
        self._transport = transport
        self._limits = limits
        self._adopt = adopt
        self._conversation = Conversation(limits, trio.current_time())
        self._live: LivePage | None = None
        self._shown: Shown | None = None
        self._changed = False
        self._outgoing: deque[ServerMessage] = deque()
        self._closing: Closing | None = None
        self._wake = trio.Event()
        self._patience = trio.CancelScope()
        self._unsettled = 0
        self._closed_by = ""
        self._pings = ping
        self._heard = False

    async def run(self) -> None:
        """Converse until either side closes; then stop the page, if one was adopted, and close.

        Raises whatever the writer or the reader trips over, in a group: only a fault of Spindle.
        """
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, nursery.cancel_scope)
                try:
                    await self._read(nursery)
                except TransportClosed as closed:
                    self._closed_by = f"the browser closed it ({closed})"
                    nursery.cancel_scope.cancel()
                except Violation as violation:
                    self._close(violation.code, violation.reason)
        finally:
            if self._live is not None:
                self._say_why(self._live)
                self._live.release("the visitor left", self._update)
            with trio.CancelScope(shield=True):
                await self._transport.aclose(CloseCode.FAULT, "internal error")
            self.ended.set()

    def say_bye(self) -> None:
        """Tell the browser that the server is stopping, and close."""
        self._outgoing.append(Bye())
        self._close(CloseCode.STOPPING, "the server is stopping")

    def _say_why(self, live: LivePage) -> None:
        why = self._closed_by or "it was cancelled"
        if self._closing is not None:
            why = f"{self._closing.reason} ({self._closing.code})"
        logger.info("%s: its session has ended: %s", live.name, why, extra={"page": live.name})

    # --- reading --------------------------------------------------------------------------------

    async def _read(self, nursery: trio.Nursery) -> None:
        with trio.move_on_after(self._limits.hello):
            hello = await self._receive()
            assert isinstance(hello, Hello)  # the conversation lets nothing else pass
            live = self._adopt(hello.page)
            if live is None:
                self._outgoing.append(Gone())
                self._close(CloseCode.NORMAL, "no such page")
                return
            self._show(live, hello.hash)
        if self._live is None:
            raise Violation(CloseCode.NO_HELLO, f"no hello within {self._limits.hello:g} s")
        if self._pings:
            nursery.start_soon(self._ping)
        while True:
            self._handle(await self._receive(), self._live, nursery)

    async def _receive(self) -> ClientMessage:
        frame = await self._transport.receive()
        self._heard = True
        return self._conversation.receive(frame, trio.current_time())

    def _show(self, live: LivePage, text_hash: int) -> None:
        self._live = live
        self._shown = Shown(live.born_text, live.born_title, text_hash)
        live.born_text = ""  # kept no longer than needed: most pages are large
        live.attach(self._update, self._part)
        self._update()

    def _part(self, said: ServerMessage, code: int, reason: str) -> None:
        """The page is shown here no longer."""
        self._outgoing.append(said)
        self._close(code, reason)

    def _handle(self, message: ClientMessage, live: LivePage, nursery: trio.Nursery) -> None:
        match message:
            case EventSent() | FormSent():
                self._take(message, live, nursery)
            case Dismissed(flash):
                live.dismiss(flash)
            case Pong():
                pass
            case Resync() | Hello():  # a second hello does not pass the conversation
                if self._shown is not None:
                    self._shown.lose()
                self._update()

    async def _ping(self) -> None:
        """Ask whether the browser is there; close if nothing at all comes by the next time."""
        while True:
            await trio.sleep(self._limits.heartbeat)
            if not self._heard:
                self._close(CloseCode.SILENT, "no answer to a ping")
                return
            self._heard = False
            self._outgoing.append(Ping())
            self._wake.set()

    def _take(self, sent: EventSent | FormSent, live: LivePage, nursery: trio.Nursery) -> None:
        if len(self._outgoing) >= 2 * self._limits.unsettled:
            raise Violation(CloseCode.TOO_MANY, "answers are not read")
        if self._unsettled >= self._limits.unsettled:
            live.turn_away()
            self._reply(sent, Settlement.REFUSED, "too many events wait to be settled")
            return
        try:
            receipt = live.take(sent)
        except Refusal as refusal:
            self._reply(sent, Settlement.REFUSED, str(refusal))
            return
        self._unsettled += 1
        nursery.start_soon(self._settle, sent, receipt, live)

    async def _settle(self, sent: EventSent | FormSent, receipt: Receipt, live: LivePage) -> None:
        try:
            settlement = await receipt.settled()
        except PageClosed:
            # The page is lost, and with it this socket: nobody knows what became of the event.
            self._unsettled -= 1
            return  # noqa: ASYNC910 - it has waited
        # What the event brought about is on its way to the view: let it be rendered first.
        await trio.lowlevel.checkpoint()
        self._unsettled -= 1
        if settlement is Settlement.REFUSED:
            said = "%s: %.80r was refused: %.300s"
            logger.info(said, live.name, sent.name, receipt.reason, extra={"page": live.name})
        live.heard(sent, settlement, alone=self._unsettled == 0)
        self._reply(sent, settlement, receipt.reason)

    def _reply(self, sent: EventSent | FormSent, settlement: Settlement, reason: str) -> None:
        clean = reason.encode(errors="replace").decode()
        self._outgoing.append(Settled(sent.seq, settlement.value, clean))
        self._wake.set()

    # --- writing --------------------------------------------------------------------------------

    async def _write(self, session: trio.CancelScope) -> None:  # noqa: ASYNC910 - its last act
        try:
            message = await self._next()
            while message is not None and await self._send(encode(message)):
                message = await self._next()
            if self._closing is not None:
                await self._transport.aclose(self._closing.code, self._closing.reason)
        except TransportClosed:
            pass
        session.cancel()

    async def _next(self) -> ServerMessage | None:
        await trio.lowlevel.checkpoint()
        while True:
            message = self._rendered() or (self._outgoing.popleft() if self._outgoing else None)
            if message is not None or self._closing is not None:
                return message
            await self._wake.wait()
            self._wake = trio.Event()

    def _rendered(self) -> ServerMessage | None:
        if not self._changed or self._closing or self._live is None or self._shown is None:
            return None
        self._changed = False
        return self._shown.update(self._live.render(), self._live.title)

    async def _send(self, frame: str) -> bool:
        """Send whole, or, after a limit that is long, not at all: then the socket is torn."""
        limit = self._limits.write if self._closing is None else self._limits.close
        with trio.move_on_after(limit) as self._patience:
            await self._transport.send(frame)
        return not self._patience.cancelled_caught

    def _update(self) -> None:
        self._changed = True
        self._wake.set()

    def _close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = Closing(code, reason)
            latest = trio.current_time() + self._limits.close
            self._patience.deadline = min(self._patience.deadline, latest)
        self._wake.set()
