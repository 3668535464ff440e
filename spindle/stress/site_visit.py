"""One visitor with a real socket: loads a page, does what it offers, and leaves."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import msgspec
import trio
from trio_websocket import ConnectionClosed

from spindle._core.contracts.contract import describe
from spindle.stress.making.form import form_of
from spindle.web.socket.protocol import EventSent, FormSent, Settled, decode_server, encode

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event
    from spindle.stress.client import Socket
    from spindle.stress.making.maker import Maker
    from spindle.stress.patience import Patience
    from spindle.stress.report import Report
    from spindle.web.socket.protocol import ServerMessage
    from spindle.web.tab import Tab

__all__ = ["BLAMED", "SiteVisit"]

BLAMED: Final = {1002, 1003, 1007, 1008, 1009, 1011, 4401, 4429}
"""Codes with which a server closes a socket that it, or the client, has used wrongly."""
VERBS: Final = ("submit", "typed", "click", "pointed", "pressed")
ACTS: Final = 7
IN_A_STORM: Final = 2
"""What a visitor does at most, and one more."""
LONG: Final = 40
"""How much more patience a visitor has with a page that offers nothing yet."""
LONGEST: Final = 1.0
"""Seconds at which that ends, unless patience itself is longer: the page may have said its last."""
WAIT: Final = 1.0
"""Seconds that a visitor waits for an event to be settled before acting again."""


class SiteVisit:
    """What one visitor does while connected.

    Args:
        tab: the document.
        contract: of the page.
        maker: makes what is typed into forms.
        draw: the chance of this visitor.
        patience: how long the visitor reads when there is nothing to do.
        brief: whether the visitor does next to nothing.
        slow: whether the visitor acts without reading what comes.
        report: is told.
    """

    def __init__(
        self,
        tab: Tab,
        contract: Declared,
        maker: Maker,
        draw: random.Random,
        patience: Patience,
        report: Report,
        *,
        brief: bool,
        slow: bool,
    ) -> None:
        self._tab = tab
        self._contract = contract
        self._maker = maker
        self._draw = draw
        self._patience = patience
        self._report = report
        self._most = IN_A_STORM if brief else ACTS
        longest = min(LONG * patience.seconds, max(LONGEST, patience.seconds))
        self._longest = 0 if brief else longest
        self._slow = slow
        self._sent: dict[int, float | None] = {}
        """By number, when an event was sent; None once it was settled."""

    async def converse(self, socket: Socket) -> None:
        """Say hello and do what the page offers for a while, or until the server closes."""
        await trio.lowlevel.checkpoint()
        try:
            await socket.websocket.send_message(encode(self._tab.hello()))
            for _ in range(self._draw.randrange(self._most)):
                with self._patience.some(self._draw):
                    while not self._slow:
                        await self._receive(socket)
                    await trio.sleep_forever()
                if self._patience.over or not await self._act(socket):
                    break
        except ConnectionClosed as closed:
            if closed.reason is not None and closed.reason.code in BLAMED:
                self._report.violated(
                    f"the server closed a socket with {closed.reason.code}: {closed.reason.reason}"
                )

    async def _act(self, socket: Socket) -> bool:
        """Do one of the things the page offers; False if it offers none, even after a while."""
        await self._read_until(lambda: any(self._offered()), self._longest, socket)
        offered = list(self._offered())
        if not offered:
            return False
        element, event = self._draw.choice(offered)
        number = len(self._sent) + 1
        self._sent[number] = trio.current_time()
        self._report.events += 1
        await socket.websocket.send_message(encode(self._made(number, element, event)))
        if not self._slow:
            await self._read_until(lambda: self._sent[number] is None, WAIT, socket)
        return True

    async def _read_until(self, enough: Callable[[], bool], seconds: float, socket: Socket) -> None:
        with self._patience.at_most(seconds):
            await trio.lowlevel.checkpoint()
            while not enough():
                await self._receive(socket)

    def _offered(self) -> Iterator[tuple[dict[str, str], type[Event]]]:
        """List the elements on show that send an event, with the event."""
        description = describe(self._contract)
        for element in self._tab.elements():
            for verb in VERBS:
                event = description.event_named(element.get(f"data-sp-{verb}", ""))
                if event is not None:
                    yield element, event

    def _made(
        self, number: int, element: dict[str, str], event: type[Event]
    ) -> EventSent | FormSent:
        to, instance = element.get("data-sp-to"), element.get("data-sp-instance")
        yield_id = None if to is None else int(to)
        value = element.get("data-sp-value")
        if value is not None:
            data = msgspec.Raw(value.encode())
            return EventSent(number, event.__wire__, data, yield_id, instance)
        made = self._maker.event(event)
        fields = form_of(self._contract, made)
        if fields is not None:
            return FormSent(number, event.__wire__, fields, yield_id, instance)
        data = msgspec.Raw(msgspec.json.encode(made))
        return EventSent(number, event.__wire__, data, yield_id, instance)

    # --- what comes -----------------------------------------------------------------------------

    async def _receive(self, socket: Socket) -> None:
        frame = await socket.websocket.get_message()
        try:
            message = decode_server(frame if isinstance(frame, str) else frame.decode())
        except msgspec.DecodeError as error:
            self._report.violated(f"the server sent what is no message: {error}")
            return
        if not self._tab.apply(message):
            self._report.violated("the text of a page is another one than the server's")
        self._settle(message)

    def _settle(self, message: ServerMessage) -> None:
        if not isinstance(message, Settled):
            return
        sent = self._sent.get(message.seq)
        if sent is None:
            self._report.violated("an event was settled twice, or never sent")
            return
        self._sent[message.seq] = None
        self._report.round_trip.add(trio.current_time() - sent)
        if message.settlement == "handled":
            self._report.conversations += 1
