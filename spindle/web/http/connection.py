"""One HTTP/1.1 connection: h11 over a trio stream, every wait bounded."""

from __future__ import annotations

from email.utils import formatdate
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11
import trio

from spindle._core.errors import SpindleError
from spindle.web.http.handover import linger
from spindle.web.http.request import Request
from spindle.web.http.response import Response, notice

if TYPE_CHECKING:
    from spindle.web.limits import Limits

__all__ = ["BadRequest", "HttpConnection"]


class _Incomplete(Enum):
    INCOMPLETE = "incomplete"


_INCOMPLETE = _Incomplete.INCOMPLETE
_VERSIONS = (b"1.0", b"1.1")
_RECEIVE = 16 * 1024
_SOME_TEXT = "The request could not be understood."


class BadRequest(SpindleError):
    """The peer broke HTTP, or a limit; it is told with `status` and the connection is closed."""

    def __init__(self, status: int, text: str = _SOME_TEXT) -> None:
        super().__init__(f"{status}: {text}")
        self.status = HTTPStatus(status)
        self.text = text


class HttpConnection:
    """Reads requests without a body and writes responses, one after the other.

    The deadline for a request runs from its first byte; before it, a kept connection may idle.
    """

    def __init__(self, stream: trio.abc.Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header)
        self._raw: h11.Request | None = None
        self._client = _peer(stream)
        self._served = 0

    async def receive(self) -> Request | None:
        """Read the next request; None when the peer is done, or idles too long.

        Raises:
            BadRequest: it is not HTTP, has a body, is too big, or takes too long.
        """
        idle = self._served > 0 and not self._h11.trailing_data[0]
        deadline = trio.current_time() + (self._limits.idle if idle else self._limits.request)
        await trio.lowlevel.checkpoint()
        while True:
            request = self._parsed()
            if request is not _INCOMPLETE:
                return request
            read = await self._read(deadline)
            if read is None:
                return self._given_up()
            if idle:
                idle, deadline = False, trio.current_time() + self._limits.request
            self._h11.receive_data(read)

    async def send(self, response: Response, *, last: bool = False) -> bool:
        """Write a response and say whether another request may follow.

        A peer that does not read it in time loses the connection.
        """
        method = self._raw.method if self._raw else b"GET"
        last = last or self._h11.their_state is h11.SEND_BODY
        parts = [self._h11.send(_head(response, method, last))]
        if method != b"HEAD" and response.body:
            parts.append(self._h11.send(h11.Data(data=response.body)))
        parts.append(self._h11.send(h11.EndOfMessage()))
        if not await self._write(b"".join(parts)) or not self._reusable():
            return False
        self._served += 1
        self._raw = None
        self._h11.start_next_cycle()
        return True

    async def refuse(self, error: BadRequest) -> None:
        """Tell the peer what was wrong, if that is still possible."""
        await trio.lowlevel.checkpoint()
        if self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self.send(notice(error.status, error.status.phrase, error.text), last=True)

    async def close(self) -> None:
        """Close in a way that lets the peer read the last response: half first, then whole."""
        with trio.move_on_after(self._limits.close):
            await linger(self._stream)
        await trio.aclose_forcefully(self._stream)

    def handshake(self) -> bytes:
        """Spell the last request again, and what came after it, for another protocol to read."""
        if self._raw is None:
            return b""
        lines = [b"GET %b HTTP/1.1" % self._raw.target]
        lines += [b"%b: %b" % (name, value) for name, value in self._raw.headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self._h11.trailing_data[0]

    async def _write(self, data: bytes) -> bool:
        try:
            with trio.fail_after(self._limits.write):
                await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
            return False  # noqa: ASYNC910 - the connection is closed next
        return True

    async def _read(self, deadline: float) -> bytes | None:
        """Read some, b"" at the end; None when the deadline has passed."""
        try:
            with trio.move_on_at(deadline):
                return bytes(await self._stream.receive_some(_RECEIVE))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return b""  # noqa: ASYNC910 - the connection is closed next
        return None

    def _parsed(self) -> Request | _Incomplete | None:
        try:
            while True:
                event = self._h11.next_event()
                if isinstance(event, h11.Request):
                    self._raw = event
                    if event.http_version not in _VERSIONS:
                        raise BadRequest(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
                    if _has_body(event):
                        return self._without_body(event)
                elif isinstance(event, h11.EndOfMessage) and self._raw:
                    return _request(self._raw, self._client)
                else:
                    return _INCOMPLETE if event is h11.NEED_DATA else None
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint) from None

    def _given_up(self) -> Request | None:
        if self._h11.their_state is h11.IDLE and not self._h11.trailing_data[0]:
            return None
        raise BadRequest(HTTPStatus.REQUEST_TIMEOUT, "The request took too long.")

    def _without_body(self, raw: h11.Request) -> Request:
        if raw.method in (b"GET", b"HEAD"):
            raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "No body is expected.")
        return _request(raw, self._client)

    def _reusable(self) -> bool:
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE


def _head(response: Response, method: bytes, last: bool) -> h11.Response:
    headers = [("Date", formatdate(usegmt=True)), *response.headers]
    if response.body or (method != b"HEAD" and response.status != HTTPStatus.NO_CONTENT):
        headers.append(("Content-Length", str(len(response.body))))
    if last:
        headers.append(("Connection", "close"))
    reason = HTTPStatus(response.status).phrase
    return h11.Response(status_code=response.status, headers=headers, reason=reason)


def _has_body(raw: h11.Request) -> bool:
    headers = dict(raw.headers)
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _request(raw: h11.Request, client: str) -> Request:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw.headers]
    return Request.of(raw.method.decode(), raw.target.decode(), headers, client)


def _peer(stream: trio.abc.Stream) -> str:
    if not isinstance(stream, trio.SocketStream):
        return ""
    try:
        return str(stream.socket.getpeername()[0])
    except (OSError, IndexError):
        return ""
