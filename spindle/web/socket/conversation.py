"""What a socket may say when: a table, and the limits on every frame. No I/O, no clock.

GREETING --hello--> LIVE --event, form, dismiss, resync, ping--> LIVE
anything else --> CLOSED, with a close code and a reason
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from spindle._core.errors import SpindleError
from spindle.web.socket.bucket import TokenBucket
from spindle.web.socket.protocol import (
    ClientMessage,
    Dismissed,
    EventSent,
    FormSent,
    Hello,
    Pong,
    Resync,
    decode,
)

if TYPE_CHECKING:
    from spindle.web.limits import Limits

__all__ = ["CloseCode", "Conversation", "State", "Violation"]


class CloseCode:
    """Why a socket is closed: RFC 6455 section 7.4, and our own from 4000 on."""

    NORMAL = 1000
    STOPPING = 1001
    BINARY = 1003
    MALFORMED = 1007
    FORBIDDEN = 1008
    TOO_BIG = 1009
    FAULT = 1011
    NO_HELLO = 4401
    SILENT = 4408
    ELSEWHERE = 4409
    TOO_MANY = 4429
    LOST = 4503


class State(Enum):
    """Where the conversation stands."""

    GREETING = "greeting"
    LIVE = "live"
    CLOSED = "closed"


class Violation(SpindleError):
    """A frame broke the protocol; the socket is to be closed with `code` and `reason`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


_NEXT: dict[tuple[State, type[ClientMessage]], State] = {
    (State.GREETING, Hello): State.LIVE,
    (State.LIVE, EventSent): State.LIVE,
    (State.LIVE, FormSent): State.LIVE,
    (State.LIVE, Dismissed): State.LIVE,
    (State.LIVE, Resync): State.LIVE,
    (State.LIVE, Pong): State.LIVE,
}


class Conversation:
    """The browser's side of one socket's conversation, checked frame by frame."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.state = State.GREETING
        self._max_frame = limits.frame
        self._bucket = TokenBucket(limits.frames_per_second, limits.burst, now)

    def receive(self, frame: str | bytes, now: float) -> ClientMessage:
        """Check a frame that arrived at `now` and return its message.

        Raises:
            Violation: the frame may not be sent, or not now. The conversation is over.
        """
        try:
            message = self._check(frame, now)
        except Violation:
            self.state = State.CLOSED
            raise
        self.state = _NEXT[self.state, type(message)]
        return message

    def _check(self, frame: str | bytes, now: float) -> ClientMessage:
        if self.state is State.CLOSED:
            raise Violation(CloseCode.FORBIDDEN, "the conversation is over")
        if not self._bucket.take(now):
            raise Violation(CloseCode.TOO_MANY, "too many frames; slow down")
        message = _read(self._text(frame))
        if (self.state, type(message)) not in _NEXT:
            raise Violation(CloseCode.FORBIDDEN, _out_of_turn(self.state, message))
        return message

    def _text(self, frame: str | bytes) -> str:
        if isinstance(frame, bytes):
            raise Violation(CloseCode.BINARY, "binary frame; send JSON as text")
        if (
            len(frame) > self._max_frame
            or len(frame.encode(errors="surrogatepass")) > self._max_frame
        ):
            raise Violation(CloseCode.TOO_BIG, f"frame above {self._max_frame} bytes")
        return frame


def _read(text: str) -> ClientMessage:
    try:
        return decode(text)
    except msgspec.ValidationError:
        raise Violation(CloseCode.FORBIDDEN, "not a message of this protocol") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Violation(CloseCode.MALFORMED, "not JSON, or nested too deeply") from None


def _out_of_turn(state: State, message: ClientMessage) -> str:
    kind = str(message.__struct_config__.tag)
    if state is State.GREETING:
        return f"expected hello as the first frame, got {kind}"
    return f"expected no second {kind}"
